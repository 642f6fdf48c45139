"""Reading columns off rows: structs become tuples, and tuples standing side by side are turned into columns.

Most columns of most touchpoints hold nothing but the default of their table; those are left out, since the database
fills them in. What is left is what costs: a column is looked at where a row told something.
"""

from collections.abc import Sequence
from itertools import compress
from typing import TypeAlias

import msgspec
from msgspec.structs import astuple

from schemas.rows import Upsert
from sinks.clickhouse.kinds import COUNTER, FLAG
from sinks.clickhouse.layout import Column, Group, Layout, Values

REVISION = Column("revision", COUNTER)
IS_DELETED = Column("is_deleted", FLAG)
Columns: TypeAlias = Sequence[tuple[Column, Values]]
Fields: TypeAlias = dict[str, Values]
"""The fields of one part of the rows, turned into columns, by name."""


class Unstorable(Exception):
    """Some row holds what its table cannot; the message names the column and says why."""


def read(layout: Layout, upserts: Sequence[Upsert]) -> Columns:
    """Read the columns that say more than their default; raises Unstorable, naming the first column at fault.

    Key columns and the revision are always among them, and come first.
    """
    try:
        return _read(layout, upserts)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unstorable("the row has a part of another type") from error


def _read(layout: Layout, upserts: Sequence[Upsert]) -> Columns:
    _, keys, revisions, rows = zip(*map(astuple, upserts), strict=True)
    columns = [_checked(*pair) for pair in zip(layout.keys, zip(*keys, strict=True), strict=True)]
    columns.append(_checked(REVISION, revisions))
    found = set(map(type, rows))
    if type(None) in found:
        columns.append((IS_DELETED, [row is None for row in rows]))
        rows = tuple([layout.blank if row is None else row for row in rows])
    if found - {layout.row_type, type(None)}:
        raise TypeError
    known: dict[str, Fields] = {"": _turned(rows)}
    for group in layout.groups:
        columns += _group(group, known, len(rows))
    return columns


def _turned(parts: Values) -> Fields:
    """Turn structs of one type into columns by field; raises TypeError where they are of several, or no structs."""
    (kind,) = set(map(type, parts))
    if not issubclass(kind, msgspec.Struct):
        raise TypeError
    return dict(zip(kind.__struct_fields__, zip(*map(astuple, parts), strict=True), strict=True))  # type: ignore[arg-type]


def _group(group: Group, known: dict[str, Fields], rows: int) -> list[tuple[Column, Values]]:
    if group.path in known:
        return _told(group, known[group.path])
    parent, _, field = group.path.rpartition(".")
    parts = known[parent][field]
    if group.many:
        return _lists(group, parts) if any(parts) else []
    places = list(compress(range(rows), parts))
    if not places:
        return []
    if len(places) == rows:
        known[group.path] = _turned(parts)
        return _told(group, known[group.path])
    present = _told(group, _turned([parts[place] for place in places]))
    return [(column, _scattered(column, values, places, rows)) for column, values in present]


def _told(group: Group, fields: Fields) -> list[tuple[Column, Values]]:
    """Give the columns of a group in which some value is not the default."""
    told: list[tuple[Column, Values]] = []
    for column in group.columns:
        values = fields[column.field or column.name]
        if column.convert is not None:
            if any(values):
                told.append(_checked(column, column.convert(values)))
        elif not column.kind.is_empty(values):
            told.append(_checked(column, values))
    return told


def _checked(column: Column, values: Values) -> tuple[Column, Values]:
    """Check values before they are scattered: most blocks are absent from most touchpoints."""
    reason = column.kind.check(values)
    if reason:
        message = f"{column.name} {reason}"
        raise Unstorable(message)
    return column, values


def _scattered(column: Column, values: Values, places: Sequence[int], rows: int) -> Values:
    """Put values where their rows are, and the default elsewhere."""
    scattered = [column.kind.empty] * rows
    for place, value in zip(places, values, strict=True):
        scattered[place] = value
    return scattered


def _lists(group: Group, parts: Values) -> list[tuple[Column, Values]]:
    """Turn lists of structs into one column of lists for each field."""
    places = [place for place in compress(range(len(parts)), parts) if isinstance(parts[place], tuple)]
    columns: list[tuple[Column, Values]] = []
    for column in group.columns:
        name = column.field or column.name
        values = list(parts)
        for place in places:
            values[place] = [getattr(one, name) for one in parts[place]]  # type: ignore[attr-defined]
        columns.append(_checked(column, values))
    return columns
