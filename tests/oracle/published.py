"""Bring published rows into the shape the oracle compares: fields by `FIELDS`, rollup cells summed over partitions."""

from collections import defaultdict
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from schemas.rows import FrictionRow, Row
from tests.oracle.shape import CELLS, FIELDS, RowKey, Rows, Tables


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
    """Hits go by person, pattern and what they are about, so that one about something else is told as such."""
    if isinstance(row, FrictionRow):
        return (row.person_id, row.pattern, row.hit_key)
    return tuple(key)


def _cells(name: str, rows: Mapping[RowKey, Row]) -> Rows:
    """Sum cells over partitions, buckets each for themselves; a cell of nothing is no cell."""
    cells: dict[RowKey, list[tuple[object, ...]]] = defaultdict(list)
    for key, row in rows.items():
        cells[tuple(key)[1:]].append(tuple(getattr(row, field) for field in FIELDS[name]))
    sums = {key: tuple(_sum(told) for told in zip(*held, strict=True)) for key, held in cells.items()}
    return {key: told for key, told in sums.items() if any(any(one) if isinstance(one, tuple) else one for one in told)}


def _sum(told: tuple[Any, ...]) -> object:
    return tuple(map(sum, zip(*told, strict=True))) if isinstance(told[0], tuple) else sum(told)
