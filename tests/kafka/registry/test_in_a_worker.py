"""Intake as a worker runs it: JSON and Avro on one topic of a real broker, with a registry that is late or silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas.codecs import AvroSchemas, frame
from schemas.evidence import Anonymous, Observe
from schemas.formats import EVIDENCE, UPSERTS
from schemas.rows import DeadLetterRow
from schemas.wire import WireEvent, WireIdentifier
from streams.assembly import worker_of
from streams.kafka.admin import administering, apply
from streams.kafka.clients.security import secure
from streams.kafka.intake.member import IntakeMember
from streams.kafka.names import Names
from streams.kafka.topics import plan, wanted
from streams.settings import Settings
from tests.kafka.conftest import Topics
from tests.kafka.registry.double import RegistryDouble, serving
from tests.kafka.registry.versions import EVENT, NEWER, OLDER

pytestmark = pytest.mark.asyncio


class Run:
    """A worker's intake on topics of its own; `wrote` gives what it has told so far."""

    def __init__(self, settings: Settings, double: RegistryDouble) -> None:
        self.settings, self.double = settings, double
        self._at = settings.kafka.brokers
        self._prefix = settings.kafka.prefix

    async def write(self, *values: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self._at) as producer:
            for value in values:
                await producer.send_and_wait(self.settings.kafka.inputs[0], value, partition=0)

    async def asked(self, number: int, times: int = 1) -> None:
        """Wait until the registry was asked for an id so many times."""
        enough = asyncio.Event()

        def look() -> None:
            if self.double.requests.count(f"GET /schemas/ids/{number}") >= times:
                enough.set()

        self.double.on_request = look
        look()
        await asyncio.wait_for(enough.wait(), 20)

    async def accepted(self, count: int) -> set[str]:
        """Wait for so many touchpoints and name their events."""
        return {found.touchpoint.event_id async for found in self._read("evidence", count)}

    async def dead(self) -> DeadLetterRow:
        """Wait for a dead letter."""
        async with self._reading("dead-letters") as consumer:
            while True:
                row = UPSERTS.decode((await asyncio.wait_for(consumer.getone(), 20)).value).row
                if isinstance(row, DeadLetterRow):
                    return row

    async def _read(self, topic: str, count: int) -> AsyncIterator[Observe | Anonymous]:
        async with self._reading(topic) as consumer:
            while count:
                record = await asyncio.wait_for(consumer.getone(), 20)
                message = EVIDENCE.decode(record.value) if record.key else None
                if isinstance(message, Observe | Anonymous):
                    count -= 1
                    yield message

    @asynccontextmanager
    async def _reading(self, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
        async with AIOKafkaConsumer(bootstrap_servers=self._at, auto_offset_reset="earliest") as consumer:
            consumer.assign([TopicPartition(self._prefix + topic, 0)])
            yield consumer


@asynccontextmanager
async def running(topics: Topics, folder: Path, wait_seconds: int = 2) -> AsyncIterator[Run]:
    async with serving(RegistryDouble()) as double:
        kafka = {
            "brokers": topics.address, "prefix": topics.prefix, "application": topics.prefix + "app",
            "inputs": [topics.prefix + "web"], "partitions": 1,
        }  # fmt: skip
        registry = {"url": double.url, "retry_seconds": wait_seconds}
        worker = {"state_folder": str(folder), "web_port": 0}
        settings = Settings.model_validate({"kafka": kafka, "registry": registry, "worker": worker})
        async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
            await apply(admin, plan(wanted(Names.of(settings.kafka), settings.kafka), {}, inputs=True))
        (member,) = (each for each in worker_of(settings, ["intake"]).members if isinstance(each, IntakeMember))
        task = asyncio.create_task(member.run())
        try:
            yield Run(settings, double)
        finally:
            member.stop()
            await asyncio.wait_for(task, 20)


def event(number: int) -> WireEvent:
    who = (WireIdentifier(kind="account_id", value=f"a{number}"),)
    told = WireEvent(event_id=str(number), source="/web", channel="web", name="page.viewed", occurred_at=1793610000000)
    return msgspec.structs.replace(told, identifiers=who, received_at=1793610000000)


def json(told: WireEvent) -> bytes:
    return msgspec.json.encode(told)


def avro(schema: str, number: int, event_number: int) -> bytes:
    return AvroSchemas({number: schema}).encode(event(event_number), number)


async def test_json_and_avro_of_three_versions_stand_on_one_topic(topics: Topics, tmp_path: Path) -> None:
    async with running(topics, tmp_path) as run:
        for number, schema in ((7, OLDER), (8, EVENT), (9, NEWER)):
            run.double.put(schema, number)
        await run.write(json(event(1)), avro(OLDER, 7, 2), avro(EVENT, 8, 3), avro(NEWER, 9, 4))
        assert await run.accepted(4) == {"1", "2", "3", "4"}


async def test_schema_registered_late_costs_no_record(topics: Topics, tmp_path: Path) -> None:
    async with running(topics, tmp_path, wait_seconds=10) as run:
        await run.write(avro(EVENT, 7, 1))
        await run.asked(7)
        run.double.put(EVENT, 7)
        assert await run.accepted(1) == {"1"}


async def test_id_that_nobody_registers_is_a_dead_letter_that_says_so(topics: Topics, tmp_path: Path) -> None:
    async with running(topics, tmp_path, wait_seconds=1) as run:
        await run.write(frame(66, b"x"), json(event(1)))
        assert await run.accepted(1) == {"1"}
        assert (await run.dead()).reason == "unknown_schema"


async def test_silent_registry_makes_no_dead_letters_and_intake_goes_on_when_it_speaks(
    topics: Topics, tmp_path: Path
) -> None:
    async with running(topics, tmp_path) as run:
        run.double.put(EVENT, 7)
        run.double.is_down = True
        await run.write(avro(EVENT, 7, 1), json(event(2)))
        await run.asked(7, times=2)
        run.double.is_down = False
        assert await run.accepted(2) == {"1", "2"}


async def test_worker_stops_while_it_waits_for_a_registry(topics: Topics, tmp_path: Path) -> None:
    async with running(topics, tmp_path, wait_seconds=600) as run:
        await run.write(frame(66, b"x"))
        await run.asked(66)
