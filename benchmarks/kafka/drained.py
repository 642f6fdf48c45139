"""When a worker is done: nothing of its evidence is left, and it has committed nothing more for a while."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import CHANGELOG, EVIDENCE, HANDOFFS
from streams.kafka.names import Names
from streams.settings_kafka import KafkaSettings

LOOK_SECONDS: Final = 0.1
QUIET_SECONDS: Final = 2.5
"""More than twice the time between checkpoints."""
PATIENCE_SECONDS: Final = 900.0


class Gauge:
    """Looks at the offsets of one application."""

    def __init__(self, settings: KafkaSettings, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        names, numbers = Names.of(settings), range(settings.partitions)
        self._group = names.group("stitcher")
        self._intake = names.group("intake")
        self._inputs = [TopicPartition(topic, number) for topic in names.inputs for number in numbers]
        self._evidence = [TopicPartition(names.topic(EVIDENCE), number) for number in numbers]
        self._written = [
            TopicPartition(names.topic(each), number) for each in (CHANGELOG, HANDOFFS) for number in numbers
        ]
        self._consumer = consumer
        self._admin = admin

    async def drained(self, watch: Callable[[], None]) -> float:
        """Wait until all is done; gives the second (steady clock) at which the last commit was seen.

        `watch` is called at each look; what it raises ends the waiting.
        """
        last, last_at, began = await self._written_up_to(), time.monotonic(), time.monotonic()
        while time.monotonic() - last_at < QUIET_SECONDS or await self._is_behind():
            await asyncio.sleep(LOOK_SECONDS)
            written, now = await self._written_up_to(), time.monotonic()
            if written != last:
                last, last_at = written, now
            watch()
            if now - began > PATIENCE_SECONDS:
                raise TimeoutError(f"not done after {PATIENCE_SECONDS:.0f} seconds")
        return last_at

    async def _written_up_to(self) -> dict[TopicPartition, int]:
        """Ask for the ends of what is written in transactions; they move when one is committed."""
        return dict(await self._consumer.end_offsets(self._written))

    async def _is_behind(self) -> bool:
        for group, places in ((self._intake, self._inputs), (self._group, self._evidence)):
            ends = await self._consumer.end_offsets(places)
            committed = await self._admin.list_consumer_group_offsets(group, partitions=places)
            if any(committed[place].offset < end for place, end in ends.items() if end):
                return True
        return False


@asynccontextmanager
async def gauge(settings: KafkaSettings) -> AsyncIterator[Gauge]:
    """Open what looks at offsets."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.brokers, isolation_level="read_committed")
    await admin.start()
    await consumer.start()
    try:
        yield Gauge(settings, consumer, admin)
    finally:
        await consumer.stop()
        await admin.close()
