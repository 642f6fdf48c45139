"""What a round left on the broker: the tables, and whether the accounts add up.

Everything is read committed and from the beginning, as the warehouse does.
"""

import asyncio
from base64 import b85decode
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

import msgspec
from aiokafka.admin import AIOKafkaAdminClient

from schemas.evidence import Anonymous, Observe
from schemas.formats import UPSERTS
from schemas.rows import RowKey, Upsert
from schemas.topics import EVIDENCE
from sinks.clickhouse import snapshot
from sinks.clickhouse.client import connect
from streams.identity.members import unpack
from streams.intake.ledger import Ledger
from streams.kafka.broker import Record
from streams.kafka.names import Place
from streams.kafka.records import evidence_of, mark_of
from streams.processors.stitcher import CLOCK_KEY, Clock
from tests.chaos.plot import Plot, store_reference
from tests.oracle.published import published
from tests.oracle.shape import Tables
from tests.support.engine import Shelf

OF_NO_PROMISE: Final[frozenset[str]] = frozenset()
"""Views outside the promise of equal tables."""
POLL_MS: Final = 300
POLL_RECORDS: Final = 5_000


class Left(msgspec.Struct, frozen=True):
    """What a round left: tables as the oracle has them, rows found in the warehouse, and in words what is wrong."""

    tables: Tables
    rows_stored: int
    broken: list[str]


async def read(plot: Plot, as_of: int) -> Left:
    """Read everything a round left; log time must have come to `as_of` (ms)."""
    shelf, broken = await _shelf(plot)
    broken += await _intake_accounts(plot)
    broken += await _stitcher_accounts(plot, as_of)
    stored, lacking = await asyncio.to_thread(_warehouse, plot, shelf)
    return Left(published(shelf.tables()), stored, [*broken, *lacking])


async def records_of(plot: Plot, places: Iterable[Place]) -> AsyncIterator[Sequence[Record]]:
    """Give every committed record of these partitions, some at a time."""
    asked = list(places)
    reader = plot.broker.reader(asked)
    await reader.start()
    try:
        ends = await reader.ends(asked)
        waiting = set(asked)
        while waiting:
            for records in (await reader.poll(POLL_MS, POLL_RECORDS)).values():
                yield records
            waiting = {place for place in waiting if await reader.position(place) < ends[place]}
    finally:
        await reader.stop()


async def _shelf(plot: Plot) -> tuple[Shelf, list[str]]:
    """Keep the newest row of each key. No other row may have its revision: which of them stood would be by chance."""
    shelf = Shelf()
    rivals: dict[tuple[str, RowKey], tuple[Upsert, Upsert]] = {}
    async for records in records_of(plot, plot.outputs):
        for record in records:
            upsert = UPSERTS.decode(record.value or b"")
            name = (upsert.table.value, upsert.key)
            known = shelf.newest.get(name)
            if known is not None and known.revision == upsert.revision and known.row != upsert.row:
                rivals[name] = (known, upsert)
            shelf.publish([upsert])
    lasting = [pair for name, pair in rivals.items() if pair[0].revision == shelf.newest[name].revision]
    return shelf, [f"two rows of one revision: {one} and {other}" for one, other in lasting]


def _warehouse(plot: Plot, shelf: Shelf) -> tuple[int, list[str]]:
    """Every view of the warehouse shows what it would show had the newest rows been stored at once."""
    store_reference(plot, list(shelf.newest.values()))
    with connect(plot.warehouse) as stored, connect(plot.reference) as reference:
        ours, due = snapshot.tables(stored), snapshot.tables(reference)
    wrong = [
        f"the warehouse shows {len(ours[view])} rows of {view}, {len(set(due[view]) ^ set(ours[view]))} of them wrong"
        for view in due
        if ours[view] != due[view] and view not in OF_NO_PROMISE
    ]
    return sum(map(len, ours.values())), wrong


async def _intake_accounts(plot: Plot) -> list[str]:
    """Every record of an input is counted once, beside the committed offset, however often it was read."""
    written: Counter[Place] = Counter()
    async for records in records_of(plot, plot.inputs):
        written[(records[0].topic, records[0].partition)] += sum(mark_of(record) is None for record in records)
    counted = await _counted(plot)
    wrong = [place for place in plot.inputs if counted.get(place, 0) != written[place]]
    return [
        f"intake counted {counted.get(place, 0)} of {written[place]} records of {place[0]}-{place[1]}"
        for place in wrong
    ]


async def _counted(plot: Plot) -> dict[Place, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=plot.settings.brokers)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(plot.names.group("intake"))
    finally:
        await admin.close()
    return {
        (p.topic, p.partition): sum(counts.total for counts in Ledger.load(b85decode(entry.metadata)).sources.values())
        for p, entry in found.items()
        if entry.metadata
    }


async def _stitcher_accounts(plot: Plot, as_of: int) -> list[str]:
    """Every letter with a touchpoint is taken exactly once: holders count as many as stand in evidence."""
    evidence = plot.names.topic(EVIDENCE)
    letters = 0
    async for records in records_of(plot, [(evidence, number) for number in range(plot.settings.partitions)]):
        letters += sum(isinstance(evidence_of(record).message, Observe | Anonymous) for record in records)
    clocks: dict[int, Clock] = {}
    async for records in records_of(plot, plot.changelog):
        for record in records:
            if record.key == CLOCK_KEY and record.value is not None:
                clocks[record.partition] = unpack(record.value, Clock)
    taken = sum(clock.ledger.get("new", 0) + clock.ledger.get("repeat", 0) for clock in clocks.values())
    behind = [
        f"partition {number} heard of {source} only up to {at}"
        for number, clock in sorted(clocks.items())
        for source, at in sorted(clock.ticks.items())
        if at < as_of
    ]
    return [*([] if taken == letters else [f"holders took {taken} of {letters} letters"]), *behind]
