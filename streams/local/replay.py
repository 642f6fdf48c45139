"""Replay: read sources to their end, stitch, and say what became of every record.

Log time comes from the data: it is the least received time up to which every unfinished source has been read. A
source whose records are not in order of receipt promises nothing until its end. After each batch every letter has
been delivered, and what the batch changed is written to the store in one piece together with how far each source was
read, so that a run may be stopped at any point and goes on from there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from schemas.evidence import Decision
from schemas.rows import Upsert
from streams.identity.members import pack, unpack
from streams.identity.rules import DAY_MS, IdentityRules
from streams.intake.ledger import Ledger
from streams.journeys.book import Book
from streams.local.cluster import Cluster, Schedule
from streams.local.sources import Source, SourceError
from streams.local.stores import MemoryStore, Store
from streams.processor import Addressed, Change, InputRecord
from streams.processors.intake import Intake

BATCH_RECORDS = 25_000
DRAINED_MS = 365 * DAY_MS
DRAINED = "drained"
META_KEY = b"M"
REPORT_KEY = b"R"
LEDGER_KEY = b"L"
TICK = "replay"

Publish = Callable[[Sequence[Upsert]], None]
NewIntake = Callable[[], Intake]
Progress = Callable[["Report"], None]


def _quiet(_: "Report") -> None:
    """Say nothing."""


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """What a store keeps of a source: the next position, and the newest received time before it."""

    position: int
    newest: int


class Meta(msgspec.Struct, frozen=True, array_like=True):
    """What a store was made with. The partition count is for life; another generation is a rebuild beside."""

    partitions: int
    generation: int


class StoreMismatch(Exception):
    """A store was made with other partitions or another generation than this run's."""


class Report(msgspec.Struct):
    """What became of the records of a run. `unaccounted` is 0 unless something was lost or doubled."""

    events: int = 0
    accepted: int = 0
    late: int = 0
    dead: int = 0
    new: int = 0
    repeat: int = 0
    rows: int = 0
    messages: int = 0
    forwarded: int = 0
    newest_received: int = 0
    as_of: int = 0
    flooded: bool = False
    failures: list[str] = msgspec.field(default_factory=list)

    @property
    def unaccounted(self) -> int:
        """Events that are neither accepted, late nor dead, and accepted keys that are neither new nor repeat."""
        return abs(self.events - self.accepted - self.late - self.dead) + abs(self.accepted - self.new - self.repeat)


class Reading:
    """One source while it is read."""

    def __init__(self, source: Source, stored: Stored, *, ordered: bool) -> None:
        self.source = source
        self.position = stored.position
        self.newest = stored.newest
        self.ordered = ordered
        self.records: Iterator[InputRecord] = source.records(stored.position)

    @property
    def read_up_to(self) -> int:
        """What this source promises: nothing received before is still to come (but for the slack)."""
        return self.newest if self.ordered else 0


class Replay:
    """One run of the topology over sources. `publish` gets every upsert, in order, before the store is written."""

    def __init__(
        self,
        new_intake: NewIntake,
        rules: IdentityRules,
        book: Book,
        *,
        publish: Publish,
        store: Store | None = None,
        partitions: int = 4,
        schedule: Schedule | None = None,
        batch_records: int = BATCH_RECORDS,
    ) -> None:
        self._new_intake = new_intake
        self._rules = rules
        self._publish_to = publish
        self._batch_records = batch_records
        self.store: Store = store if store is not None else MemoryStore()
        self._changes: dict[bytes, bytes | None] = {}
        self.report = self._recalled(Meta(partitions, rules.generation))
        self.intake = new_intake()
        for _, counted in self.store.items(LEDGER_KEY):
            self.intake.ledger.sources.update(Ledger.load(counted).sources)
        self._base = msgspec.structs.replace(self.report, failures=[])
        self.cluster = Cluster(
            partitions, rules, book, publish=self._publish, log=self._log, recall=self._recall, schedule=schedule
        )

    def run(self, sources: Sequence[Source], *, as_of: int | str | None = None, progress: Progress = _quiet) -> Report:
        """Read all sources to their end and settle as of an instant: ms, "drained", or None for the newest received.

        A source that fails is named in the report; the others go on.
        """
        active = [self._open(source) for source in sources]
        while active:
            reading = min(active, key=lambda r: r.read_up_to)
            if not self._read_batch(reading):
                active.remove(reading)
            self._tick(min((r.read_up_to for r in active), default=self.report.newest_received))
            self.commit()
            progress(self.report)
        self.advance(self._as_of(as_of))
        return self.report

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Tell both identifiers of each pair what an operator said."""
        self.cluster.send([Addressed(end, decision) for decision in decisions for end in decision.pair])
        self.commit()

    def advance(self, as_of: int) -> None:
        """Let time pass up to an instant, on all partitions."""
        self.report.as_of = max(self.report.as_of, as_of)
        self.cluster.tick(TICK, as_of)
        self.commit()

    def commit(self) -> None:
        """Deliver every letter, then write what changed in one piece."""
        self.cluster.drain()
        self._count()
        self._changes[REPORT_KEY] = pack(msgspec.structs.replace(self.report, failures=[], flooded=False))
        self._changes[LEDGER_KEY] = self.intake.ledger.dump()
        self.store.write(Change(key, value) for key, value in self._changes.items())
        self._changes = {}

    def _open(self, source: Source) -> Reading:
        stored = next((unpack(value, Stored) for _, value in self.store.items(_input_key(source.name))), Stored(0, 0))
        try:
            ordered = self._is_ordered(source) if source.ordered is None else source.ordered
        except SourceError:
            ordered = False  # what stands before the break is read all the same, and the break is met again there
        return Reading(source, stored, ordered=ordered)

    def _is_ordered(self, source: Source) -> bool:
        """Read a source once to see whether its records stand in order of receipt, give or take the slack."""
        intake, newest = self._new_intake(), 0
        for record in source.records(0):
            for received in intake.received_at(record):
                if received < newest - self._rules.slack_ms:
                    return False
                newest = max(newest, received)
        return True

    def _read_batch(self, reading: Reading) -> bool:
        """Take a batch; False at the end of the source."""
        count = 0
        try:
            for record in islice(reading.records, self._batch_records):
                self.intake.take(record)
                reading.position = record.position + record.is_whole
                count += 1
        except SourceError as error:
            self.report.failures.append(str(error))
            count = 0
        reading.newest = max(reading.newest, self.intake.newest_received.get(reading.source.name, 0))
        self.report.newest_received = max(self.report.newest_received, reading.newest)
        emit = self.intake.settle(reading.read_up_to)
        self._publish(emit.upserts)
        self.cluster.send(emit.evidence)
        self._changes[_input_key(reading.source.name)] = pack(Stored(reading.position, reading.newest))
        return count == self._batch_records

    def _tick(self, read_up_to: int) -> None:
        self.cluster.tick(TICK, read_up_to)

    def _as_of(self, asked: int | str | None) -> int:
        if asked == DRAINED:
            return self.report.newest_received + DRAINED_MS
        return asked if isinstance(asked, int) else self.report.newest_received

    def _publish(self, upserts: Sequence[Upsert]) -> None:
        self.report.rows += len(upserts)
        if upserts:
            self._publish_to(upserts)

    def _log(self, partition: int, changes: Iterable[Change]) -> None:
        prefix = _partition_key(partition)
        self._changes |= {prefix + change.key: change.value for change in changes}

    def _recall(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """The newest values of a partition: what is written, and over it what is about to be."""
        prefix = _partition_key(partition)
        pending = {k[len(prefix) :]: v for k, v in self._changes.items() if k.startswith(prefix)}
        for key, value in self.store.items(prefix):
            if key not in pending:
                yield key, value
        yield from ((key, value) for key, value in pending.items() if value is not None)

    def _count(self) -> None:
        read, report, base = self.intake.ledger, self.report, self._base
        report.events, report.accepted = base.events + read.taken, base.accepted + read.accepted
        report.late, report.dead = base.late + read.late, base.dead + read.dead
        report.flooded = report.flooded or read.is_flooded
        counted = self.cluster.ledger
        report.new, report.repeat, report.forwarded = counted["new"], counted["repeat"], counted["forwarded"]
        report.messages = base.messages + sum(self.cluster.messages.values())

    def _recalled(self, meta: Meta) -> Report:
        known = next((unpack(value, Meta) for _, value in self.store.items(META_KEY)), meta)
        if known != meta:
            raise StoreMismatch(
                f"the state was made with {known.partitions} partitions and generation {known.generation}, "
                f"this run has {meta.partitions} and {meta.generation}: replay into a fresh state folder"
            )
        self._changes[META_KEY] = pack(meta)
        return next((unpack(value, Report) for _, value in self.store.items(REPORT_KEY)), Report())


def _partition_key(partition: int) -> bytes:
    return b"P" + partition.to_bytes(2, "big")


def _input_key(name: str) -> bytes:
    return b"I:" + name.encode()
