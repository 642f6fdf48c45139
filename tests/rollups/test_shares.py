"""What a person adds to the cells of a partition is taken back and given anew as hits and journeys change."""

from schemas.identifiers import PersonId
from schemas.rows import FrictionCell, FrictionRow, LocationCell, Row, Table, TransitionCell
from schemas.touchpoint import Touchpoint
from streams.journeys.book import load_book
from streams.journeys.timeline import Written
from streams.processors.resident import Resident
from streams.processors.shares import Shares, Till
from streams.rollups.dimensions import Dimensions
from streams.rollups.tables import COUNTED_AGAIN
from tests.support.touchpoints import DAY, HOUR, MINUTE, T0, event

BOOK = load_book()
SWITCH = [event(0, "web", task="checkout"), event(5 * MINUTE, "app", task="checkout")]


def resident(till: Till, name: str = "p", *touchpoints: Touchpoint) -> Resident:
    person = PersonId(name)
    one = Resident(person, BOOK, Shares(till, person))
    for touchpoint in touchpoints:
        one.enter(touchpoint)
    return one


def cells(till: Till, table: Table) -> list[Row | None]:
    return [upsert.row for upsert in till.cells.settle() if upsert.table is table]


def transitions(till: Till) -> list[tuple[str, str, int, int, int]]:
    return [
        (row.channel_from, row.channel_to, row.transitions, row.people, row.converted)
        for row in cells(till, Table.AGG_CHANNEL_TRANSITION_15M)
        if isinstance(row, TransitionCell)
    ]


def settle(one: Resident, at: int) -> list[Written]:
    """Work out rows and count the hits among them, as a household does."""
    rows, _ = one.rows(T0 + at)
    for table, key, row in rows:
        if table is Table.FRICTION:
            one.shares.hit(key, row if isinstance(row, FrictionRow) else None)
    return rows


def test_a_change_of_channel_counts_from_when_its_journey_is_written():
    till = Till(0, 1, Dimensions())
    settle(resident(till, "p", *SWITCH), HOUR)
    assert transitions(till) == [("web", "app", 1, 1, 0)]


def test_people_count_once_in_a_cell_of_changes():
    till = Till(0, 1, Dimensions())
    settle(resident(till, "p", *[event(n * MINUTE, ("web", "app")[n % 2], task="checkout") for n in range(4)]), HOUR)
    assert sorted(transitions(till)) == [("app", "web", 1, 1, 0), ("web", "app", 2, 1, 0)]
    settle(resident(till, "q", *SWITCH[:1], event(MINUTE, "app", task="checkout")), HOUR)
    assert transitions(till) == [("web", "app", 3, 2, 0)]


def test_a_journey_that_is_completed_later_converts_the_changes_before_it():
    till = Till(0, 1, Dimensions())
    one = resident(till, "p", *SWITCH)
    settle(one, HOUR)
    transitions(till)
    one.enter(event(2 * HOUR, "app", "order.placed", task="checkout"))
    settle(one, 3 * HOUR)
    assert transitions(till) == [("web", "app", 1, 1, 1)]


def test_what_lands_between_two_channels_takes_their_change_back():
    till = Till(0, 1, Dimensions())
    one = resident(till, "p", *SWITCH)
    settle(one, HOUR)
    transitions(till)
    one.enter(event(4 * MINUTE, "kiosk", task="checkout"))
    settle(one, HOUR)
    assert sorted(transitions(till)) == [("kiosk", "app", 1, 1, 0), ("web", "kiosk", 1, 1, 0)]


def test_a_person_who_moves_out_takes_its_changes_along():
    till = Till(0, 1, Dimensions())
    one = resident(till, "p", *SWITCH)
    settle(one, HOUR)
    till.cells.settle()
    one.move_out()
    assert [upsert.row for upsert in till.cells.settle()] == [None] * 5


def test_a_journey_that_is_forgotten_stays_counted():
    till = Till(0, 1, Dimensions())
    one = resident(till, "p", *SWITCH)
    settle(one, HOUR)
    transitions(till)
    one.forget(SWITCH, T0 + 40 * DAY)
    assert one.is_gone()
    one.move_out()
    assert transitions(till) == []


def test_a_hit_counts_by_pattern_and_at_its_location_and_is_taken_back_at_both():
    till = Till(0, 1, Dimensions())
    failed = [
        event(n * MINUTE, "kiosk", "payment.failed", error="system", threads=("cart_id:C1",), location="L1")
        for n in (0, 1)
    ]
    one = resident(till, "p", *failed)
    before = settle(one, MINUTE)
    rows = [upsert.row for upsert in till.cells.settle()]
    assert [row.hits for row in rows if isinstance(row, FrictionCell)] == [1]
    assert [(row.events, row.people, row.hits) for row in rows if isinstance(row, LocationCell)] == [(2, 1, 1)]
    one.leave(failed[1])
    (key,) = (key for table, key, _ in before if table is Table.FRICTION)
    settle(one, MINUTE)
    one.shares.hit(key, None)
    rows = [upsert.row for upsert in till.cells.settle()]
    assert [row.hits for row in rows if isinstance(row, FrictionCell)] == []
    assert [(row.events, row.people, row.hits) for row in rows if isinstance(row, LocationCell)] == [(1, 1, 0)]


def test_a_muted_till_counts_touchpoints_only_and_remembers_what_was_given():
    till = Till(0, 1, Dimensions())
    till.muted = True
    one = resident(till, "p", *SWITCH)
    settle(one, HOUR)
    assert {upsert.table for upsert in till.cells.settle()} <= COUNTED_AGAIN
    till.muted = False
    one.enter(event(6 * MINUTE, "web", task="checkout"))
    settle(one, HOUR)
    assert transitions(till) == [("app", "web", 1, 1, 0)]
