"""A log in memory for one test, without faults, on a clock that jumps."""

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import TypeVar

from streams.kafka.broker import Outgoing
from streams.kafka.names import Place
from tests.simulation import clock
from tests.simulation.clients import LogBroker
from tests.simulation.link import Link, Weather
from tests.simulation.log import Log

T = TypeVar("T")
BEGINS_MS = 1_780_000_000_000


def on_a_log(topics: Mapping[str, int], work: Callable[[Log, LogBroker], Awaitable[T]]) -> T:
    """Run work on a new log with these topics."""

    async def run() -> T:
        random = Random(1)
        log = Log(topics, random, begins_ms=BEGINS_MS, timeout_seconds=6.0)
        return await work(log, LogBroker(log, Link("test", Weather(random), lambda: None), 6.0))

    return clock.run(run())


def rows(**values: bytes | None) -> list[Outgoing]:
    """Records by key."""
    return [Outgoing(key.encode(), value) for key, value in values.items()]


async def transaction(
    broker: LogBroker, name: str, records: Mapping[Place, list[Outgoing]], positions: Mapping[Place, int] | None = None
) -> dict[Place, int]:
    """Write in one transaction, as a new owner."""
    producer = broker.producer(name)
    await producer.start()
    last = await producer.commit(producer.prepare(records), positions or {}, "group")
    await producer.stop()
    return last
