"""The friction of a journey is that of its hits, for as long as any of them can change (docs/rules.md §7.6)."""

import msgspec
import pytest

from schemas.rows import FrictionRow, JourneyRow
from streams.journeys import timeline as tl
from streams.journeys.timeline import Timeline
from streams.journeys.weights import Share, Standing, friction, share_of
from tests.support.rows import BOOK, rows_of, timeline_of
from tests.support.touchpoints import DAY, HOUR, MINUTE, T0, at_time, event

FAILED = [
    event(n * MINUTE, "web", "payment.failed", error="system", task="checkout", threads=("cart_id:C1",)) for n in (0, 1)
]
SLIP = event(
    "10:00", "delivery", "order.eta_changed", direction="internal", threads=("order_id:O1",), eta=("11:00", "15:00"),
)  # fmt: skip
ORDERED = event("09:00", "web", "order.placed", task="checkout", threads=("order_id:O1",))
TOLD = event("10:20", "email", "message.sent", direction="outbound", threads=("order_id:O1",))


def share(pattern: str, weight: float, detected_at: int, hit_id: str = "a") -> Share:
    return Share(detected_at, hit_id, pattern, weight)


def written(timeline: Timeline, as_of: int) -> tuple[list[JourneyRow], list[FrictionRow]]:
    """Take over what changed: the journeys and the hits among it."""
    rows = [row for _, _, row in tl.rows(timeline, "p", as_of, BOOK, touched_only=True)]
    tl.clear_touched(timeline, as_of, BOOK)
    return [row for row in rows if isinstance(row, JourneyRow)], [row for row in rows if isinstance(row, FrictionRow)]


def test_no_hits_are_no_friction():
    assert friction([]) == (0.0, "")


def test_hits_of_different_patterns_add_up_without_reaching_a_hundred():
    assert friction([share("X01", 0.36, 1), share("U13", 0.18, 2)]) == (round(100 * (1 - 0.64 * 0.82), 6), "X01")


def test_each_further_hit_of_a_pattern_weighs_half_of_the_one_before_by_detection():
    shares = [share("X01", 0.4, 3), share("X01", 0.4, 1), share("X01", 0.8, 2)]
    assert friction(shares) == (round(100 * (1 - 0.6 * 0.6 * 0.9), 6), "X01")


def test_of_hits_that_weigh_the_same_the_first_names_the_pattern():
    assert friction([share("X04", 0.2, 2), share("X29", 0.4, 1), share("X01", 0.4, 1, "b")])[1] == "X29"
    assert friction([share("X04", 0.4, 2), share("X04", 0.8, 1), share("X01", 0.4, 3)])[1] == "X04"


def test_the_standing_hits_of_a_journey_are_those_last_written():
    standing, name = Standing(), ("U13@1", b"c")
    (hit,) = [row for row in rows_of(*FAILED) if isinstance(row, FrictionRow)]
    assert standing.note(name, hit) == {hit.journey_id}
    assert standing.note(name, hit) == set()
    assert list(standing.of(hit.journey_id)) == [share_of(hit)]
    worse = msgspec.structs.replace(hit, severity="critical")
    assert standing.note(name, worse) == {hit.journey_id}
    assert list(standing.of(hit.journey_id)) == [share_of(worse)]
    assert standing.note(name, None) == {hit.journey_id}
    assert list(standing.of(hit.journey_id)) == []


def test_a_journey_tells_its_hits_and_which_pattern_weighs_most():
    rows = rows_of(*FAILED)
    (journey,) = [row for row in rows if isinstance(row, JourneyRow)]
    (hit,) = [row for row in rows if isinstance(row, FrictionRow) and row.pattern == "U13"]
    assert (hit.journey_id, journey.hits, journey.top_pattern) == (journey.journey_id, 1, "U13")
    assert journey.friction_score == pytest.approx(hit.score)


def test_a_hit_that_comes_by_time_alone_is_told_of_its_journey_and_taken_back_with_it():
    timeline = timeline_of(ORDERED, SLIP)
    written(timeline, at_time("10:01"))
    (journey,), (hit,) = written(timeline, at_time("10:45"))
    assert (journey.hits, journey.top_pattern, hit.journey_id) == (1, "X23", journey.journey_id)
    tl.take(timeline, TOLD, BOOK)
    (journey,), hits = written(timeline, at_time("10:50"))
    assert (journey.hits, journey.friction_score, journey.top_pattern, hits) == (0, 0.0, "", [])


def test_a_journey_whose_hits_did_not_change_is_not_written_again():
    timeline = timeline_of(*FAILED)
    written(timeline, T0 + HOUR)
    tl.take(timeline, event(2 * HOUR, "kiosk", "page.viewed", task="search"), BOOK)
    journeys, _ = written(timeline, T0 + 3 * HOUR)
    assert [row.task for row in journeys] == ["search"]


def test_a_journey_is_remembered_as_long_as_a_hit_of_it_may_change():
    timeline = timeline_of(*FAILED)
    keys = tl.forget(timeline, "p", T0 + 60 * DAY, BOOK)
    assert [one.task for one in timeline.journeys.all()] == ["checkout"]
    keys += tl.forget(timeline, "p", T0 + 100 * DAY, BOOK)
    assert timeline.journeys.all() == []
    assert len(keys) == len(set(keys)) == 3


def test_a_hit_that_is_forgotten_goes_on_weighing_in_a_journey_that_is_not():
    first = [event(n, "web", "payment.failed", error="system", task="return", threads=("cart_id:C1",)) for n in (0, 1)]
    linked = event(2, "web", task="return", threads=("cart_id:C1", "order_id:O1"))
    again = [event(13 * DAY + n, "web", "payment.failed", error="system", threads=("order_id:O1",)) for n in (0, 1)]
    timeline = timeline_of(*first, linked, *again)
    (before,) = [row for _, _, row in tl.rows(timeline, "p", T0 + 14 * DAY, BOOK, touched_only=False)
                 if isinstance(row, JourneyRow)]  # fmt: skip
    tl.forget(timeline, "p", T0 + 95 * DAY, BOOK)
    stored = tl.decode(tl.encode(timeline))
    (after,) = [row for _, _, row in tl.rows(stored, "p", T0 + 95 * DAY, BOOK, touched_only=False)
                if isinstance(row, JourneyRow)]  # fmt: skip
    assert before.hits == after.hits == 2
    assert before.friction_score == after.friction_score


def test_a_hit_that_comes_weeks_after_its_first_item_is_told_of_the_journey_of_that_item():
    order = ("order_id:O1",)
    first = event(0, "web", "status.viewed", task="track_order", threads=order)
    timeline = timeline_of(first)
    tl.forget(timeline, "p", T0 + 40 * DAY, BOOK)
    for n in range(4):
        tl.take(timeline, event(41 * DAY + n * HOUR, "web", "status.viewed", task="track_order", threads=order), BOOK)
    journeys, hits = written(timeline, T0 + 42 * DAY)
    (hit,) = [row for row in hits if row.pattern == "X22"]
    assert {row.started_at: row.hits for row in journeys}[T0] == 1
    assert {row.journey_id for row in journeys if row.started_at == T0} == {hit.journey_id}
