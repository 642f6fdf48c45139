"""Where touchpoints, hits and journeys count: the five tables of aggregates (docs/rules.md §9)."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import astuple

from schemas.avsc import ROWS
from schemas.blocks import Experiment, Step
from schemas.rows import JourneyRow, Row, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.journeys.measures import TRANSITIONS_MAX, Transition
from streams.rollups.cells import Cells
from streams.rollups.contributions import Contribution, of_hit, of_hit_at_location, of_journey, of_touchpoint
from streams.rollups.dimensions import OTHER, Dimensions
from streams.rollups.tables import DURATION_BUCKETS, FORMS, PEOPLE, WITH_HITS, cell_row, ends_at
from tests.support.rows import hits_of, timeline_of
from tests.support.touchpoints import DAY, HOUR, MINUTE, T0, event

ALL = Dimensions()


def placed(
    touchpoint: Touchpoint, dimensions: Dimensions = ALL, *, is_somebody: bool = True
) -> dict[Table, Contribution]:
    return {one.cell[0]: one for one in of_touchpoint(touchpoint, dimensions, is_somebody=is_somebody)}


def row_of(contribution: Contribution) -> Row:
    """What a cell with nothing else in it says."""
    cells = Cells(0, 1)
    cells.add(contribution, 1)
    (upsert,) = cells.settle()
    assert upsert.row is not None
    return upsert.row


def named(row: Row, *fields: str) -> tuple[object, ...]:
    return tuple(getattr(row, field) for field in fields)


def step(at: int, name: str = "payment", *, experiments: tuple[Experiment, ...] = (), **told: Any) -> Touchpoint:
    return msgspec.structs.replace(
        event(at, task="checkout", **told), step=Step(name) if name else None, experiments=experiments
    )


def funnel(touchpoint: Touchpoint, dimensions: Dimensions = ALL) -> tuple[RowKey, Row]:
    found = placed(touchpoint, dimensions)[Table.AGG_TASK_FUNNEL_5M]
    return found.cell[1], row_of(found)


def transition(at: int, lag_ms: int, *, is_seamless: bool = False) -> Transition:
    return Transition(T0 + at, "web", "support", lag_ms, is_seamless)


def journey(completed_at: int | None = None, hits: int = 0) -> JourneyRow:
    return JourneyRow(
        *("p", "j", "checkout", "main", T0, T0, "open", False, 2, 2, ("support", "web"), 1, 0, 1, "web", "support"),
        *(0, "", ""),
        completed_at=completed_at,
        hits=hits,
    )


@pytest.mark.parametrize("table", FORMS)
def test_the_measures_of_a_cell_are_the_fields_of_its_row_in_their_order(table: Table):
    form = FORMS[table]
    spread = DURATION_BUCKETS - 1 if form.buckets_at is not None else 0
    key: RowKey = (T0, *("dimension" for _ in range(len(ROWS[table].__struct_fields__) - 2 - form.measures + spread)))
    row = cell_row(3, (table, key), list(range(form.measures)))
    assert type(row) is ROWS[table]
    told = astuple(row)[len(key) + 1 :]
    flat = [one for field in told for one in (field if isinstance(field, tuple) else (field,))]
    assert flat == list(range(form.measures))
    assert ROWS[table].__struct_fields__[len(key) + 1 + PEOPLE] == "people"


def test_a_touchpoint_counts_in_three_tables_at_most():
    full = event(0, "kiosk", "checkout.started", task="kiosk_order", location="L1")
    assert set(placed(full)) == {Table.AGG_CHANNEL_1M, Table.AGG_TASK_FUNNEL_5M, Table.AGG_LOCATION_15M}
    assert set(placed(event(0))) == {Table.AGG_CHANNEL_1M}


def test_nobody_counts_by_channel_only():
    full = event(0, "kiosk", "checkout.started", task="kiosk_order", location="L1")
    assert set(placed(full, is_somebody=False)) == {Table.AGG_CHANNEL_1M}


def test_a_step_counts_in_its_five_minutes_by_task_step_channel_and_variant():
    key, row = funnel(step(7 * MINUTE, outcome="started", duration_ms=150))
    assert key == (T0 + 5 * MINUTE, "main", "checkout", "payment", "web", "")
    assert named(row, "events", "started", "progressed") == (1, 1, 0)
    assert named(row, "duration_buckets") == ((0, 1, *([0] * 14)),)


@pytest.mark.parametrize("outcome", ["started", "progressed", "completed", "failed", "abandoned"])
def test_each_outcome_of_a_step_has_its_count(outcome: str):
    outcomes = ("started", "progressed", "completed", "failed", "abandoned")
    _, row = funnel(step(0, outcome=outcome))
    assert named(row, *outcomes) == tuple(int(one == outcome) for one in outcomes)


def test_a_step_without_outcome_or_name_is_an_event_of_its_task():
    key, row = funnel(step(0, "", outcome="unknown"))
    assert key[3] == ""
    assert named(row, "events", "started", "completed") == (1, 0, 0)


def test_only_what_customers_do_about_a_task_is_a_step():
    assert Table.AGG_TASK_FUNNEL_5M not in placed(step(0, direction="outbound"))
    assert Table.AGG_TASK_FUNNEL_5M not in placed(event(0))


def test_the_variant_is_the_first_of_a_configured_experiment_and_none_is_by_default():
    told = step(0, experiments=(Experiment("nav", "a"), Experiment("pay", "b")))
    assert funnel(told)[0][5] == ""
    assert funnel(told, Dimensions(experiments=frozenset({"pay"})))[0][5] == "pay:b"
    assert funnel(told, Dimensions(experiments=frozenset({"pay", "nav"})))[0][5] == "nav:a"


def test_a_location_counts_what_happens_there_in_its_fifteen_minutes():
    told = event(20 * MINUTE, "kiosk", task="kiosk_order", location="L1", outcome="failed", direction="internal")
    found = placed(msgspec.structs.replace(told, wait_ms=100))[Table.AGG_LOCATION_15M]
    row = row_of(found)
    assert found.cell[1] == (T0 + 15 * MINUTE, "main", "L1", "kiosk", "kiosk_order")
    assert named(row, "events", "people", "completed", "failed", "abandoned", "hits") == (1, 1, 0, 1, 0, 0)
    assert named(row, "wait_buckets") == ((1, *([0] * 15)),)


def test_hits_count_at_their_location_without_counting_people_twice():
    told = [
        event(n * MINUTE, "kiosk", "payment.failed", error="system", threads=("cart_id:C1",), location="L1")
        for n in (13, 16)
    ]
    (hit,) = hits_of(*told)
    found = of_hit_at_location(hit, ALL)
    assert found is not None
    assert found.cell == (Table.AGG_LOCATION_15M, (T0 + 15 * MINUTE, "main", "L1", "kiosk", ""))
    assert dict(found.shift) == {FORMS[Table.AGG_LOCATION_15M].measures - 1: 1}
    assert named(row_of(found), "events", "hits") == (0, 1)
    assert of_hit_at_location(msgspec.structs.replace(hit, location_id=""), ALL) is None


@pytest.mark.parametrize(
    ("lag_ms", "lag"),
    [(0, "1m"), (MINUTE, "1m"), (MINUTE + 1, "10m"), (10 * MINUTE, "10m"), (HOUR, "1h"), (HOUR + 1, "24h"),
     (DAY, "24h"), (DAY + 1, "more")],
)  # fmt: skip
def test_a_change_of_channel_counts_by_its_lag_upper_bounds_included(lag_ms: int, lag: str):
    (one,) = of_journey(journey(), [transition(20 * MINUTE, lag_ms)], ALL)
    key = (T0 + 15 * MINUTE, "main", "web", "support", "checkout", lag)
    assert one.cell == (Table.AGG_CHANNEL_TRANSITION_15M, key)
    assert named(row_of(one), "transitions", "people", "seamless", "converted", "with_friction") == (1, 1, 0, 0, 0)


def test_a_change_of_channel_tells_whether_it_was_seamless_and_what_became_of_the_journey():
    (one,) = of_journey(journey(T0 + HOUR, hits=2), [transition(HOUR, 0, is_seamless=True)], ALL)
    assert named(row_of(one), "transitions", "seamless", "converted", "with_friction") == (1, 1, 1, 1)
    (late,) = of_journey(journey(T0 + HOUR - 1), [transition(HOUR, 0)], ALL)
    assert named(row_of(late), "converted", "with_friction") == (0, 0)


def test_changes_of_channel_are_between_neighbouring_inbound_touchpoints_of_a_journey():
    told = [
        event(0, "web", task="checkout"),
        event(1, "app", task="checkout"),
        event(2, "email", "message.sent", direction="outbound", task="checkout", threads=("cart_id:C1",)),
        event(3, "app", task="checkout", threads=("cart_id:C1",)),
        event(4, "email", task="search"),
        event(5, "partner", task="checkout"),
    ]
    changes = [
        (one.channel_from, one.channel_to, one.lag_ms)
        for each in timeline_of(*told).journeys.all()
        for one in each.measures.transitions
    ]
    assert changes == [("web", "app", 1), ("app", "partner", 2)]


def test_of_one_journey_the_first_sixty_four_changes_of_channel_count():
    told = [event(n, ("web", "app")[n % 2], task="checkout") for n in range(TRANSITIONS_MAX + 9)]
    (one,) = timeline_of(*told).journeys.all()
    assert [change.time for change in one.measures.transitions] == [T0 + n for n in range(1, TRANSITIONS_MAX + 1)]


def test_values_outside_the_configured_lists_are_other_in_every_table():
    short = Dimensions(
        brands=frozenset({"b"}), location_ids=frozenset({"L9"}), tasks=frozenset({"t"}), step_names=frozenset({"s"})
    )
    found = placed(step(0, location="L1"), short)
    assert found[Table.AGG_TASK_FUNNEL_5M].cell[1][1:4] == (OTHER, OTHER, OTHER)
    assert found[Table.AGG_LOCATION_15M].cell[1][1:] == (OTHER, OTHER, "web", OTHER)
    (change,) = of_journey(journey(), [transition(0, 0)], short)
    assert (change.cell[1][1], change.cell[1][4]) == (OTHER, OTHER)


def test_cells_of_hits_are_sealed_later_than_those_of_touchpoints():
    cells, full = Cells(0, 1), event(0, "kiosk", "checkout.started", task="kiosk_order", location="L1")
    for one in placed(full).values():
        cells.add(one)
    told = [event(n, "web", "payment.failed", error="system", threads=("cart_id:C1",)) for n in (1, 2)]
    cells.add(of_hit(hits_of(*told)[0], ALL))
    (change,) = of_journey(journey(), [transition(0, 0)], ALL)
    cells.add(change)
    cells.settle()
    assert cells.forget(T0 + DAY, T0) == 3
    assert {table for table, _ in cells._cells} == WITH_HITS
    assert cells.forget(T0 + DAY, ends_at(change.cell)) == 2
