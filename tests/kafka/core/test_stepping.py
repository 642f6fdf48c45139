"""A record that the client can not read, on a real broker: only its batch is touched, and nothing else is lost."""

import time
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from streams.kafka.broker import Record, Unreadable
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.names import Place
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics

NAME: Final = b"spoilt-name"
CRC_AT: Final = 17
"""Where the checksum of a batch stands; it covers what comes after it."""
SECONDS_MAX: Final = 30.0


async def write(address: str, place: Place, values: list[bytes], spoilt: bytes = b"") -> None:
    """Write values in one batch; `spoilt` is the one that gets a header whose name is not UTF-8."""
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        batch: Any = producer.create_batch()
        for value in values:
            headers = [(NAME.decode(), b"")] if value == spoilt else []
            batch.append(key=None, value=value, timestamp=None, headers=headers)
        batch.close()
        written = bytearray(batch._builder.build().replace(NAME, b"\xff" * len(NAME)))
        written[CRC_AT : CRC_AT + 4] = calc_crc32c(written[CRC_AT + 4 :]).to_bytes(4, "big")
        batch._buffer = bytes(written)
        await (await producer.send_batch(batch, place[0], partition=place[1]))
    finally:
        await producer.stop()


async def nothing(_: frozenset[Place]) -> None:
    """Nobody needs to know."""


@pytest.mark.asyncio
async def test_a_header_name_that_is_not_utf_8_costs_what_follows_in_its_batch_and_nothing_else(
    topics: Topics,
) -> None:
    (topic,) = topics.make("web.events", partitions=2)
    await write(topics.address, (topic, 0), [b"a0", b"a1"])
    await write(topics.address, (topic, 1), [b"b0", b"b1", b"b2", b"b3"], spoilt=b"b2")
    await write(topics.address, (topic, 0), [b"a2"])
    await write(topics.address, (topic, 1), [b"b4"])
    settings = KafkaSettings(brokers=topics.address, application=f"{topics.prefix}app", inputs=(topic,))
    member = KafkaBroker(settings).member("stepping", (topic,), nothing, nothing)
    read: dict[Place, list[Record]] = {(topic, 0): [], (topic, 1): []}
    await member.start()
    try:
        for place in read:
            member.seek(place, 0)
        deadline = time.monotonic() + SECONDS_MAX
        while sum(map(len, read.values())) < 8:
            assert time.monotonic() < deadline
            for place, records in (await member.poll(100, 5_000)).items():
                read[place] += records
        assert await member.poll(300, 5_000) == {}
    finally:
        await member.stop()
    assert [record.value for record in read[topic, 0]] == [b"a0", b"a1", b"a2"]
    assert [record.value for record in read[topic, 1]] == [b"b0", b"b1", None, None, b"b4"]
    assert [record.offset for record in read[topic, 1] if isinstance(record, Unreadable)] == [2, 3]
