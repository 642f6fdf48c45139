"""Past records that aiokafka can not read: it raises for a header whose name is not UTF-8, which brokers let in.

It raises in the middle of a poll, loses what that poll had taken, and does not say where it was. So every partition
goes back to what was handed out, and for a while records are taken one at a time, which tells which one it is. What
follows it in its batch can not be reached either: aiokafka reads a batch from its beginning.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, cast

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError
from aiokafka.structs import TopicPartition

from streams.kafka.broker import Record, Unreadable
from streams.kafka.names import Place
from streams.kafka.operation.logs import Log

CALM_ROUNDS: Final = 200
"""After so many rounds without another such record polls are whole again."""
CAUSE: Final = "a header here, or before it in its batch, has a name that is not UTF-8; the bytes stay on the topic"
IDLE_SECONDS: Final = 0.02
log = Log(__name__)


class StepByStep:
    """Polls a client, with an `Unreadable` in the place of each record that it can not read."""

    def __init__(self, client: AIOKafkaConsumer) -> None:
        self._client = client
        self._next: dict[TopicPartition, int] = {}
        self._rounds_left = 0

    def sought(self, place: Place, offset: int) -> None:
        """Know from where a partition is read."""
        self._next[TopicPartition(*place)] = offset

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        """Wait for records; raises what aiokafka raises for anything else."""
        if not self._rounds_left:
            try:
                return self._handed(await self._client.getmany(timeout_ms=timeout_ms, max_records=records_max))
            except UnicodeDecodeError:
                self._go_back()
        return await self._round()

    async def _round(self) -> dict[Place, list[Record]]:
        """Take one record of each partition that has some."""
        self._rounds_left -= 1
        taken: dict[TopicPartition, Sequence[Record]] = {}
        for partition in sorted(self._client.assignment()):
            try:
                taken |= await self._client.getmany(partition, timeout_ms=0, max_records=1)
            except UnicodeDecodeError:
                taken[partition] = [await self._stepped_over(partition)]
        if not taken:
            await asyncio.sleep(IDLE_SECONDS)
        return self._handed(taken)

    async def _stepped_over(self, partition: TopicPartition) -> Record:
        offset = int(await self._client.position(partition))
        self._client.seek(partition, offset + 1)
        self._rounds_left = CALM_ROUNDS
        log.warning("record_unreadable", input=f"{partition.topic}-{partition.partition}", offset=offset)
        return Unreadable(partition.topic, partition.partition, offset, CAUSE)

    def _go_back(self) -> None:
        self._rounds_left = CALM_ROUNDS
        for partition in self._client.assignment() & self._next.keys():
            try:
                self._client.seek(partition, self._next[partition])
            except IllegalStateError:
                log.info("reassigned_while_going_back")

    def _handed(self, polled: Mapping[TopicPartition, Sequence[Record]]) -> dict[Place, list[Record]]:
        for partition, records in polled.items():
            if records:
                self._next[partition] = records[-1].offset + 1
        return cast("dict[Place, list[Record]]", dict(polled))
