"""The holder of touchpoints that no identifier claims: they are counted and shown, and stitched to nobody."""

from collections.abc import Iterator

from schemas.evidence import Anonymous
from schemas.identifiers import NOBODY, Ident, Kind, ident
from streams.identity import members as kinds
from streams.identity.holder import Marks
from streams.identity.members import Held, later, pack, unpack
from streams.identity.post import Post
from streams.identity.residence import Residence
from streams.processor import Addressed

UNCLAIMED: Ident = ident(Kind.TOUCHPOINT, bytes(16))
"""Every partition has one such holder for all of its unclaimed touchpoints."""


class NobodyHolder:
    """Holds what nobody claims, only to recognise repeats."""

    __slots__ = ("_touched", "ident", "marks", "parent", "residence", "touchpoints")

    def __init__(self, residence: Residence, marks: Marks) -> None:
        self.ident = UNCLAIMED
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.touchpoints: dict[bytes, Held] = {}
        self._touched: set[bytes] = set()

    def take(self, letter: Addressed, post: Post) -> None:
        """Add a touchpoint, unless it is a repeat."""
        message = letter.message
        if not isinstance(message, Anonymous):
            return
        touchpoint = message.touchpoint
        mine = self.touchpoints.get(touchpoint.key)
        if not post.admit(touchpoint.event_time, is_known=mine is not None):
            return
        joined = later(mine, Held(0, UNCLAIMED, touchpoint.event_time, touchpoint))
        if joined is not mine:
            self.touchpoints[touchpoint.key] = joined
            self.marks[kinds.TOUCHPOINT, touchpoint.key] = None
            self._touched.add(touchpoint.key)
            post.remember(UNCLAIMED, touchpoint.event_time)

    def settle(self, post: Post) -> None:
        """Show what came."""
        for key in sorted(self._touched):
            touchpoint = self.touchpoints[key].touchpoint
            if touchpoint is not None:
                self.residence.place(touchpoint, NOBODY, 0)
        self._touched = set()

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints; their rows stand."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        self.residence.forget(old, before)
        for key in old:
            del self.touchpoints[key]
            self.marks[kinds.TOUCHPOINT, key] = None

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""
        return [held.event_time for held in self.touchpoints.values()]

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member of this holder."""
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind != kinds.TOUCHPOINT:
            return self.residence.member(kind, key)
        held = self.touchpoints.get(key)
        return None if held is None else pack(held)

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member from a store."""
        if kind == kinds.TOUCHPOINT:
            self.touchpoints[key] = unpack(value, Held)
            self._touched.add(key)
        else:
            self.residence.join(kind, key, value)
