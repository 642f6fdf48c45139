"""An answer as a bar chart in the terminal: one bar for each row, as long as its figure."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sinks.console.tables import Wide, cell_text

BARS_MAX: Final = 40
"""Rows beyond are counted, not drawn: nobody reads a longer chart."""
BAR_WIDTH: Final = 50


def chart_page(rows: Sequence[Mapping[str, object]], measure: str, labels: Sequence[str]) -> RenderableType:
    """Draw `measure` of each row beside its `labels`; what is below zero, or no number, has no bar."""
    if not rows:
        return Text("no rows", style="dim")
    figures = [_figure(row[measure]) for row in rows]
    longest = max(*figures, 0.0)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in labels:
        table.add_column(name, no_wrap=True)
    table.add_column(measure, justify="right", no_wrap=True)
    table.add_column("", width=BAR_WIDTH)
    for row, figure in zip(rows[:BARS_MAX], figures, strict=False):
        bar = Bar(longest or 1.0, 0.0, max(figure, 0.0), width=BAR_WIDTH)
        table.add_row(*(Text(cell_text(row[name])) for name in labels), Text(cell_text(row[measure])), bar)
    left_out = len(rows) - BARS_MAX
    rest = [Text(f"and {left_out:,} more rows", style="dim")] if left_out > 0 else []
    return Group(Wide(table), *rest)


def measure_of(rows: Sequence[Mapping[str, object]]) -> tuple[str, tuple[str, ...]] | None:
    """Choose what to draw where nobody said: the first column of numbers, by all columns before it; None for none."""
    for place, name in enumerate(rows[0] if rows else ()):
        if all(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows):
            return name, tuple(rows[0])[:place]
    return None


def _figure(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
