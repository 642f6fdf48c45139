"""Pseudonyms: plain identifiers become keyed hashes here, and plain values go no further.

Normalising and hashing cost microseconds, so both stand behind one bounded cache by (kind, scope, value).
"""

from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from schemas.identifiers import RANKS, Ident, Kind
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

_BLOCK_BYTES: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class _Known(msgspec.Struct, frozen=True, gc=False):
    """What is asked of a kind for every identifier: looking it up on the enumeration costs more than the rest."""

    kind: Kind
    name: str
    rank: bytes
    is_hashed: bool
    is_loyalty: bool


_KNOWN: Final[dict[str, _Known]] = {
    wire + suffix: _Known(kind, kind.value, bytes((RANKS[kind],)), bool(suffix), kind is Kind.LOYALTY)
    for wire, kind in KINDS_BY_WIRE.items()
    for suffix in ("", HASHED_SUFFIX)
}


class Pseudonyms:
    """Names identifiers by the keyed hash of docs/rules.md. Pure but for its cache, which only saves work."""

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules
        self._blocked = frozenset(value.casefold() for value in rules.blocked)
        # HMAC (RFC 2104) with the key already mixed in; `hmac.digest` begins anew each time, at three times the cost.
        key = rules.hmac_key if len(rules.hmac_key) <= _BLOCK_BYTES else sha256(rules.hmac_key).digest()
        self._inner = sha256(key.ljust(_BLOCK_BYTES, b"\0").translate(_INNER))
        self._outer = sha256(key.ljust(_BLOCK_BYTES, b"\0").translate(_OUTER))
        self.of = lru_cache(maxsize=rules.limits.cached_identifiers)(self._of)
        """`of(kind, scope, value, region)`: the identifier, or why it is none. `kind` is the name on the wire."""

    def keyed_hash(self, kind: str, scope: str, value: str) -> bytes:
        """Hash a normalised value under the tenant's key: 16 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{self._rules.tenant}\x1f{scope}\x1f{kind}\x1f{value}".encode())
        outer.update(inner.digest())
        return outer.digest()[:HASH_BYTES]

    def _of(self, wire_kind: str, scope: str, value: str, region: str) -> Ident | Refusal:
        known = _KNOWN.get(wire_kind)
        if known is None:
            return Refusal.UNKNOWN_KIND
        if len(value) > self._rules.limits.identifier_chars:
            return Refusal.REJECTED
        if known.is_hashed:
            return _already_hashed(known.rank, value)
        normal = normalise(known.kind, value, region)
        if normal is None:
            return Refusal.REJECTED
        if is_blocked(normal, self._blocked):
            return Refusal.BLOCKED
        if known.is_loyalty and self._rules.loyalty_checksum and not has_valid_checksum(normal):
            return Refusal.REJECTED
        return Ident(known.rank + self.keyed_hash(known.name, scope, normal))


def _already_hashed(rank: bytes, value: str) -> Ident | Refusal:
    try:
        hashed = bytes.fromhex(value)
    except ValueError:
        return Refusal.REJECTED
    return Ident(rank + hashed) if len(hashed) == HASH_BYTES and any(hashed) else Refusal.REJECTED
