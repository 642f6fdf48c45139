"""A broker that dies or stands still: clients let go meanwhile leave nothing behind, and few knock at its door."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from streams.kafka.broker import Away, BrokerError, Consumer, Outgoing, Producer
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.clients.patience import within
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import HOST, free_port
from streams.kafka.embedded.runtime import Runtime
from streams.kafka.names import Place
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics

PARTITIONS = 4
SECONDS_TO_LEAVE = 20.0
OUTAGE_SECONDS = 3.0
KNOCKS_A_SECOND_MAX = 50
ROWS = [Outgoing(b"key", b"value" * 100)] * 20


@pytest.fixture(scope="module")
def mortal(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of this module's own: it is killed and stopped."""
    folder = tmp_path_factory.mktemp("mortal")
    with EmbeddedBroker.start(folder, free_port(), runtime=runtime, temporary=True) as running:
        yield running


@asynccontextmanager
async def away(mortal: EmbeddedBroker, how: str) -> AsyncIterator[None]:
    """Without the broker for so long."""
    pid = mortal.pid
    assert pid is not None
    if how == "killed":
        await asyncio.to_thread(mortal.kill)
    else:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if how == "killed":
            await asyncio.to_thread(mortal.restart)
        else:
            os.kill(pid, signal.SIGCONT)


class Crowd:
    """One client of each kind, as a worker has them, at work."""

    def __init__(self, address: str) -> None:
        self.topics = Topics(address)
        self.topic = self.topics.make("evidence", partitions=PARTITIONS)[0]
        self.broker = KafkaBroker(
            KafkaSettings(brokers=address, application=self.topics.prefix, session_timeout_ms=6_000, heartbeat_ms=300)
        )

    async def join(self) -> Consumer:
        """Join the group; gives the member once it has partitions."""

        async def rebalanced(_: frozenset[Place]) -> None:
            """Nothing is read."""

        member = self.broker.member("group", [self.topic], rebalanced, rebalanced)
        await member.start()
        return member

    async def producers(self, count: int) -> list[Producer]:
        """Start transactional producers, and commit with each."""
        made = [self.broker.producer(f"{self.topics.prefix}{number}") for number in range(count)]
        for number, producer in enumerate(made):
            await producer.start()
            await self.commit(producer, number)
        return made

    async def commit(self, producer: Producer, number: int) -> None:
        """Write in a transaction."""
        await producer.commit(producer.prepare({(self.topic, number): ROWS}), {(self.topic, number): 1}, "group")


async def given_up(*work: Awaitable[object]) -> None:
    """Wait for work that gets no answer for a short while, as the driver does, and give it up."""

    async def waited(one: Awaitable[object]) -> object:
        return await one

    for each in work:
        with suppress(BrokerError):
            await within(0.2, waited(each))


def left() -> tuple[int, int]:
    """How many sockets and tasks there are now."""
    gc.collect()
    sockets = 0
    for open_file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            sockets += str(open_file.readlink()).startswith("socket:")
    return sockets, len(asyncio.all_tasks())


async def until(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:  # noqa: ASYNC110  nobody tells of a socket that is closed
        await asyncio.sleep(0.2)
    return is_so()


@pytest.mark.parametrize("how", ["killed", "stopped"])
@pytest.mark.asyncio
async def test_clients_that_are_let_go_while_the_broker_is_away_leave_no_socket_and_no_task(
    mortal: EmbeddedBroker, how: str
) -> None:
    crowd = Crowd(mortal.address)
    before = left()
    member, plain = await crowd.join(), crowd.broker.producer()
    await plain.start()
    owners = await crowd.producers(PARTITIONS)
    async with away(mortal, how):
        await given_up(
            plain.send(plain.prepare({(crowd.topic, 0): ROWS})),
            *(crowd.commit(owner, number) for number, owner in enumerate(owners)),
            crowd.broker.producer("called off").start(),
            crowd.broker.reader([(crowd.topic, 0)]).start(),
        )
        began = time.monotonic()
        await asyncio.gather(member.stop(), plain.stop(), *(owner.stop() for owner in owners))
        assert time.monotonic() - began < 3
    assert await until(lambda: left() <= before, SECONDS_TO_LEAVE), (before, left(), asyncio.all_tasks())


@pytest.mark.asyncio
async def test_at_the_door_of_a_broker_that_is_away_a_process_knocks_less_than_fifty_times_a_second(
    mortal: EmbeddedBroker,
) -> None:
    crowd = Crowd(mortal.address)
    owners, knocks = await crowd.producers(PARTITIONS), 0

    def knock(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal knocks
        knocks += 1
        writer.close()

    async with away(mortal, "killed"):
        commits = [asyncio.create_task(crowd.commit(owner, number)) for number, owner in enumerate(owners)]
        async with await asyncio.start_server(knock, HOST, mortal.port):
            await asyncio.sleep(OUTAGE_SECONDS)
    assert OUTAGE_SECONDS < knocks < KNOCKS_A_SECOND_MAX * OUTAGE_SECONDS
    await asyncio.gather(*commits)
    await asyncio.gather(*(owner.stop() for owner in owners))


@pytest.mark.asyncio
async def test_a_producer_that_is_never_started_needs_no_stop() -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    KafkaBroker(KafkaSettings()).producer("never")
    gc.collect()
    assert told == []


@pytest.mark.asyncio
async def test_a_producer_that_finds_no_broker_says_so_and_leaves_nothing() -> None:
    before = left()
    with pytest.raises(Away):
        await KafkaBroker(KafkaSettings(brokers=f"{HOST}:{free_port()}")).producer().start()
    assert left() <= before


@pytest.mark.asyncio
async def test_what_was_committed_is_told_or_asked_for_in_vain_and_is_never_nothing(mortal: EmbeddedBroker) -> None:
    """A coordinator that has just come back loads what was committed, and until then it names no partition."""
    crowd = Crowd(mortal.address)
    places = [(crowd.topic, number) for number in range(PARTITIONS)]
    group = f"{crowd.topics.prefix}group"
    [owner] = await crowd.producers(1)
    for offset in range(1, 50):
        await owner.commit(owner.prepare({places[0]: ROWS}), dict.fromkeys(places, offset), group)
    told: list[set[int]] = []
    async with away(mortal, "killed"):
        asking = asyncio.create_task(asked(crowd.broker, group, places, told))
    await asking
    # The last transaction may still be on its way to an end; who owns a partition waits for that, by its fence.
    assert told in ([{48}], [{49}])
    await owner.stop()


async def asked(broker: KafkaBroker, group: str, places: Sequence[Place], told: list[set[int]]) -> None:
    """Ask until there is an answer."""
    while not told:
        with suppress(Away):
            told.append({position.offset for position in (await broker.committed(group, places)).values()})
        await asyncio.sleep(0)
