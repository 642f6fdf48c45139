"""Lags of a worker's partitions are asked of a real broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from streams.kafka.clients.client import KafkaBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.names import Names
from streams.kafka.operation.lag_watch import measure_lags, watch_lags
from streams.kafka.operation.metrics import Metrics
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics

pytestmark = pytest.mark.asyncio


async def fill(address: str, places: list[tuple[str, int]], count: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        for topic, number in places:
            for _ in range(count):
                await producer.send_and_wait(topic, b"x", partition=number)


async def commit(address: str, group: str, offsets: dict[tuple[str, int], int]) -> None:
    async with AIOKafkaConsumer(bootstrap_servers=address, group_id=group, enable_auto_commit=False) as consumer:
        places = {TopicPartition(*place): OffsetAndMetadata(offset, "") for place, offset in offsets.items()}
        consumer.assign(list(places))
        await consumer.commit(places)


async def test_lag_is_what_stands_beyond_the_committed_offset(topics: Topics) -> None:
    web, evidence, handoffs = topics.make("web.events", "evidence", "handoffs", partitions=2)
    names = Names(topics.prefix + "app", topics.prefix, (web,))
    await fill(topics.address, [(web, 0), (web, 1), (evidence, 1), (handoffs, 1)], 5)
    await commit(topics.address, names.group("intake"), {(web, 0): 3})
    await commit(topics.address, names.group("stitcher"), {(evidence, 1): 5, (handoffs, 1): 1})
    metrics = Metrics()
    for number in (0, 1):
        metrics.intake((web, number))
    metrics.stitcher(1)
    await measure_lags(KafkaBroker(KafkaSettings(brokers=topics.address)), names, metrics)
    assert [metrics.intake((web, number)).lag for number in (0, 1)] == [2, 5]
    assert (metrics.stitcher(1).evidence_lag, metrics.stitcher(1).handoffs_lag) == (0, 4)


async def test_a_worker_without_partitions_asks_nothing() -> None:
    broker = KafkaBroker(KafkaSettings(brokers=f"127.0.0.1:{free_port()}"))
    await measure_lags(broker, Names("app", "t.", ()), Metrics())


async def test_a_broker_that_is_away_ends_nothing() -> None:
    metrics = Metrics()
    metrics.intake(("web.events", 0)).lag = 7
    broker = KafkaBroker(KafkaSettings(brokers=f"127.0.0.1:{free_port()}"))
    watching = asyncio.create_task(watch_lags(broker, Names("app", "t.", ("web.events",)), metrics, 0.01))
    await asyncio.sleep(0.5)
    assert not watching.done()
    assert metrics.intake(("web.events", 0)).lag == 7
    watching.cancel()
