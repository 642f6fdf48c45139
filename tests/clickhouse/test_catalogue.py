"""The catalogue: everything an analyst sees says what it means, and the document says what the database says."""

from pathlib import Path

from sinks.clickhouse.catalogue import describe, entries, page
from sinks.clickhouse.client import Client

DOCUMENT = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_every_table_and_view_says_what_one_row_is(engine: Client) -> None:
    assert [entry.name for entry in entries(engine) if not entry.grain] == []


def test_every_column_says_what_it_means(engine: Client) -> None:
    silent = [(entry.name, column.name) for entry in entries(engine) for column in entry.columns if not column.meaning]
    assert silent == []


def test_every_table_has_a_view(engine: Client) -> None:
    found = {entry.name: entry for entry in entries(engine)}
    assert all(found[f"{name}_v"].is_view for name, entry in found.items() if not entry.is_view)


def test_the_document_is_what_the_database_says(engine: Client) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(entries(engine)), "run: seamline catalogue --write"


def test_describing_a_second_time_changes_nothing(engine: Client) -> None:
    before = entries(engine)
    describe(engine)
    assert entries(engine) == before


def test_a_view_that_is_replaced_is_described_again(engine: Client) -> None:
    (definition,) = engine.query("SHOW CREATE VIEW people_v").rows[0]
    select = definition[definition.index("\nAS ") :]
    engine.command(f"CREATE OR REPLACE VIEW people_v {select}")
    assert any(not column.meaning for entry in entries(engine) for column in entry.columns if entry.name == "people_v")
    describe(engine)
    assert all(column.meaning for entry in entries(engine) for column in entry.columns)
