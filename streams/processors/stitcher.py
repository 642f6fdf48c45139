"""The stitcher: one partition of evidence and hand-offs in, rows out. It composes the rooms and does nothing else.

One holder for each identifier; whatever a letter changed is settled once, as of log time, and only differences leave.
The state is the holders' members; `restore` builds the same stitcher from the changelog.
"""

from collections.abc import Iterable
from heapq import heappop, heappush

import msgspec

from schemas.evidence import Tick
from schemas.identifiers import IDENT_BYTES, LAST_DEVICE_RANK, LAST_STRONG_RANK, LAST_THREAD_RANK, Ident
from streams.identity import members
from streams.identity.device import DeviceHolder
from streams.identity.holder import Holder, Marks
from streams.identity.members import pack, unpack
from streams.identity.nobody import UNCLAIMED, NobodyHolder
from streams.identity.post import Post
from streams.identity.rules import DAY_MS, HOUR_MS, IdentityRules
from streams.identity.strong import StrongHolder
from streams.identity.thread import ThreadHolder
from streams.journeys.book import Book
from streams.patterns.pattern import MEMORY_MS
from streams.processor import Addressed, Change, Emit
from streams.processors.household import Household
from streams.processors.press import Press
from streams.processors.sayings import COUNTER_MS, is_worked_out_again
from streams.processors.shares import Till
from streams.rollups.dimensions import Dimensions

CLOCK_KEY = b"\x00clock"
CELL_PREFIX = b"\x00cell:"


class Clock(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of time, and counted, in a partition: one changelog record."""

    as_of: int
    floor: int
    ledger: dict[str, int]
    ticks: dict[str, int]
    cells_published: int = 0


class Stitcher:
    """One partition. Implements `Processor[Addressed]`; `floor` is the log time that nobody lags behind."""

    def __init__(self, partition: int, rules: IdentityRules, book: Book, dimensions: Dimensions | None = None) -> None:
        self.partition = partition
        self.rules = rules
        self.book = book
        self.till = Till(partition, rules.generation, dimensions or Dimensions())
        self.press = Press(rules.generation)
        self.post = Post(rules)
        self.holders: dict[Ident, Holder] = {}
        self.households: dict[Ident, Household] = {}
        self.ticks: dict[str, int] = {}
        self._dirty: set[Ident] = set()
        self._unsettled: set[Ident] = set()
        self._due: list[tuple[int, Ident]] = []
        self._due_of: dict[Ident, int] = {}
        self._sealed_before = 0
        self._as_of = 0
        self._clock = b""
        self._outdated: list[Change] = []

    @property
    def log_time(self) -> int:
        """Up to when every input has been read: the least of their ticks; 0 before the first."""
        return min(self.ticks.values(), default=0)

    def take_all(self, records: Iterable[Addressed]) -> None:
        """Take several records, in their order."""
        holders, dirty, post = self.holders, self._dirty, self.post
        for record in records:
            holder = holders.get(record.to)
            if holder is None:
                self.take(record)
            else:
                holder.take(record, post)
                dirty.add(record.to)

    def take(self, record: Addressed) -> None:
        """Give a letter to the holder it is for."""
        message = record.message
        if type(message) is Tick:
            self.ticks[message.source] = max(message.read_up_to, self.ticks.get(message.source, message.read_up_to))
            return
        holder = self.holders.get(record.to) or self._open(record.to)
        holder.take(record, self.post)
        self._dirty.add(holder.ident)

    def exchange(self) -> list[Addressed]:
        """Let deciders decide, and hand over only what holders tell each other; rows and changelog wait for `settle`.

        For a driver that has not heard all letters of a checkpoint yet: people are worked out once they are all at
        home. Holders of strong identifiers tell others nothing when they settle, so they wait too.
        """
        deciders = {ident for ident in self._dirty if ident[0] > LAST_STRONG_RANK}
        for ident in sorted(deciders):
            self.holders[ident].settle(self.post)
        self._unsettled |= deciders
        self._dirty -= deciders
        handoffs, self.post.handoffs = self.post.handoffs, []
        return handoffs

    def settle(self, as_of: int, floor: int | None = None, common_floor: int | None = None) -> Emit:
        """Settle whatever is dirty or due, forget what is too old to change, and hand over every effect.

        `common_floor` is the floor that all partitions have come to, where that is known to be another: until then
        people are handed over with what others have forgotten, and it is counted.
        """
        self._as_of = max(as_of, self._as_of)
        if not self.rules.fast_path:
            self._redo()
        settled = self._settle_dirty()
        if floor is not None and floor > self.post.floor:
            settled |= self._forget(floor)
        self._seal(floor if common_floor is None else common_floor)
        emit = Emit(handoffs=self.post.handoffs, upserts=self.press.upserts)
        self.post.handoffs, self.press.upserts = [], []
        emit.upserts.extend(self.till.cells.settle())
        self._log_changes(settled, emit.changelog)
        return emit

    def _settle_dirty(self) -> set[Ident]:
        while self._due and self._due[0][0] <= self._as_of:
            instant, ident = heappop(self._due)
            if self._due_of.get(ident) == instant:
                del self._due_of[ident]
                self._dirty.add(ident)
        dirty, settled = self._dirty, self._dirty | self._unsettled
        self._dirty, self._unsettled = set(), set()
        for ident in sorted(settled):
            household = self.households[ident]
            if ident in dirty:
                self.holders[ident].settle(self.post)
            due = household.settle(self._as_of, household.due_people(self._as_of))
            if due is not None and due != self._due_of.get(ident):
                self._due_of[ident] = due
                heappush(self._due, (due, ident))
        return settled

    def _forget(self, floor: int) -> set[Ident]:
        before = self.rules.forgotten_before(floor)
        self.post.floor = floor
        asked: set[Ident] = set()
        for hour in sorted(hour for hour in self.post.hours if (hour + 1) * HOUR_MS <= before):
            asked |= self.post.hours.pop(hour)
        for ident in sorted(asked):
            self.holders[ident].forget(before, self.post)
            if self.households[ident].has_past():
                self.post.remember(ident, before + DAY_MS)
        return asked

    def _seal(self, floor: int | None) -> None:
        before = self.rules.forgotten_before(floor or 0)
        if before > self._sealed_before:
            self._sealed_before = before
            self.till.cells.forget(before, before - MEMORY_MS)

    def _redo(self) -> None:
        for ident, household in self.households.items():
            household.redo_everybody()
            self._dirty.add(ident)

    def _open(self, to: Ident) -> Holder:
        """Open the holder of an identifier that is heard of for the first time."""
        rank = to[0]
        if rank > LAST_THREAD_RANK and UNCLAIMED in self.holders:
            return self.holders[UNCLAIMED]
        marks: Marks = {}
        household = Household(self.book, self.till, self.press, marks)
        holder: Holder
        if rank <= LAST_STRONG_RANK:
            holder = StrongHolder(to, household, marks)
        elif rank <= LAST_DEVICE_RANK:
            holder = DeviceHolder(to, household, marks)
        elif rank <= LAST_THREAD_RANK:
            holder = ThreadHolder(to, household, marks)
        else:
            holder = NobodyHolder(household, marks)
        self.holders[holder.ident] = holder
        self.households[holder.ident] = household
        return holder

    # --- changelog

    def _log_changes(self, settled: Iterable[Ident], changelog: list[Change]) -> None:
        changelog += self._outdated
        self._outdated = []
        for ident in sorted(settled):
            holder = self.holders[ident]
            for kind, key in holder.marks:
                changelog.append(Change(ident + kind.encode() + key, holder.member(kind, key)))
            holder.marks.clear()
            changelog.extend([Change(ident + key, value) for key, value in self.households[ident].changes()])
        changelog.extend(Change(CELL_PREFIX + key, value) for key, value in self.till.cells.changes())
        published = self.till.cells.published
        clock = pack(Clock(self._as_of, self.post.floor, dict(self.post.ledger), self.ticks, published))
        if clock != self._clock:
            self._clock = clock
            changelog.append(Change(CLOCK_KEY, clock))

    def restore(self, changelog: Iterable[tuple[bytes, bytes]]) -> None:
        """Take up the state another stitcher of this partition left, from the newest value of each key."""
        replaced: list[tuple[Ident, str, bytes]] = []
        for key, value in changelog:
            if key == CLOCK_KEY:
                clock = unpack(value, Clock)
                self._as_of, self.post.floor, self.ticks = clock.as_of, clock.floor, clock.ticks
                self.post.ledger.update(clock.ledger)
                self.till.cells.published = max(self.till.cells.published, clock.cells_published)
            elif key.startswith(CELL_PREFIX):
                self.till.cells.restore(key[len(CELL_PREFIX) :], value)
            elif is_worked_out_again(key[IDENT_BYTES:], value):
                self._outdated.append(Change(key, None))
            else:
                ident, kind, member = Ident(key[:IDENT_BYTES]), chr(key[IDENT_BYTES]), key[IDENT_BYTES + 1 :]
                holder = self.holders.get(ident) or self._open(ident)
                holder.join(kind, member, value, None)
                self._dirty.add(ident)
                if (newer := members.replaced(ident, kind, member)) is not None:
                    self._outdated.append(Change(key, None))
                    replaced.append((ident, *newer))
        self._rebuild()
        for ident, kind, member in replaced:
            self._outdated.append(Change(ident + kind.encode() + member, self.holders[ident].member(kind, member)))

    def _rebuild(self) -> None:
        """Work out again, without a word, what follows from the members: people, timelines, timers, contributions."""
        restored = set(self._dirty)
        self.press.counted = self._as_of // COUNTER_MS + 1 if restored else 0
        self.press.muted = self.till.muted = True
        self._settle_dirty()
        self.press.muted = self.till.muted = False
        self.till.cells.rest()
        self.post.handoffs = []
        for ident in restored:
            for time in self.holders[ident].remembered():
                self.post.remember(ident, time)
            if self.households[ident].has_past():
                self.post.remember(ident, self.rules.forgotten_before(self.post.floor) + DAY_MS)
            self.holders[ident].marks.clear()
            self.households[ident].changes()
