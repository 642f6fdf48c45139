"""Every named question over a made-up world: it answers, with rows that hold together."""

import pytest

from sinks.clickhouse.client import Client, QueryTable
from sinks.clickhouse.queries import named_queries, run_query
from tests.clickhouse.conftest import Replayed

QUERIES = named_queries()
BUSIEST = "SELECT person_id FROM friction_v GROUP BY person_id ORDER BY count() DESC, person_id LIMIT 1"


def told(client: Client, name: str, **given: object) -> list[dict[str, object]]:
    answer: QueryTable = run_query(client, name, given)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def asked(client: Client, name: str) -> list[dict[str, object]]:
    """Ask a question; where it needs a person, about the one with the most friction."""
    ((person,),) = client.query(BUSIEST).rows
    query = QUERIES[name]
    return told(client, name, **{each: person for each in query.parameters if each not in query.defaults})


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_question_finds_rows_and_can_be_drawn(replayed: Replayed, name: str) -> None:
    rows = asked(replayed[0], name)
    assert rows
    chart = QUERIES[name].chart()
    if chart:
        measure, labels = chart
        assert all(isinstance(row[measure], int | float) for row in rows)
        assert len({tuple(str(row[label]) for label in labels) for row in rows}) == len(rows)


def number(client: Client, statement: str) -> object:
    ((value,),) = client.query(statement).rows
    return value


def test_who_gives_up_at_a_kiosk_has_a_journey_that_ended_without_its_goal(replayed: Replayed) -> None:
    client, _ = replayed
    rows = asked(client, "kiosk_give_ups_that_call")
    ended = "hasAny(channels, ['kiosk']) AND end_state NOT IN ('completed', 'open')"
    assert sum(int(str(row["give_ups"])) for row in rows) == number(
        client, f"SELECT count() FROM journeys_v WHERE {ended}"
    )
    assert all(float(str(row["median_minutes_to_call"])) > 0 for row in rows if row["called"])


def test_refill_failures_that_end_in_a_call_are_those_of_x18_at_least(replayed: Replayed) -> None:
    client, _ = replayed
    rows = asked(client, "refill_failures_that_call")
    assert sum(int(str(row["followed"])) for row in rows) > 0
    failed = "task = 'refill' AND (outcome = 'failed' OR error_class IN ('system', 'network', 'third_party'))"
    all_failures = f"SELECT count() FROM touchpoints_v WHERE person_id != '' AND direction = 'inbound' AND {failed}"
    assert sum(int(str(row["failures"])) for row in rows) == number(client, all_failures)


def test_journeys_over_their_paths_are_all_journeys(replayed: Replayed) -> None:
    client, _ = replayed
    rows = told(client, "journeys_by_path", rows=10_000)
    assert sum(int(str(row["journeys"])) for row in rows) == number(client, "SELECT count() FROM journeys_v")
    assert any(" > " in str(row["path"]) for row in rows)


def test_transitions_and_hits_add_up_to_the_aggregates(replayed: Replayed) -> None:
    client, _ = replayed
    switches = sum(int(str(row["transitions"])) for row in told(client, "channel_switches", rows=10_000))
    assert switches == number(client, "SELECT sum(transitions) FROM agg_channel_transition_15m_v")
    hits = sum(int(str(row["hits"])) for row in told(client, "friction_by_place_and_hour", rows=100_000))
    assert hits == number(client, "SELECT count() FROM friction_v")


def test_nobody_drops_off_where_a_journey_was_completed(replayed: Replayed) -> None:
    rows = asked(replayed[0], "drop_off_by_step")
    assert all(int(str(row["dropped_off"])) + int(str(row["completed"])) <= int(str(row["journeys"])) for row in rows)
