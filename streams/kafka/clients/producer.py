"""Writing to a real broker, through aiokafka: batches in order, or everything in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced
from aiokafka.structs import TopicPartition

from streams.kafka.broker import Away, Fenced, Outgoing, Prepared
from streams.kafka.clients.batches import Batches
from streams.kafka.clients.patience import Farewells
from streams.kafka.names import Place

STOP_SECONDS: Final = 2.0


class KafkaProducer:
    """A `Producer` on a real broker. Its client is made when it starts: one that never does leaves nothing to stop."""

    def __init__(self, make: Callable[[], AIOKafkaProducer], farewells: Farewells) -> None:
        self._make = make
        self._farewells = farewells
        self._client: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Get ready; fences older owners of the transactional id."""
        client = self._client = self._make()
        try:
            await client.start()
        except KafkaError as error:
            await self.stop()
            raise Away(str(error)) from error
        except BaseException:
            # Whoever is called off while starting is stopped by nobody else.
            self._farewells.leave(_let_go(client))
            raise

    async def stop(self) -> None:
        """Let go; a broker that does not answer is not waited for long."""
        if self._client is not None:
            await self._farewells.wait(STOP_SECONDS, _let_go(self._client))

    def prepare(self, records: Mapping[Place, Sequence[Outgoing]]) -> Prepared:
        """Encode batches."""
        return Batches(self._started.create_batch, records)

    async def send(self, prepared: Prepared) -> dict[Place, int]:
        """Write and wait."""
        try:
            return await _acknowledged(self._started, prepared)
        except KafkaError as error:
            raise Away(str(error)) from error

    async def commit(self, prepared: Prepared, positions: Mapping[Place, int], group: str) -> dict[Place, int]:
        """Write everything in one transaction."""
        try:
            async with self._started.transaction():
                last = await _acknowledged(self._started, prepared)
                await self._started.send_offsets_to_transaction(
                    {TopicPartition(*place): offset for place, offset in positions.items()}, group
                )
        except (ProducerFenced, InvalidProducerEpoch, InvalidTxnState) as error:
            raise Fenced(str(error)) from error
        except (KafkaError, AssertionError) as error:
            # aiokafka asserts on a producer whose transaction failed before.
            raise Away(f"{type(error).__name__}: {error}") from error
        return last

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._client is None:
            raise RuntimeError("a producer must be started before anything is written")
        return self._client


async def _let_go(client: AIOKafkaProducer) -> None:
    try:
        await client.stop()
    finally:
        # aiokafka falls over what failed while it was sending, and stays connected.
        await client.client.close()


async def _acknowledged(client: AIOKafkaProducer, prepared: Prepared) -> dict[Place, int]:
    """Send batch after batch of each partition, then wait for all: batches of one partition stay in order."""
    if not isinstance(prepared, Batches):
        raise TypeError(f"batches of another client: {type(prepared).__name__}")
    sent = [
        (place, batch.record_count(), await client.send_batch(batch, place[0], partition=place[1]))
        for place, batch in prepared.batches
    ]
    return {place: (await future).offset + count - 1 for place, count, future in sent}
