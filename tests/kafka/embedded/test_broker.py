"""The embedded broker: it answers, keeps its data over crashes, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.kafka.embedded.broker import EmbeddedBroker, keep_archive
from streams.kafka.embedded.failures import BrokerDied, FolderRefused, PortTaken
from streams.kafka.embedded.folder import cluster_of, standing
from streams.kafka.embedded.listening import answers, await_answer, free_port
from streams.kafka.embedded.process import is_alive, mark_of
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


def test_an_archive_of_classes_is_kept_and_used(runtime: Runtime, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for jar in runtime.lock.jars:
        (cache / jar.name).symlink_to(runtime.folder / jar.name)
    (cache / "classes-of-another-java.jsa").touch()
    own = msgspec.structs.replace(runtime, folder=cache)
    assert keep_archive(own)
    assert list(cache.glob("classes-*.jsa")) == [own.archive]
    with EmbeddedBroker.start(tmp_path / "kafka", free_port(), runtime=own) as broker:
        assert str(own.archive) in Path(f"/proc/{broker.pid}/maps").read_text()


OWNER = """
import sys, time
from pathlib import Path
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import find_runtime
from streams.settings import load_settings
runtime = find_runtime(load_settings().embedded_kafka)
broker = EmbeddedBroker.start(Path(sys.argv[1]), free_port(), runtime=runtime)
print(broker.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_broker_does_not_outlive_its_owner(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "kafka"
    with subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline())
        found = standing(folder)
        assert found is not None
        owner.send_signal(how)
    until = time.monotonic() + 30
    while is_alive(found.mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(found.mark)
    assert (folder / "data" / ".kafka_cleanshutdown").exists()


def test_another_broker_on_the_port_is_not_taken_for_this_one(broker: EmbeddedBroker, tmp_path: Path) -> None:
    mine = mark_of(os.getpid())
    assert mine is not None
    assert answers(broker.port, cluster_of(broker.folder))
    assert not answers(broker.port, "another cluster")
    with pytest.raises(BrokerDied, match="did not answer"):
        await_answer(broker.port, mine, "another cluster", limit_seconds=0.5)


def test_properties_reach_the_broker_and_an_impossible_one_is_explained(runtime: Runtime, tmp_path: Path) -> None:
    wrong = {"num.partitions": "many"}
    with pytest.raises(BrokerDied, match=r"num\.partitions"):
        EmbeddedBroker.start(tmp_path / "kafka", free_port(), runtime=runtime, properties=wrong)
    assert standing(tmp_path / "kafka") is None
