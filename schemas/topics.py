"""The topic catalogue: every topic, what stands on it, how long, who writes and who reads it.

Partition counts are for life: `evidence` and `handoffs` are divided by the same hash of an identifier into the same
number of partitions, because one holder reads both. Input topics may have any key and count. `streams/topology.py`
says what the processors do between them.
"""

from enum import StrEnum
from typing import Final

import msgspec

from schemas.rows import Table

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
FOREVER: Final = -1
PARTITIONS: Final = 16


class Cleanup(StrEnum):
    """What the broker may remove: records of a certain age, or all but the newest of a key."""

    DELETE = "delete"
    COMPACT = "compact"


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic. `record` and `key` say what stands there; retention is in milliseconds, -1 for ever."""

    name: str
    record: str
    key: str
    producer: str
    consumers: tuple[str, ...]
    encoding: str
    retention_ms: int
    partitions: int = PARTITIONS
    cleanup: Cleanup = Cleanup.DELETE
    tables: tuple[Table, ...] = ()
    why: str = ""


def _input(channel: str) -> Topic:
    return Topic(
        name=f"{channel}.events",
        record="Event",
        key="any",
        producer="yours",
        consumers=("intake",),
        encoding="Avro (Confluent framing) or JSON",
        retention_ms=7 * DAY_MS,
        why=f"touchpoint events of channel {channel}; other channels may use any of these topics",
    )


def _inside(name: str, record: str, *, producer: str, retention_ms: int, why: str) -> Topic:
    return Topic(
        name=name,
        record=record,
        key="identifier (17 bytes)",
        producer=producer,
        consumers=("stitcher",),
        encoding="msgpack",
        retention_ms=retention_ms,
        why=why,
    )


def _output(
    name: str,
    producer: str,
    tables: tuple[Table, ...],
    why: str,
    *,
    consumers: tuple[str, ...] = ("warehouse",),
    retention_ms: int = 14 * DAY_MS,
) -> Topic:
    return Topic(
        name=name,
        record="Upsert",
        key="table and row key",
        producer=producer,
        consumers=consumers,
        encoding="msgpack",
        retention_ms=retention_ms,
        tables=tables,
        why=why,
    )


INPUTS: Final = tuple(_input(channel) for channel in ("web", "app", "kiosk", "support", "email"))

EVIDENCE: Final = _inside(
    "evidence",
    "Evidence",
    producer="intake",
    retention_ms=90 * DAY_MS,
    why="what events say of identifiers; a rebuild reads it again, so it is kept longest",
)
HANDOFFS: Final = _inside(
    "handoffs",
    "Handoff",
    producer="stitcher",
    retention_ms=7 * DAY_MS,
    why="what one holder tells another, apart from evidence so that an open transaction holds up holders only",
)
CHANGELOG: Final = Topic(
    name="changelog",
    record="Change",
    key="holder and member",
    producer="stitcher",
    consumers=("stitcher",),
    encoding="msgpack",
    retention_ms=FOREVER,
    cleanup=Cleanup.COMPACT,
    why="the state of a partition, one small record per holder and member; read at assignment",
)
DECISIONS: Final = Topic(
    name="decisions",
    record="Decision",
    key="pair of identifiers (34 bytes)",
    producer="operators",
    consumers=("intake",),
    encoding="msgpack",
    retention_ms=FOREVER,
    partitions=1,
    cleanup=Cleanup.COMPACT,
    why="operators' word on who is two people, and who may be one; handed on to both identifiers as evidence",
)
TOUCHPOINTS: Final = _output("touchpoints", "stitcher", (Table.TOUCHPOINTS,), "each touchpoint with its person")
JOURNEYS: Final = _output(
    "journeys",
    "stitcher",
    (Table.SESSIONS, Table.JOURNEYS),
    "sessions and journeys",
    consumers=("warehouse", "alerting"),
)
FRICTION: Final = _output(
    "friction",
    "stitcher",
    (Table.FRICTION,),
    "hits of patterns, growing or retracted",
    consumers=("warehouse", "alerting"),
)
PEOPLE: Final = _output(
    "people",
    "stitcher",
    (Table.PEOPLE, Table.PERSON_ALIASES, Table.IDENTITY_LOG),
    "who is who, under which ids, and why",
)
ROLLUPS: Final = _output(
    "rollups",
    "stitcher",
    (
        Table.AGG_CHANNEL_1M,
        Table.AGG_TASK_FUNNEL_5M,
        Table.AGG_CHANNEL_TRANSITION_15M,
        Table.AGG_FRICTION_5M,
        Table.AGG_LOCATION_15M,
    ),
    "absolute values per partition and window",
)
LATE: Final = _output(
    "late",
    "intake",
    (Table.LATE_EVENTS, Table.FRESHNESS),
    "events beyond the horizon, and how far each source has been read",
    retention_ms=30 * DAY_MS,
)
DEAD_LETTERS: Final = _output(
    "dead-letters",
    "intake",
    (Table.DEAD_LETTERS,),
    "records that could not be read: reason, coordinates, encrypted bytes",
    retention_ms=30 * DAY_MS,
)
ALERTS: Final = Topic(
    name="alerts",
    record="Alert",
    key="incident key",
    producer="alerting",
    consumers=("alerting", "delivery"),
    encoding="JSON",
    retention_ms=30 * DAY_MS,
    partitions=1,
    why="each word on an alert: told to destinations from here, and read again as the state of its lifecycle",
)

CATALOGUE: Final = (
    *INPUTS,
    DECISIONS,
    EVIDENCE,
    HANDOFFS,
    CHANGELOG,
    TOUCHPOINTS,
    JOURNEYS,
    FRICTION,
    PEOPLE,
    ROLLUPS,
    LATE,
    DEAD_LETTERS,
    ALERTS,
)
"""Every topic, in the order of the way of an event."""

TOPIC_OF_TABLE: Final = {table: topic for topic in CATALOGUE for table in topic.tables}
"""Where the upserts of each table travel."""
