"""A plot of the ground for one round: names of its own, its topics, and the settings its workers run with."""

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Final

import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.rows import Upsert
from schemas.topics import CHANGELOG, DECISIONS, EVIDENCE, HANDOFFS, TOPIC_OF_TABLE
from sinks.clickhouse.client import connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import Warehouse
from streams.kafka.admin import administering, apply
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.clients.security import secure
from streams.kafka.names import Names, Place
from streams.kafka.topics import Wanted, plan, wanted
from streams.settings_kafka import KafkaSettings
from tests.chaos.faults import SESSION_SECONDS
from tests.chaos.ground import Ground
from tests.chaos.world import CHANNELS
from tests.support.engine import KEY, TENANT

COMPACTED_AT_ONCE: Final = {
    "segment.ms": "2000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "2000",
    "delete.retention.ms": "60000",
}
"""The changelog is compacted while the round goes on, so that restores read compacted logs. A restore takes less than
the minute for which deletions are kept."""


class Plot(msgspec.Struct, frozen=True):
    """Names and settings of one round. `settings` are the rig's own: it does not go through the proxy."""

    settings: KafkaSettings
    proxied: str
    clickhouse: str

    @property
    def warehouse(self) -> str:
        """Address of the tables that workers fill."""
        return f"{self.clickhouse}/{self.settings.application}"

    @property
    def reference(self) -> str:
        """Address of the tables that they are compared with."""
        return f"{self.warehouse}_reference"

    @property
    def outputs(self) -> list[Place]:
        """What the warehouse role reads."""
        topics = sorted({self.names.topic(topic) for topic in TOPIC_OF_TABLE.values()})
        return [(topic, number) for topic in topics for number in range(self.settings.partitions)]

    @property
    def names(self) -> Names:
        """What things are called on the broker."""
        return Names.of(self.settings)

    @property
    def broker(self) -> KafkaBroker:
        """The broker itself."""
        return KafkaBroker(self.settings)

    @property
    def inputs(self) -> list[Place]:
        """Every partition of every input."""
        return [(topic, number) for topic in self.names.inputs for number in range(self.settings.partitions)]

    @property
    def inside(self) -> list[Place]:
        """What the stitcher reads."""
        topics = (self.names.topic(EVIDENCE), self.names.topic(HANDOFFS))
        return [(topic, number) for topic in topics for number in range(self.settings.partitions)]

    @property
    def changelog(self) -> list[Place]:
        """Where the stitcher's state is."""
        return [(self.names.topic(CHANGELOG), number) for number in range(self.settings.partitions)]

    @property
    def decisions(self) -> Place:
        """Where operators write."""
        return (self.names.topic(DECISIONS), 0)

    def environment(self) -> dict[str, str]:
        """What a worker of this plot finds in its environment."""
        kafka = self.settings
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SEAMLINE_")},
            "SEAMLINE_KAFKA__BROKERS": self.proxied,
            "SEAMLINE_KAFKA__APPLICATION": kafka.application,
            "SEAMLINE_KAFKA__PREFIX": kafka.prefix,
            "SEAMLINE_KAFKA__INPUTS": json.dumps(kafka.inputs),
            "SEAMLINE_KAFKA__PARTITIONS": str(kafka.partitions),
            "SEAMLINE_KAFKA__CLOCK": kafka.clock,
            "SEAMLINE_KAFKA__SESSION_TIMEOUT_MS": str(kafka.session_timeout_ms),
            "SEAMLINE_KAFKA__HEARTBEAT_MS": str(kafka.heartbeat_ms),
            "SEAMLINE_CLICKHOUSE__DSN": self.warehouse,
            "SEAMLINE_TENANT": TENANT,
            "SEAMLINE_IDENTITY__KEY": KEY.decode(),
            "SEAMLINE_DEAD_LETTERS__KEY": "d" * 32,
        }


def plot_of(ground: Ground, name: str, partitions: int) -> Plot:
    """Name a plot; nothing is made yet."""
    settings = KafkaSettings(
        brokers=ground.direct,
        application=name,
        prefix=f"{name}.",
        inputs=tuple(f"{name}.{channel}.events" for channel in CHANNELS),
        partitions=partitions,
        clock="data",
        session_timeout_ms=int(SESSION_SECONDS * 1000),
        heartbeat_ms=500,
    )
    return Plot(settings, ground.proxied, ground.warehouse.dsn)


async def lay_out(plot: Plot) -> None:
    """Make the topics, and the tables."""
    await asyncio.to_thread(_migrate, plot.warehouse)
    topics = [_compacted(each, plot) for each in wanted(plot.names, plot.settings)]
    async with administering(plot.settings, secure(plot.settings.security)) as admin:
        await apply(admin, plan(topics, {}, inputs=True))


async def clear(plot: Plot) -> None:
    """Delete the tables and the topics; the broker removes these in its own time."""
    await asyncio.to_thread(_drop, plot)
    admin = AIOKafkaAdminClient(bootstrap_servers=plot.settings.brokers)
    try:
        await admin.start()
        await admin.delete_topics([each.name for each in wanted(plot.names, plot.settings)])
    except (TimeoutError, KafkaError):
        return  # the ground itself goes soon
    finally:
        await admin.close()


def _migrate(dsn: str) -> None:
    with connect(dsn) as client:
        migrate(client)


def _drop(plot: Plot) -> None:
    with connect(plot.clickhouse) as client:
        for dsn in (plot.warehouse, plot.reference):
            client.command(f"DROP DATABASE IF EXISTS {dsn.rpartition('/')[2]}")


def store_reference(plot: Plot, upserts: Sequence[Upsert]) -> None:
    """Store these rows as the warehouse role should have."""
    _migrate(plot.reference)
    with connect(plot.reference) as client:
        Warehouse(client).insert(upserts)


def _compacted(topic: Wanted, plot: Plot) -> Wanted:
    if topic.name != plot.changelog[0][0]:
        return topic
    return msgspec.structs.replace(topic, config={**topic.config, **COMPACTED_AT_ONCE})
