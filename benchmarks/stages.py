"""The stages of the pipeline, each run over the same records in batches, as the local driver does it."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from benchmarks.placing import PlacingStitcher
from benchmarks.workload import BOOK, INPUT, INTAKE_RULES
from schemas.rows import Upsert
from streams.identity.rules import IdentityRules
from streams.local.cluster import Cluster
from streams.processor import Addressed, Change, InputRecord
from streams.processors.intake import Intake
from streams.processors.stitcher import Stitcher

PARTITIONS = 4
BATCH_RECORDS = 5_000
YEAR_MS = 365 * 86_400_000
SOURCE = "replay"


class Batch(msgspec.Struct, frozen=True):
    """What intake made of one batch of records, and up to when they were received."""

    letters: list[Addressed]
    upserts: list[Upsert]
    read_up_to: int


class Changelog:
    """The newest value of each key, as a compacted topic keeps it, and how many bytes were written to it."""

    def __init__(self) -> None:
        self.values: dict[tuple[int, bytes], bytes] = {}
        self.records = 0
        self.bytes_written = 0

    def log(self, partition: int, changes: list[Change]) -> None:
        """Take changes."""
        for change in changes:
            self.records += 1
            self.bytes_written += len(change.key) + len(change.value or b"")
            if change.value is None:
                self.values.pop((partition, change.key), None)
            else:
                self.values[(partition, change.key)] = change.value


def take_in(records: Sequence[InputRecord]) -> list[Batch]:
    """Run intake over the records."""
    intake = Intake(INTAKE_RULES)
    batches: list[Batch] = []
    waiting = iter(records)
    while batch := list(islice(waiting, BATCH_RECORDS)):
        for record in batch:
            intake.take(record)
        emit = intake.settle(0)
        batches.append(Batch(emit.evidence, emit.upserts, intake.newest_received.get(INPUT, 0)))
    return batches


def new_cluster(rows: list[Upsert], changelog: Changelog, kind: type[Stitcher] = Stitcher) -> Cluster:
    """Make a cluster of stitchers of this kind, which adds its rows to the list."""
    rules = IdentityRules(keep_ms=BOOK.keep_ms)
    cluster = Cluster(PARTITIONS, rules, BOOK, publish=rows.extend, log=changelog.log, recall=_nothing)
    if kind is not Stitcher:
        cluster.stitchers = [kind(number, rules, BOOK) for number in range(PARTITIONS)]
    return cluster


def stitch(cluster: Cluster, batches: Sequence[Batch]) -> None:
    """Run the stitchers over what intake made, and let time pass until nothing is open."""
    for batch in batches:
        cluster.send(batch.letters)
        cluster.tick(SOURCE, batch.read_up_to)
        cluster.drain()


def place(batches: Sequence[Batch]) -> Cluster:
    """Run identity alone."""
    cluster = new_cluster([], Changelog(), PlacingStitcher)
    stitch(cluster, batches)
    return cluster


def _nothing(_: int) -> Iterator[tuple[bytes, bytes]]:
    yield from ()
