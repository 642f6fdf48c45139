"""What a household has said: a fingerprint of the newest row of each key, so that only differences leave.

What stands follows from the members that are kept of touchpoints and claims, so a restored household works it out again
instead of reading it: only retractions are kept in the changelog, which nothing else tells of. All of it travels along
when a household moves to another holder, and so does the revision counter, which only grows.
"""

import struct
from collections.abc import Iterator

import msgspec

from schemas.rows import Row, RowKey, Table
from streams.identity import members as kinds
from streams.identity.holder import Marks
from streams.identity.members import pack, unpack
from streams.identity.residence import RowRef
from streams.processors.press import Press, fingerprint

_encode_ref = msgspec.msgpack.Encoder().encode
_KIND = kinds.PUBLISHED.encode()
REF_DECODER: msgspec.msgpack.Decoder[RowRef] = msgspec.msgpack.Decoder(tuple[Table, RowKey])
IDENTITY_TABLES = frozenset((Table.PEOPLE, Table.PERSON_ALIASES, Table.IDENTITY_LOG))
PERSON_TABLES = frozenset((Table.SESSIONS, Table.JOURNEYS, Table.FRICTION))
EPOCH_BYTES = 4
"""What is remembered of a touchpoint's row begins with the epoch it was said in.

So that it can be retracted in that epoch.
"""
FORGOTTEN = b""
"""Two households had said a row differently before they became one: neither is trusted, it is said again."""
TOMBSTONE = struct.Struct(">Iqc")
"""What is remembered of a retraction: its epoch and log time.

Longer than any fingerprint, shorter than a touchpoint's.
"""
COUNTER_MS = 4_000
"""The counter never lags log time, in units of 4 s (30 bits last until 2106): what is said later stands above.

Whoever says it.
"""


def is_worked_out_again(member: bytes, value: bytes) -> bool:
    """Tell a stored fingerprint of a row that stands, as an earlier release kept them, by its member's kind and key."""
    return member[:1] == _KIND and len(unpack(value, bytes)) != TOMBSTONE.size


class Sayings:
    """Publishes rows of one household.

    `published` holds the fingerprint of every row that was said and still stands open, `retracted` what is remembered
    of retractions: they are sayings too, since another household may have said that row before it took this one in.
    """

    __slots__ = ("_as_of", "_changed", "_is_silent", "_press", "counter", "marks", "published", "retracted")

    def __init__(self, press: Press, marks: Marks) -> None:
        self.counter = 0
        self.marks = marks
        self.published: dict[RowRef, bytes] = {}
        self.retracted: dict[RowRef, bytes] = {}
        self._press = press
        self._changed: dict[RowRef, None] = {}
        self._is_silent = False
        self._as_of = 0

    def begin(self, as_of: int) -> None:
        """What is said from now on is a later word than all before."""
        self._is_silent = True
        self._as_of = as_of

    def say(self, ref: RowRef, row: Row, epoch: int = 0, said: bytes | None = None) -> None:
        """Publish a row, if it differs from what was last said of its key. `said` is its fingerprint, where known."""
        if said is None:
            said = fingerprint(row)
        if self.published.get(ref) != said:
            self.published[ref] = said
            if self.retracted and self.retracted.pop(ref, None) is not None:
                self._changed[ref] = None
            self._print(ref, row, epoch)

    def retract(self, ref: RowRef, epoch: int = 0) -> None:
        """Take back a row, if it was said."""
        if self.published.pop(ref, None) is not None:
            self.retracted[ref] = TOMBSTONE.pack(epoch, self._as_of, b"x")
            self._changed[ref] = None
            self._print(ref, None, epoch)

    def let_stand(self, ref: RowRef) -> None:
        """A row stands as it is for good: nothing is remembered of it."""
        self.published.pop(ref, None)
        if self.retracted.pop(ref, None) is not None:
            self._changed[ref] = None

    def bury(self, before: int) -> None:
        """Remember no retraction older than this log time: the counter alone puts later words above it."""
        for ref in [ref for ref, said in self.retracted.items() if TOMBSTONE.unpack(said)[1] < before]:
            self.let_stand(ref)

    def leave(self) -> None:
        """Everything said goes elsewhere: nothing is remembered of it here."""
        self._changed |= dict.fromkeys(self.retracted)
        self.retracted = {}
        self.published = {}

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member, as it moves to another holder."""
        if self._counted():
            yield (kinds.COUNTER, b"")
        yield from ((kinds.PUBLISHED, _encode_ref(ref)) for said in (self.published, self.retracted) for ref in said)

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.COUNTER:
            return pack(self._counted())
        ref = REF_DECODER.decode(key)
        said = self.published.get(ref, self.retracted.get(ref))
        return None if said is None else pack(said)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """The retractions made, outdated or let stand since this was last asked: each member's key, its kind first."""
        if not self._changed:
            return []
        changed, self._changed = self._changed, {}
        return [
            (_KIND + _encode_ref(ref), pack(said) if (said := self.retracted.get(ref)) is not None else None)
            for ref in changed
        ]

    def is_said(self, ref: RowRef) -> bool:
        """Tell whether a row of this key was said and not retracted."""
        return ref in self.published

    def join(self, key: bytes, value: bytes) -> RowRef:
        """Take over what another household had said, and give the row's key.

        Where both had said something else neither is trusted: the row is said again, above both.
        """
        ref, said = REF_DECODER.decode(key), unpack(value, bytes)
        taken_back = self.retracted.pop(ref, None)
        mine = self.published.pop(ref, taken_back)
        if mine is not None and mine != said:
            said = max(mine[:EPOCH_BYTES], said[:EPOCH_BYTES]) if ref[0] == Table.TOUCHPOINTS else FORGOTTEN
        is_retraction = len(said) == TOMBSTONE.size
        (self.retracted if is_retraction else self.published)[ref] = said
        if is_retraction or taken_back is not None:
            self._changed[ref] = None
        return ref

    def _counted(self) -> int:
        """The counter, or what it may have reached before this household was restored."""
        return max(self.counter, self._press.counted)

    def _print(self, ref: RowRef, row: Row | None, epoch: int) -> None:
        if self._press.muted:
            return
        if self._is_silent:
            self._is_silent = False
            by_log_time = self._as_of // COUNTER_MS
            self.counter = max(self._counted(), by_log_time) + 1
            if self.counter > by_log_time + 1:
                self.marks[kinds.COUNTER, b""] = None
        self._press.say(ref, row, epoch, self.counter)
