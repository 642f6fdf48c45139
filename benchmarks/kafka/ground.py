"""What a run stands on: one embedded broker, topics of its own for each part, and events loaded into them."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec

from benchmarks.kafka.events import Arrival
from streams.kafka.admin import administering, apply
from streams.kafka.admin import standing as topics_standing
from streams.kafka.broker import Outgoing, Producer
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.clients.security import secure
from streams.kafka.embedded.broker import EmbeddedBroker, keep_archive
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import find_runtime
from streams.kafka.names import Names, Place
from streams.kafka.topics import Plan, Wanted, plan, wanted
from streams.settings_embedded import EmbeddedKafkaSettings
from streams.settings_kafka import KafkaSettings

PARTITIONS: Final = 4
HEAP_MB: Final = 384
CHUNK: Final = 2_000

_encode = msgspec.json.Encoder().encode


class Ground(msgspec.Struct, frozen=True):
    """A broker's address, the folder for whatever is written beside it, and how many partitions topics have."""

    address: str
    folder: Path
    partitions: int = PARTITIONS

    def settings(self, application: str, clock: str = "data") -> KafkaSettings:
        """Say how an application of this name finds its topics; no two share any, its input among them."""
        return KafkaSettings.model_validate(
            {
                "brokers": self.address,
                "application": application,
                "prefix": f"{application}.",
                "inputs": (f"{application}.events",),
                "partitions": self.partitions,
                "clock": clock,
                # A machine that is busy with something else must not end a measurement.
                "session_timeout_ms": 45_000,
            }
        )

    def client(self, application: str) -> KafkaBroker:
        """Make clients of the broker."""
        return KafkaBroker(self.settings(application))


@contextmanager
def standing() -> Iterator[Ground]:
    """Start a broker on an empty folder; both go afterwards."""
    with tempfile.TemporaryDirectory(prefix="seamline-bench-", ignore_cleanup_errors=True) as name:
        runtime = find_runtime(EmbeddedKafkaSettings(heap_mb=HEAP_MB))
        keep_archive(runtime)
        with EmbeddedBroker.start(Path(name) / "kafka", free_port(), runtime=runtime, temporary=True) as broker:
            yield Ground(broker.address, Path(name))


async def make_topics(settings: KafkaSettings, *more: str) -> None:
    """Make every topic of an application, and others of as many partitions."""
    names = Names.of(settings)
    topics = wanted(names, settings)
    others = tuple(
        Wanted(name, settings.partitions, 1, {"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)})
        for name in more
    )
    async with administering(settings, secure(settings.security)) as admin:
        todo = plan(topics, await topics_standing(admin, [topic.name for topic in topics]), inputs=True)
        await apply(admin, Plan(create=(*todo.create, *others)))


class Load(msgspec.Struct, frozen=True):
    """Events as records of one topic, in chunks to be sent one after the other."""

    chunks: list[dict[Place, list[Outgoing]]]
    events: int


def load_of(topic: str, partitions: int, arrivals: Iterable[Arrival]) -> Load:
    """Encode events; those of a customer stay in order in one partition."""
    chunks: list[dict[Place, list[Outgoing]]] = []
    count = 0
    for arrival in arrivals:
        if count % CHUNK == 0:
            chunks.append({})
        count += 1
        key = arrival.customer.encode()
        record = Outgoing(key, _encode(arrival.event), timestamp=arrival.received_at)
        chunks[-1].setdefault((topic, crc32(key) % partitions), []).append(record)
    return Load(chunks, count)


async def send(producer: Producer, load: Load) -> None:
    """Write everything; returns when all is acknowledged."""
    prepared = [producer.prepare(chunk) for chunk in load.chunks]
    for each in prepared:
        await producer.send(each)


async def fill(ground: Ground, topics: Sequence[str], arrivals: Sequence[Arrival]) -> None:
    """Write these events into each of these topics."""
    producer = ground.client("bench-filling").producer()
    await producer.start()
    try:
        for topic in topics:
            await send(producer, load_of(topic, ground.partitions, arrivals))
    finally:
        await producer.stop()
