"""What a household has said: a fingerprint of the newest row of each key, so that only differences leave.

The revision counter only grows, and travels along when a household moves to another holder.
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


class Sayings:
    """Publishes rows of one household.

    `published` holds the fingerprint of every row that was said and still stands open.

    A retraction is a saying too, and is remembered: another household may have said that row before it took this one
    in.
    """

    __slots__ = ("_as_of", "_changed", "_is_silent", "_press", "counter", "marks", "published")

    def __init__(self, press: Press, marks: Marks) -> None:
        self.counter = 0
        self.marks = marks
        self.published: dict[RowRef, bytes] = {}
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
            self._changed[ref] = None
            self._print(ref, row, epoch)

    def retract(self, ref: RowRef, epoch: int = 0) -> None:
        """Take back a row, if it was said."""
        said = self.published.get(ref)
        if said is not None and len(said) != TOMBSTONE.size:
            self.published[ref] = TOMBSTONE.pack(epoch, self._as_of, b"x")
            self._changed[ref] = None
            self._print(ref, None, epoch)

    def let_stand(self, ref: RowRef) -> None:
        """A row stands as it is for good: nothing is remembered of it."""
        if self.published.pop(ref, None) is not None:
            self._changed[ref] = None

    def bury(self, before: int) -> None:
        """Remember no retraction older than this log time: the counter alone puts later words above it."""
        old = [r for r, s in self.published.items() if len(s) == TOMBSTONE.size and TOMBSTONE.unpack(s)[1] < before]
        for ref in old:
            self.let_stand(ref)

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member."""
        if self.counter:
            yield (kinds.COUNTER, b"")
        yield from ((kinds.PUBLISHED, _encode_ref(ref)) for ref in self.published)

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.COUNTER:
            return pack(self.counter)
        said = self.published.get(REF_DECODER.decode(key))
        return None if said is None else pack(said)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """What was said, retracted or let stand since this was last asked: the key of each member, its kind first."""
        if not self._changed:
            return []
        changed, self._changed = self._changed, {}
        published = self.published
        return [
            (_KIND + _encode_ref(ref), pack(said) if (said := published.get(ref)) is not None else None)
            for ref in changed
        ]

    def is_said(self, ref: RowRef) -> bool:
        """Tell whether a row of this key was said and not retracted."""
        said = self.published.get(ref)
        return said is not None and len(said) != TOMBSTONE.size

    def join(self, key: bytes, value: bytes) -> RowRef:
        """Take over what another household had said, and give the row's key.

        Where both had said something else neither is trusted: the row is said again, above both.
        """
        ref, said = REF_DECODER.decode(key), unpack(value, bytes)
        mine = self.published.get(ref)
        if mine is not None and mine != said:
            said = max(mine[:EPOCH_BYTES], said[:EPOCH_BYTES]) if ref[0] == Table.TOUCHPOINTS else FORGOTTEN
        self.published[ref] = said
        return ref

    def _print(self, ref: RowRef, row: Row | None, epoch: int) -> None:
        if self._is_silent:
            self._is_silent = False
            self.counter = max(self.counter, self._as_of // COUNTER_MS) + 1
            self.marks.add((kinds.COUNTER, b""))
        self._press.say(ref, row, epoch, self.counter)
