"""The embedded broker: it answers, keeps its data over crashes, and leaves nothing behind."""

from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.failures import FolderRefused, PortTaken
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import Runtime
from tests.kafka.conftest import Topics, apart


async def _send(address: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def _first(address: str, topic: str) -> bytes | None:
    async with AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
        return (await consumer.getone()).value


@pytest.mark.asyncio
async def test_what_is_sent_is_read_again(broker: EmbeddedBroker, topics: Topics) -> None:
    (topic,) = topics.make("said", partitions=1)
    await _send(broker.address, topic, b"hello")
    assert await _first(broker.address, topic) == b"hello"


def test_data_and_port_outlive_a_kill(runtime: Runtime, tmp_path: Path) -> None:
    with EmbeddedBroker.start(tmp_path / "kafka", free_port(), runtime=runtime) as broker:
        (topic,) = Topics(broker.address).make("said", partitions=1)
        apart(_send(broker.address, topic, b"kept"))
        before = (broker.address, broker.pid)
        broker.kill()
        assert broker.pid is None
        broker.restart()
        assert broker.address == before[0]
        assert broker.pid != before[1]
        assert apart(_first(broker.address, topic)) == b"kept"


def test_a_port_that_is_taken_is_named(broker: EmbeddedBroker, runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=f"port {broker.port} is taken"):
        EmbeddedBroker.start(tmp_path / "kafka", broker.port, runtime=runtime)


def test_a_second_broker_in_the_same_folder_is_refused(broker: EmbeddedBroker, runtime: Runtime) -> None:
    with pytest.raises(FolderRefused, match=r"runs in .* already"):
        EmbeddedBroker.start(broker.folder, runtime=runtime)


def test_a_folder_with_other_things_in_it_is_left_alone(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderRefused, match="not a folder of the broker"):
        EmbeddedBroker.start(tmp_path, runtime=runtime)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
