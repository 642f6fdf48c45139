"""Whose the anonymous touchpoints of a device were (rules 2.6): a switch of user is not a merge."""

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.identity.rules import DAY_MS, MINUTE_MS, IdentityRules
from streams.identity.sittings import ClaimPoint, Ownership, Span, decide, decided_anew
from tests.support.idents import account, device, email, seen

RULES = IdentityRules()
ANNA, BEN, MAIL = account(1), account(2), email(1)
TABLET = device(1)
START = 100 * DAY_MS


def at(minute: float) -> int:
    return START + round(minute * MINUTE_MS)


def claim(minute: float, *ids: Ident, firm: bool = True, received: float | None = None) -> ClaimPoint:
    return ClaimPoint(at(minute), ids, firm, at(minute if received is None else received))


def sign_out(minute: float) -> ClaimPoint:
    return claim(minute)


def viewed(minute: float) -> Touchpoint:
    return seen(at(minute), TABLET)


def stamp(minute: float, *ids: Ident) -> bytes:
    return at(minute).to_bytes(8, "big", signed=True) + b"".join(ids[:1])


def owners(minutes: list[float], *claims: ClaimPoint, spans: tuple[Span, ...] = ()) -> list[Ownership]:
    touchpoints = [viewed(minute) for minute in minutes]
    decided = decide(touchpoints, claims, spans, RULES)
    return [decided[touchpoint.key] for touchpoint in touchpoints]


def test_a_device_nobody_claims_is_an_anonymous_person():
    assert owners([0, 90]) == [Ownership(None), Ownership(None)]


def test_a_sitting_with_one_owner_is_theirs_from_its_beginning():
    assert owners([0, 10, 40], claim(20, ANNA)) == [Ownership(ANNA)] * 3


def test_half_an_hour_is_the_same_sitting_and_a_millisecond_more_is_another():
    assert owners([0], claim(30, ANNA)) == [Ownership(ANNA)]
    assert owners([0], claim(30 + 1 / MINUTE_MS, ANNA)) == [Ownership(None)]


def test_in_a_sitting_of_two_each_follows_the_newest_claim_before_it():
    told = owners([0, 5, 15, 25], claim(2, ANNA), claim(10, BEN))
    assert told == [Ownership(None), Ownership(ANNA), Ownership(BEN), Ownership(BEN)]


def test_a_claim_stands_before_a_touchpoint_of_its_time_and_a_sign_out_after_it():
    assert owners([10], claim(2, BEN), claim(10, ANNA)) == [Ownership(ANNA)]
    assert owners([10, 11], claim(2, ANNA), sign_out(10)) == [Ownership(ANNA), Ownership(None, stamp(10))]


def test_of_two_claims_at_one_time_the_strongest_is_the_newest():
    assert owners([20], claim(10, ANNA), claim(10, BEN)) == [Ownership(ANNA)]


def test_a_sign_out_ends_the_sitting_so_that_a_second_owner_does_not_reach_back():
    told = owners([5, 20], claim(0, ANNA), sign_out(10), claim(25, BEN))
    assert told == [Ownership(ANNA), Ownership(BEN)]


def test_claims_that_share_an_identifier_are_of_one_owner():
    assert owners([0], claim(5, MAIL), claim(10, ANNA, MAIL)) == [Ownership(ANNA)]


def test_claims_that_name_two_accounts_are_of_two_owners_though_they_share_an_address():
    told = owners([0, 12], claim(5, ANNA, MAIL), claim(10, BEN, MAIL))
    assert told == [Ownership(None), Ownership(BEN)]


def test_a_sitting_without_a_claim_follows_the_newest_before_it():
    assert owners([300], claim(0, ANNA), claim(100, BEN)) == [Ownership(BEN)]


def test_ownership_lasts_thirty_days_to_the_millisecond():
    days = 30 * DAY_MS // MINUTE_MS
    assert owners([days], claim(0, ANNA)) == [Ownership(ANNA)]
    assert owners([days + 1 / MINUTE_MS], claim(0, ANNA)) == [Ownership(None, stamp(0, ANNA))]


def test_after_a_sign_out_nobody_owns_and_the_stretch_is_named_by_it():
    assert owners([100], claim(0, ANNA), sign_out(10)) == [Ownership(None, stamp(10))]


def test_an_observed_claim_owns_a_sitting_that_has_no_firm_one():
    assert owners([0], claim(5, MAIL, firm=False)) == [Ownership(MAIL)]


def test_an_observed_claim_is_nowhere_the_newest_beside_a_firm_one():
    told = owners([10, 100], claim(0, ANNA), claim(5, MAIL, firm=False))
    assert told == [Ownership(ANNA), Ownership(ANNA)]


def test_a_dropped_claim_still_counts_for_the_cutting():
    assert owners([50], claim(0, ANNA), claim(25, MAIL, firm=False), claim(75, BEN)) == [Ownership(ANNA)]


def test_a_claim_received_after_the_cut_of_a_touchpoint_does_not_count_for_it():
    keep = RULES.keep_ms // MINUTE_MS
    told = owners([0, 1], claim(2, ANNA, received=keep + 0.5))
    assert told == [Ownership(None), Ownership(ANNA)]


def test_forgotten_activity_still_holds_a_sitting_together():
    silent = owners([0], claim(55, ANNA))
    bridged = owners([0], claim(55, ANNA), spans=(Span(at(25), at(30)),))
    assert (silent, bridged) == ([Ownership(None)], [Ownership(ANNA)])


def test_what_is_looked_at_only_for_what_follows_it_is_not_decided_again():
    touchpoints = [viewed(minute) for minute in (100, 120, 200)]
    claims = [claim(0, ANNA), sign_out(110), claim(115, BEN)]
    whole = decide(touchpoints, claims, (), RULES)
    first, seen_again, counted, spans = decided_anew(touchpoints, claims, (), at(200), RULES)
    anew = decide(seen_again, counted, spans, RULES)
    assert [whole[touchpoint.key].owner for touchpoint in touchpoints] == [ANNA, BEN, BEN]
    assert (first, len(seen_again), len(counted)) == (at(200), 3, 2)
    assert anew[touchpoints[2].key] == whole[touchpoints[2].key]
    assert anew[touchpoints[0].key] != whole[touchpoints[0].key]
