"""Migrations are applied once, in order, and never changed."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.failures import MigrationRefused, QueryRefused
from sinks.clickhouse.migrate import Migration, migrate, migrations, pending


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Client]:
    with connect(f"chdb://{tmp_path}") as client:
        yield client


LEDGER = migrations()[0]
FIRST = Migration(
    2, "0002_first.sql", "-- One; two.\nCREATE TABLE IF NOT EXISTS a (x UInt8 COMMENT 'a; b') ENGINE = Memory;\n"
)
SECOND = Migration(
    3, "0003_second.sql", "ALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8;\nINSERT INTO a VALUES (1, 2);\n"
)


def test_everything_is_applied_in_order_and_a_second_time_nothing(empty: Client) -> None:
    names = [migration.name for migration in migrations()]
    assert [migration.name for migration in pending(empty)] == names == sorted(names)
    assert migrate(empty) == names
    assert (pending(empty), migrate(empty)) == ([], [])


def test_a_new_file_is_applied_to_a_database_that_has_the_others(empty: Client) -> None:
    assert migrate(empty, [LEDGER, FIRST]) == [LEDGER.name, FIRST.name]
    assert migrate(empty, [LEDGER, FIRST, SECOND]) == [SECOND.name]
    assert empty.query("SELECT x, y FROM a").rows == [(1, 2)]


def test_a_file_that_changed_after_it_was_applied_is_refused_by_name_before_anything_runs(empty: Client) -> None:
    migrate(empty, [LEDGER, FIRST])
    changed = msgspec.structs.replace(FIRST, text=FIRST.text + "-- better\n")
    with pytest.raises(MigrationRefused, match=r"0002_first\.sql was changed after it was applied"):
        migrate(empty, [LEDGER, changed, SECOND])
    assert empty.query("SELECT count() FROM a").rows == [(0,)]


def test_a_database_newer_than_the_program_is_refused(empty: Client) -> None:
    migrate(empty, [LEDGER, FIRST, SECOND])
    with pytest.raises(MigrationRefused, match="migration 0003, which this program does not know"):
        migrate(empty, [LEDGER, FIRST])


def test_a_run_that_broke_off_inside_a_file_is_finished_by_the_next(empty: Client) -> None:
    broken = msgspec.structs.replace(FIRST, text=FIRST.text + "CREATE TABLE wrong (;\n")
    with pytest.raises(QueryRefused):
        migrate(empty, [LEDGER, broken])
    assert migrate(empty, [LEDGER, FIRST]) == [FIRST.name]


def test_semicolons_in_comments_and_column_comments_end_no_statement() -> None:
    assert len(FIRST.statements()) == 1
    assert len(SECOND.statements()) == 2


def test_every_file_says_at_its_head_what_it_is_for_and_can_be_repeated() -> None:
    for migration in migrations():
        assert migration.text.startswith("-- ")
        for statement in migration.statements():
            if statement.startswith("ALTER TABLE"):
                assert statement.count(" COLUMN ") == statement.count(" COLUMN IF "), migration.name
            else:
                assert statement.startswith(("CREATE TABLE IF NOT EXISTS", "CREATE OR REPLACE VIEW")), migration.name
