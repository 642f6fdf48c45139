"""The log of a broker in memory, as the measured one behaves.

Partitions are lists with gaps. A transaction writes markers, which take offsets; it is read only below the last stable
offset of each partition, and its markers come one by one, after its end was answered. A transactional id has one owner:
who gets it next fences the one before, and waits until its transaction is done with.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

import msgspec

from streams.kafka.broker import Fenced, Outgoing
from streams.kafka.names import Place
from tests.simulation.groups import Group

MARKER_SECONDS: Final = (0.0, 0.002, 0.01, 0.3)
"""How long after the end of a transaction one of its markers may come."""
FETCH_RECORDS: Final = 200


class Transaction:
    """What one owner writes at once; `first` is the first offset in each partition, until its marker stands there."""

    def __init__(self) -> None:
        self.first: dict[Place, int] = {}
        self.positions: dict[str, dict[Place, int]] = {}
        self.is_ending = False
        self.is_committed = False
        self.is_done = False


class Entry(msgspec.Struct, frozen=True, eq=False):
    """A record, or a marker. Implements `streams.kafka.broker.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    transaction: Transaction | None
    is_marker: bool = False

    @property
    def is_visible(self) -> bool:
        """Tell whether it is a record that counts."""
        return not self.is_marker and (self.transaction is None or self.transaction.is_committed)


class PartitionLog:
    """Entries in order of offset, some of them removed."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.offsets: list[int] = []
        self.end = 0
        self.open: dict[Transaction, int] = {}

    @property
    def stable(self) -> int:
        """The last stable offset: nothing from there on may be read yet."""
        return min(self.open.values(), default=self.end)

    def append(self, place: Place, record: Outgoing, transaction: Transaction | None, now_ms: int) -> int:
        """Write a record; its offset."""
        timestamp = now_ms if record.timestamp is None else record.timestamp
        return self._add(
            Entry(*place, self.end, timestamp, record.key, record.value, tuple(record.headers), transaction)
        )

    def mark(self, place: Place, transaction: Transaction, now_ms: int) -> None:
        """Write the marker of a transaction: from now on its records here are read, or never."""
        self._add(Entry(*place, self.end, now_ms, None, None, (), transaction, is_marker=True))
        del self.open[transaction]

    def fetch(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """Read committed from here: records, and where to read on. Gaps and markers are passed over."""
        stable, found = self.stable, []
        for index in range(bisect_left(self.offsets, position), len(self.entries)):
            entry = self.entries[index]
            if entry.offset >= stable:
                break
            if entry.is_visible:
                found.append(entry)
                if len(found) == limit:
                    return found, entry.offset + 1
        return found, max(position, stable)

    def fetch_uncommitted(self, position: int, limit: int) -> tuple[list[Entry], int]:
        """Read from here whatever stands there, as nobody should."""
        found = [entry for entry in self.entries if entry.offset >= position and not entry.is_marker][:limit]
        return found, found[-1].offset + 1 if len(found) == limit else max(position, self.end)

    def compact(self, random: Random) -> int:
        """Keep the newest record of each key below the last stable offset; of tombstones and markers, some go."""
        stable = self.stable
        newest = {entry.key: entry.offset for entry in self.entries if entry.offset < stable and entry.is_visible}
        kept = [entry for entry in self.entries if entry.offset >= stable or self._stays(entry, newest, random)]
        removed = len(self.entries) - len(kept)
        self.entries, self.offsets = kept, [entry.offset for entry in kept]
        return removed

    @staticmethod
    def _stays(entry: Entry, newest: Mapping[bytes | None, int], random: Random) -> bool:
        if entry.is_marker or not entry.is_visible:
            return False
        if newest[entry.key] != entry.offset:
            return False
        return entry.value is not None or random.random() < 0.5

    def _add(self, entry: Entry) -> int:
        if entry.transaction is not None:
            self.open.setdefault(entry.transaction, entry.offset)
        self.entries.append(entry)
        self.offsets.append(entry.offset)
        self.end += 1
        return entry.offset


class Identity:
    """What stands behind a transactional id: the epoch of its owner, and the transaction under way."""

    def __init__(self) -> None:
        self.epoch = 0
        self.current: Transaction | None = None


class Busy(Exception):
    """A transaction is not done with yet: ask again."""


class Log:
    """All partitions, transactions and groups. `now_ms` counts from `begins_ms`."""

    def __init__(self, topics: Mapping[str, int], random: Random, *, begins_ms: int, timeout_seconds: float) -> None:
        self.topics = dict(topics)
        self.partitions = {(topic, n): PartitionLog() for topic, count in topics.items() for n in range(count)}
        self.groups: dict[str, Group] = {}
        self.random = random
        self.fenced = 0
        self._begins_ms = begins_ms
        self._timeout_seconds = timeout_seconds
        self._identities: dict[str, Identity] = {}
        self._waiting: dict[asyncio.Future[None], frozenset[Place]] = {}

    @property
    def now_ms(self) -> int:
        """The wall clock of everybody, milliseconds."""
        return self._begins_ms + round(asyncio.get_running_loop().time() * 1000)

    def group(self, name: str) -> Group:
        """A group, which begins when it is first asked for."""
        return self.groups.setdefault(name, Group(self.topics))

    def append(self, records: Mapping[Place, Sequence[Outgoing]]) -> dict[Place, int]:
        """Write records that are read at once; the last offset of each partition."""
        return {place: self._written(place, of_place, None) for place, of_place in records.items()}

    def own(self, name: str) -> int:
        """Begin to own a transactional id: the epoch. Raises `Busy` until what was under way is done with."""
        identity = self._identities.setdefault(name, Identity())
        current = identity.current
        if current is not None and not current.is_done:
            if not current.is_ending:
                identity.epoch += 1
                self._end(current, commit=False)
            raise Busy
        identity.epoch += 1
        identity.current = None
        return identity.epoch

    def share(self, name: str) -> int:
        """Own a transactional id beside whoever owns it, as if there were no fence."""
        return self._identities.setdefault(name, Identity()).epoch

    def write(self, name: str, epoch: int, records: Mapping[Place, Sequence[Outgoing]]) -> dict[Place, int]:
        """Write records in the owner's transaction, which begins with the first. Raises `Busy` or `Fenced`."""
        transaction = self._transaction(name, epoch)
        return {place: self._written(place, of_place, transaction) for place, of_place in records.items()}

    def note(self, name: str, epoch: int, group: str, positions: Mapping[Place, int]) -> None:
        """Let the offsets of a group be part of the transaction."""
        self._transaction(name, epoch).positions.setdefault(group, {}).update(positions)

    def end(self, name: str, epoch: int, *, commit: bool) -> None:
        """End the transaction: from here on it is decided, and its markers follow."""
        identity = self._owned(name, epoch)
        if identity.current is not None and not identity.current.is_ending:
            self._end(identity.current, commit=commit)

    async def news(self, places: Iterable[Place], seconds: float) -> None:
        """Wait until there may be something new to read in these partitions, or for so long."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        self._waiting[waiting] = frozenset(places)
        timer = loop.call_later(seconds, _wake, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            del self._waiting[waiting]

    def compact(self, topic: str) -> int:
        """Compact every partition of a topic; how many entries went."""
        logs = [log for place, log in self.partitions.items() if place[0] == topic]
        return sum(log.compact(self.random) for log in logs)

    def read(self, places: Iterable[Place]) -> list[Entry]:
        """Every committed record of these partitions."""
        return [entry for place in places for entry in self.partitions[place].fetch(0, 1 << 60)[0]]

    def _transaction(self, name: str, epoch: int) -> Transaction:
        identity = self._owned(name, epoch)
        if identity.current is not None and identity.current.is_ending:
            if not identity.current.is_done:
                raise Busy
            identity.current = None
        if identity.current is None:
            begun = identity.current = Transaction()
            asyncio.get_running_loop().call_later(self._timeout_seconds, self._expire, identity, begun)
        return identity.current

    def _owned(self, name: str, epoch: int) -> Identity:
        identity = self._identities[name]
        if identity.epoch != epoch:
            self.fenced += 1
            raise Fenced(f"{name} belongs to a younger owner")
        return identity

    def _expire(self, identity: Identity, transaction: Transaction) -> None:
        if identity.current is transaction and not transaction.is_ending:
            identity.epoch += 1
            self._end(transaction, commit=False)

    def _written(self, place: Place, records: Sequence[Outgoing], transaction: Transaction | None) -> int:
        log = self.partitions[place]
        for record in records:
            offset = log.append(place, record, transaction, self.now_ms)
            if transaction is not None:
                transaction.first.setdefault(place, offset)
        self._tell(place)
        return log.end - 1

    def _tell(self, place: Place) -> None:
        for waiting, places in self._waiting.items():
            if place in places:
                _wake(waiting)

    def _end(self, transaction: Transaction, *, commit: bool) -> None:
        transaction.is_ending = True
        transaction.is_committed = commit
        marks = [*transaction.first, None]
        self.random.shuffle(marks)
        self._mark(transaction, marks)

    def _mark(self, transaction: Transaction, marks: list[Place | None]) -> None:
        """Write one marker after the other; that of the groups' offsets is one among them."""
        place = marks.pop()
        if place is not None:
            self.partitions[place].mark(place, transaction, self.now_ms)
            self._tell(place)
        elif transaction.is_committed:
            for group, positions in transaction.positions.items():
                self.group(group).note(positions)
        if not marks:
            transaction.is_done = True
            return
        seconds = self.random.choice(MARKER_SECONDS) * self.random.random()
        asyncio.get_running_loop().call_later(seconds, self._mark, transaction, marks)


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
