"""Questions: the named ones answer, and no question can do more than read."""

import re

import pytest

from schemas.rows import PersonRow, Table, TouchpointRow, Upsert
from schemas.touchpoint import Channel, Location
from sinks.clickhouse.client import Client
from sinks.clickhouse.failures import QueryRefused, SchemaMismatch
from sinks.clickhouse.queries import named_queries, run_query
from sinks.clickhouse.writer import Warehouse
from tests.clickhouse.builders import ANNA, BERT, FULL_ROWS, alias, seen, upsert
from tests.clickhouse.telling import DAY, MS, contact, journey, step

NAMES = sorted(named_queries())


def told(client: Client, name: str, **parameters: object) -> list[dict[str, object]]:
    answer = run_query(client, name, parameters)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def given(name: str) -> dict[str, object]:
    query = named_queries()[name]
    return {parameter: ANNA for parameter in query.parameters if parameter not in query.defaults}


@pytest.mark.parametrize("name", NAMES)
def test_every_named_question_answers_on_empty_tables(name: str, client: Client) -> None:
    answer = run_query(client, name, given(name))
    assert (answer.rows, len(answer.columns) > 3) == ([], True)


@pytest.mark.parametrize("name", NAMES)
def test_every_named_question_says_what_it_asks_its_grain_its_caveats_and_its_parameters(name: str) -> None:
    query = named_queries()[name]
    assert query.question().endswith("?")
    for part in ("-- Grain: ", "-- Caveats: ", "-- Parameters: "):
        assert part in query.text
    (parameters,) = re.findall(r"-- Parameters: (.*)", query.text)
    assert all(parameter in parameters for parameter in query.parameters)
    assert query.defaults.keys() <= query.parameters.keys()


def test_the_timeline_tells_one_person_in_order_under_any_id_she_had(client: Client, warehouse: Warehouse) -> None:
    warehouse.insert([seen(3, BERT), seen(1, ANNA), seen(2, BERT), seen(4, "c" * 32), alias(BERT, ANNA)])
    warehouse.insert([seen(2, BERT, revision=2, name="page.corrected")])
    for asked in (ANNA, BERT):
        rows = told(client, "timeline", person=asked)
        assert [row["event_id"] for row in rows] == ["event-1", "event-2", "event-3"]
        assert {row["person_id"] for row in rows} == {ANNA}
    assert told(client, "timeline", person=ANNA, rows=2)[-1]["name"] == "page.corrected"


def test_a_touchpoint_that_moved_to_somebody_else_leaves_the_timeline(client: Client, warehouse: Warehouse) -> None:
    warehouse.insert([seen(1, ANNA)])
    warehouse.insert([seen(1, BERT, revision=2)])
    assert told(client, "timeline", person=ANNA) == []
    assert len(told(client, "timeline", person=BERT)) == 1


def test_the_timeline_looks_a_person_up_in_the_projection_and_reads_the_table_by_key(
    client: Client, warehouse: Warehouse
) -> None:
    warehouse.insert([seen(number, f"p{number}") for number in range(20_000)])
    look_up = "SELECT received_day, key FROM touchpoints WHERE person_id IN"
    statement = named_queries()["timeline"].text.rstrip().rstrip(";")
    assert look_up in statement
    assert "ReadFromMergeTree (by_person)" in plan(client, f"{look_up} ('p77', 'p78')", {})
    timeline = plan(client, statement, {"person": "p77", "rows": 10})
    granules = [(int(read), int(of)) for read, of in re.findall(r"Granules: (\d+)/(\d+)", timeline)]
    assert "FINAL: 1" in timeline
    assert min(read for read, _ in granules) == 1 < max(of for _, of in granules)


def plan(client: Client, statement: str, parameters: dict[str, object]) -> str:
    return "\n".join(line for (line,) in client.query(f"EXPLAIN indexes = 1 {statement}", parameters).rows)


def test_who_is_answers_for_any_old_id_and_for_an_anonymous_person(client: Client, warehouse: Warehouse) -> None:
    warehouse.insert([alias(BERT, ANNA), upsert(Table.PEOPLE, FULL_ROWS[Table.PEOPLE])])
    device = PersonRow("d" * 32, "device", "0a04", (), ())
    warehouse.insert([Upsert(Table.PEOPLE, ("d" * 32,), 1, device)])
    assert [row["person_id"] for row in told(client, "who_is", id=BERT)] == [ANNA]
    assert [row["person_id"] for row in told(client, "who_is", id="03" + BERT)] == [ANNA]
    assert [row["basis"] for row in told(client, "who_is", id="d" * 32)] == ["device"]


@pytest.mark.parametrize(("minutes", "called"), [(DAY, 1), (DAY + MS, 0)])
def test_who_gives_up_at_a_kiosk_and_calls_within_a_day_is_counted_where_she_gave_up(
    client: Client, warehouse: Warehouse, minutes: float, called: int
) -> None:
    at_kiosk = {"channel": Channel.KIOSK, "location": Location("store-12", "restaurant")}
    seen_there = step("a", 0, "item.added", **at_kiosk)
    calls = contact("b", minutes, intent="payment_problem")
    ended = journey("j", task="kiosk_order", last=0, end_state="abandoned")
    warehouse.insert([upsert(Table.TOUCHPOINTS, TouchpointRow(ANNA, seen_there, "j"))])
    warehouse.insert([upsert(Table.TOUCHPOINTS, TouchpointRow(ANNA, calls)), upsert(Table.JOURNEYS, ended)])
    (row,) = told(client, "kiosk_give_ups_that_call")
    assert (row["location_id"], row["give_ups"], row["called"]) == ("store-12", 1, called)
    assert row["called_about"] == ["payment_problem"] * called


def test_any_statement_can_be_asked_with_bound_parameters(client: Client) -> None:
    evil = "x'; DROP TABLE touchpoints; --"
    answer = run_query(client, "SELECT {word:String} AS word, {n:UInt8} + 1 AS n;", {"word": evil, "n": 1})
    assert (answer.columns, answer.rows) == (("word", "n"), [(evil, 2)])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO people (person_id) VALUES ('x')",
        "DROP TABLE people",
        "TRUNCATE TABLE people",
        "ALTER TABLE people DELETE WHERE 1",
        "CREATE TABLE mine (x UInt8) ENGINE = Memory",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "SELECT 1 INTO OUTFILE 'stolen.txt'",
        "SELECT 1 into/**/outfile 'stolen.txt'",
        "SELECT file('/etc/hostname')",
        "SELECT File /* */ ('/etc/hostname')",
        "EXPLAIN SELECT 1 INTO\nOUTFILE 'stolen.txt'",
        "SET readonly = 0",
        "SELECT 1 SETTINGS readonly = 0",
        "SELEC 1",
        "SELECT number FROM numbers(2000000)",
    ],
)
def test_no_statement_can_write_leave_the_database_or_flood_the_reader(statement: str, client: Client) -> None:
    with pytest.raises(QueryRefused):
        run_query(client, statement)


def test_asking_leaves_the_writers_connection_able_to_write(client: Client, warehouse: Warehouse) -> None:
    run_query(client, "SELECT 1")
    assert warehouse.insert([seen(1)]).rows == 1


def test_a_wrong_name_or_parameter_is_refused_in_words(client: Client) -> None:
    with pytest.raises(QueryRefused, match="there is no question named churn; there are channel_switches"):
        run_query(client, "churn")
    with pytest.raises(QueryRefused, match=r"timeline needs person \(String\)"):
        run_query(client, "timeline")
    with pytest.raises(QueryRefused, match="freshness has no parameter person"):
        run_query(client, "freshness", {"person": ANNA})


def test_a_missing_table_says_to_migrate(client: Client) -> None:
    with pytest.raises(SchemaMismatch) as failure:
        run_query(client, "SELECT * FROM journey_v")
    assert "migrate" in failure.value.next_step
