"""Bring published rows into the shape the oracle compares: fields by `FIELDS`, rollup cells summed over partitions."""

from collections import defaultdict
from collections.abc import Mapping
from operator import attrgetter
from typing import cast

from schemas.rows import FrictionRow, Row
from tests.oracle.shape import FIELDS, RowKey, Rows, Tables

CELLS = ("agg_channel_1m", "agg_friction_5m")


def published(tables: Mapping[str, Mapping[RowKey, Row]]) -> Tables:
    """Reshape what an engine published."""
    return {
        name: _cells(name, tables.get(name, {})) if name in CELLS else _rows(name, tables.get(name, {}))
        for name in FIELDS
    }


def _rows(name: str, rows: Mapping[RowKey, Row]) -> Rows:
    fields = [attrgetter(field) for field in FIELDS[name]]
    return {_key(key, row): tuple(field(row) for field in fields) for key, row in rows.items()}


def _key(key: RowKey, row: Row) -> RowKey:
    """Hits go by person, pattern and what they are about: ids made of these say no more."""
    if isinstance(row, FrictionRow):
        return (row.person_id, row.pattern[:3], row.hit_key)
    return tuple(key)


def _cells(name: str, rows: Mapping[RowKey, Row]) -> Rows:
    """Sum cells over partitions; a cell of nothing is no cell."""
    sums: dict[RowKey, list[int]] = defaultdict(lambda: [0] * len(FIELDS[name]))
    for key, row in rows.items():
        for index, field in enumerate(FIELDS[name]):
            sums[tuple(key)[1:]][index] += cast("int", getattr(row, field))
    return {key: tuple(told) for key, told in sums.items() if any(told)}
