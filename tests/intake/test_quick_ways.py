"""The quick ways of intake give what the slow ones they stand for give."""

import hmac

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import Kind
from streams.intake.normalise import normalise
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rules import IntakeRules

LOCAL_PARTS = st.text('ab9._+-!"@ ü', max_size=70)
DOMAINS = st.sampled_from(
    [
        "example.org",
        "bücher.example",
        "a",
        "",
        "x..y",
        "-a.org",
        "localhost",
        "[127.0.0.1]",
        "a" * 250 + ".org",
        " b.org",
    ]
)


@pytest.mark.parametrize("key", [b"k", b"k" * 32, b"k" * 64, b"k" * 65])
def test_keyed_hash_is_hmac_sha_256(key: bytes):
    rules = IntakeRules(tenant="acme", hmac_key=key, dead_letter_secret=b"d" * 32)
    told = Pseudonyms(rules).keyed_hash("email", "acme", "a@example.org")
    assert told == hmac.digest(key, b"acme\x1facme\x1femail\x1fa@example.org", "sha256")[:16]


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_plain_american_numbers_are_what_the_library_makes_of_them(number: int):
    written = f"+1{number}"
    parsed = phonenumbers.parse(written)
    assert phonenumbers.is_possible_number(parsed)
    assert normalise(Kind.PHONE, written, "") == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(LOCAL_PARTS, DOMAINS)
def test_addresses_with_plain_local_parts_are_what_the_library_makes_of_them(local_part: str, domain: str):
    folded = f"{local_part}@{domain}".strip().casefold()
    try:
        told = validate_email(folded, check_deliverability=False, test_environment=True)
        expected = f"{told.local_part}@{told.ascii_domain}"
    except EmailNotValidError:
        expected = None
    assert normalise(Kind.EMAIL, folded, "") == expected
