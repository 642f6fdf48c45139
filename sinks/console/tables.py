"""Any rows as a table, for answers that have no page of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

WIDTH_MAX: Final = 4_000
"""Columns of text; wider values are cut."""


def rows_page(rows: Sequence[Mapping[str, object]]) -> RenderableType:
    """Lay out rows of equal columns; numbers to the right, lists joined, nothing cut."""
    if not rows:
        return Text("no rows", style="dim")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(str(name), justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell_text(value)) for value in row.values()))
    return Wide(table)


class Wide:
    """A table as wide as it needs to be: a value cut in two can be neither read nor copied."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render beyond the terminal's width; print with `crop=False`."""
        needed = Measurement.get(console, options.update(width=WIDTH_MAX), self._table).maximum
        yield from console.render(self._table, options.update(width=max(needed, options.max_width)))


def cell_text(value: object) -> str:
    """Spell one value of a row."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={cell_text(one)}" for key, one in value.items())
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return f"{value:g}" if isinstance(value, float) else str(value)
