"""Writing to a real broker, through aiokafka: batches in order, or everything in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced
from aiokafka.structs import TopicPartition

from streams.kafka.batches import Batches
from streams.kafka.broker import Away, Fenced, Outgoing, Prepared
from streams.kafka.names import Place
from streams.kafka.patience import within

STOP_SECONDS: Final = 2.0


class KafkaProducer:
    """A `Producer` on a real broker."""

    def __init__(self, client: AIOKafkaProducer) -> None:
        self._client = client

    async def start(self) -> None:
        """Get ready; fences older owners of the transactional id."""
        try:
            await self._client.start()
        except KafkaError as error:
            await self.stop()
            raise Away(str(error)) from error

    async def stop(self) -> None:
        """Let go; a broker that does not answer is not waited for long."""
        with suppress(KafkaError, Away):
            await within(STOP_SECONDS, self._client.stop())

    def prepare(self, records: Mapping[Place, Sequence[Outgoing]]) -> Prepared:
        """Encode batches."""
        return Batches(self._client.create_batch, records)

    async def send(self, prepared: Prepared) -> dict[Place, int]:
        """Write and wait."""
        try:
            return await _acknowledged(self._client, prepared)
        except KafkaError as error:
            raise Away(str(error)) from error

    async def commit(self, prepared: Prepared, positions: Mapping[Place, int], group: str) -> dict[Place, int]:
        """Write everything in one transaction."""
        try:
            async with self._client.transaction():
                last = await _acknowledged(self._client, prepared)
                await self._client.send_offsets_to_transaction(
                    {TopicPartition(*place): offset for place, offset in positions.items()}, group
                )
        except (ProducerFenced, InvalidProducerEpoch, InvalidTxnState) as error:
            raise Fenced(str(error)) from error
        except (KafkaError, AssertionError) as error:
            # aiokafka asserts on a producer whose transaction failed before.
            raise Away(f"{type(error).__name__}: {error}") from error
        return last


async def _acknowledged(client: AIOKafkaProducer, prepared: Prepared) -> dict[Place, int]:
    """Send batch after batch of each partition, then wait for all: batches of one partition stay in order."""
    if not isinstance(prepared, Batches):
        raise TypeError(f"batches of another client: {type(prepared).__name__}")
    sent = [
        (place, batch.record_count(), await client.send_batch(batch, place[0], partition=place[1]))
        for place, batch in prepared.batches
    ]
    return {place: (await future).offset + count - 1 for place, count, future in sent}
