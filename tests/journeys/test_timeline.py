"""The timeline of one person: what is shown as of an instant, and that it stays small."""

import pytest

from schemas.rows import Table
from streams.journeys import timeline as tl
from streams.journeys.timeline import FormatError, Timeline
from streams.patterns.matcher import TRACES_MAX
from tests.support.rows import BOOK, timeline_of
from tests.support.touchpoints import DAY, HOUR, MINUTE, T0, at_time, event

SLIP = event(
    "10:00", "delivery", "order.eta_changed", direction="internal", threads=("order_id:O1",), eta=("11:00", "15:00")
)
TOLD = event("10:20", "email", "message.sent", direction="outbound", threads=("order_id:O1",))


def hits(timeline: Timeline, as_of: str) -> list[tuple[str, bool]]:
    written = tl.rows(timeline, "p", at_time(as_of), BOOK, touched_only=True)
    return [(str(key[1]), row is not None) for table, key, row in written if table is Table.FRICTION]


def test_an_absence_is_shown_by_time_alone_and_taken_back_when_the_message_still_comes():
    timeline = timeline_of(SLIP)
    tl.clear_touched(timeline, at_time("10:01"), BOOK)
    assert tl.due(timeline, at_time("10:01"), BOOK) == at_time("10:45")
    assert hits(timeline, "10:44") == []
    ((hit_id, shown),) = hits(timeline, "10:45")
    assert shown
    tl.clear_touched(timeline, at_time("10:45"), BOOK)
    tl.take(timeline, TOLD, BOOK)
    assert hits(timeline, "10:50") == [(hit_id, False)]


def test_a_customer_who_comes_daily_for_a_year_stays_small():
    seed, sizes = Timeline(), []
    for day in range(365):
        for touch in range(4):
            at, cart = day * DAY + touch * 20 * MINUTE, (f"cart_id:C{day}",)
            tl.take(seed, event(at, "web", "checkout.failed", outcome="failed", task="checkout", threads=cart), BOOK)
            tl.take(seed, event(at + 1, "app", "payment.failed", error="system", threads=cart), BOOK)
        tl.take(seed, event(day * DAY + 2 * HOUR, "support", "contact.started", task="checkout"), BOOK)
        tl.forget(seed, "p", T0 + day * DAY, BOOK)
        sizes.append(len(tl.encode(seed)))
    assert max(sizes[200:]) <= max(sizes[:200]) * 1.05
    assert all(len(matches.groups) <= TRACES_MAX + 16 for matches in seed.friction.values())
    assert len(seed.journeys.all()) < 30 + TRACES_MAX  # a journey is kept with its hits
    assert len(seed.sessions.past) < 12


def test_a_customer_who_never_comes_back_is_forgotten():
    timeline = timeline_of(event(0), SLIP, TOLD, event("12:00", "support", "contact.started"))
    keys = tl.forget(timeline, "p", T0 + 91 * DAY, BOOK)
    assert {table for table, _ in keys} == {Table.SESSIONS, Table.JOURNEYS}
    assert tl.is_empty(timeline)


def test_a_message_may_be_late_within_a_batch_without_touching_what_it_does_not_concern():
    timeline = timeline_of(SLIP, event("10:05", "web"))
    tl.clear_touched(timeline, at_time("10:50"), BOOK)
    tl.take(timeline, event("10:51", "web"), BOOK)
    written = tl.rows(timeline, "p", at_time("10:52"), BOOK, touched_only=True)
    assert {table for table, _, _ in written} == {Table.SESSIONS, Table.JOURNEYS}


def test_another_format_is_refused_with_its_number():
    encoded = tl.encode(timeline_of(event(0)))
    with pytest.raises(FormatError, match="format 09, this version reads 2"):
        tl.decode(b"\x09" + encoded[1:])
