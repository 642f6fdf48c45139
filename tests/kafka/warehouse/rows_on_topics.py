"""Output topics of one test on the real broker, and what stands in the warehouse afterwards."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.rows import Upsert
from schemas.topics import CATALOGUE, TOPIC_OF_TABLE
from sinks.clickhouse.client import connect
from sinks.clickhouse.migrate import migrate
from streams.kafka.broker import Outgoing
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.names import Names, Place
from streams.kafka.records import upsert_record
from streams.settings import Settings, load_settings
from tests.kafka.conftest import Topics

PARTITIONS = 4
OUTPUTS = tuple(topic for topic in CATALOGUE if topic.tables)


class Outputs:
    """The output topics under a prefix of their own, and a warehouse."""

    def __init__(self, topics: Topics, dsn: str) -> None:
        topics.make(*(topic.name for topic in OUTPUTS), partitions=PARTITIONS)
        self.overrides: dict[str, str] = {
            "kafka.brokers": topics.address,
            "kafka.prefix": topics.prefix,
            "kafka.application": topics.prefix.rstrip("."),
            "kafka.session_timeout_ms": "6000",
            "kafka.heartbeat_ms": "500",
            "clickhouse.dsn": dsn,
        }
        self.settings: Settings = load_settings(None, dict(self.overrides))
        self.broker = KafkaBroker(self.settings.kafka)
        self.names = Names(self.settings.kafka.application, topics.prefix, ())
        self.dsn = dsn

    def places(self) -> list[Place]:
        return [(self.names.topic(topic), number) for topic in OUTPUTS for number in range(PARTITIONS)]

    def migrate(self) -> None:
        with connect(self.dsn) as client:
            migrate(client)

    async def write(self, upserts: Iterable[Upsert]) -> None:
        records: dict[Place, list[Outgoing]] = {}
        for upsert in upserts:
            record = upsert_record(upsert)
            place = (self.names.topic(TOPIC_OF_TABLE[upsert.table]), sum(record.key or b"") % PARTITIONS)
            records.setdefault(place, []).append(record)
        producer = self.broker.producer()
        await producer.start()
        try:
            await producer.send(producer.prepare(records))
        finally:
            await producer.stop()

    async def is_drained(self) -> bool:
        """Whether the group has committed everything there is."""
        reader = self.broker.reader(self.places())
        await reader.start()
        try:
            ends = {place: end for place, end in (await reader.ends(self.places())).items() if end}
        finally:
            await reader.stop()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka.brokers)
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(self.names.group("warehouse"))
        except KafkaError:
            return False  # a broker that has never had a group makes their topic first
        finally:
            await admin.close()
        at = {(place.topic, place.partition): entry.offset for place, entry in committed.items()}
        return {place: at.get(place, 0) for place in ends} == ends

    def touchpoints(self) -> tuple[dict[str, int], int]:
        """The revision of each touchpoint that the view shows, and how many rows the table holds for them."""
        with connect(self.dsn, read_only=True) as client:
            shown = client.query("SELECT event_id, revision FROM touchpoints FINAL").rows
            held = client.query("SELECT count() FROM touchpoints").rows[0][0]
        return {str(event): int(revision) for event, revision in shown}, int(held)
