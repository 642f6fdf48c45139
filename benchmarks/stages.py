"""The stages of the pipeline, in batches as the local driver does it, each run with the stages before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import msgspec

from benchmarks.placing import PlacingStitcher
from benchmarks.workload import BOOK, INPUT, INTAKE_RULES
from schemas.rows import Upsert
from streams.identity.rules import IdentityRules
from streams.journeys.book import Book
from streams.local.cluster import Cluster, Log, Publish
from streams.local.replay import BATCH_RECORDS, TICK
from streams.processor import Addressed, Change, Emit, InputRecord
from streams.processors.intake import Intake
from streams.processors.stitcher import Stitcher

PARTITIONS = 4
PartitionedKey: TypeAlias = tuple[int, bytes]
Listener: TypeAlias = Callable[[list[Addressed]], None]


class Batch(msgspec.Struct, frozen=True):
    """What intake made of one batch of records, and up to when they were received."""

    letters: list[Addressed]
    upserts: list[Upsert]
    read_up_to: int


class Changelog:
    """The newest value of each key, as a compacted topic keeps it, and how much was written to it."""

    def __init__(self) -> None:
        self.values: dict[PartitionedKey, bytes] = {}
        self.records = 0
        self.bytes_written = 0

    def log(self, partition: int, changes: list[Change]) -> None:
        """Take changes; a null value removes its key."""
        for change in changes:
            self.records += 1
            self.bytes_written += len(change.key) + len(change.value or b"")
            if change.value is None:
                self.values.pop((partition, change.key), None)
            else:
                self.values[(partition, change.key)] = change.value


class ListenedStitcher(Stitcher):
    """A stitcher whose hand-offs somebody listens to."""

    listener: Listener | None = None

    def exchange(self) -> list[Addressed]:
        """Hand letters over, and tell."""
        letters = super().exchange()
        if self.listener is not None:
            self.listener(letters)
        return letters

    def settle(self, as_of: int, floor: int | None = None, common_floor: int | None = None) -> Emit:
        """Settle, and tell."""
        emit = super().settle(as_of, floor, common_floor)
        if self.listener is not None:
            self.listener(emit.handoffs)
        return emit


def taken(records: Iterable[InputRecord]) -> Iterator[Batch]:
    """Run intake over the records, batch after batch."""
    intake = Intake(INTAKE_RULES)
    waiting = iter(records)
    while batch := list(islice(waiting, BATCH_RECORDS)):
        for record in batch:
            intake.take(record)
        emit = intake.settle(0)
        yield Batch(emit.evidence, emit.upserts, intake.newest_received.get(INPUT, 0))


def take_in(records: Sequence[InputRecord]) -> None:
    """Run intake alone; what it makes is let go of, as by a driver that has handed it on."""
    for _ in taken(records):
        pass


def place(records: Sequence[InputRecord]) -> Cluster:
    """Run intake and identity alone; gives the cluster, so that taking it down is not part of what is measured."""
    rules = IdentityRules(keep_ms=BOOK.keep_ms)
    cluster = new_cluster(unread, forgetful)
    cluster.stitchers = [PlacingStitcher(number, rules, BOOK) for number in range(PARTITIONS)]
    for batch in taken(records):
        deliver(cluster, batch)
    return cluster


def stitch(records: Sequence[InputRecord], book: Book = BOOK) -> list[list[Upsert]]:
    """Run intake and the whole stitcher; gives the rows of each batch, intake's among them."""
    written: list[list[Upsert]] = []
    rows: list[Upsert] = []
    cluster = new_cluster(rows.extend, forgetful, book=book)
    for batch in taken(records):
        rows.extend(batch.upserts)
        deliver(cluster, batch)
        written.append(rows.copy())
        rows.clear()
    return written


def new_cluster(publish: Publish, log: Log, listener: Listener | None = None, *, book: Book = BOOK) -> Cluster:
    """Make a cluster that begins empty."""
    rules = IdentityRules(keep_ms=book.keep_ms)
    cluster = Cluster(PARTITIONS, rules, book, publish=publish, log=log, recall=_nothing)
    if listener is not None:
        cluster.stitchers = []
        for number in range(PARTITIONS):
            stitcher = ListenedStitcher(number, rules, book)
            stitcher.listener = listener
            cluster.stitchers.append(stitcher)
    return cluster


def deliver(cluster: Cluster, batch: Batch) -> None:
    """Give a batch to the stitchers, as a replay does."""
    cluster.send(batch.letters)
    cluster.tick(TICK, batch.read_up_to)
    cluster.drain()


def unread(_: list[Upsert]) -> None:
    """Nobody reads these rows."""


def forgetful(_: int, __: list[Change]) -> None:
    """Changelog records are encoded and then dropped: a store is no part of the stitcher."""


def _nothing(_: int) -> Iterator[tuple[bytes, bytes]]:
    yield from ()
