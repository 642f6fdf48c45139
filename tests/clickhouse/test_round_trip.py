"""Every field of every row is in a column, and comes back equal."""

from enum import StrEnum
from typing import Any

import msgspec
import pytest

from schemas.rows import Row, Table, TouchpointRow
from schemas.touchpoint import Touchpoint
from sinks.clickhouse.client import Client
from sinks.clickhouse.layouts import LAYOUTS
from sinks.clickhouse.writer import Warehouse
from tests.clickhouse.builders import DAY, FULL_ROWS, FULL_TOUCHPOINT, key_of, retraction, touchpoint, upsert

BLOCK_PREFIX = {"items": "item", "experiments": "experiment"}
OWN_NAMES = {
    ("location", "location_id"): "location_id",
    ("location", "terminal_id"): "terminal_id",
    ("location", "geohash5"): "geohash5",
    ("error", "error_class"): "error_class",
    ("agent", "agent_ref"): "agent_ref",
    ("offer", "offer_id"): "offer_id",
    ("experiments", "experiment_id"): "experiment_ids",
    ("experiments", "variant"): "experiment_variants",
    ("experiments", "unit"): "experiment_units",
}


def plain(value: object) -> object:
    """Give a field the form it has in its column."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, StrEnum):
        return value.value
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def expected(row: Row) -> dict[str, Any]:
    """Every column that the row must fill, worked out from the structs and not from the layouts."""
    columns: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(row).items():
        columns |= of_touchpoint(value) if isinstance(value, Touchpoint) else {name: plain(value)}
    if "raw" in columns:
        columns["raw"] = bytes.fromhex(columns["raw"])
    return columns


def of_touchpoint(told: Touchpoint) -> dict[str, Any]:
    columns: dict[str, Any] = {"received_day": told.received_at // DAY}
    for name, value in msgspec.structs.asdict(told).items():
        blocks = value if isinstance(value, tuple) else (value,)
        if not isinstance(next(iter(blocks), None), msgspec.Struct):
            columns[name] = plain(value)
            continue
        for field in blocks[0].__struct_fields__:
            values = [plain(getattr(block, field)) for block in blocks]
            column = OWN_NAMES.get((name, field), f"{BLOCK_PREFIX.get(name, name)}_{field}")
            columns[column] = values if isinstance(value, tuple) else values[0]
    return columns


def stored(client: Client, table: Table, columns: dict[str, Any]) -> dict[str, Any]:
    names = [f"hex({name}) AS {name}" if name == "raw" else f"`{name}`" for name in columns]
    answer = client.query(f"SELECT {', '.join(names)} FROM {table.value} FINAL", times_as_ms=True)
    (row,) = answer.rows
    found = dict(zip(answer.columns, row, strict=True))
    if "raw" in found:
        found["raw"] = bytes.fromhex(found["raw"])
    return found


@pytest.mark.parametrize("table", Table)
def test_every_field_of_the_row_comes_back_equal_from_its_own_column(
    table: Table, warehouse: Warehouse, client: Client
) -> None:
    row = FULL_ROWS[table]
    assert warehouse.insert([upsert(table, row)]).rejected == ()
    columns = expected(row)
    assert stored(client, table, columns) == columns


def test_the_full_touchpoint_tells_every_field_of_every_block() -> None:
    defaults = msgspec.structs.asdict(touchpoint())
    untold = [
        name
        for name, value in msgspec.structs.asdict(FULL_TOUCHPOINT).items()
        if value == defaults[name] and name not in ("source", "channel", "name")
    ]
    assert untold == []


@pytest.mark.parametrize("table", Table)
def test_layout_and_migrations_name_the_same_columns_in_the_same_key(table: Table, client: Client) -> None:
    layout = LAYOUTS[table]
    found = client.query(
        "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
        {"table": table.value},
    )
    names = {name for name, _ in found.rows}
    assert names == {column.name for column in layout.columns()} | {"revision", "is_deleted", "ingested_at"}
    assert [name for name, comment in found.rows if not comment] == []
    sorting = client.query(
        "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table.value},
    )
    assert sorting.rows[0][0].replace("`", "").strip("()").split(", ") == [column.name for column in layout.keys]


@pytest.mark.parametrize("table", Table)
def test_a_retraction_takes_the_row_out_of_its_view(table: Table, warehouse: Warehouse, client: Client) -> None:
    row = FULL_ROWS[table]
    warehouse.insert([upsert(table, row, revision=4)])
    assert client.query(f"SELECT count() FROM {table.value}_v").rows == [(1,)]
    warehouse.insert([retraction(table, row, revision=5)])
    assert client.query(f"SELECT count() FROM {table.value}_v").rows == [(0,)]


def test_a_bare_touchpoint_shows_nothing_for_what_it_does_not_tell(warehouse: Warehouse, client: Client) -> None:
    bare = TouchpointRow("", touchpoint(1))
    warehouse.insert([upsert(Table.TOUCHPOINTS, bare)])
    asked = ("location_id", "error_class", "value_amount_minor", "consent_analytics", "item_sku", "facts", "sent_at")
    found = client.query(f"SELECT {', '.join(asked)} FROM touchpoints_v")
    assert found.rows == [("", "", None, None, [], {}, None)]
    assert key_of(Table.TOUCHPOINTS, bare)[1] == "0" * 31 + "1"
