"""The household of one holder: places touchpoints at people, publishes the differences, and forgets without a word."""

from schemas.identifiers import NOBODY, PersonId, derived_id
from schemas.rows import AliasRow, Row, RowKey, Table, TouchpointRow, Upsert
from schemas.touchpoint import Touchpoint
from streams.identity.residence import RowRef
from streams.identity.rules import DAY_MS, HOUR_MS
from streams.journeys.book import load_book
from streams.processors.household import Household
from streams.processors.press import EPOCH_SHIFT, Press
from streams.processors.shares import Till
from streams.rollups.dimensions import Dimensions
from tests.support.idents import account, email, seen

BOOK = load_book()
ANNA, BEN = PersonId("anna"), PersonId("ben")
T = 20_000 * DAY_MS
AS_OF = T + HOUR_MS
Shown = dict[tuple[Table, RowKey], Row | None]


class Home:
    """A household and what it published since it was last asked."""

    def __init__(self) -> None:
        self.press = Press(1)
        self.household = Household(BOOK, Till(0, 1, Dimensions()), self.press, {})

    def settle(self, as_of: int = AS_OF) -> list[Upsert]:
        self.household.settle(as_of)
        upserts, self.press.upserts = self.press.upserts, []
        return upserts

    def shown(self, as_of: int = AS_OF) -> Shown:
        return {(upsert.table, upsert.key): upsert.row for upsert in self.settle(as_of)}

    def place(self, *touchpoints: Touchpoint, person: PersonId = ANNA, epoch: int = 0) -> None:
        for touchpoint in touchpoints:
            self.household.place(touchpoint, person, epoch)

    def members(self) -> dict[tuple[str, bytes], bytes | None]:
        members = list(self.household.keys())
        return {(kind, key): self.household.member(kind, key) for kind, key in members}

    def take_in(self, other: "Home") -> None:
        for (kind, key), value in other.members().items():
            assert value is not None
            self.household.join(kind, key, value)
        other.household.clear()


def touchpoint_key(touchpoint: Touchpoint) -> tuple[Table, RowKey]:
    return Table.TOUCHPOINTS, (touchpoint.received_at // DAY_MS, touchpoint.key.hex())


def row_of(person: PersonId, touchpoint: Touchpoint) -> TouchpointRow:
    """The row of a touchpoint that began a journey of its own."""
    return TouchpointRow(person, touchpoint, derived_id(touchpoint.key, b"browse"))


FIRST, SECOND = seen(T, account(1)), seen(T + 1_000, account(1))


# --- placing


def test_a_placed_touchpoint_is_shown_at_its_person_with_a_session_and_a_journey():
    home = Home()
    home.place(FIRST)
    shown = home.shown()
    assert shown[touchpoint_key(FIRST)] == row_of(ANNA, FIRST)
    assert {table for table, _ in shown} == {Table.TOUCHPOINTS, Table.SESSIONS, Table.JOURNEYS}


def test_placing_it_again_where_it_is_says_nothing():
    home = Home()
    home.place(FIRST, SECOND)
    home.settle()
    home.place(FIRST, SECOND)
    assert home.settle() == []


def test_a_touchpoint_that_moves_takes_its_rows_along():
    home = Home()
    home.place(FIRST)
    home.settle()
    home.place(FIRST, person=BEN)
    shown = home.shown()
    assert shown[touchpoint_key(FIRST)] == row_of(BEN, FIRST)
    assert {key[0] for (table, key), row in shown.items() if table == Table.SESSIONS and row is None} == {ANNA}
    assert {key[0] for (table, key), row in shown.items() if table == Table.SESSIONS and row is not None} == {BEN}
    assert home.household.people() == {BEN}


def test_a_touchpoint_whose_journey_changes_is_said_again():
    home = Home()
    home.place(SECOND)
    home.settle()
    home.place(FIRST)
    shown = home.shown()
    journey_id = derived_id(FIRST.key, b"browse")
    assert shown[touchpoint_key(SECOND)] == TouchpointRow(ANNA, SECOND, journey_id)
    assert shown[touchpoint_key(FIRST)] == TouchpointRow(ANNA, FIRST, journey_id)
    assert shown[(Table.JOURNEYS, (ANNA, derived_id(SECOND.key, b"browse")))] is None


def test_it_is_said_in_the_epoch_it_was_placed_in_and_retracted_in_that_epoch():
    home = Home()
    home.place(FIRST, epoch=5)
    said = next(upsert for upsert in home.settle() if upsert.table == Table.TOUCHPOINTS)
    home.household.remove(FIRST.key)
    retracted = next(upsert for upsert in home.settle() if upsert.table == Table.TOUCHPOINTS)
    assert (said.revision >> EPOCH_SHIFT) & 0xFF == (retracted.revision >> EPOCH_SHIFT) & 0xFF == 5
    assert retracted.row is None
    assert retracted.revision > said.revision


def test_another_epoch_at_the_same_person_says_the_row_again_above():
    home = Home()
    home.place(FIRST, epoch=1)
    home.settle()
    home.place(FIRST, epoch=2)
    (upsert,) = home.settle()
    assert (upsert.row, (upsert.revision >> EPOCH_SHIFT) & 0xFF) == (row_of(ANNA, FIRST), 2)


def test_a_copy_received_on_an_earlier_day_replaces_the_row_of_the_later_day():
    late = seen(T, account(1), received=T + DAY_MS)
    home = Home()
    home.place(late)
    home.settle()
    home.place(FIRST)
    shown = home.shown()
    assert shown[touchpoint_key(late)] is None
    assert shown[touchpoint_key(FIRST)] == row_of(ANNA, FIRST)


def test_of_two_copies_of_one_event_the_one_that_names_more_is_shown():
    bare = seen(T, account(1), event_id="e")
    full = seen(T, account(1), email(1), event_id="e")
    home = Home()
    home.place(bare)
    home.settle()
    home.place(full)
    shown = home.shown()
    assert (shown[touchpoint_key(bare)], shown[touchpoint_key(full)]) == (None, row_of(ANNA, full))
    home.household.remove(full.key)
    assert home.shown()[touchpoint_key(bare)] == row_of(ANNA, bare)


def test_nobodys_touchpoints_are_shown_and_nobody_is_no_person():
    home = Home()
    home.place(FIRST, person=NOBODY)
    assert home.shown() == {touchpoint_key(FIRST): TouchpointRow(NOBODY, FIRST)}
    assert home.household.people() == set()


# --- removing


def test_a_removed_touchpoint_leaves_nothing_behind():
    home = Home()
    home.place(FIRST)
    before = home.shown()
    home.household.remove(FIRST.key)
    assert home.shown() == dict.fromkeys(before)
    assert home.household.people() == set()


def test_what_comes_and_goes_within_one_settle_is_never_mentioned():
    home = Home()
    home.place(FIRST)
    home.household.remove(FIRST.key)
    assert home.settle() == []


def test_removing_what_is_not_here_says_nothing():
    home = Home()
    home.household.remove(FIRST.key)
    assert home.settle() == []


# --- describing


def test_rows_of_identity_said_before_and_not_now_are_retracted():
    refs: list[RowRef] = [(Table.PERSON_ALIASES, (alias, 0)) for alias in ("a", "b")]
    rows: dict[RowRef, Row] = {ref: AliasRow(str(ref[1][0]), 0, "i", "email", ANNA) for ref in refs}
    home = Home()
    home.household.describe(rows)
    assert home.shown() == rows
    home.household.describe({refs[0]: rows[refs[0]]})
    assert home.shown() == {refs[1]: None}


# --- forgetting


def test_forgetting_says_nothing_and_the_person_stays_only_with_what_is_remembered():
    home = Home()
    home.place(FIRST, SECOND)
    home.settle()
    assert home.household.forget([FIRST.key], SECOND.event_time) == {ANNA}
    assert home.settle() == []
    assert home.household.placed.keys() == {SECOND.key}
    assert home.household.people() == {ANNA}


def test_forgetting_a_touchpoint_that_is_not_here_touches_nobody():
    home = Home()
    home.place(SECOND)
    assert home.household.forget([FIRST.key], SECOND.event_time) == set()


def test_a_session_that_began_before_forgetting_goes_on_after_it_under_its_name():
    home = Home()
    home.place(FIRST, SECOND)
    before = {key for table, key in home.shown() if table == Table.SESSIONS}
    home.household.forget([FIRST.key], SECOND.event_time)
    home.place(seen(T + 2_000, account(1)))
    assert {key for table, key in home.shown() if table == Table.SESSIONS} == before


def test_people_who_are_let_stand_stay_people():
    home = Home()
    home.place(FIRST)
    home.settle()
    home.household.let_stand([ANNA])
    home.household.remove(FIRST.key)
    home.settle()
    assert home.household.people() == {ANNA}


# --- moving


def test_a_household_that_moves_retracts_nothing_and_the_next_one_says_nothing_it_had_said():
    old, new = Home(), Home()
    old.place(FIRST)
    old.settle()
    new.take_in(old)
    new.place(FIRST)
    assert old.settle() == []
    assert new.settle() == []


def test_what_a_household_taken_in_had_said_and_is_not_so_any_more_is_retracted_above_it():
    old, new = Home(), Home()
    old.place(FIRST, SECOND)
    said = {(upsert.table, upsert.key): upsert.revision for upsert in old.settle()}
    new.take_in(old)
    new.place(FIRST, SECOND, person=BEN)
    upserts = new.settle()
    shown = {(upsert.table, upsert.key): upsert.row for upsert in upserts}
    assert shown[touchpoint_key(FIRST)] == row_of(BEN, FIRST)
    gone = {ref for ref in said if ref[1][0] == ANNA}
    assert {ref for ref, row in shown.items() if row is None} == gone
    assert all(upsert.revision > said.get((upsert.table, upsert.key), 0) for upsert in upserts)


def test_a_touchpoint_that_did_not_move_along_is_retracted():
    old, new = Home(), Home()
    old.place(FIRST)
    said = old.shown()
    new.take_in(old)
    assert new.shown() == dict.fromkeys(said)
