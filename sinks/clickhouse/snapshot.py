"""Snapshots: everything the views show, in a form that two runs can be compared by."""

from sinks.clickhouse.client import Cell, Client

LEFT_OUT = ("revision", "ingested_at")
"""Columns outside the promise of equal tables: how often a row was corrected, and when it was inserted."""


def tables(client: Client) -> dict[str, list[tuple[Cell, ...]]]:
    """Read every view: its rows sorted, times as milliseconds, without the columns in `LEFT_OUT`."""
    views = client.query(
        "SELECT table, groupArray(name) FROM (SELECT table, name FROM system.columns WHERE database = currentDatabase()"
        " AND endsWith(table, '_v') ORDER BY table, position) GROUP BY table ORDER BY table"
    )
    return {view: _rows(client, view, [name for name in names if name not in LEFT_OUT]) for view, names in views.rows}


def _rows(client: Client, view: str, names: list[str]) -> list[tuple[Cell, ...]]:
    listed = ", ".join(f"`{name}`" for name in names)
    rows = client.query(f"SELECT {listed} FROM {view}", times_as_ms=True).rows  # noqa: S608 - names of our own schema
    return sorted((tuple(map(_frozen, row)) for row in rows), key=repr)


def _frozen(cell: Cell) -> Cell:
    if isinstance(cell, dict):
        return tuple(sorted(cell.items()))
    return tuple(map(_frozen, cell)) if isinstance(cell, list | tuple) else cell
