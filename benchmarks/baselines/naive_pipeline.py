"""Baseline: how most would begin. Avro by fastavro, validated by pydantic, inserted 100 rows at a time.

It knows a person by the first identifier of the event and nothing else: no linking, no journeys, no friction, no
corrections, and its table is half as wide as ours. Left alone since it was committed; change it and old figures mean
nothing.
"""

import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import clickhouse_connect
import fastavro
import msgspec

from schemas.codecs import avro_fields, packaged_schema
from schemas.contract import Event
from schemas.wire import WireEvent

INSERT_ROWS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLE = "naive_touchpoints"
CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE}
(
    received_day Date,
    event_id String,
    person_id String,
    source LowCardinality(String),
    occurred_at DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    channel LowCardinality(String),
    sub_channel LowCardinality(String),
    direction LowCardinality(String),
    name LowCardinality(String),
    outcome LowCardinality(String),
    outcome_reason LowCardinality(String),
    task LowCardinality(String),
    intent LowCardinality(String),
    brand LowCardinality(String),
    region LowCardinality(String),
    locale LowCardinality(String),
    environment LowCardinality(String),
    session_id String,
    identifier_kinds Array(String),
    identifier_values Array(String),
    duration_ms Nullable(Int64),
    wait_ms Nullable(Int64),
    handle_ms Nullable(Int64),
    location_id LowCardinality(String),
    terminal_id LowCardinality(String),
    step_name LowCardinality(String),
    error_code LowCardinality(String),
    error_class LowCardinality(String),
    value_amount_minor Nullable(Int64),
    value_currency LowCardinality(String),
    order_id String,
    ticket_id String,
    facts Map(String, String),
    attributes Map(String, String),
    revision UInt64
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(received_day)
ORDER BY (received_day, source, event_id)
"""
COLUMNS = [line.split()[0] for line in CREATE.splitlines() if line.startswith("    ")]


def avro_of(lines: Iterable[bytes]) -> list[bytes]:
    """Write native JSON lines as Avro, without framing; done beforehand, and not part of what is measured."""
    schema = event_schema()
    decode = msgspec.json.Decoder(WireEvent).decode
    written = []
    for line in lines:
        body = io.BytesIO()
        fastavro.schemaless_writer(body, schema, avro_fields(decode(line)))
        written.append(body.getvalue())
    return written


def event_schema() -> Any:  # noqa: ANN401 - a schema is any JSON
    """The event schema as fastavro wants it; moments stay integers."""
    return fastavro.parse_schema(_plain(msgspec.json.decode(packaged_schema("event"))))


class NaivePipeline:
    """Decodes, validates and inserts. Opens its own connection to the embedded engine in this folder."""

    def __init__(self, folder: Path) -> None:
        self._client = clickhouse_connect.get_client(interface="chdb", path=str(folder))
        self._client.command(f"DROP TABLE IF EXISTS {TABLE}")
        self._client.command(CREATE)
        self._schema = event_schema()

    def run(self, messages: Iterable[bytes]) -> int:
        """Process Avro messages in their order; gives the number of rows inserted."""
        rows: list[list[Any]] = []
        inserted = 0
        for revision, message in enumerate(messages):
            event = Event.model_validate(fastavro.schemaless_reader(io.BytesIO(message), self._schema, None))
            rows.append(_row(event, revision))
            if len(rows) == INSERT_ROWS:
                self._client.insert(TABLE, rows, column_names=COLUMNS)
                inserted += len(rows)
                rows = []
        if rows:
            self._client.insert(TABLE, rows, column_names=COLUMNS)
        return inserted + len(rows)

    def close(self) -> None:
        """Drop the table and let go of the folder."""
        self._client.command(f"DROP TABLE IF EXISTS {TABLE}")
        self._client.close()


def _row(event: Event, revision: int) -> list[Any]:
    identifiers = event.identifiers or []
    occurred_at = _moment(event.occurred_at)
    received_at = _moment(event.received_at) if event.received_at is not None else occurred_at
    first = identifiers[0] if identifiers else None
    return [
        received_at.date(),
        event.event_id,
        f"{first.kind}:{first.value}" if first is not None else event.session_id or "",
        event.source,
        occurred_at,
        received_at,
        event.channel,
        event.sub_channel or "",
        event.direction or "",
        event.name,
        event.outcome or "",
        event.outcome_reason or "",
        event.task or "",
        event.intent or "",
        event.brand or "",
        event.region or "",
        event.locale or "",
        event.environment or "",
        event.session_id or "",
        [each.kind for each in identifiers],
        [each.value for each in identifiers],
        event.duration_ms,
        event.wait_ms,
        event.handle_ms,
        (event.location.location_id or "") if event.location else "",
        (event.location.terminal_id or "") if event.location else "",
        (event.step.name or "") if event.step else "",
        (event.error.code or "") if event.error else "",
        (event.error.error_class or "") if event.error else "",
        event.value.amount_minor if event.value else None,
        event.value.currency if event.value else "",
        (event.correlation.order_id or "") if event.correlation else "",
        (event.correlation.ticket_id or "") if event.correlation else "",
        event.facts or {},
        event.attributes or {},
        revision,
    ]


def _moment(told: int | datetime) -> datetime:
    return told if isinstance(told, datetime) else EPOCH + timedelta(milliseconds=told)


def _plain(node: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(node, list):
        return [_plain(entry) for entry in node]
    if isinstance(node, dict):
        return {key: _plain(entry) for key, entry in node.items() if key != "logicalType"}
    return node
