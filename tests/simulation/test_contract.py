"""The broker in memory holds to the real one: what the driver leans on is tried on both, with one and the same text."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Protocol

import pytest

from streams.kafka.broker import Broker, Consumer, Fenced, Outgoing, Position, Producer, Record
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.names import Place
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics, apart, broker, runtime
from tests.simulation import clock
from tests.simulation.clients import LogBroker
from tests.simulation.link import Link, Weather
from tests.simulation.log import Log

__all__ = ["broker", "runtime"]

Scenario = Callable[["Ground"], Awaitable[None]]
PATIENCE_SECONDS = 20.0


class Ground(Protocol):
    """Where a scenario plays: clients of processes of their own, and two topics of two partitions each."""

    topics: tuple[str, str]

    def process(self, name: str) -> Broker:
        """The broker as another process sees it."""


class Memory:
    """The log in memory."""

    topics = ("evidence", "handoffs")

    def __init__(self) -> None:
        self._random = Random(3)
        self._log = Log(dict.fromkeys(self.topics, 2), self._random, begins_ms=1, timeout_seconds=6.0)

    def process(self, name: str) -> Broker:
        return LogBroker(self._log, Link(name, Weather(self._random, pace=0.1), lambda: None), 6.0)


class Real:
    """A real Kafka."""

    def __init__(self, address: str, prefix: str, topics: tuple[str, str]) -> None:
        self.topics = topics
        self._settings = KafkaSettings(
            brokers=address, application=f"{prefix}app", prefix=prefix, session_timeout_ms=6_000, heartbeat_ms=300
        )

    def process(self, name: str) -> Broker:
        return KafkaBroker(self._settings)


@pytest.fixture(params=["memory", "real"])
def play(request: pytest.FixtureRequest) -> Callable[[Scenario], None]:
    """Plays a scenario on one of the two."""

    async def on_memory(scenario: Scenario) -> None:
        await scenario(Memory())

    def on_real(scenario: Scenario) -> None:
        running: EmbeddedBroker = request.getfixturevalue("broker")
        topics = Topics(running.address)
        one, other = topics.make("evidence", "handoffs", partitions=2)

        async def played() -> None:
            await scenario(Real(running.address, topics.prefix, (one, other)))

        apart(played())

    return on_real if request.param == "real" else lambda scenario: clock.run(on_memory(scenario))


def some(*values: bytes) -> list[Outgoing]:
    return [Outgoing(b"k", value) for value in values]


async def owner(ground: Ground, name: str = "p-0") -> Producer:
    made = ground.process(name).producer(f"{ground.topics[0]}-{name}")
    await made.start()
    return made


async def commit(producer: Producer, place: Place, *values: bytes, at: dict[Place, int] | None = None) -> None:
    await producer.commit(producer.prepare({place: some(*values)}), at or {place: 0}, f"{place[0]}-group")


async def send(ground: Ground, place: Place, *values: bytes) -> dict[Place, int]:
    producer = ground.process("plain").producer()
    await producer.start()
    last = await producer.send(producer.prepare({place: some(*values)}))
    await producer.stop()
    return last


async def read(ground: Ground, place: Place) -> list[bytes | None]:
    """Read to the end, as a restore does."""
    reader = ground.process("reader").reader([place])
    await reader.start()
    found: list[Record] = []
    try:
        end = (await reader.ends([place]))[place]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await reader.position(place) < end:
                for records in (await reader.poll(50, 100)).values():
                    found += records
    finally:
        await reader.stop()
    return [record.value for record in found]


class Notes:
    """What a member was told, and what to do when it is assigned partitions."""

    def __init__(self, *, pauses: bool = False) -> None:
        self.told: list[tuple[str, frozenset[Place]]] = []
        self.consumer: Consumer | None = None
        self._pauses = pauses

    async def assigned(self, places: frozenset[Place]) -> None:
        self.told.append(("assigned", places))
        if self._pauses and self.consumer is not None:
            self.consumer.pause(places)

    async def revoked(self, places: frozenset[Place]) -> None:
        self.told.append(("revoked", places))


@asynccontextmanager
async def member(ground: Ground, notes: Notes, name: str = "one") -> AsyncIterator[Consumer]:
    made = ground.process(name).member(f"{ground.topics[0]}-group", ground.topics, notes.assigned, notes.revoked)
    notes.consumer = made
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def polled(consumer: Consumer, count: int) -> list[Record]:
    found: list[Record] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found) < count:
            for records in (await consumer.poll(100, 100)).values():
                found += records
    return found


def test_a_younger_owner_fences_the_older(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        older = await owner(ground)
        await commit(older, place, b"1")
        younger = await owner(ground)
        await commit(younger, place, b"2")
        with pytest.raises(Fenced):
            await commit(older, place, b"3")
        assert await read(ground, place) == [b"1", b"2"]
        await older.stop()
        await younger.stop()

    play(scenario)


def test_markers_take_offsets_and_are_passed_over(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        producer = await owner(ground)
        await commit(producer, place, b"1")
        await commit(producer, place, b"2")
        await producer.stop()
        assert await read(ground, place) == [b"1", b"2"]
        assert await send(ground, place, b"3") == {place: 4}

    play(scenario)


def test_offsets_of_a_transaction_are_the_groups_once_it_is_committed(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        older = await owner(ground)
        await commit(older, place, b"1", at={place: 17})
        younger = await owner(ground)
        found = await ground.process("asks").committed(f"{place[0]}-group", [place, (place[0], 1)])
        assert {place: at.offset for place, at in found.items()} == {place: 17}
        await older.stop()
        await younger.stop()

    play(scenario)


def test_sending_tells_the_last_offset_of_each_partition(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 1)
        assert await send(ground, place, b"1", b"2", b"3") == {place: 2}
        assert await send(ground, place, b"4") == {place: 3}

    play(scenario)


def test_a_member_is_first_revoked_nothing_and_then_assigned(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        notes = Notes()
        async with member(ground, notes) as consumer:
            every = frozenset((topic, number) for topic in ground.topics for number in (0, 1))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(notes.told) < 2:
                    await consumer.poll(50, 10)
            assert notes.told == [("revoked", frozenset()), ("assigned", every)]
            assert consumer.assignment() == every

    play(scenario)


def test_what_is_paused_when_assigned_is_read_only_when_resumed(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        await send(ground, place, b"1", b"2")
        async with member(ground, Notes(pauses=True)) as consumer:
            for _ in range(8):
                assert await consumer.poll(100, 10) == {}
            consumer.seek(place, 1)
            consumer.resume([place])
            assert [record.value for record in await polled(consumer, 1)] == [b"2"]

    play(scenario)


def test_what_is_sought_is_read_again(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        await send(ground, place, b"1", b"2")
        async with member(ground, Notes()) as consumer:
            assert len(await polled(consumer, 2)) == 2
            consumer.seek(place, 0)
            assert [record.offset for record in await polled(consumer, 2)] == [0, 1]

    play(scenario)


def test_positions_are_kept_with_their_notes_and_those_of_others_left_out(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        place = (ground.topics[0], 0)
        async with member(ground, Notes()) as consumer:
            await consumer.commit({place: Position(7, "seven"), ("nobody's", 3): Position(1)})
            found = await consumer.committed([place, (ground.topics[0], 1)])
            assert found == {place: Position(7, "seven")}

    play(scenario)


def test_of_two_members_each_has_the_same_partition_of_both_topics(play: Callable[[Scenario], None]) -> None:
    async def scenario(ground: Ground) -> None:
        first, second = Notes(), Notes()
        every = frozenset((topic, number) for topic in ground.topics for number in (0, 1))
        async with member(ground, first) as one, member(ground, second, "two") as two:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not one.assignment() or len(one.assignment()) != len(two.assignment()):
                    await asyncio.gather(one.poll(50, 10), two.poll(50, 10))
            assert one.assignment() | two.assignment() == every
            assert [len({number for _, number in each.assignment()}) for each in (one, two)] == [1, 1]
            assert ("revoked", every) in first.told + second.told

    play(scenario)
