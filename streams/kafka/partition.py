"""One partition of the stitcher while it is ours: what it takes, when it commits, how it is given up.

The stitcher works ahead of the log: it goes on taking records while a transaction is under way. That is right because
a transaction that fails ends the ownership, and with it everything in memory: the next owner, perhaps ourselves,
begins from the changelog, at the offsets that were committed with it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from schemas.evidence import Progress
from streams.identity.members import pack, unpack
from streams.kafka.broker import Prepared, Producer, Record
from streams.kafka.checkpoint import Checkpoint
from streams.kafka.floors import Floors
from streams.kafka.names import Names, Place
from streams.kafka.records import evidence_of, handoff_of
from streams.processor import Change
from streams.processors.stitcher import Stitcher
from streams.settings_kafka import WorkerSettings

HEARD_KEY: Final = b"\x00heard"
"""What was heard of everybody's progress, in the changelog beside the stitcher's own keys."""
PENDING_RECORDS_MAX: Final = 20_000
"""Records taken since the last commit, beyond which reading waits for it."""


class Counts(msgspec.Struct):
    """What became of a partition since this process has it; read by metrics."""

    records: int = 0
    rows: int = 0
    handoffs: int = 0
    changes: int = 0
    change_bytes: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    committed_at: float = 0.0


class Partition:
    """One owned partition. `take` and `prepare` may run beside the loop, one at a time; `commit` runs in it.

    `changelog_at` is the offset in the changelog after the last record this state reflects.
    """

    def __init__(
        self,
        stitcher: Stitcher,
        floors: Floors,
        producer: Producer,
        *,
        names: Names,
        partitions: int,
        settings: WorkerSettings,
        evidence: Place,
        changelog_at: int,
    ) -> None:
        self.stitcher = stitcher
        self.floors = floors
        self.producer = producer
        self.counts = Counts()
        self.changelog_at = changelog_at
        self._names = names
        self._partitions = partitions
        self._settings = settings
        self._evidence = evidence
        self._pending = Checkpoint()
        self._prepared: tuple[Prepared, dict[Place, int]] | None = None
        self._progress: Progress | None = None

    @property
    def number(self) -> int:
        """Which partition this is."""
        return self.stitcher.partition

    @property
    def is_full(self) -> bool:
        """Tell whether so much waits for a commit that nothing more should be read."""
        return self._pending.records >= PENDING_RECORDS_MAX

    def take(self, polled: Mapping[Place, Sequence[Record]], now: float) -> None:
        """Take records and settle. CodecError for a record of another release."""
        letters = []
        for place, records in polled.items():
            read = evidence_of if place == self._evidence else handoff_of
            for record in records:
                letter = read(record)
                if isinstance(letter.message, Progress):
                    self.floors.hear(letter.message)
                else:
                    letters.append(letter)
        self.stitcher.take_all(letters)
        taken = sum(map(len, polled.values()))
        self._pending.read({place: records[-1].offset + 1 for place, records in polled.items()}, taken, now)
        self.counts.records += taken
        self._settle()

    def expect(self, inputs: Sequence[str]) -> None:
        """Hold log time until each of these inputs has told how far it is."""
        for name in inputs:
            self.stitcher.ticks.setdefault(name, 0)

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
        pending, self._pending = self._pending, Checkpoint()
        if not pending.positions:
            return False
        progress = self.floors.tell(self.stitcher.log_time)
        pending.change([Change(HEARD_KEY, pack(self.floors.dump()))])
        records = pending.outgoing(self._names, self.number, self._partitions, progress)
        self._prepared = (self.producer.prepare(records), pending.positions)
        self.counts.rows += len(pending.upserts)
        self.counts.handoffs += len(pending.handoffs)
        self.counts.changes += len(pending.changes)
        self.counts.change_bytes += sum(len(key) + len(value or b"") for key, value in pending.changes.items())
        return True

    async def commit(self, group: str, changelog: Place) -> None:
        """Commit what was prepared; raises `Fenced` or `Away`, and then this object is void."""
        if self._prepared is None:
            return
        prepared, positions = self._prepared
        last = await self.producer.commit(prepared, positions, group)
        self.changelog_at = last.get(changelog, self.changelog_at - 1) + 1
        self._prepared = None
        self.counts.commits += 1

    def _settle(self) -> None:
        stitcher = self.stitcher
        self._pending.add(stitcher.settle(stitcher.log_time, self.floors.floor))


def heard_of(value: bytes) -> tuple[Progress, ...]:
    """Read what stands under `HEARD_KEY`."""
    return unpack(value, tuple[Progress, ...])
