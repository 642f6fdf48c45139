"""The same code against a server over HTTP: the address is all that differs."""

from collections.abc import Iterator

import pytest

from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.failures import QueryRefused, SchemaMismatch
from sinks.clickhouse.migrate import migrate, pending
from sinks.clickhouse.queries import run_query
from sinks.clickhouse.snapshot import tables
from sinks.clickhouse.writer import Warehouse
from tests.clickhouse.builders import ANNA, FULL_ROWS, seen, upsert
from tests.clickhouse.faults import Proxy, faulty


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with EmbeddedClickHouse() as clickhouse, faulty(clickhouse.start(tmp_path_factory.mktemp("server"))) as proxy:
        with connect(f"{proxy.address}/shop") as client:
            migrate(client)
        yield proxy


@pytest.fixture
def client(server: Proxy) -> Iterator[Client]:
    with connect(f"{server.address}/shop") as opened:
        yield opened


def test_the_database_of_the_address_was_made_by_migrating(client: Client) -> None:
    assert client.query("SELECT currentDatabase()").rows == [("shop",)]
    assert pending(client) == []


def test_every_table_is_written_and_read_back(client: Client) -> None:
    result = Warehouse(client).insert([upsert(table, row) for table, row in FULL_ROWS.items()], token="all")
    assert (result.rows, result.rejected) == (len(FULL_ROWS), ())
    shown = tables(client)
    assert {len(rows) for view, rows in shown.items() if view != "id_conflicts_v"} == {1}


def test_the_token_travels_with_the_insert_and_deduplicates(client: Client, server: Proxy) -> None:
    for _ in range(2):
        Warehouse(client).insert([seen(100)], token="again")
    assert "again/touchpoints/" in server.asked[-1]["insert_deduplication_token"]
    assert client.query("SELECT count() FROM touchpoints WHERE event_id = 'event-100'").rows == [(1,)]


def test_questions_are_asked_read_only(client: Client, server: Proxy) -> None:
    Warehouse(client).insert([seen(200, "d" * 32)])
    assert [row[0].year for row in run_query(client, "timeline", {"person": "d" * 32}).rows] == [2026]
    assert server.asked[-1]["readonly"] == "1"
    with pytest.raises(QueryRefused):
        run_query(client, "DROP TABLE people")


def test_errors_of_the_server_are_told_by_their_number(client: Client) -> None:
    with pytest.raises(SchemaMismatch) as failure:
        client.query("SELECT * FROM nowhere")
    assert failure.value.code == 60


def test_parameters_are_bound_by_the_server(client: Client) -> None:
    evil = "x' OR 1 --"
    assert client.query("SELECT {word:String}", {"word": evil}).rows == [(evil,)]
    assert client.query("SELECT count() FROM people_v WHERE person_id = {p:String}", {"p": ANNA}).rows == [(1,)]
