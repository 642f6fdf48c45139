"""What the views make of the tables: resolved people, sums over partitions, conflicts of ids, equal snapshots."""

import msgspec

from schemas.rows import ChannelCell, DeadLetterRow, FrictionCell, JourneyRow, SessionRow, Table
from sinks.clickhouse.client import Client
from sinks.clickhouse.snapshot import tables
from sinks.clickhouse.writer import Warehouse
from tests.clickhouse.builders import (
    ANNA,
    BERT,
    CARL,
    FULL_ROWS,
    MINUTE,
    NOON,
    alias,
    retraction,
    seen,
    upsert,
)


def people(client: Client, relation: str = "touchpoints_v", order: str = "event_time") -> list[str]:
    return [person for (person,) in client.query(f"SELECT person_id FROM {relation} ORDER BY {order}").rows]


def test_a_person_without_aliases_is_shown_as_published(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1, ANNA), seen(2, "")])
    assert people(client) == [ANNA, ""]


def test_an_old_id_is_shown_as_the_present_person(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1, ANNA), seen(2, BERT), alias(ANNA, BERT), alias(BERT, BERT)])
    assert people(client) == [BERT, BERT]
    assert people(client, "(SELECT published_person_id AS person_id, event_time FROM touchpoints_v)") == [ANNA, BERT]


def test_a_shared_contact_means_who_held_it_at_the_time_of_the_touchpoint(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(number, CARL) for number in (1, 10, 11, 20, 30)])
    turns = [alias(CARL, ANNA), alias(CARL, BERT, NOON + 11 * MINUTE), alias(CARL, ANNA, NOON + 30 * MINUTE)]
    warehouse.insert(turns)
    assert people(client) == [ANNA, ANNA, BERT, BERT, ANNA]


def test_before_the_first_turn_a_shared_contact_means_the_first_holder(warehouse: Warehouse, client: Client) -> None:
    warehouse.insert([seen(1, CARL), alias(CARL, ANNA, NOON + 5 * MINUTE), alias(CARL, BERT, NOON + 9 * MINUTE)])
    assert people(client) == [ANNA]


def test_a_retracted_alias_resolves_nothing(warehouse: Warehouse, client: Client) -> None:
    gone = alias(ANNA, BERT)
    assert gone.row is not None
    warehouse.insert([seen(1, ANNA), gone])
    warehouse.insert([retraction(Table.PERSON_ALIASES, gone.row, 2)])
    assert people(client) == [ANNA]


def test_sessions_journeys_and_friction_are_resolved_at_their_beginning(warehouse: Warehouse, client: Client) -> None:
    begun = {Table.SESSIONS: "started_at", Table.JOURNEYS: "started_at", Table.FRICTION: "first_at"}
    for table, moment in begun.items():
        for at in (NOON, NOON + MINUTE):
            warehouse.insert(
                [upsert(table, msgspec.structs.replace(FULL_ROWS[table], person_id=CARL + str(at), **{moment: at}))]
            )
    for at in (NOON, NOON + MINUTE):
        warehouse.insert([alias(CARL + str(at), ANNA), alias(CARL + str(at), BERT, NOON + MINUTE)])
    for table, moment in begun.items():
        assert people(client, f"{table.value}_v", moment) == [ANNA, BERT]


def test_aggregates_are_summed_over_partitions_and_not_over_revisions(warehouse: Warehouse, client: Client) -> None:
    cell = FULL_ROWS[Table.AGG_CHANNEL_1M]
    assert isinstance(cell, ChannelCell)
    for revision, partition, events, buckets in ((1, 0, 5, (9, 9)), (2, 0, 7, (1, 0, 2)), (1, 1, 3, (0, 4))):
        counted = msgspec.structs.replace(cell, partition=partition, events=events, duration_buckets=buckets)
        warehouse.insert([upsert(Table.AGG_CHANNEL_1M, counted, revision)])
    answer = client.query("SELECT events, people, errors, value_minor, duration_buckets FROM agg_channel_1m_v")
    assert answer.rows == [(10, 20, 24, 1_800, [1, 4, 2])]


def test_friction_is_summed_over_partitions(warehouse: Warehouse, client: Client) -> None:
    cell = FULL_ROWS[Table.AGG_FRICTION_5M]
    assert isinstance(cell, FrictionCell)
    warehouse.insert([upsert(Table.AGG_FRICTION_5M, msgspec.structs.replace(cell, partition=p)) for p in (0, 1, 2)])
    answer = client.query("SELECT hits, people, value_at_risk_minor FROM agg_friction_5m_v")
    assert answer.rows == [(12, 9, 30_000)]


def test_an_event_id_shown_for_two_people_is_a_conflict_and_for_one_is_none(
    warehouse: Warehouse, client: Client
) -> None:
    warehouse.insert([seen(1, ANNA, event_id="x"), seen(2, BERT, event_id="x"), seen(3, "", event_id="x")])
    warehouse.insert([seen(4, ANNA, event_id="y"), seen(5, CARL, event_id="y"), alias(CARL, ANNA)])
    answer = client.query("SELECT source, event_id, person_ids, touchpoints FROM id_conflicts_v")
    assert answer.rows == [("shop-web", "x", [ANNA, BERT], 2)]


def test_an_encrypted_record_comes_as_base64(warehouse: Warehouse, client: Client) -> None:
    letter = FULL_ROWS[Table.DEAD_LETTERS]
    assert isinstance(letter, DeadLetterRow)
    warehouse.insert([upsert(Table.DEAD_LETTERS, letter)])
    assert client.query("SELECT raw_base64 FROM dead_letters_v").rows == [("AP/+J1w=",)]


def test_times_in_views_are_utc_with_milliseconds(client: Client) -> None:
    kinds = client.query(
        "SELECT DISTINCT type FROM system.columns WHERE database = currentDatabase() AND endsWith(table, '_v')"
        " AND match(name, '_at$|_time$|^window_start$|^valid_from$|^first_seen$|^complete_up_to$')"
        " ORDER BY type"
    )
    assert kinds.rows == [("DateTime64(3, 'UTC')",), ("Nullable(DateTime64(3, 'UTC'))",)]


def test_snapshots_are_equal_however_the_rows_came(warehouse: Warehouse, client: Client) -> None:
    rows = [upsert(table, row, 3) for table, row in FULL_ROWS.items()]
    journey, session = FULL_ROWS[Table.JOURNEYS], FULL_ROWS[Table.SESSIONS]
    assert isinstance(journey, JourneyRow)
    assert isinstance(session, SessionRow)
    warehouse.insert([*rows, seen(1)])
    at_once = tables(client)
    for table in Table:
        client.command(f"TRUNCATE TABLE {table.value}")
    warehouse.insert([seen(1, BERT)])
    warehouse.insert([seen(1, revision=2), upsert(Table.JOURNEYS, msgspec.structs.replace(journey, touches=1), 2)])
    for row in reversed(rows):
        warehouse.insert([row])
    warehouse.insert([upsert(Table.SESSIONS, msgspec.structs.replace(session, errors=77), 1)])
    assert tables(client) == at_once
    filled = {f"{table.value}_v" for table in Table} | {"journey_touchpoints_v"}
    assert {view for view, found in at_once.items() if found} == filled


def test_snapshots_leave_out_revisions_and_moments_of_insertion(client: Client, warehouse: Warehouse) -> None:
    warehouse.insert([upsert(Table.FRESHNESS, FULL_ROWS[Table.FRESHNESS])])
    assert tables(client)["freshness_v"] == [("shop-web", NOON + 86_400_000, 1_000, 3, 2, NOON + 7 * MINUTE)]
