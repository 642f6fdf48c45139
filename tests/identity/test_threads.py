"""To whom one thing belongs (rules 2.5): wholly to its first claimant, with all that it hangs together with."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.evidence import Claim
from schemas.identifiers import LAST_STRONG_RANK, Ident
from streams.identity.component import Component
from streams.identity.threads import ThreadClaim, component, is_beaten, owner_of, useful
from tests.support.idents import account, device, email, order

ANNA, BEN, MAIL, TABLET = account(1), account(2), email(1), device(1)
EVER = 1 << 60
CLAIMS = st.lists(
    st.builds(
        lambda time, ids, firm, received: ThreadClaim(time, ids, firm or ids[0][0] > LAST_STRONG_RANK, received),
        st.integers(0, 4),
        st.sampled_from([(ANNA,), (BEN,), (ANNA, MAIL), (MAIL,), (TABLET,), (device(2),)]),
        st.booleans(),
        st.integers(0, 4),
    ),
    max_size=8,
)


def claim(time: int, *ids: Ident, firm: bool = True, received: int | None = None) -> ThreadClaim:
    return ThreadClaim(time, ids, firm, time if received is None else received)


# --- the owner


def test_the_first_claimant_has_it_all():
    assert owner_of([claim(20, BEN), claim(10, MAIL)], EVER) == MAIL


def test_of_two_claims_at_one_time_the_stronger_wins():
    assert owner_of([claim(10, BEN), claim(10, ANNA)], EVER) == ANNA


def test_a_firm_claim_wins_over_an_older_observed_one_and_that_over_a_device():
    assert owner_of([claim(1, TABLET), claim(2, MAIL, firm=False), claim(3, BEN)], EVER) == BEN
    assert owner_of([claim(1, TABLET), claim(2, MAIL, firm=False)], EVER) == MAIL
    assert owner_of([claim(1, TABLET)], EVER) == TABLET


def test_nobody_owns_what_nobody_claimed():
    assert owner_of([], EVER) is None


def test_a_claim_received_after_the_cut_owns_nothing():
    claims = [claim(10, ANNA, received=50), claim(20, BEN)]
    assert [owner_of(claims, cut) for cut in (19, 20, 49, 50)] == [None, BEN, BEN, ANNA]


# --- what hangs together


def test_a_thread_alone_is_its_own_component():
    assert component(order(1), {}, EVER) == {order(1)}


def test_threads_hang_together_over_any_number_of_links():
    links = {(order(1), order(2)): 0, (order(2), order(3)): 0, (order(4), order(5)): 0}
    assert component(order(3), links, EVER) == {order(1), order(2), order(3)}


def test_a_link_received_after_the_cut_links_nothing():
    links = {(order(1), order(2)): 50}
    assert component(order(1), links, 49) == {order(1)}
    assert component(order(1), links, 50) == {order(1), order(2)}


# --- what need not be kept


@settings(max_examples=300, deadline=None)
@given(CLAIMS, st.integers(-1, 5))
def test_dropping_useless_claims_changes_no_owner_at_any_cut(claims: list[ThreadClaim], cut: int):
    assert owner_of(useful(claims), cut) == owner_of(claims, cut)


@settings(max_examples=300, deadline=None)
@given(CLAIMS, CLAIMS, st.integers(-1, 5))
def test_useless_claims_may_be_dropped_before_others_come(claims: list[ThreadClaim], more: list[ThreadClaim], cut: int):
    assert owner_of([*useful(claims), *more], cut) == owner_of([*claims, *more], cut)


@settings(max_examples=300, deadline=None)
@given(CLAIMS)
def test_useful_claims_do_not_depend_on_order_or_repeats(claims: list[ThreadClaim]):
    assert useful([*reversed(claims), *claims]) == useful(claims) == useful(useful(claims))


@settings(max_examples=300, deadline=None)
@given(CLAIMS, CLAIMS, st.integers(-1, 5))
def test_a_beaten_claim_changes_no_owner_at_any_cut(known: list[ThreadClaim], told: list[ThreadClaim], cut: int):
    unbeaten = [one for one in told if not is_beaten(one.time, one.ids, one.firm, one.received, known)]
    assert owner_of([*known, *unbeaten], cut) == owner_of([*known, *told], cut)


def test_a_claim_is_beaten_only_by_one_of_its_own_strength():
    known = [claim(1, ANNA)]
    assert is_beaten(2, (BEN,), True, 2, known)
    assert not is_beaten(2, (BEN,), False, 2, known)
    assert not is_beaten(2, (TABLET,), True, 2, known)
    assert not is_beaten(2, (BEN,), True, 0, known)


# --- the component's own memory


def test_every_claimant_stays_known_by_when_it_was_first_seen_though_its_claim_decides_nothing():
    known = Component({})
    known.claim(Claim(order(1), (ANNA,), (10,), (10,)))
    known.claim(Claim(order(1), (BEN,), (30, 20), (30, 20)))
    assert known.claims[order(1)] == [claim(10, ANNA)]
    assert known.firsts == {order(1): {ANNA: 10, BEN: 20}}


def test_a_claim_on_one_thread_owns_all_that_hang_together():
    known = Component({})
    known.claim(Claim(order(2), (ANNA,), (10,), (10,)))
    known.link((order(1), order(2)), 40)
    known.reconsider()
    assert known.owner(order(1), 39) == ({order(1)}, None)
    assert known.owner(order(1), 40) == ({order(1), order(2)}, ANNA)
