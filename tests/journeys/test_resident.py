"""One person at a holder: forgetting is no replay, and what comes late is folded as if it had come in time."""

from schemas.identifiers import NOBODY, PersonId
from schemas.rows import JourneyRow, Row, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.journeys.book import load_book
from streams.processors.resident import Resident
from streams.processors.shares import Shares, Till
from streams.rollups.dimensions import Dimensions
from tests.support.touchpoints import DAY, HOUR, T0, event

BOOK = load_book()
OLD = [event(day * DAY + n * 1_000, task="checkout") for day in range(6) for n in range(5)]
LATE = event(4 * DAY + 500, "kiosk", "payment.failed", task="checkout", outcome="failed")
FLOOR = T0 + 3 * DAY
AS_OF = T0 + 40 * DAY


def resident() -> Resident:
    person = PersonId("p")
    return Resident(person, BOOK, Shares(Till(0, 1, Dimensions()), person))


def told(one: Resident, touchpoints: list[Touchpoint]) -> Resident:
    for touchpoint in touchpoints:
        one.enter(touchpoint)
    return one


def forget(one: Resident) -> None:
    one.forget([touchpoint for touchpoint in OLD if touchpoint.event_time < FLOOR], FLOOR)


def all_rows(one: Resident) -> dict[tuple[Table, RowKey], Row | None]:
    one.redo()
    written, whole = one.rows(AS_OF)
    assert whole
    return {(table, key): row for table, key, row in written}


def test_forgetting_what_is_old_needs_no_replay():
    one = told(resident(), OLD)
    one.rows(AS_OF)
    forget(one)
    one.enter(event(10 * DAY))
    written, whole = one.rows(AS_OF)
    assert not whole
    shown = {(table, key): row for table, key, row in written if row is not None}
    everything = all_rows(one)
    assert {Table.SESSIONS, Table.JOURNEYS} <= {table for table, _ in shown}
    assert shown.items() <= everything.items()
    assert len(shown) < len(everything)


def test_what_lands_between_others_after_forgetting_gives_the_rows_of_a_replay():
    folded, late = told(resident(), OLD), told(resident(), sorted([*OLD, LATE], key=lambda one: one.event_time))
    for one in (folded, late):
        one.rows(AS_OF)
        forget(one)
    folded.enter(LATE)
    written, whole = folded.rows(AS_OF)
    assert whole
    assert {(table, key): row for table, key, row in written} == all_rows(late)


def journeys(one: Resident, as_of: int = AS_OF) -> list[str]:
    """Journeys of the touchpoints shown, in touchpoint order, once rows are worked out."""
    one.rows(as_of)
    return [one.journey_of(touchpoint.key) for touchpoint in one.shown]


def test_each_shown_touchpoint_tells_the_journey_it_joined():
    first, second = event(0, task="checkout"), event(1, task="search")
    message = event(2, "email", "message.sent", direction="outbound")
    one = told(resident(), [first, second, message])
    ids = journeys(one)
    rows = [row for row in all_rows(one).values() if isinstance(row, JourneyRow)]
    assert ids == [next(row.journey_id for row in rows if row.task == task) for task in ("checkout", "search")] + [""]
    assert one.journey_of(b"never seen") == ""


def test_what_comes_in_order_moves_nothing():
    one = told(resident(), OLD)
    journeys(one)
    one.enter(event(10 * DAY, task="checkout"))
    journeys(one)
    assert one.moved_journeys() == []


def test_what_comes_late_tells_which_touchpoints_it_moved_to_another_journey():
    told_before = [event(hour * HOUR, task="search") for hour in (2, 3)]
    one = told(resident(), [*told_before, event(50 * HOUR, task="return")])
    before = journeys(one)
    one.enter(event(2 * HOUR - 1, task="search"))
    after = journeys(one)
    assert one.moved_journeys() == [told_before[0].key]
    assert (after[0], after[1]) == (one.journey_of(told_before[0].key), after[0])
    assert before[0] != after[0]
    assert (before[1], before[2]) == (after[2], after[3])
    journeys(one)
    assert one.moved_journeys() == []


def test_a_touchpoint_that_leaves_moves_those_that_came_after_it():
    first, second = event(0, task="checkout"), event(1, task="checkout")
    one = told(resident(), [first, second])
    journeys(one)
    one.leave(first)
    assert journeys(one) == [one.journey_of(second.key)]
    assert one.moved_journeys() == [second.key]
    assert one.journey_of(first.key) == ""


def test_a_replay_of_everything_moves_nothing():
    one = told(resident(), OLD)
    before = journeys(one)
    one.redo()
    assert journeys(one) == before
    assert one.moved_journeys() == []


def test_what_is_forgotten_is_not_said_again_and_the_rest_stays_where_it_was():
    one = told(resident(), OLD)
    before = dict(zip([touchpoint.key for touchpoint in OLD], journeys(one), strict=True))
    forget(one)
    one.enter(LATE)
    one.rows(AS_OF)
    remembered = [touchpoint.key for touchpoint in OLD if touchpoint.event_time >= FLOOR]
    assert {key: one.journey_of(key) for key in remembered} == {key: before[key] for key in remembered}
    assert all(one.journey_of(touchpoint.key) == "" for touchpoint in OLD if touchpoint.event_time < FLOOR)
    assert one.moved_journeys() == []


def test_nobody_has_no_journeys():
    nobody = Resident(NOBODY, BOOK, Shares(Till(0, 1, Dimensions()), NOBODY))
    nobody.enter(event(0, task="checkout"))
    assert nobody.rows(AS_OF) == ([], False)
    assert nobody.journey_of(event(0, task="checkout").key) == ""


def test_one_that_comes_late_does_not_hide_when_time_changes_what_came_before_it():
    first, later = event(0, task="return"), [event(DAY + n * 60_000, task=f"task {n}") for n in range(20)]
    late = event(DAY + 18 * 60_000 + 1, task="task 18")
    folded, in_time = resident(), told(resident(), [first, *later[:19], late, later[19]])
    for now, new in ((T0, [first]), (T0 + DAY + HOUR, later), (T0 + DAY + 2 * HOUR, [late])):
        told(folded, new).rows(now)
    in_time.rows(T0 + DAY + 2 * HOUR)
    assert folded.due == in_time.due == T0 + 2 * DAY + 1
