"""What the partitions of a worker share, and how one is made of what the changelog tells."""

from collections.abc import Callable

import msgspec

from streams.identity.rules import IdentityRules
from streams.journeys.book import Book
from streams.kafka.names import Names
from streams.kafka.operation.metrics import Metrics
from streams.kafka.stitcher.floors import Floors
from streams.kafka.stitcher.partition import HEARD_KEY, Partition, heard_of
from streams.kafka.stitcher.restore import Restored
from streams.processors.stitcher import Stitcher
from streams.settings_kafka import WorkerSettings


class Stitching(msgspec.Struct, frozen=True):
    """What all partitions share."""

    names: Names
    partitions: int
    rules: IdentityRules
    book: Book
    settings: WorkerSettings
    metrics: Metrics
    excepted: frozenset[str] = frozenset()
    """Inputs that log time does not wait for."""
    new_partition: Callable[["Stitching", int, Restored], Partition] | None = None
    """Makes a partition of what was restored; None: one with a stitcher. Benchmarks run a small job in its place."""


def stitcher_partition(shared: Stitching, number: int, found: Restored) -> Partition:
    """Make the stitcher that the changelog tells of."""
    stitcher, floors = (
        Stitcher(number, shared.rules, shared.book),
        Floors(number, shared.partitions),
    )
    floors.load(heard_of(found.values.pop(HEARD_KEY)) if HEARD_KEY in found.values else ())
    stitcher.restore(found.values.items())
    return Partition(
        stitcher,
        floors,
        names=shared.names,
        partitions=shared.partitions,
        settings=shared.settings,
        changelog_at=found.end,
    )
