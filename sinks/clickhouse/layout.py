"""Layout: what a table's columns are, as data, and how they are read off rows.

Blocks of a touchpoint (location, error, ...) become columns with the block's name in front; an absent block is empty
strings and NULLs.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from schemas.rows import Row, Table
from sinks.clickhouse import kinds
from sinks.clickhouse.kinds import Kind

Values: TypeAlias = Sequence[object]
"""A column: the values of all rows, in their order."""


class Column(msgspec.Struct, frozen=True):
    """A column: its name, its kind, and the field it shows (of the same name where not told).

    `convert` makes of the whole column what is shown; it leaves alone what is of another type, for the check to find.
    """

    name: str
    kind: Kind
    field: str = ""
    convert: Callable[[Values], Values] | None = None


class Group(msgspec.Struct, frozen=True):
    """Columns read off one part of the row: the row itself, a struct inside it, or (`many`) each struct of a list.

    `path` is a dotted attribute path from the row, empty for the row. Where the part is None its columns are empty.
    """

    path: str
    columns: tuple[Column, ...]
    many: bool = False


class Layout(msgspec.Struct, frozen=True):
    """A table: the type of its rows, its key columns in sorting order, the others, and the row a retraction carries."""

    table: Table
    row_type: type[Row]
    keys: tuple[Column, ...]
    groups: tuple[Group, ...]
    blank: Row

    def columns(self) -> tuple[Column, ...]:
        """List every column that a row fills, key columns first."""
        return self.keys + tuple(column for group in self.groups for column in group.columns)


def columns(kind: Kind, names: str) -> tuple[Column, ...]:
    """Lay out columns of one kind that carry their fields' names, given with spaces between."""
    return tuple(Column(name, kind) for name in names.split())


def block(name: str, /, **fields: Kind) -> Group:
    """Lay out an optional block of the touchpoint: one column for each field, named block_field."""
    return Group(f"touchpoint.{name}", tuple(Column(f"{name}_{field}", kind, field) for field, kind in fields.items()))


def repeated(name: str, prefix: str, /, **fields: Kind) -> Group:
    """Lay out a list of blocks as parallel arrays, one for each field, named prefix_field."""
    columns = tuple(Column(f"{prefix}_{field}", kinds.listed(kind), field) for field, kind in fields.items())
    return Group(f"touchpoint.{name}", columns, many=True)


def hexes(column: Values) -> Values:
    """Show identifiers as lower-case hex; the same ones stand in many rows and are shown once."""
    shown: dict[object, object] = {
        each: tuple([one.hex() for one in each]) for each in set(column) if isinstance(each, tuple)
    }
    return [shown.get(each, each) for each in column]


def hexed(column: Values) -> Values:
    """Show hashes as lower-case hex."""
    return [value.hex() if isinstance(value, bytes) else value for value in column]


def pairs(column: Values) -> Values:
    """Show absent maps as empty ones."""
    return [{} if value is None else value for value in column]
