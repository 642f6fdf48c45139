"""Identifiers leave intake as keyed hashes only, or not at all."""

import hashlib
import hmac

import msgspec
import pytest

from schemas.identifiers import RANKS, Kind
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rejected import Refusal
from streams.intake.rules import BLOCKED_ALWAYS
from tests.intake.builders import RULES

OF = Pseudonyms(RULES).of


def test_hash_is_the_one_the_rules_spell_out():
    material = b"acme\x1facme\x1femail\x1fada@example.com"
    expected = bytes([RANKS[Kind.EMAIL]]) + hmac.new(b"k" * 32, material, hashlib.sha256).digest()[:16]
    assert OF("email", "acme", " Ada@EXAMPLE.com ", "") == expected


def test_a_producers_own_hash_meets_the_plain_value():
    plain = OF("email", "acme", "ada@example.com", "")
    assert isinstance(plain, bytes)
    assert OF("email_hash", "acme", plain[1:].hex(), "") == plain
    assert OF("email_hash", "acme", plain[1:].hex().upper(), "") == plain


@pytest.mark.parametrize("value", ["", "zz", "ab" * 15, "ab" * 32, "00" * 16, "ada@example.com"])
def test_what_is_no_hash_of_sixteen_bytes_is_refused(value: str):
    assert OF("email_hash", "acme", value, "") is Refusal.REJECTED


@pytest.mark.parametrize("kind", ["account_id", "anonymous_id", "order_id", "loyalty_id"])
@pytest.mark.parametrize("value", ["", "  ", "0", "000-000", "---", "NULL", " Guest ", *BLOCKED_ALWAYS])
def test_values_that_are_nobodys_are_blocked_for_every_kind(kind: str, value: str):
    assert OF(kind, "acme", value, "") is Refusal.BLOCKED


def test_configured_values_are_blocked_casefolded():
    rules = msgspec.structs.replace(RULES, blocked=frozenset({"Store@Example.com"}))
    assert Pseudonyms(rules).of("email", "acme", "store@example.com", "") is Refusal.BLOCKED


def test_scope_tenant_kind_and_key_keep_equal_values_apart():
    others = [
        OF("account_id", "acme", "7", ""),
        OF("account_id", "brand-b", "7", ""),
        OF("anonymous_id", "acme", "7", ""),
        Pseudonyms(msgspec.structs.replace(RULES, tenant="other")).of("account_id", "acme", "7", ""),
        Pseudonyms(msgspec.structs.replace(RULES, hmac_key=b"x" * 32)).of("account_id", "acme", "7", ""),
    ]
    assert len(set(others)) == len(others)


def test_two_names_of_one_kind_are_one_kind():
    assert OF("cookie_id", "acme", "c1", "") == OF("anonymous_id", "acme", "c1", "")
    assert OF("rx_account", "acme", "r1", "") == OF("patient_ref", "acme", "r1", "")


def test_unknown_kind_and_endless_value_are_refused():
    assert OF("shoe_size", "acme", "44", "") is Refusal.UNKNOWN_KIND
    assert OF("touchpoint", "acme", "44", "") is Refusal.UNKNOWN_KIND
    assert OF("account_id", "acme", "a" * 1000, "") is Refusal.REJECTED


def test_loyalty_checksum_is_a_choice():
    strict = Pseudonyms(msgspec.structs.replace(RULES, loyalty_checksum=True))
    assert isinstance(OF("loyalty_id", "acme", "79927398714", ""), bytes)
    assert strict.of("loyalty_id", "acme", "79927398714", "") is Refusal.REJECTED
    assert isinstance(strict.of("loyalty_id", "acme", "7992 7398 713", ""), bytes)


def test_cache_is_bounded_and_changes_nothing():
    small = Pseudonyms(
        msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, cached_identifiers=2))
    )
    told = [small.of("account_id", "acme", f"a{number % 5}", "") for number in range(20)]
    assert told == [OF("account_id", "acme", f"a{number % 5}", "") for number in range(20)]


def test_keys_do_not_show_in_a_repr():
    assert "kkk" not in repr(RULES)
    assert "ddd" not in repr(RULES)
