"""One partition of the stitcher while it is ours: what it takes, when it commits, how it is given up.

The stitcher works ahead of the log: it goes on taking records while a transaction is under way. That is right because
a transaction that fails ends the ownership, and with it everything in memory: the next owner, perhaps ourselves,
begins from the changelog, at the offsets that were committed with it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from schemas.evidence import Progress, Tick
from schemas.rows import Table
from schemas.topics import EVIDENCE
from streams.identity.members import pack, unpack
from streams.kafka.broker import Fenced, Prepared, Producer, Record
from streams.kafka.names import Names, Place
from streams.kafka.operation.metrics import StitcherCounts
from streams.kafka.records import evidence_of, handoff_of
from streams.kafka.stitcher.census import Census
from streams.kafka.stitcher.checkpoint import Checkpoint
from streams.kafka.stitcher.floors import Floors
from streams.processor import Change
from streams.processors.stitcher import Stitcher
from streams.settings_kafka import WorkerSettings

HEARD_KEY: Final = b"\x00heard"
"""What was heard of everybody's progress, in the changelog beside the stitcher's own keys."""
SETTLE_PAUSES: Final = 4
PENDING_RECORDS_MAX: Final = 20_000
"""Records taken since the last commit, beyond which reading waits for it."""


class Inputs(msgspec.Struct, frozen=True):
    """Names of input partitions: those that log time waits for, and those it does not, whatever they tell."""

    expected: tuple[str, ...] = ()
    excepted: frozenset[str] = frozenset()


class Partition:
    """One owned partition. `take` and `prepare` may run beside the loop, one at a time; `commit` runs in it.

    `changelog_at` is the offset in the changelog after the last record this state reflects.
    """

    def __init__(
        self,
        stitcher: Stitcher,
        floors: Floors,
        *,
        names: Names,
        partitions: int,
        settings: WorkerSettings,
        changelog_at: int,
    ) -> None:
        self.stitcher = stitcher
        self.floors = floors
        self.counts = StitcherCounts()
        self._census = Census(stitcher, self.counts)
        self.changelog_at = changelog_at
        self._names = names
        self._partitions = partitions
        self._settings = settings
        self._evidence = names.topic(EVIDENCE)
        self._producer: Producer | None = None
        self._is_unsettled = False
        self._settled_at = 0.0
        self._settle_cost = 0.0
        self._excepted: frozenset[str] = frozenset()
        self._pending = Checkpoint()
        self._prepared: tuple[Prepared, dict[Place, int]] | None = None

    def begin(self, producer: Producer, counts: StitcherCounts, inputs: Inputs) -> None:
        """Be owned, by the producer that fences others.

        Log time waits until each input has told how far it is, and no longer for one that is none any more.
        """
        self._excepted = inputs.excepted
        self._producer = producer
        self.counts = counts
        self._census = Census(self.stitcher, counts)
        counts.is_restored = True
        counts.read(self.stitcher.post.ledger)
        known = self.stitcher.ticks
        self.stitcher.ticks = {name: known.get(name, 0) for name in inputs.expected}

    async def end(self) -> None:
        """Be owned no longer; the state stays as it is, should nobody write before it comes back."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    @property
    def number(self) -> int:
        """Which partition this is."""
        return self.stitcher.partition

    @property
    def is_full(self) -> bool:
        """Tell whether so much waits for a commit that nothing more should be read."""
        return self._pending.records >= PENDING_RECORDS_MAX

    def take(self, polled: Mapping[Place, Sequence[Record]], now: float) -> None:
        """Take records; what they change is worked out by `settle`. CodecError for a record of another release."""
        letters = []
        for place, records in polled.items():
            read = evidence_of if place[0] == self._evidence else handoff_of
            for record in records:
                letter = read(record)
                if isinstance(letter.message, Progress):
                    self.floors.hear(letter.message)
                elif not isinstance(letter.message, Tick) or letter.message.source not in self._excepted:
                    letters.append(letter)
        self.stitcher.take_all(letters)
        taken = sum(map(len, polled.values()))
        self._pending.read({place: records[-1].offset + 1 for place, records in polled.items()}, taken, now)
        self.counts.records += taken
        self._is_unsettled = True

    def settle(self, clock: Callable[[], float]) -> None:
        """Work out what changed, unless that was done so lately that waiting for more is worth it.

        Settling often finds friction soon; settling seldom works out once what many records change. So there is a
        pause of a few times what the last one cost, at most a checkpoint's.
        """
        begun = clock()
        settings = self._settings
        pause = min(max(settings.hit_ms / 1000, SETTLE_PAUSES * self._settle_cost), settings.checkpoint_ms / 1000)
        if self._is_unsettled and begun - self._settled_at >= pause:
            self._settle()
            self._census.step(int(begun * 1000))
            self._settled_at = clock()
            self._settle_cost = self._settled_at - begun

    def is_due(self, now: float) -> bool:
        """Tell whether what waits should be committed: friction at once, hand-offs soon, anything else in its time."""
        pending, settings = self._pending, self._settings
        if not pending.positions:
            return False
        wait_ms = settings.checkpoint_ms
        if pending.has_hit:
            wait_ms = settings.hit_ms
        elif pending.handoffs:
            wait_ms = settings.handoff_ms
        return (now - pending.opened) * 1000 >= min(wait_ms, settings.checkpoint_ms)

    def prepare(self) -> bool:
        """Close the checkpoint and encode it; False where nothing is to be committed. Not while one is under way."""
        if not self._pending.positions:
            return False
        if self._is_unsettled:
            self._settle()
        pending, self._pending = self._pending, Checkpoint()
        progress = self.floors.tell(self.stitcher.log_time)
        pending.change([Change(HEARD_KEY, pack(self.floors.dump()))])
        records = pending.outgoing(self._names, self.number, self._partitions, progress)
        self._prepared = (self._owner.prepare(records), pending.positions)
        self._count(pending)
        return True

    async def commit(self, group: str, changelog: Place) -> None:
        """Commit what was prepared; raises `Fenced` or `Away`, and then this object is void."""
        if self._prepared is None:
            return
        prepared, positions = self._prepared
        self.counts.transaction_since = self.counts.waiting_since
        last = await self._owner.commit(prepared, positions, group)
        self.changelog_at = last.get(changelog, self.changelog_at - 1) + 1
        self._prepared = None
        self.counts.transaction_since = self.counts.waiting_since = 0

    @property
    def _owner(self) -> Producer:
        if self._producer is None:
            raise Fenced(f"partition {self.number} was given up")
        return self._producer

    def _count(self, pending: Checkpoint) -> None:
        counts = self.counts
        counts.rows += len(pending.upserts)
        counts.hits += sum(table is Table.FRICTION for table, _ in pending.upserts)
        counts.handoffs += len(pending.handoffs)
        counts.changelog_bytes += sum(len(key) + len(value or b"") for key, value in pending.changes.items())
        counts.checkpoint_records.observe(pending.records)
        counts.read(self.stitcher.post.ledger)
        counts.log_time = self.stitcher.log_time
        counts.holders = len(self.stitcher.holders)

    def _settle(self) -> None:
        stitcher = self.stitcher
        self._is_unsettled = False
        self._pending.add(stitcher.settle(stitcher.log_time, self.floors.floor, self.floors.common_floor))


def heard_of(value: bytes) -> tuple[Progress, ...]:
    """Read what stands under `HEARD_KEY`."""
    return unpack(value, tuple[Progress, ...])


Work = tuple[Partition, Mapping[Place, Sequence[Record]]]
"""What was polled of a partition."""


def take_and_settle(
    work: Sequence[Work], settling: Sequence[Partition], free: Sequence[Partition], clock: Callable[[], float]
) -> list[Partition]:
    """Take records, settle, and encode the checkpoints that are due: the partitions with something to commit."""
    for partition, polled in work:
        partition.take(polled, clock())
    for partition in settling:
        partition.settle(clock)
    return [partition for partition in free if partition.is_due(clock()) and partition.prepare()]
