"""When a worker is done: nothing of its evidence is left, and it has committed no more rows for a while.

Letters about how far everybody is go on for some checkpoints after the last rows; they are not waited for.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import CATALOGUE, EVIDENCE
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
        outputs = [names.topic(topic) for topic in CATALOGUE if topic.tables]
        self._outputs = [TopicPartition(topic, number) for topic in outputs for number in numbers]
        self._consumer = consumer
        self._admin = admin

    async def drained(self, look: Callable[[bool], None]) -> float:
        """Wait until all is done; gives the second (steady clock) at which the last rows were seen.

        `look` is called again and again, with whether there were new rows; what it raises ends the waiting.
        """
        last, last_at, began = await self._committed_up_to(), time.monotonic(), time.monotonic()
        while time.monotonic() - last_at < QUIET_SECONDS or await self._is_behind():
            await asyncio.sleep(LOOK_SECONDS)
            committed, now = await self._committed_up_to(), time.monotonic()
            has_news = committed != last
            if has_news:
                last, last_at = committed, now
            look(has_news)
            if now - began > PATIENCE_SECONDS:
                raise TimeoutError(f"not done after {PATIENCE_SECONDS:.0f} seconds")
        return last_at

    async def _committed_up_to(self) -> dict[TopicPartition, int]:
        """Ask for the ends of what rows are written to; they move when a transaction is committed."""
        return dict(await self._consumer.end_offsets(self._outputs))

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
