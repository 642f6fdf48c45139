"""Cells: sums of contributions, published as absolute values, whatever the order of changes."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows import ChannelCell, FrictionCell, LocationCell, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.rollups.cells import Cells, FormatError
from streams.rollups.contributions import Contribution, of_hit, of_touchpoint
from streams.rollups.dimensions import OTHER, Dimensions
from streams.rollups.people import Presence
from streams.rollups.tables import DURATION_BOUNDS_MS, FORMS
from tests.support.rows import hits_of
from tests.support.stories import timelines
from tests.support.touchpoints import MINUTE, T0, event

ALL = Dimensions()
VALUE = 3
BUCKETS = 4


def contribution(touchpoint: Touchpoint, dimensions: Dimensions = ALL) -> Contribution:
    return of_touchpoint(touchpoint, dimensions, is_somebody=False)[0]


def at_a_place(start: int) -> Contribution:
    """What a touchpoint adds to its location: hits add to such cells too, so they are kept in the changelog."""
    return of_touchpoint(event(start, location="L1"), ALL, is_somebody=True)[-1]


def measures(one: Contribution) -> list[int]:
    by_position = dict(one.shift)
    return [by_position.get(position, 0) for position in range(FORMS[one.cell[0]].measures)]


def key_of(one: Contribution) -> RowKey:
    return one.cell[1]


def add(cells: Cells, person: Presence, one: Contribution) -> None:
    cells.add(one, person.enter(one.cell))


def take_back(cells: Cells, person: Presence, one: Contribution) -> None:
    people = person.leave(one.cell)
    assert people is not None
    cells.take_back(one, people)


def published(cells: Cells) -> dict[object, object]:
    return {upsert.key: upsert.row for upsert in cells.settle()}


def test_a_touchpoint_counts_in_its_minute():
    cells = Cells(partition=3, generation=1)
    cells.add(contribution(event(90_500, "kiosk", "order.placed", outcome="completed", revenue=900, location="L1")))
    (upsert,) = cells.settle()
    row = upsert.row
    assert isinstance(row, ChannelCell)
    assert upsert.key == (3, T0 + MINUTE, "main", "kiosk", "", "L1", "order.placed", "completed")
    assert (row.events, row.people, row.errors, row.value_minor) == (1, 0, 0, 900)
    assert (row.partition, row.window_start, row.name) == (3, T0 + MINUTE, "order.placed")


def test_bots_and_tests_are_no_customers():
    assert of_touchpoint(event(0, is_bot=True), ALL, is_somebody=False) == []
    assert of_touchpoint(event(0, is_test=True), ALL, is_somebody=False) == []


def test_only_revenue_is_summed():
    assert measures(contribution(event(0, revenue=100, value_kind="refund")))[VALUE] == 0


@pytest.mark.parametrize(
    ("duration_ms", "bucket"), [(0, 0), (100, 0), (101, 1), (200, 1), (1_638_400, 14), (1_638_401, 15)]
)
def test_durations_are_counted_in_fixed_buckets_with_their_upper_bound_included(duration_ms: int, bucket: int):
    buckets = measures(contribution(event(0, duration_ms=duration_ms)))[BUCKETS:]
    assert len(buckets) == len(DURATION_BOUNDS_MS) + 1
    assert [place for place, count in enumerate(buckets) if count] == [bucket]


def test_values_outside_the_configured_list_are_other_and_untold_ones_stay_empty():
    short = Dimensions(location_ids=frozenset({"L1"}), names=frozenset({"order.placed"}))
    assert key_of(contribution(event(0, name="x.y", location="L2"), short))[4:6] == (OTHER, OTHER)
    assert key_of(contribution(event(0, name="order.placed"), short))[4:6] == ("", "order.placed")


def test_a_person_counts_once_in_a_cell_however_often_it_comes():
    cells, person = Cells(0, 1), Presence()
    told = [contribution(event(n)) for n in range(3)]
    for one in told:
        add(cells, person, one)
    (row,) = published(cells).values()
    assert isinstance(row, ChannelCell)
    assert (row.events, row.people) == (3, 1)
    for one in told[:2]:
        take_back(cells, person, one)
    (row,) = published(cells).values()
    assert isinstance(row, ChannelCell)
    assert (row.events, row.people) == (1, 1)
    take_back(cells, person, told[2])
    assert list(published(cells).values()) == [None]


def test_a_cell_that_comes_and_goes_between_two_settles_is_never_published():
    cells, one = Cells(0, 1), contribution(event(0))
    cells.add(one)
    cells.take_back(one)
    assert cells.settle() == []


def test_revisions_grow_and_a_new_generation_stands_above():
    cells, one = Cells(0, 1), contribution(event(0))
    revisions = []
    for _ in range(3):
        cells.add(one)
        revisions += [upsert.revision for upsert in cells.settle()]
    assert revisions == sorted(set(revisions))
    newer = Cells(0, 2)
    newer.add(one)
    assert newer.settle()[0].revision > revisions[-1]


def restored(*told: Cells) -> Cells:
    """Cells made anew from the changelog, with what their partition's clock tells."""
    cells = Cells(0, 1)
    for one in told:
        for key, value in one.changes():
            cells.restore(key, value)
        cells.published = one.published
    return cells


def test_restored_cells_go_on_where_they_were():
    cells, one = Cells(0, 1), at_a_place(0)
    cells.add(one)
    before = cells.settle()[0].revision
    again = restored(cells)
    assert cells.changes() == []
    again.add(one)
    (upsert,) = again.settle()
    assert isinstance(upsert.row, LocationCell)
    assert upsert.row.events == 2
    assert upsert.revision > before


def test_what_only_touchpoints_count_is_counted_again_and_not_kept():
    cells, one = Cells(0, 1), contribution(event(0, revenue=100))
    cells.add(one)
    before = cells.settle()[0].revision
    again = restored(cells)
    assert cells.changes() == []
    assert len(again) == 0
    again.add(one)
    again.rest()
    assert again.settle() == []
    again.add(one)
    (upsert,) = again.settle()
    assert isinstance(upsert.row, ChannelCell)
    assert (upsert.row.events, upsert.row.value_minor) == (2, 200)
    assert upsert.revision > before
    again.take_back(one)
    again.take_back(one)
    assert [upsert.row for upsert in again.settle()] == [None]


def test_a_cell_an_earlier_release_kept_that_touchpoints_count_again_leaves_the_changelog():
    """Its key and value as they were written, published five times: the next revision is above that."""
    key = msgspec.msgpack.encode((Table.AGG_CHANNEL_1M, contribution(event(0)).cell[1]))
    cells = Cells(0, 1)
    cells.restore(key, bytes((1,)) + msgspec.msgpack.encode(([1] * FORMS[Table.AGG_CHANNEL_1M].measures, 5)))
    assert (len(cells), cells.changes()) == (0, [(key, None)])
    cells.add(contribution(event(0)))
    assert cells.settle()[0].revision & 0xFF == 6


def test_sealed_cells_are_dropped_from_memory_and_from_the_changelog():
    cells = Cells(0, 1)
    for at in (0, 20 * MINUTE):
        cells.add(at_a_place(at))
    cells.settle()
    cells.changes()
    assert cells.forget(T0 + 15 * MINUTE) == 1
    assert [value for _, value in cells.changes() if value is None] == [None]
    assert len(cells) == 1


def test_a_change_of_a_sealed_cell_is_left_out_even_after_a_restart():
    cells, one = Cells(0, 1), contribution(event(0))
    cells.add(one)
    cells.settle()
    cells.forget(T0 + MINUTE)
    for told in (cells, restored(cells)):
        told.take_back(one)
        assert told.settle() == []


def test_nothing_is_taken_back_from_a_cell_that_is_sealed_for_a_person():
    person, one = Presence(), contribution(event(0))
    person.enter(one.cell)
    person.forget(T0 + MINUTE)
    assert person.leave(one.cell) is None
    with pytest.raises(KeyError):
        person.leave(contribution(event(5 * MINUTE)).cell)


def test_another_format_is_refused():
    cells = Cells(0, 1)
    cells.add(at_a_place(0))
    cells.settle()
    ((key, value),) = cells.changes()
    assert value is not None
    with pytest.raises(FormatError, match="format 07"):
        cells.restore(key, b"\x07" + value[1:])


def test_a_hit_counts_in_the_five_minutes_of_its_detection():
    told = [
        event(n * MINUTE, "web", "payment.failed", error="system", threads=("cart_id:C1",), revenue=70) for n in (3, 8)
    ]
    (hit,) = hits_of(*told)
    cells = Cells(0, 1)
    add(cells, Presence(), of_hit(hit, ALL))
    (upsert,) = cells.settle()
    assert isinstance(upsert.row, FrictionCell)
    assert upsert.key == (0, T0 + 5 * MINUTE, "U13", "high", "main", "web", "", "", "")
    assert (upsert.row.hits, upsert.row.people, upsert.row.value_at_risk_minor) == (1, 1, 70)


@settings(max_examples=60, deadline=None)
@given(timelines(), st.randoms(use_true_random=False))
def test_cells_do_not_depend_on_the_order_of_changes_nor_on_what_was_taken_back(told: list[Touchpoint], random: Random):
    plain, shuffled, person, other = Cells(0, 1), Cells(0, 1), Presence(), Presence()
    for touchpoint in told:
        add(plain, person, contribution(touchpoint))
    moves = [*told, *told]
    random.shuffle(moves)
    seen: set[bytes] = set()
    stay = Presence()
    for touchpoint in moves:
        here = stay if touchpoint.key in seen else other
        if touchpoint.key in seen:
            take_back(shuffled, other, contribution(touchpoint))
        add(shuffled, here, contribution(touchpoint))
        seen.add(touchpoint.key)
    assert len(other) == 0
    assert {key: row for key, row in published(shuffled).items() if row is not None} == published(plain)
    assert all(table is Table.AGG_CHANNEL_1M for table, _ in plain._cells)
