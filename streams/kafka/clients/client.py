"""A real broker, through aiokafka. Settings and their reasons were found by breaking things (docs/kafka.md).

Range assignor: only it gives one member the same partition of `evidence` and of `handoffs`. Read committed: an open
transaction of a dead worker must not be seen. A member pauses nothing by itself: who is assigned partitions does.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
)
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from streams.kafka.broker import (
    Away,
    Consumer,
    Lost,
    Position,
    Producer,
    Rebalanced,
    Record,
)
from streams.kafka.clients.doors import Doors, attend
from streams.kafka.clients.patience import Farewells, within
from streams.kafka.clients.producer import KafkaProducer
from streams.kafka.clients.stepping import StepByStep
from streams.kafka.names import Place
from streams.settings_kafka import KafkaSettings

FETCH_BYTES_MAX: Final = 4 * 1024 * 1024
FETCH_WAIT_MS: Final = 100
BATCH_BYTES_MAX: Final = 256 * 1024
REBALANCE_TIMEOUT_MS: Final = 60_000
POLL_INTERVAL_MS_MAX: Final = 300_000
RETRY_MS: Final = 500
TRANSACTION_RETRY_MS: Final = 20
COMMIT_SECONDS: Final = 30.0
STOP_SECONDS: Final = 2.0


class KafkaBroker:
    """Makes clients of one broker. `access` are aiokafka's arguments for security (`security.py`)."""

    def __init__(self, settings: KafkaSettings, access: Mapping[str, Any] | None = None) -> None:
        self._settings = settings
        self._common: dict[str, Any] = {
            "bootstrap_servers": settings.brokers,
            "client_id": settings.application,
            **(access or {}),
        }
        self._doors, self._farewells = Doors(), Farewells()

    def member(self, group: str, topics: Sequence[str], assigned: Rebalanced, revoked: Rebalanced) -> Consumer:
        """Make a member of a group; nothing is asked before it starts."""
        inputs = set(self._settings.inputs)
        client = AIOKafkaConsumer(
            group_id=group,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=self._settings.session_timeout_ms,
            heartbeat_interval_ms=self._settings.heartbeat_ms,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MS_MAX,
            **self._reading(),
        )
        client.subscribe(list(topics), listener=_Listener(assigned, revoked))
        # What is unreadable on a topic of our own must stop us; on an input it is one producer's slip.
        steps = StepByStep(client) if inputs >= set(topics) else None
        return KafkaConsumer(client, group, self._common, self._farewells, steps)

    def reader(self, places: Iterable[Place]) -> Consumer:
        """Make a reader of these partitions."""
        client = AIOKafkaConsumer(**self._reading())
        client.assign([TopicPartition(*place) for place in places])
        return KafkaConsumer(client, None, self._common, self._farewells)

    def producer(self, transactional_id: str | None = None) -> Producer:
        """Make a producer; whole batches, all replicas.

        Snappy: aiokafka asks LZ4 for its highest level, which took a tenth of a worker's CPU.
        """
        settings: dict[str, Any] = {"enable_idempotence": True, "linger_ms": 5, "request_timeout_ms": 40_000}
        if transactional_id is not None:
            settings = {
                "transactional_id": transactional_id,
                "transaction_timeout_ms": self._settings.transaction_timeout_ms,
                "retry_backoff_ms": TRANSACTION_RETRY_MS,
            }
        return KafkaProducer(partial(self._attended_producer, settings), self._farewells)

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each of these topics has."""
        asked = list(topics)
        async with _admin(self._common) as admin:
            described = await admin.describe_topics(asked)
        found = {entry["topic"]: len(entry["partitions"]) for entry in described}
        return {topic: found.get(topic, 0) for topic in asked}

    async def committed(self, group: str, places: Iterable[Place]) -> dict[Place, Position]:
        """What a group has committed, asked from outside; partitions without are left out. Raises `Away`."""
        return await _committed(self._common, group, places)

    def _attended_producer(self, settings: Mapping[str, Any]) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            acks="all", max_batch_size=BATCH_BYTES_MAX, compression_type="snappy", **settings, **self._common
        )
        attend(self._doors, client.client)
        return client

    def _reading(self) -> dict[str, Any]:
        return {
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "isolation_level": "read_committed",
            "max_partition_fetch_bytes": FETCH_BYTES_MAX,
            "fetch_max_wait_ms": FETCH_WAIT_MS,
            "retry_backoff_ms": RETRY_MS,
            **self._common,
        }


class KafkaConsumer:
    """A `Consumer` on a real broker."""

    def __init__(
        self,
        client: AIOKafkaConsumer,
        group: str | None,
        common: Mapping[str, Any],
        farewells: Farewells,
        steps: StepByStep | None = None,
    ) -> None:
        self._client = client
        self._farewells = farewells
        self._steps = steps
        self._group = group
        self._common = dict(common)

    async def start(self) -> None:
        """Join."""
        try:
            await self._client.start()
        except KafkaError as error:
            await self.stop()
            raise Away(str(error)) from error
        except BaseException:
            # Whoever is called off while starting is stopped by nobody else.
            self._farewells.leave(self._leave())
            raise

    async def stop(self) -> None:
        """Leave; a broker that does not answer is not waited for long."""
        await self._farewells.wait(STOP_SECONDS, self._leave())

    async def _leave(self) -> None:
        try:
            await self._client.stop()
        finally:
            # aiokafka falls over fetches it has called off while they waited to try again, and stays connected.
            await self._client._client.close()  # noqa: SLF001 - it gives no other way

    def assignment(self) -> frozenset[Place]:
        """The partitions that are ours now."""
        return frozenset((p.topic, p.partition) for p in self._client.assignment())

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        """Wait for records."""
        try:
            if self._steps is not None:
                return await self._steps.poll(timeout_ms, records_max)
            polled = await self._client.getmany(timeout_ms=timeout_ms, max_records=records_max)
        except KafkaError as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        return cast("dict[Place, list[Record]]", polled)

    def pause(self, places: Iterable[Place]) -> None:
        """Read nothing of these."""
        self._client.pause(*self._ours(places))

    def resume(self, places: Iterable[Place]) -> None:
        """Read these again."""
        self._client.resume(*self._ours(places))

    def seek(self, place: Place, offset: int) -> None:
        """Read on from here."""
        try:
            self._client.seek(TopicPartition(*place), offset)
            if self._steps is not None:
                self._steps.sought(place, offset)
        except IllegalStateError as error:
            raise Lost(str(error)) from error

    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        """What the group has committed."""
        return await _committed(self._common, self._group or "", places)

    async def commit(self, positions: Mapping[Place, Position]) -> None:
        """Commit those that are still ours: one that is not would void the others."""
        ours = {
            TopicPartition(*place): OffsetAndMetadata(at.offset, at.note)
            for place, at in positions.items()
            if place in self._client.assignment()
        }
        if not ours:
            return
        try:
            await within(COMMIT_SECONDS, self._client.commit(ours))
        except (CommitFailedError, IllegalStateError) as error:
            raise Lost(str(error)) from error
        except KafkaError as error:
            raise Away(str(error)) from error

    async def begins(self, places: Iterable[Place]) -> dict[Place, int]:
        """The first offset of each."""
        return await self._offsets(self._client.beginning_offsets, places)

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """The last stable offset of each."""
        return await self._offsets(self._client.end_offsets, places)

    async def position(self, place: Place) -> int:
        """The next offset that will be read."""
        return int(await self._client.position(TopicPartition(*place)))

    async def caught_up_at(self, place: Place) -> int | None:
        """When everything there was had been fetched; empty answers tell it too."""
        partition = TopicPartition(*place)
        if partition not in self._client.assignment():
            return None
        at, stable = self._client.last_poll_timestamp(partition), self._client.last_stable_offset(partition)
        if at is None or stable is None:
            return None
        return int(at) if await self._client.position(partition) >= stable else None

    def _ours(self, places: Iterable[Place]) -> list[TopicPartition]:
        ours = self._client.assignment()
        return [TopicPartition(*place) for place in places if place in ours]

    @staticmethod
    async def _offsets(ask: Any, places: Iterable[Place]) -> dict[Place, int]:
        try:
            found = await ask([TopicPartition(*place) for place in places])
        except KafkaError as error:
            raise Away(str(error)) from error
        return {(p.topic, p.partition): offset for p, offset in found.items()}


@asynccontextmanager
async def _admin(common: Mapping[str, Any]) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client for a question or two."""
    admin = AIOKafkaAdminClient(**common)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise Away(str(error)) from error
    finally:
        await admin.close()


async def _committed(common: Mapping[str, Any], group: str, places: Iterable[Place]) -> dict[Place, Position]:
    asked = [TopicPartition(*place) for place in places]
    async with _admin(common) as admin:
        found = await admin.list_consumer_group_offsets(group, partitions=asked)
    if unanswered := set(asked) - found.keys():
        # A coordinator that is still loading says so in a field that aiokafka passes over, and names no partition.
        # Taken for "nothing was committed", everything would be read again from its beginning.
        raise Away(f"the coordinator of {group} is not ready to tell of {len(unanswered)} partitions")
    return {
        (p.topic, p.partition): Position(entry.offset, entry.metadata or "")
        for p, entry in found.items()
        if entry.offset >= 0
    }


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells who was assigned or revoked what. aiokafka swallows what callbacks raise, so they handle everything."""

    def __init__(self, assigned: Rebalanced, revoked: Rebalanced) -> None:
        self._assigned = assigned
        self._revoked = revoked

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._assigned(frozenset((p.topic, p.partition) for p in assigned))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._revoked(frozenset((p.topic, p.partition) for p in revoked))
