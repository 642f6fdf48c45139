"""What a device may forget: never anything by which a remembered touchpoint would change hands."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.identity.compaction import compact
from streams.identity.rules import IdentityRules
from streams.identity.sittings import ClaimPoint, Ownership, Span, decide
from tests.support.idents import account, device, email, seen

RULES = IdentityRules(horizon_ms=15, keep_ms=60, sitting_gap_ms=10, ownership_ms=50)
ANNA, BEN, MAIL, TABLET = account(1), account(2), email(1), device(1)
TIMES = st.integers(0, 160)
IDS = st.sampled_from([(ANNA,), (BEN,), (MAIL,), (ANNA, MAIL), ()])
DELAYS = st.sampled_from([0, 0, 0, 5, 40, 100])
CLAIMS = st.lists(
    st.builds(lambda time, ids, firm, late: ClaimPoint(time, ids, firm or not ids, time + late),
              TIMES, IDS, st.booleans(), DELAYS),
    max_size=14, unique_by=lambda point: (point.time, point.ids, point.firm),
)  # fmt: skip
VISITS = st.lists(TIMES, max_size=14, unique=True)


def viewed(times: list[int]) -> list[Touchpoint]:
    return [seen(time, TABLET) for time in times]


def owners(times: list[int], claims: list[ClaimPoint], spans: list[Span], since: int) -> dict[int, Ownership]:
    touchpoints = viewed(times)
    decided = decide(touchpoints, claims, spans, RULES)
    return {one.event_time: decided[one.key] for one in touchpoints if one.event_time >= since}


def forget(
    times: list[int], claims: list[ClaimPoint], spans: list[Span], before: int
) -> tuple[list[int], list[ClaimPoint], list[Span]]:
    old = [Span(time, time) for time in times if time < before]
    kept, merged = compact(claims, [*spans, *old], before, RULES)
    return [time for time in times if time >= before], kept, merged


def used(time: int, who: Ident, *, firm: bool = True, received: int | None = None) -> ClaimPoint:
    return ClaimPoint(time, (who,), firm, time if received is None else received)


@settings(max_examples=500, deadline=None)
@given(VISITS, CLAIMS, st.lists(TIMES, min_size=1, max_size=3).map(sorted))
@example([9, 120], [used(0, ANNA), used(18, MAIL, firm=False)], [100])  # a firm claim in the sitting drops the newest
@example([120, 150], [used(0, ANNA), used(18, BEN, received=183)], [100])  # the newest came too late for some
@example(list(range(0, 300, 8)), [used(0, ANNA), used(16, BEN)], [100, 140])  # a sitting that never ends
def test_forgetting_changes_no_decision_on_what_is_remembered(
    times: list[int], claims: list[ClaimPoint], floors: list[int]
):
    left, kept, spans = times, claims, list[Span]()
    for before in floors:
        left, kept, spans = forget(left, kept, spans, before)
    assert owners(left, kept, spans, floors[-1]) == owners(times, claims, [], floors[-1])


def test_a_run_of_claims_of_one_owner_folds_into_its_ends():
    kept, spans = compact([ClaimPoint(time, (ANNA,), True, time) for time in (0, 5, 10, 15)], [], 20, RULES)
    assert [point.time for point in kept] == [0, 15]
    assert spans == [Span(0, 15)]


def test_a_run_ends_where_another_owner_comes_between():
    claims = [used(0, ANNA), used(1, ANNA), used(2, ANNA), used(3, BEN), used(4, ANNA)]
    kept, _ = compact(claims, [], 20, RULES)
    assert [point.time for point in kept] == [0, 2, 3, 4]


def test_claims_of_remembered_times_are_all_kept():
    claims = [ClaimPoint(time, (ANNA,), True, time) for time in (20, 21, 22, 23)]
    assert compact(claims, [], 20, RULES)[0] == claims


def test_claims_that_own_nothing_any_more_go_but_for_the_newest_sitting():
    claims = [ClaimPoint(time, (ANNA,), True, time) for time in (0, 30, 35)]
    kept, _ = compact(claims, [], 100, RULES)
    assert [point.time for point in kept] == [30, 35]


def test_a_sign_out_still_cuts_between_two_stretches_of_forgotten_activity():
    _, spans = compact([ClaimPoint(5, (), True, 5)], [Span(0, 4), Span(6, 8)], 20, RULES)
    assert spans == [Span(0, 4), Span(6, 8)]
    assert compact([], [Span(0, 4), Span(6, 8)], 20, RULES)[1] == [Span(0, 8)]


def test_activity_too_old_to_touch_a_sitting_that_matters_is_forgotten():
    assert compact([], [Span(0, 5), Span(30, 80)], 100, RULES)[1] == [Span(30, 80)]


def test_a_device_keeps_no_more_claims_than_its_limit_and_keeps_the_newest():
    claims = [ClaimPoint(time, (email(time),), True, time) for time in range(5_000)]
    kept, _ = compact(claims, [], 0, IdentityRules())
    assert [point.time for point in kept] == list(range(5_000 - 4_096, 5_000))
