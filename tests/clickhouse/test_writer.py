"""Writing is idempotent, patient with a tired database, and never stopped by one bad row."""

from collections.abc import Sequence

import pytest

from schemas.rows import Table
from sinks.clickhouse.client import Client
from sinks.clickhouse.failures import BadData, Overloaded, SchemaMismatch, Unreachable, WarehouseError
from sinks.clickhouse.writer import ATTEMPTS_MAX, Warehouse
from tests.clickhouse.builders import ANNA, FULL_ROWS, retraction, seen, upsert


def count(client: Client, relation: str) -> int:
    return int(client.query(f"SELECT count() FROM {relation}").rows[0][0])


def names(client: Client) -> list[str]:
    return [name for (name,) in client.query("SELECT name FROM touchpoints_v ORDER BY name").rows]


def test_a_newer_revision_replaces_the_row(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1, revision=1, name="old")])
    warehouse.insert([seen(1, revision=2, name="new")])
    assert names(client) == ["new"]


def test_an_older_revision_that_arrives_later_loses(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1, revision=2, name="new")])
    warehouse.insert([seen(1, revision=1, name="old")])
    assert names(client) == ["new"]


def test_an_older_revision_does_not_bring_a_retracted_row_back(warehouse: Warehouse, client: Client) -> None:
    row = FULL_ROWS[Table.TOUCHPOINTS]
    warehouse.insert([retraction(Table.TOUCHPOINTS, row, revision=5)])
    warehouse.insert([upsert(Table.TOUCHPOINTS, row, revision=4)])
    assert count(client, "touchpoints_v") == 0
    warehouse.insert([upsert(Table.TOUCHPOINTS, row, revision=6)])
    assert count(client, "touchpoints_v") == 1


def test_merging_the_parts_changes_nothing_that_the_views_show(warehouse: Warehouse, client: Client) -> None:
    row = FULL_ROWS[Table.TOUCHPOINTS]
    for upserts in ([seen(1, name="a"), upsert(Table.TOUCHPOINTS, row, 1)], [retraction(Table.TOUCHPOINTS, row, 2)]):
        warehouse.insert(upserts)
    client.command("OPTIMIZE TABLE touchpoints FINAL")
    warehouse.insert([upsert(Table.TOUCHPOINTS, row, 1)])
    assert names(client) == ["a"]


def test_the_same_batch_with_the_same_token_is_stored_once(warehouse: Warehouse, client: Client) -> None:
    upserts = [seen(number) for number in range(10)]
    for _ in range(3):
        warehouse.insert(upserts, token="touchpoints-0-17")
    assert count(client, "touchpoints") == 10


def test_a_reused_token_for_other_rows_loses_none_of_them(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1)], token="reused")
    warehouse.insert([seen(2)], token="reused")
    assert count(client, "touchpoints_v") == 2


def test_a_batch_is_cut_into_inserts_of_bounded_size(client: Client) -> None:
    warehouse = Warehouse(client, batch_rows_max=4)
    for _ in range(2):
        result = warehouse.insert([seen(number) for number in range(10)], token="cut")
        assert (result.rows, result.inserts) == (10, 3)
    assert count(client, "touchpoints") == 10


def test_one_insert_may_touch_any_number_of_months(warehouse: Warehouse, client: Client) -> None:
    upserts = [seen(number, received_at=number * 31 * 86_400_000) for number in range(120)]
    assert warehouse.insert(upserts).rejected == ()
    assert count(client, "touchpoints_v") == 120


def test_poison_is_reported_and_its_neighbours_are_stored(warehouse: Warehouse, client: Client) -> None:
    result = warehouse.insert([seen(1, name="a"), seen(2, name="\ud800"), seen(3, name="c")])
    assert (result.rows, [one.upsert.key for one in result.rejected]) == (2, [seen(2).key])
    assert names(client) == ["a", "c"]


def test_every_table_goes_out_of_one_call(warehouse: Warehouse, client: Client) -> None:
    result = warehouse.insert([upsert(table, row) for table, row in FULL_ROWS.items()])
    assert (result.rows, result.inserts, result.rejected) == (len(Table), len(Table), ())
    assert [count(client, table.value) for table in Table] == [1] * len(Table)


class TiredDatabase:
    """Fails so many times, and then stores; refuses the rows of some people for a reason that nobody foresaw."""

    def __init__(self, failures: Sequence[WarehouseError] = (), refused: frozenset[str] = frozenset()) -> None:
        self.failures = list(failures)
        self.refused = refused
        self.stored: list[object] = []
        self.tokens: list[str] = []

    def insert(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Sequence[object]], token: str
    ) -> None:
        self.tokens.append(token)
        if self.failures:
            raise self.failures.pop(0)
        people = columns[list(names).index("person_id")]
        if self.refused & set(map(str, people)):
            raise BadData("cannot be parsed", 27)
        self.stored += people


def test_a_tired_database_is_asked_again_with_the_same_token_and_growing_pauses() -> None:
    database = TiredDatabase([Unreachable("gone"), Overloaded("memory", 241)])
    pauses: list[float] = []
    result = Warehouse(database, pause=pauses.append).insert([seen(1)], token="t")
    assert (result.rows, database.stored, len(set(database.tokens))) == (1, [ANNA], 1)
    assert pauses == [0.2, 0.4]


def test_after_the_last_attempt_the_failure_is_the_callers() -> None:
    database = TiredDatabase([Unreachable("gone")] * ATTEMPTS_MAX)
    with pytest.raises(Unreachable):
        Warehouse(database, pause=lambda _: None).insert([seen(1)])
    assert len(database.tokens) == ATTEMPTS_MAX


def test_a_missing_table_is_not_asked_for_twice() -> None:
    database = TiredDatabase([SchemaMismatch("no table", 60)])
    with pytest.raises(SchemaMismatch):
        Warehouse(database, pause=lambda _: None).insert([seen(1)])
    assert len(database.tokens) == 1


def test_rows_that_only_the_database_finds_bad_are_cornered_by_halving() -> None:
    database = TiredDatabase(refused=frozenset({"p13", "p40"}))
    upserts = [seen(number, person=f"p{number}") for number in range(64)]
    result = Warehouse(database).insert(upserts, token="t")
    assert [(one.upsert, one.reason) for one in result.rejected] == [
        (upserts[13], "cannot be parsed"),
        (upserts[40], "cannot be parsed"),
    ]
    assert (result.rows, len(database.stored)) == (62, 62)
