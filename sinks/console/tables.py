"""Any rows as a table, for answers that have no page of their own."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text


def rows_page(rows: Sequence[Mapping[str, object]]) -> RenderableType:
    """Lay out rows of equal columns; numbers to the right, lists joined, nothing cut."""
    if not rows:
        return Text("no rows", style="dim")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell_text(value)) for value in row.values()))
    return table


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
