"""A world through a real worker on a real broker: the tables are the oracle's, and the worker ends in peace."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from schemas.formats import UPSERTS
from schemas.identifiers import partition_of
from schemas.topics import EVIDENCE, TOPIC_OF_TABLE
from streams.cli import main
from streams.generator.world import oracle_world
from streams.kafka.broker import Away, Outgoing
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.loading import Loader
from streams.kafka.names import Names, Place
from streams.kafka.operation.lag import lag_of
from streams.kafka.records import evidence_record
from streams.processor import Addressed
from streams.settings_kafka import KafkaSettings
from tests.cli.story import Said
from tests.kafka.conftest import Topics
from tests.oracle.__main__ import by_batch
from tests.oracle.compare import compare
from tests.oracle.published import published
from tests.simulation.worlds import AFTERWARDS_MS, decided, loaded
from tests.support.engine import KEY, TENANT, Shelf

ROOT = Path(__file__).parents[3]
PARTITIONS = 3
EVENTS = 1_500
WORLD = oracle_world(EVENTS, 3)
SECONDS_TO_END = 10.0
SECONDS_TO_DRAIN = 120.0
STILL_SECONDS = 2.0


class Stage:
    """Topics of a test, and what stands on them."""

    def __init__(self, topics: Topics, folder: Path) -> None:
        self.settings = KafkaSettings(
            brokers=topics.address,
            application=f"{topics.prefix}app",
            prefix=topics.prefix,
            inputs=tuple(topics.prefix + name for name in KafkaSettings().inputs),
            partitions=PARTITIONS,
            clock="data",
        )
        self.names = Names.of(self.settings)
        self.broker = KafkaBroker(self.settings)
        self.config = folder / "seamline.toml"
        self.config.write_text(
            f'tenant = "{TENANT}"\n[identity]\nkey = "{KEY.decode()}"\n[dead_letters]\nkey = "{"d" * 32}"\n'
            f'[kafka]\nbrokers = "{topics.address}"\napplication = "{topics.prefix}app"\nprefix = "{topics.prefix}"\n'
            f'inputs = {json.dumps(self.settings.inputs)}\npartitions = {PARTITIONS}\nclock = "data"\n'
            f'[worker]\nweb_port = 0\nstate_folder = "{folder}/state"\n'
        )

    async def load(self) -> None:
        """Write the whole world, and let log time pass everything that is awaited."""
        loader = Loader(self.broker, await self.broker.partitions(self.settings.inputs))
        await loader.start()
        try:
            prefix = self.names.prefix
            await loader.load(msgspec.structs.replace(each, topic=prefix + each.topic) for each in loaded(WORLD))
            await loader.mark(loader.newest + AFTERWARDS_MS)
        finally:
            await loader.stop()

    async def decide(self) -> None:
        """Tell both holders what operators decided."""
        records: dict[Place, list[Outgoing]] = {}
        for decision in decided(WORLD):
            for end in decision.pair:
                place = (self.names.topic(EVIDENCE), partition_of(end, PARTITIONS))
                records.setdefault(place, []).append(evidence_record(Addressed(end, decision)))
        producer = self.broker.producer()
        await producer.start()
        await producer.send(producer.prepare(records))
        await producer.stop()

    async def drained(self) -> None:
        """Wait until all is read and nothing new was written for a while."""
        inside = [self.names.prefix + name for name in ("evidence", "handoffs")]
        ends: dict[Place, int] = {}
        deadline, since = time.monotonic() + SECONDS_TO_DRAIN, time.monotonic()
        while time.monotonic() - since < STILL_SECONDS:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
            try:
                intake = await lag_of(self.broker, self.names.group("intake"), self.settings.inputs)
                stitcher = await lag_of(self.broker, self.names.group("stitcher"), inside)
            except Away:
                continue  # a new broker has no coordinator of groups until somebody joins one
            if intake.records or stitcher.records or stitcher.ends != ends:
                since, ends = time.monotonic(), stitcher.ends

    async def shelf(self) -> Shelf:
        """Read every output topic to its end."""
        topics = sorted({self.names.topic(topic) for topic in TOPIC_OF_TABLE.values()})
        places = [(topic, number) for topic in topics for number in range(PARTITIONS)]
        reader, shelf = self.broker.reader(places), Shelf()
        await reader.start()
        try:
            ends = await reader.ends(places)
            waiting = set(places)
            while waiting:
                for records in (await reader.poll(200, 5_000)).values():
                    shelf.publish([UPSERTS.decode(record.value or b"") for record in records])
                waiting = {place for place in waiting if await reader.position(place) < ends[place]}
        finally:
            await reader.stop()
        return shelf


@contextmanager
def worker(stage: Stage) -> Iterator["subprocess.Popen[bytes]"]:
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, "worker", "--roles", "intake,stitcher", "--config", str(stage.config)]
    with (stage.config.parent / "log").open("ab") as log:
        process = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_world_through_a_real_worker_gives_the_tables_of_the_oracle_and_the_worker_ends_in_peace(
    topics: Topics, tmp_path: Path
) -> None:
    stage = Stage(topics, tmp_path)
    assert main(["topics", "apply", "--inputs", "--config", str(stage.config)]) == 0
    asyncio.run(stage.decide())
    with worker(stage) as process:
        asyncio.run(stage.load())
        asyncio.run(stage.drained())
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(SECONDS_TO_END * 2)
        seconds = time.monotonic() - asked
    shelf = asyncio.run(stage.shelf())
    assert [str(each) for each in compare(published(shelf.tables()), by_batch(WORLD))] == []
    assert (code, seconds < SECONDS_TO_END) == (0, True), (tmp_path / "log").read_text()[-3_000:]


@pytest.fixture
def seamline(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def run(*arguments: str) -> Said:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def test_a_worker_refuses_to_start_without_its_topics_and_says_which_command_makes_them(
    topics: Topics, tmp_path: Path, seamline: Callable[..., Said]
) -> None:
    stage = Stage(topics, tmp_path)
    refused = seamline("worker", "--roles", "intake,stitcher", "--config", str(stage.config))
    assert refused.code == 1
    assert f"{topics.prefix}evidence" in refused.err
    assert "seamline topics apply" in refused.err


def test_a_worker_refuses_topics_that_are_divided_otherwise(
    topics: Topics, tmp_path: Path, seamline: Callable[..., Said]
) -> None:
    stage = Stage(topics, tmp_path)
    assert seamline("topics", "apply", "--inputs", "--config", str(stage.config)).code == 0
    stage.config.write_text(stage.config.read_text().replace(f"partitions = {PARTITIONS}", "partitions = 5"))
    refused = seamline("worker", "--roles", "intake,stitcher", "--config", str(stage.config))
    assert refused.code == 1
    assert "partitions" in refused.err


def test_a_worker_says_when_no_broker_answers(tmp_path: Path, seamline: Callable[..., Said]) -> None:
    config = tmp_path / "seamline.toml"
    config.write_text('[kafka]\nbrokers = "127.0.0.1:1"\n')
    assert seamline("worker", "--roles", "stitcher", "--config", str(config)).code == 3
