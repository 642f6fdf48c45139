"""How far groups are behind: what `seamline demo` waits for, operators ask, and workers tell in their metrics."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from streams.kafka.broker import Broker, Consumer
from streams.kafka.names import Place

CLOSE: Final = 100
"""Offsets behind, below which it is looked whether records stand there, or only the markers of transactions."""
POLL_MS: Final = 200


class Stand(msgspec.Struct, frozen=True):
    """Where a group goes on, nothing committed being the first record, and where the partitions end."""

    at: dict[Place, int]
    ends: dict[Place, int]

    def behind(self, place: Place) -> int:
        """Offsets between the two, the markers of transactions among them."""
        return max(self.ends[place] - self.at[place], 0)


class Lag(msgspec.Struct, frozen=True):
    """Records a group has not committed yet, and where its topics end."""

    records: int
    ends: dict[Place, int]


async def lag_of(broker: Broker, group: str, topics: Iterable[str]) -> Lag:
    """Compare what a group has committed with where its topics end. Raises `Away`."""
    counts = await broker.partitions(topics)
    places = [(topic, number) for topic, count in counts.items() for number in range(count)]
    records = 0
    async with standing(broker, group, places) as (stand, reader):
        for place in places:
            behind = stand.behind(place)
            is_close = 0 < behind <= CLOSE
            records += await _records(reader, place, stand.at[place], stand.ends[place]) if is_close else behind
    return Lag(records, stand.ends)


@asynccontextmanager
async def standing(broker: Broker, group: str, places: Sequence[Place]) -> AsyncIterator[tuple[Stand, Consumer]]:
    """Ask how a group stands; the reader that asked is paused and can read what is between. Raises `Away`."""
    committed = await broker.committed(group, places)
    reader = broker.reader(places)
    await reader.start()
    try:
        reader.pause(places)
        begins, ends = await reader.begins(places), await reader.ends(places)
        at = {place: committed[place].offset if place in committed else begins[place] for place in places}
        yield Stand(at, ends), reader
    finally:
        await reader.stop()


async def _records(reader: Consumer, place: Place, begin: int, end: int) -> int:
    """Count the records from one offset to another."""
    reader.seek(place, begin)
    reader.resume([place])
    count = 0
    while await reader.position(place) < end:
        count += sum(map(len, (await reader.poll(POLL_MS, CLOSE)).values()))
    reader.pause([place])
    return count
