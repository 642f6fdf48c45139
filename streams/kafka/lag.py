"""How far groups are behind, asked from outside: what `seamline demo` waits for, and operators ask."""

from collections.abc import Iterable
from typing import Final

import msgspec

from streams.kafka.broker import Broker, Consumer
from streams.kafka.names import Place

CLOSE: Final = 100
"""Offsets behind, below which it is looked whether records stand there, or only the markers of transactions."""
POLL_MS: Final = 200


class Lag(msgspec.Struct, frozen=True):
    """Records a group has not committed yet, and where its topics end."""

    records: int
    ends: dict[Place, int]


async def lag_of(broker: Broker, group: str, topics: Iterable[str]) -> Lag:
    """Compare what a group has committed with where its topics end. Raises `Away`."""
    counts = await broker.partitions(topics)
    places = [(topic, number) for topic, count in counts.items() for number in range(count)]
    committed = await broker.committed(group, places)
    reader = broker.reader(places)
    await reader.start()
    try:
        reader.pause(places)
        begins, ends = await reader.begins(places), await reader.ends(places)
        records = 0
        for place in places:
            at = committed[place].offset if place in committed else begins[place]
            behind = max(ends[place] - at, 0)
            records += behind if behind > CLOSE or not behind else await _records(reader, place, at, ends[place])
    finally:
        await reader.stop()
    return Lag(records, ends)


async def _records(reader: Consumer, place: Place, begin: int, end: int) -> int:
    """Count the records from one offset to another."""
    reader.seek(place, begin)
    reader.resume([place])
    count = 0
    while await reader.position(place) < end:
        count += sum(map(len, (await reader.poll(POLL_MS, CLOSE)).values()))
    reader.pause([place])
    return count
