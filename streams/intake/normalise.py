"""Normalise identifiers, so that one customer written in two ways meets itself, and a mangled value meets nobody.

NFKC, strip, casefold for every kind; IDNA for mail domains (no folding of dots or plus signs), E.164 for phones, no
blanks inside loyalty numbers. Characters that can not be seen reject the identifier: two values that look alike must
be alike.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from schemas.identifiers import Kind

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of control, bidirectional and zero-width characters, lone surrogates, separators of lines."""
MANGLED: Final = "\ufffd"
"""Stands where text could not be decoded; two mangled values are not one customer."""
DOMAINS_CACHED: Final = 4096
MAIL_CHARS_MAX: Final = 254
LOCAL_PART_CHARS_MAX: Final = 64
EMAIL: Final = Kind.EMAIL
PHONE: Final = Kind.PHONE
LOYALTY: Final = Kind.LOYALTY

_is_plain_local_part = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*").fullmatch
_is_plain_american = re.compile(r"\+1[2-9][0-9]{9}").fullmatch
"""Written as E.164 and ten digits long: what the library makes of it is the number itself. Tests hold it to that."""


def normalise(kind: Kind, value: str, region: str) -> str | None:
    """Bring a value into the one form that is hashed; None where it can not be an identifier of this kind.

    `region` is a two-letter country for phones told without `+`; empty means such numbers are not identifiers.
    """
    folded = unicodedata.normalize("NFKC", value).strip().casefold()
    is_plain = folded.isascii() and folded.isprintable()
    if not is_plain and (MANGLED in folded or any(unicodedata.category(char) in UNSEEN for char in folded)):
        return None
    if kind is EMAIL:
        return _email(folded)
    if kind is PHONE:
        return _phone(folded, region)
    if kind is LOYALTY:
        return "".join(folded.split())
    return folded


def has_valid_checksum(number: str) -> bool:
    """Check a loyalty number by Luhn; what is not all digits fails."""
    if not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _email(folded: str) -> str | None:
    """Validate an address; one with a plain local part is as good as its domain, and domains repeat."""
    local_part, _, domain = folded.rpartition("@")
    if len(folded) <= MAIL_CHARS_MAX and len(local_part) <= LOCAL_PART_CHARS_MAX and _is_plain_local_part(local_part):
        ascii_domain = _ascii_domain(domain)
        if ascii_domain is None:
            return None
        if len(local_part) + 1 + len(ascii_domain) <= MAIL_CHARS_MAX:
            return f"{local_part}@{ascii_domain}"
    return _validated(folded)


@lru_cache(maxsize=DOMAINS_CACHED)
def _ascii_domain(domain: str) -> str | None:
    validated = _validated(f"x@{domain}")
    return None if validated is None else validated[2:]


def _validated(folded: str) -> str | None:
    try:
        told = validate_email(folded, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return f"{told.local_part}@{told.ascii_domain}"


def _phone(folded: str, region: str) -> str | None:
    told = "+" + folded[2:] if folded.startswith("00") else folded
    if _is_plain_american(told):
        return told
    try:
        number = phonenumbers.parse(told, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    # A number that can only be dialled from the same town names nobody beyond it.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
