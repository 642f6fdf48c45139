"""Dead letters go back into the partition they came from, and then off the list."""

from schemas.formats import UPSERTS
from schemas.rows import Table, Upsert
from streams.kafka.again import Letter, put_back
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.names import Names, Place
from streams.settings_kafka import KafkaSettings
from tests.kafka.conftest import Topics, apart

NOON = 1_772_452_800_000


async def read(broker: KafkaBroker, place: Place) -> list[tuple[int, bytes]]:
    reader = broker.reader([place])
    await reader.start()
    try:
        end = (await reader.ends([place]))[place]
        found: list[tuple[int, bytes]] = []
        while await reader.position(place) < end:
            for records in (await reader.poll(200, 100)).values():
                found += [(record.timestamp, record.value or b"") for record in records]
    finally:
        await reader.stop()
    return found


def test_letter_is_read_again_where_and_when_it_was_and_listed_no_more(broker: EmbeddedBroker, topics: Topics) -> None:
    web, letters = topics.make("web.events", "dead-letters", partitions=2)
    names = Names("seamline", topics.prefix, (web,))
    client = KafkaBroker(KafkaSettings(brokers=broker.address))
    letter = Letter((web, 1), "17", b'{"event_id": "e1"}', NOON)
    apart(put_back(client, names, [letter], revision=2))
    assert apart(read(client, (web, 1))) == [(NOON, b'{"event_id": "e1"}')]
    ((_, taken_back),) = apart(read(client, (letters, 0)))
    assert UPSERTS.decode(taken_back) == Upsert(Table.DEAD_LETTERS, (f"{web}-1", "17"), 2, None)
