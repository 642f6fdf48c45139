"""Members, the pieces a holder's state is made of: joining two versions is a lattice, and formats are told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.identity.members import Decided, Held, UnknownFormat, later, pack, unpack
from tests.support.idents import account, email, seen

OWNERS = (email(1), account(1), account(2), account(3))
COPIES = st.builds(
    lambda received, content: seen(10, email(1), received=received, content=content * 16),
    st.integers(10, 12),
    st.sampled_from([b"a", b"b"]),
)


@st.composite
def versions(draw: st.DrawFn) -> Held:
    """A version of one touchpoint: of one epoch only one owner was ever told."""
    epoch = draw(st.integers(0, 3))
    return Held(epoch, OWNERS[epoch], 10, draw(st.none() | COPIES))


@settings(max_examples=300, deadline=None)
@given(versions(), versions())
def test_joining_two_versions_does_not_care_which_came_first(one: Held, other: Held):
    assert later(one, other) == later(other, one)


@settings(max_examples=300, deadline=None)
@given(versions(), versions(), versions())
def test_joining_three_versions_does_not_care_how_they_are_grouped(a: Held, b: Held, c: Held):
    assert later(later(a, b), c) == later(a, later(b, c))


@settings(max_examples=100, deadline=None)
@given(versions(), versions())
def test_a_version_told_again_says_nothing_new(one: Held, other: Held):
    joined = later(one, other)
    assert later(joined, one) is joined
    assert later(joined, other) is joined


def test_the_first_version_is_taken_as_it_is():
    held = Held(0, email(1), 10, None)
    assert later(None, held) is held


def test_inside_an_epoch_the_attribution_beats_the_withdrawal_it_follows():
    given_, taken = Held(2, account(1), 10, seen(10, email(1))), Held(2, account(1), 10, None)
    assert later(given_, taken) == later(taken, given_) == given_


def test_a_withdrawal_of_a_later_epoch_beats_the_attribution():
    assert later(Held(2, account(1), 10, seen(10, email(1))), Held(3, account(1), 10, None)).touchpoint is None


def test_of_two_copies_the_one_received_first_holds_then_the_one_of_least_content():
    early, late = (Held(0, email(1), 10, seen(10, email(1), received=received)) for received in (20, 30))
    assert later(late, early) == early
    small, great = (Held(0, email(1), 10, seen(10, email(1), content=byte * 16)) for byte in (b"a", b"b"))
    assert later(great, small) == small


@pytest.mark.parametrize(
    "value",
    [
        Held(3, account(1), 10, seen(10, account(1), email(2))),
        Held(3, account(1), 10, None),
        Decided(1, account(1), 10),
    ],
)
def test_a_member_is_read_as_it_was_written(value: Held | Decided):
    assert unpack(pack(value), type(value)) == value


def test_a_value_of_another_format_says_what_to_do():
    with pytest.raises(UnknownFormat, match="rebuild from retained evidence"):
        unpack(b"\x02" + pack(1)[1:], int)
