"""Members: the small pieces a holder's state is made of, each with a kind, a key and a value.

State is a set of members. The same encoding is a changelog record, a line of an `Adopt`, and what a store keeps; two
values of one member are joined by a rule that does not care which came first. Every stored value begins with a format
version.
"""

from typing import TypeVar

import msgspec

from schemas.identifiers import IDENT_BYTES, LAST_DEVICE_RANK, LAST_THREAD_RANK, Ident
from schemas.touchpoint import Touchpoint

FORMAT = b"\x01"

PARENT, NEIGHBOUR, TOUCHPOINT, BINDING, DECISION, JUNK, KNOWN = "p", "n", "t", "b", "d", "j", "i"
CLAIM, SPAN, FIRST, LINK, CLAIMED = "c", "a", "f", "l", "u"
PUBLISHED, SEED, COUNTER, QUARANTINED, STANDING = "r", "s", "v", "q", "w"

DECIDED = "x"
"""What was decided stands beside its touchpoint; an earlier release kept it apart, and a thread's claims in two."""

OF_RESIDENCE = frozenset((PUBLISHED, SEED, COUNTER, STANDING))
"""Members of the people who live at a holder; all others are the holder's own."""

V = TypeVar("V")
_encode = msgspec.msgpack.Encoder().encode


class UnknownFormat(ValueError):
    """A stored value begins with a format version that this release cannot read."""


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as its holder has it; without `touchpoint` it was withdrawn. The greater (epoch, present) holds."""

    epoch: int
    owner: Ident
    event_time: int
    touchpoint: Touchpoint | None

    @property
    def precedence(self) -> tuple[int, bool]:
        """The attribution of an epoch beats the withdrawal it follows."""
        return (self.epoch, self.touchpoint is not None)


class Decided(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The owner a deciding holder last told of, in which epoch; no owner means that it keeps the touchpoint itself.

    `stale` are owners another decider told of before the two deciders became one; both are told anew.
    """

    epoch: int
    owner: Ident
    event_time: int
    stale: tuple[Ident, ...] = ()


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as it is stored: what holders have of it (`Held`), and what a decider last told of its owner."""

    epoch: int
    owner: Ident
    event_time: int
    touchpoint: Touchpoint | None
    decided: Decided | None = None

    @property
    def held(self) -> Held:
        """What its holder has of it."""
        return Held(self.epoch, self.owner, self.event_time, self.touchpoint)


def keep(held: Held, decided: Decided | None) -> bytes:
    """Encode a touchpoint of a decider as a member."""
    return pack(Kept(held.epoch, held.owner, held.event_time, held.touchpoint, decided))


def replaced(identifier: Ident, kind: str, key: bytes) -> tuple[str, bytes] | None:
    """Name the member that has taken the place of one that an earlier release stored; None for those of today."""
    if kind == DECIDED:
        return TOUCHPOINT, key
    if kind in (CLAIM, FIRST) and LAST_DEVICE_RANK < identifier[0] <= LAST_THREAD_RANK:
        return CLAIMED, key[:IDENT_BYTES]
    return None


def later(mine: Held | None, theirs: Held) -> Held:
    """Join two versions of one held touchpoint: the later epoch, and inside one the copy received first."""
    if mine is None or theirs.precedence > mine.precedence:
        return theirs
    if theirs.precedence < mine.precedence or theirs.touchpoint is None or mine.touchpoint is None:
        return mine
    return theirs if _age(theirs.touchpoint) < _age(mine.touchpoint) else mine


def _age(touchpoint: Touchpoint) -> tuple[int, bytes, int, int]:
    """The copy received first, then by content; the rest only makes the choice total."""
    return (touchpoint.received_at, touchpoint.content_hash, touchpoint.event_time, touchpoint.sent_at or 0)


def pack(value: object) -> bytes:
    """Encode a member's value, format version first."""
    return FORMAT + _encode(value)


def unpack(value: bytes, kind: type[V]) -> V:
    """Decode a member's value; UnknownFormat if another release wrote it in a way this one cannot read."""
    if value[:1] != FORMAT:
        message = (
            f"stored value has format {value[:1]!r}, this release reads {FORMAT!r}: rebuild from retained evidence"
        )
        raise UnknownFormat(message)
    return msgspec.msgpack.decode(value[1:], type=kind)


def pair_of(key: bytes) -> tuple[Ident, Ident]:
    """The two identifiers that a member's key begins with."""
    return Ident(key[:IDENT_BYTES]), Ident(key[IDENT_BYTES : 2 * IDENT_BYTES])
