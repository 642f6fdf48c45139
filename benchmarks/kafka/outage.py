"""ClickHouse away and back: how fast the warehouse role catches up while rows go on arriving."""

import asyncio
import time
from typing import Final

import msgspec

from benchmarks.kafka.ground import Ground
from schemas.topics import CATALOGUE
from streams.kafka.names import Names, Place
from streams.settings_kafka import KafkaSettings

LOOK_SECONDS: Final = 0.5
CAUGHT_UP_SECONDS: Final = 1.5
"""What arrives in so long may be left: the role itself waits a second for more rows."""
PATIENCE_SECONDS: Final = 180.0


class Standing(msgspec.Struct, frozen=True):
    """How far output topics reach and how far the warehouse has stored them: sums of offsets, at an instant."""

    at: float
    end: int
    stored: int

    @property
    def behind(self) -> int:
        """Offsets that are not stored."""
        return self.end - self.stored


async def standing_of(ground: Ground, settings: KafkaSettings) -> Standing:
    """Look."""
    names, broker = Names.of(settings), ground.client(settings.application)
    places: list[Place] = [
        (names.topic(topic), number) for topic in CATALOGUE if topic.tables for number in range(settings.partitions)
    ]
    reader = broker.reader(places)
    await reader.start()
    try:
        reader.pause(places)
        ends = await reader.ends(places)
    finally:
        await reader.stop()
    committed = await broker.committed(names.group("warehouse"), places)
    return Standing(time.monotonic(), sum(ends.values()), sum(each.offset for each in committed.values()))


async def caught_up(ground: Ground, settings: KafkaSettings, away: tuple[Standing, Standing]) -> float:
    """Wait until the warehouse is up to date; gives its rate of storing over the rate of arrival.

    `away` are two looks during the outage, which tell the rate of arrival. The clock runs from when rows are stored
    again: after a short outage, waiting for the next attempt would weigh as it never does after a long one.
    """
    first, last = away
    arriving = (last.end - first.end) / (last.at - first.at)
    before = seen = last
    while seen.behind > arriving * CAUGHT_UP_SECONDS:
        await asyncio.sleep(LOOK_SECONDS)
        seen = await standing_of(ground, settings)
        if seen.stored == last.stored:
            before = seen
        if seen.at - last.at > PATIENCE_SECONDS:
            break
    if seen is before:
        return 0.0  # nothing was stored
    return (seen.stored - before.stored) / (seen.at - before.at) / arriving
