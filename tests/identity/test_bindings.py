"""Pairs of identifiers and when each was seen: a set that keeps the least received time, and its steps."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.identity.bindings import Bindings
from streams.identity.rules import DAY_MS
from tests.support.idents import account, email

PAIR = (account(1), email(1))
SIGHTINGS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


def told(*sightings: tuple[int, int]) -> Bindings:
    bindings = Bindings()
    for time, received in sightings:
        bindings.add(PAIR, time, received)
    return bindings


def test_a_first_sighting_says_something_new():
    assert Bindings().add(PAIR, 10, 10) is True


def test_a_sighting_told_twice_says_nothing_new():
    bindings = told((10, 10))
    assert bindings.add(PAIR, 10, 10) is None
    assert bindings.add(PAIR, 10, 11) is None


def test_a_later_sighting_does_not_move_when_the_pair_was_first_seen():
    bindings = told((10, 10))
    bindings.steps(PAIR)
    assert bindings.add(PAIR, 20, 20) is False
    assert bindings.first_seen(PAIR, None) == 10


def test_an_older_sighting_received_late_moves_it():
    bindings = told((10, 10))
    bindings.steps(PAIR)
    assert bindings.add(PAIR, 5, 20) is True
    assert bindings.steps(PAIR) == ((10, 10), (20, 5))


def test_of_one_time_the_least_received_is_kept():
    assert list(told((10, 30), (10, 20)).sightings(PAIR)) == [(10, 20)]


def test_a_pair_does_not_exist_before_it_was_received():
    bindings = told((10, 50), (5, 80))
    assert [bindings.first_seen(PAIR, cut) for cut in (49, 50, 79, 80, None)] == [None, 10, 10, 5, 5]


def test_sightings_of_several_hours_are_of_one_pair():
    bindings = told((10, 10), (3 * DAY_MS, 3 * DAY_MS), (-1, DAY_MS))
    assert sorted(bindings.hours[PAIR]) == [-1, 0, 72]
    assert bindings.first_seen(PAIR, None) == -1
    assert bindings.latest_step() == DAY_MS


def test_no_pair_at_all_has_no_latest_step():
    assert Bindings().latest_step() == -1


@settings(max_examples=200, deadline=None)
@given(SIGHTINGS, st.integers(0, 7), st.data())
def test_first_seen_is_the_least_time_received_by_the_cut(
    sightings: list[tuple[int, int]], cut: int, data: st.DataObject
):
    bindings = Bindings()
    for time, received in data.draw(st.permutations([*sightings, *sightings[:3]])):
        bindings.add(PAIR, time, received)
        bindings.steps(PAIR)
    assert bindings.first_seen(PAIR, cut) == min(
        (time for time, received in sightings if received <= cut), default=None
    )


@settings(max_examples=200, deadline=None)
@given(SIGHTINGS, st.tuples(st.integers(0, 6), st.integers(0, 6)))
def test_adding_says_true_exactly_where_the_steps_change(sightings: list[tuple[int, int]], another: tuple[int, int]):
    bindings = told(*sightings)
    before = bindings.steps(PAIR)
    assert (bindings.add(PAIR, *another) is True) == (bindings.steps(PAIR) != before)
