"""The schemas of rows hold what is emitted: each column is found by its name."""

import io
from typing import Any

import fastavro
import msgspec

from schemas.codecs import packaged_schema
from schemas.rows import FreshnessRow, Table, TouchpointRow, Upsert
from schemas.touchpoint import Channel, Location, Touchpoint


def through_avro(upsert: Upsert) -> Any:
    schema = fastavro.parse_schema(msgspec.json.decode(packaged_schema(f"rows/{upsert.table}")))
    datum = io.BytesIO()
    fields = {"key": upsert.key, "revision": upsert.revision, "row": by_name(upsert.row)}
    fastavro.schemaless_writer(datum, schema, fields)
    datum.seek(0)
    return fastavro.schemaless_reader(datum, schema, None)


def by_name(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return {name: by_name(getattr(value, name)) for name in value.__struct_fields__}
    return [by_name(entry) for entry in value] if isinstance(value, tuple) else value


def test_emitted_row_survives_avro_by_the_names_of_its_columns() -> None:
    row = FreshnessRow("/web", 10, 3, 1, 0, 9)
    back = through_avro(Upsert(Table.FRESHNESS, ("/web", ""), 7, row))
    assert back == {"key": ["/web", ""], "revision": 7, "row": msgspec.structs.asdict(row)}


def test_retraction_has_no_row() -> None:
    assert through_avro(Upsert(Table.PEOPLE, ("p",), 8, None))["row"] is None


def test_emitted_touchpoint_keeps_its_blocks() -> None:
    touchpoint = Touchpoint(
        key=b"k" * 16,
        source="/kiosk",
        event_id="1",
        event_time=5,
        received_at=6,
        content_hash=b"c" * 16,
        channel=Channel.KIOSK,
        location=Location(location_id="R-118"),
    )
    row = through_avro(Upsert(Table.TOUCHPOINTS, (0, touchpoint.key.hex()), 1, TouchpointRow("p", touchpoint)))["row"]
    assert row["touchpoint"]["location"]["location_id"] == "R-118"
    assert row["touchpoint"]["channel"] == "kiosk"
