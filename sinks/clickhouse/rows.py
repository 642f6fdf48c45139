"""Rows into columns: what a batch of upserts looks like to ClickHouse, and which of them cannot be stored at all.

Pure, and total: an upsert that cannot be stored becomes a `RejectedRow` with the reason, and the others go on. A
retraction carries its key, the revision and `is_deleted` = 1; its other columns are blank.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeAlias

import msgspec

from schemas.rows import Table, Upsert
from sinks.clickhouse.kinds import COUNTER, FLAG
from sinks.clickhouse.layout import Column, Group, Layout
from sinks.clickhouse.layouts import LAYOUTS

SLICE_ROWS = 1_000
REVISION = Column("revision", COUNTER)
IS_DELETED = Column("is_deleted", FLAG)
Values: TypeAlias = Sequence[object]
Columns: TypeAlias = Sequence[tuple[Column, Values]]


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


def columns_of(upserts: Iterable[Upsert]) -> tuple[list[Batch], list[RejectedRow]]:
    """Lay out upserts of any tables: one batch a table, of the newest word on each key, and the rejected rows."""
    batches: list[Batch] = []
    rejected: list[RejectedRow] = []
    for table, of_table in newest(upserts).items():
        batch, refused = lay_out(LAYOUTS[table], of_table)
        rejected += refused
        if batch.upserts:
            batches.append(batch)
    return batches, rejected


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
    columns = _read(layout, upserts)
    if columns is not None and not any(wrong_in(column, values) for column, values in columns):
        return _batch(layout, upserts, columns), []
    good, rejected = _sorted_out(layout, upserts)
    return _batch(layout, good, _read(layout, good) or []), rejected


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


def wrong_in(column: Column, values: Values) -> str | None:
    """Tell what cannot be stored in a column; most columns of most touchpoints are empty, and that is seen at once."""
    return None if column.kind.is_empty(values) else column.kind.check(values)


def why_not(layout: Layout, upsert: Upsert) -> str | None:
    """Tell why an upsert cannot be stored, naming the column; None if it can."""
    if upsert.row is not None and not isinstance(upsert.row, layout.row_type):
        return f"a row of type {type(upsert.row).__name__} does not belong into {layout.table}"
    if len(upsert.key) != len(layout.keys):
        return f"a key of {layout.table} has {len(layout.keys)} parts, not {len(upsert.key)}"
    columns = _read(layout, (upsert,))
    if columns is None:
        return "the row has a part of another type"
    for column, values in columns:
        reason = wrong_in(column, values)
        if reason:
            return f"{column.name} {reason}"
    return None


def _read(layout: Layout, upserts: Sequence[Upsert]) -> Columns | None:
    """Read every column off the upserts; None where some row does not have the form that the layout expects.

    In slices, because a column is read row by row: with more rows than fit into the processor's cache every column
    fetches all of them from memory again (measured at 50,000 rows: 20 us a row, in slices 15).
    """
    whole: dict[str, tuple[Column, list[object]]] = {}
    for begin in range(0, len(upserts), SLICE_ROWS):
        part = _read_slice(layout, upserts[begin : begin + SLICE_ROWS])
        if part is None:
            return None
        for column, values in part:
            _, so_far = whole.setdefault(column.name, (column, []))
            so_far.extend([column.kind.empty] * (begin - len(so_far)))
            so_far.extend(values)
    for column, so_far in whole.values():
        so_far.extend([column.kind.empty] * (len(upserts) - len(so_far)))
    return list(whole.values())


def _read_slice(layout: Layout, upserts: Sequence[Upsert]) -> Columns | None:
    rows = [layout.blank if upsert.row is None else upsert.row for upsert in upserts]
    if set(map(type, rows)) - {layout.row_type}:
        return None
    width = len(layout.keys)
    if any(len(upsert.key) != width for upsert in upserts):
        return None
    columns: list[tuple[Column, Values]] = [
        (column, [upsert.key[place] for upsert in upserts]) for place, column in enumerate(layout.keys)
    ]
    columns.append((REVISION, [upsert.revision for upsert in upserts]))
    columns.append((IS_DELETED, [upsert.row is None for upsert in upserts]))
    try:
        for group in layout.groups:
            columns += _read_group(group, rows)
    except (AttributeError, TypeError):
        return None
    return columns


def _read_group(group: Group, rows: Sequence[object]) -> Iterable[tuple[Column, Values]]:
    parts: list[object] = list(map(attrgetter(group.path), rows)) if group.path else list(rows)
    if group.many:
        return [] if not any(parts) else [(column, _lists(column, parts)) for column in group.columns]
    absent = parts.count(None)
    if absent == len(parts):
        return []
    return [(column, _values(column, parts) if absent else _all_values(column, parts)) for column in group.columns]


def _all_values(column: Column, parts: Sequence[object]) -> Values:
    values = list(map(attrgetter(column.field or column.name), parts))
    if column.convert is None:
        return values
    return list(map(column.convert, values)) if any(values) else [column.kind.empty] * len(values)


def _values(column: Column, parts: Sequence[object]) -> Values:
    read: Callable[[object], object] = attrgetter(column.field or column.name)
    empty = column.kind.empty
    return [empty if part is None else read(part) for part in parts]


def _lists(column: Column, parts: Sequence[object]) -> Values:
    read: Callable[[object], object] = attrgetter(column.field or column.name)
    return [[read(one) for one in part] if isinstance(part, tuple) else part for part in parts]


def _batch(layout: Layout, upserts: Sequence[Upsert], columns: Columns) -> Batch:
    """Leave out what the table's defaults say anyway: most columns of most touchpoints."""
    always = len(layout.keys) + 1
    told = [
        (column, values)
        for place, (column, values) in enumerate(columns)
        if place < always or not column.kind.is_empty(values)
    ]
    return Batch(
        layout.table,
        tuple(column.name for column, _ in told),
        tuple(column.kind.type_name for column, _ in told),
        tuple(values for _, values in told),
        tuple(upserts),
    )
