"""One person at a holder: forgetting is no replay, and what comes late is folded as if it had come in time."""

from schemas.identifiers import PersonId
from schemas.rows import Row, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.journeys.book import load_book
from streams.processors.resident import Resident
from streams.processors.shares import Shares, Till
from streams.rollups.dimensions import Dimensions
from tests.support.touchpoints import DAY, T0, event

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
