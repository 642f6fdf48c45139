"""Pseudonyms: plain identifiers become keyed hashes here, and plain values go no further.

Normalising and hashing cost tens of microseconds, so both stand behind one bounded cache by (kind, scope, value).
"""

import hmac
from functools import lru_cache
from typing import Final

from schemas.identifiers import Ident, Kind, ident
from streams.intake.normalise import has_valid_checksum, normalise
from streams.intake.rejected import Refusal
from streams.intake.rules import IntakeRules, is_blocked

HASH_BYTES: Final = 16
HASHED_SUFFIX: Final = "_hash"
KINDS_BY_WIRE: Final[dict[str, Kind]] = {
    **{kind.value: kind for kind in Kind if kind is not Kind.TOUCHPOINT},
    "cookie_id": Kind.ANONYMOUS,
    "rx_account": Kind.PATIENT_REF,
}
"""Kinds by their names on the wire; each may also come as `<kind>_hash`, hashed by the producer with our key."""


class Pseudonyms:
    """Names identifiers by the keyed hash of docs/rules.md. Pure but for its cache, which only saves work."""

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules
        self._blocked = frozenset(value.casefold() for value in rules.blocked)
        self.of = lru_cache(maxsize=rules.limits.cached_identifiers)(self._of)
        """`of(kind, scope, value, region)`: the identifier, or why it is none. `kind` is the name on the wire."""

    def keyed_hash(self, kind: str, scope: str, value: str) -> bytes:
        """Hash a normalised value under the tenant's key: 16 bytes."""
        material = f"{self._rules.tenant}\x1f{scope}\x1f{kind}\x1f{value}".encode()
        return hmac.digest(self._rules.hmac_key, material, "sha256")[:HASH_BYTES]

    def _of(self, wire_kind: str, scope: str, value: str, region: str) -> Ident | Refusal:
        hashed = wire_kind.endswith(HASHED_SUFFIX)
        kind = KINDS_BY_WIRE.get(wire_kind.removesuffix(HASHED_SUFFIX))
        if kind is None:
            return Refusal.UNKNOWN_KIND
        if len(value) > self._rules.limits.identifier_chars:
            return Refusal.REJECTED
        if hashed:
            return _already_hashed(kind, value)
        normal = normalise(kind, value, region)
        if normal is None:
            return Refusal.REJECTED
        if is_blocked(normal, self._blocked):
            return Refusal.BLOCKED
        if kind is Kind.LOYALTY and self._rules.loyalty_checksum and not has_valid_checksum(normal):
            return Refusal.REJECTED
        return ident(kind, self.keyed_hash(kind.value, scope, normal))


def _already_hashed(kind: Kind, value: str) -> Ident | Refusal:
    try:
        hashed = bytes.fromhex(value)
    except ValueError:
        return Refusal.REJECTED
    return ident(kind, hashed) if len(hashed) == HASH_BYTES and any(hashed) else Refusal.REJECTED
