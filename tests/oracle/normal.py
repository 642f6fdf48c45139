"""Bring plain identifiers into the one form that is hashed; what names nobody is refused (rules.md, head)."""

import re
import unicodedata
from collections.abc import Callable

import phonenumbers

BLOCKED = re.compile(r"[0-]*|-1|null|anonymous|invalid|undefined|none|guest|test|unknown|n/a")
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def normalise(kind: str, value: object, region: str) -> str | None:
    """Normalise a plain identifier; None where it is refused."""
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    if any(unicodedata.category(letter) in UNSEEN for letter in text) or BLOCKED.fullmatch(text):
        return None
    if kind == "loyalty_id":
        return "".join(text.split())
    shape: Callable[[str, str], str | None] | None = {"email": _email, "phone": _phone}.get(kind)
    return shape(text, region) if shape else text


def _email(text: str, _region: str) -> str | None:
    local, at, domain = text.rpartition("@")
    if not (local and at and "." in domain) or re.search(r"[\s@]", local + domain):
        return None
    return f"{local}@{domain.encode('idna').decode()}"


def _phone(text: str, region: str) -> str | None:
    number = "+" + text[2:] if text.startswith("00") else text
    try:
        parsed = phonenumbers.parse(number, None if number.startswith("+") else region)
    except phonenumbers.NumberParseException:
        return None
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return written if phonenumbers.is_possible_number(parsed) else None
