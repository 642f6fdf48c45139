"""The catalogue of the warehouse: what one row is, keys, and what every column means, read from the database itself.

Tables are commented where they are made, by the migrations. Views take over the comments of their table's columns; what
a view adds, and what one row is, is said here. `describe` writes both into the database, so that `DESCRIBE` tells them.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from sinks.clickhouse.client import Client

LEDGER: Final = "schema_migrations"
"""Bookkeeping of migrations, which is no analyst's."""
VIEW_SUFFIX: Final = "_v"
GRAINS: Final = {
    "agg_channel_1m": "a minute of a channel: brand, sub-channel, location, name and outcome",
    "agg_channel_transition_15m": "fifteen minutes of changes between two channels: brand, task and time between",
    "agg_friction_5m": "five minutes of a pattern: severity, brand, channels, task and location",
    "agg_location_15m": "fifteen minutes of a location: brand, channel and task",
    "agg_task_funnel_5m": "five minutes of a step of a task: brand, channel and variant",
    "alias_steps": "an alias, with the people it meant one after the other; the views resolve people by it",
    "dead_letters": "a record that could not be read",
    "freshness": "a source: how far it has been read",
    "friction": "a hit of a pattern: a person and a key, with its evidence",
    "id_conflicts_v": "an event id that is shown for more than one person",
    "identity_log": "a link, decision or claim: why two identifiers are (not) one person",
    "journey_touchpoints_v": "a touchpoint of a journey, in order",
    "journeys": "a journey of a person: one goal, any channels",
    "late_events": "an event that came too late to be stitched",
    "people": "a present person, with all identifiers",
    "person_aliases": "an id that means a person, from a time on",
    "sessions": "a session of a person: one source, one device, no long pause",
    "touchpoints": "a touchpoint shown, with its person",
}
"""What one row is, by table (its view shows the same) or by view."""
SOURCES: Final = {"journey_touchpoints_v": "touchpoints", "id_conflicts_v": "touchpoints"}
"""Views named otherwise than their table."""
ADDED: Final = {
    ("alias_steps", "alias"): "Any id that was published for a person",
    ("alias_steps", "steps"): "From when on it means whom: (valid_from, person_id), in order",
    ("dead_letters_v", "raw_base64"): "The record as it came, encrypted, in base64",
    ("id_conflicts_v", "person_ids"): "The people it is shown for, sorted",
    ("id_conflicts_v", "first_event_time"): "When the first of its touchpoints happened",
    ("id_conflicts_v", "touchpoints"): "How many touchpoints carry it",
    ("journey_touchpoints_v", "person_id"): "Person as known now",
    ("journey_touchpoints_v", "position"): "Place in the journey, from 1",
}
"""Columns of views that their table does not have, or that mean something else there."""
RESOLVED: Final = {
    "person_id": "Person as known now",
    "published_person_id": "Person the row was written under",
}
"""What a view makes of a table's person."""


class ColumnEntry(msgspec.Struct, frozen=True):
    """One column: its name, type, and meaning (empty: nobody said)."""

    name: str
    type: str
    meaning: str


class Entry(msgspec.Struct, frozen=True):
    """One table or view; a view has no keys."""

    name: str
    grain: str
    sorting_key: str
    partition_key: str
    columns: tuple[ColumnEntry, ...]

    @property
    def is_view(self) -> bool:
        """Tell views from tables: every table is sorted."""
        return not self.sorting_key


def entries(client: Client) -> list[Entry]:
    """Read the catalogue of a migrated database, by name."""
    columns: dict[str, list[ColumnEntry]] = {}
    for table, name, type_name, comment in client.query(
        "SELECT table, name, type, comment FROM system.columns "
        "WHERE database = currentDatabase() ORDER BY table, position"
    ).rows:
        columns.setdefault(table, []).append(ColumnEntry(name, type_name, comment))
    tables = client.query(
        "SELECT name, comment, sorting_key, partition_key FROM system.tables "
        "WHERE database = currentDatabase() AND name != {ledger:String} ORDER BY name",
        {"ledger": LEDGER},
    ).rows
    return [Entry(name, grain, key, parts, tuple(columns.get(name, ()))) for name, grain, key, parts in tables]


def describe(client: Client) -> None:
    """Comment what does not say yet what it is; safe to repeat, and nothing to do where all is said."""
    known = {entry.name: entry for entry in entries(client)}
    for entry in known.values():
        changes = [*_grain_change(entry), *(_view_changes(entry, known) if entry.is_view else ())]
        if changes:
            client.command(f"ALTER TABLE {entry.name} {', '.join(changes)}")


def page(found: list[Entry]) -> str:
    """Write the catalogue as Markdown: what analysts ask first, then the tables behind."""
    views = {entry.name: entry for entry in found if entry.is_view}
    tables = [entry for entry in found if not entry.is_view]
    parts = [_HEAD, "## Views", *(_section(entry, entry.columns) for entry in views.values())]
    parts += ["## Tables", _TABLES, *(_behind(entry, views[f"{entry.name}{VIEW_SUFFIX}"]) for entry in tables)]
    return "\n\n".join(parts) + "\n"


_HEAD: Final = """# The catalogue of the warehouse

Generated by `seamline catalogue --write` from a migrated database; do not edit. What holds and why is in
[warehouse.md](warehouse.md); the same words are in the database (`DESCRIBE TABLE touchpoints_v`)."""
_TABLES: Final = """Of one key the greatest revision holds, and a retraction says that the row is gone. The views have
seen to that, have summed over partitions and resolved people: ask them. A table has the columns of its view, and those
below."""


def _section(entry: Entry, columns: tuple[ColumnEntry, ...]) -> str:
    lines = [f"### {entry.name}", "", f"One row is {entry.grain}.", ""]
    if entry.sorting_key:
        parts = f", in parts by `{entry.partition_key}`" if entry.partition_key else ""
        lines += [f"Key: `{entry.sorting_key.strip('()')}`{parts}.", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column.name}` | `{column.type}` | {column.meaning} |" for column in columns]
    return "\n".join(lines)


def _behind(table: Entry, view: Entry) -> str:
    shown = {(column.name, column.meaning) for column in view.columns}
    return _section(table, tuple(column for column in table.columns if (column.name, column.meaning) not in shown))


def _grain_change(entry: Entry) -> Iterator[str]:
    grain = GRAINS.get(entry.name) or GRAINS.get(entry.name.removesuffix(VIEW_SUFFIX), "")
    if grain and entry.grain != grain:
        yield f"MODIFY COMMENT {_quoted(grain)}"


def _view_changes(view: Entry, known: dict[str, Entry]) -> Iterator[str]:
    table = known.get(SOURCES.get(view.name, view.name.removesuffix(VIEW_SUFFIX)))
    meanings = {column.name: column.meaning for column in table.columns} if table else {}
    if any(column.name in RESOLVED and column.name not in meanings for column in view.columns):
        meanings |= RESOLVED
    meanings |= {name: told for (of, name), told in ADDED.items() if of == view.name}
    for column in view.columns:
        meaning = meanings.get(column.name)
        if meaning and column.meaning != meaning:
            yield f"COMMENT COLUMN `{column.name}` {_quoted(meaning)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
