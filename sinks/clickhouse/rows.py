"""Rows into columns: what a batch of upserts looks like to ClickHouse, and which of them cannot be stored at all.

Pure, and total: an upsert that cannot be stored becomes a `RejectedRow` with the reason, and the others go on. A
retraction carries its key, the revision and `is_deleted` = 1; its other columns are blank.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.rows import Table, Upsert
from sinks.clickhouse.layout import Column, Layout, Values
from sinks.clickhouse.transposing import Columns, Unstorable, read

SLICE_ROWS: Final = 1_000
"""Rows laid out at once: a column is read row by row, and with more rows than fit into the processor's cache every
column would fetch all of them from memory again."""


class RejectedRow(msgspec.Struct, frozen=True):
    """An upsert that ClickHouse cannot hold, and why, in words that name the column."""

    upsert: Upsert
    reason: str


class Batch(msgspec.Struct, frozen=True):
    """Rows of one table in columns of equal length; columns that hold only their default are left out.

    `upserts` are the rows' origins in the same order, so that a batch can be cut again.
    """

    table: Table
    names: tuple[str, ...]
    types: tuple[str, ...]
    columns: tuple[Values, ...]
    upserts: tuple[Upsert, ...]


def newest(upserts: Iterable[Upsert]) -> dict[Table, list[Upsert]]:
    """Sort upserts by table and keep, of one key, the greatest revision (the later one of two that are equal)."""
    tables: dict[Table, dict[object, Upsert]] = {}
    for upsert in upserts:
        of_table = tables.setdefault(upsert.table, {})
        held = of_table.get(upsert.key)
        if held is None or held.revision <= upsert.revision:
            of_table[upsert.key] = upsert
    return {table: list(of_table.values()) for table, of_table in tables.items()}


def lay_out(layout: Layout, upserts: Sequence[Upsert]) -> tuple[Batch, list[RejectedRow]]:
    """Lay out upserts of one table, leaving out those that cannot be stored."""
    whole: dict[str, tuple[Column, list[object]]] = {}
    good: list[Upsert] = []
    rejected: list[RejectedRow] = []
    for begin in range(0, len(upserts), SLICE_ROWS):
        part = upserts[begin : begin + SLICE_ROWS]
        try:
            columns = read(layout, part)
        except Unstorable:
            part, refused = _sorted_out(layout, part)
            rejected += refused
            columns = read(layout, part) if part else []
        for column, values in columns:
            _, so_far = whole.setdefault(column.name, (column, []))
            so_far.extend([column.kind.empty] * (len(good) - len(so_far)))
            so_far.extend(values)
        good += part
    for column, so_far in whole.values():
        so_far.extend([column.kind.empty] * (len(good) - len(so_far)))
    return _batch(layout.table, good, list(whole.values())), rejected


def _sorted_out(layout: Layout, upserts: Sequence[Upsert]) -> tuple[list[Upsert], list[RejectedRow]]:
    """Look at each upsert on its own: slow, and only done where a column of them failed."""
    good: list[Upsert] = []
    rejected: list[RejectedRow] = []
    for upsert in upserts:
        reason = why_not(layout, upsert)
        if reason is None:
            good.append(upsert)
        else:
            rejected.append(RejectedRow(upsert, reason))
    return good, rejected


def why_not(layout: Layout, upsert: Upsert) -> str | None:
    """Tell why an upsert cannot be stored, naming the column; None if it can."""
    if upsert.row is not None and not isinstance(upsert.row, layout.row_type):
        return f"a row of type {type(upsert.row).__name__} does not belong into {layout.table}"
    if len(upsert.key) != len(layout.keys):
        return f"a key of {layout.table} has {len(layout.keys)} parts, not {len(upsert.key)}"
    try:
        read(layout, (upsert,))
    except Unstorable as unstorable:
        return str(unstorable)
    return None


def _batch(table: Table, upserts: Sequence[Upsert], columns: Columns) -> Batch:
    return Batch(
        table,
        tuple(column.name for column, _ in columns),
        tuple(column.kind.type_name for column, _ in columns),
        tuple(values for _, values in columns),
        tuple(upserts),
    )
