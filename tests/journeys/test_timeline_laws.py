"""Laws of the timeline: equal touchpoints and equal `as_of` give equal rows, however they were folded and kept."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows import Row, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.journeys import timeline as tl
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline
from tests.support.stories import timelines
from tests.support.touchpoints import DAY, HOUR, MINUTE, T0

BOOK = load_book()
DELAYS = st.sampled_from([-HOUR, 0, 1, 20 * MINUTE, 50 * MINUTE, 3 * HOUR, 30 * HOUR, 5 * DAY, 20 * DAY])
Rows = dict[tuple[Table, RowKey], Row]


def folded(touchpoints: list[Touchpoint], onto: Timeline | None = None) -> Timeline:
    timeline = onto if onto is not None else Timeline()
    for touchpoint in touchpoints:
        tl.take(timeline, touchpoint, BOOK)
    return timeline


def rows_of(timeline: Timeline, as_of: int) -> Rows:
    written = tl.rows(timeline, "p", as_of, BOOK, touched_only=False)
    assert len({(table, key) for table, key, _ in written}) == len(written)
    return {(table, key): row for table, key, row in written if row is not None}


def publish(published: Rows, timeline: Timeline, as_of: int) -> None:
    for table, key, row in tl.rows(timeline, "p", as_of, BOOK, touched_only=True):
        if row is None:
            published.pop((table, key), None)
        else:
            published[table, key] = row
    tl.clear_touched(timeline, as_of, BOOK)


@settings(max_examples=150, deadline=None)
@given(timelines(), st.data())
def test_rows_taken_over_step_by_step_equal_rows_written_at_once(touchpoints: list[Touchpoint], data: st.DataObject):
    timeline, published, as_of = Timeline(), dict[tuple[Table, RowKey], Row](), T0 - 1
    for touchpoint in touchpoints:
        tl.take(timeline, touchpoint, BOOK)
        if data.draw(st.booleans()):
            as_of = max(as_of, touchpoint.event_time + data.draw(DELAYS))
            publish(published, timeline, as_of)
            assert published == rows_of(folded(touchpoints[: touchpoints.index(touchpoint) + 1]), as_of)
    as_of = max(as_of, touchpoints[-1].event_time + data.draw(DELAYS))
    publish(published, timeline, as_of)
    assert published == rows_of(folded(touchpoints), as_of)


@settings(max_examples=100, deadline=None)
@given(timelines(), DELAYS)
def test_no_row_changes_by_time_before_it_is_due(touchpoints: list[Touchpoint], delay: int):
    timeline = folded(touchpoints)
    as_of = touchpoints[-1].event_time + delay
    for _ in range(200):
        written = rows_of(timeline, as_of)
        next_at = tl.due(timeline, as_of, BOOK)
        if next_at is None:
            assert rows_of(timeline, as_of + 400 * DAY) == written
            return
        assert next_at > as_of
        assert rows_of(timeline, next_at - 1) == written
        tl.clear_touched(timeline, as_of, BOOK)
        as_of = next_at
    raise AssertionError("time changes rows for ever")


@settings(max_examples=150, deadline=None)
@given(timelines(), st.data())
def test_what_is_forgotten_was_final_and_the_rest_stays_as_it_is(touchpoints: list[Touchpoint], data: st.DataObject):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(touchpoints)), min_size=1, max_size=3)))
    as_of = touchpoints[-1].event_time + data.draw(DELAYS)
    whole = folded(touchpoints)
    seed, live, gone, before = Timeline(), folded(touchpoints), set[tuple[Table, RowKey]](), 0
    for cut in cuts:
        later = touchpoints[cut:]
        floor = later[0].event_time if later else touchpoints[-1].event_time + data.draw(DELAYS)
        floor = max(floor, touchpoints[-1].event_time) if not later else floor
        as_of = max(as_of, floor)
        folded(touchpoints[before:cut], seed)
        before = cut
        unseen = {key: row for key, row in rows_of(whole, floor).items() if key not in gone}
        keys = tl.forget(seed, "p", floor, BOOK)
        assert keys == sorted(keys, key=keys.index)
        assert set(keys) == set(tl.forget(live, "p", floor, BOOK, tl.held(seed)))
        for key in keys:
            assert rows_of(whole, as_of)[key] == unseen[key]
        gone |= set(keys)
        again = folded(later, tl.copy(seed))
        expected = {key: row for key, row in rows_of(whole, as_of).items() if key not in gone}
        assert rows_of(again, as_of) == expected
        assert rows_of(live, as_of) == expected


@settings(max_examples=100, deadline=None)
@given(timelines(), st.integers(0, 40), DELAYS)
def test_a_stored_timeline_goes_on_as_if_it_had_stayed(touchpoints: list[Touchpoint], cut: int, delay: int):
    stored = tl.decode(tl.encode(folded(touchpoints[:cut])))
    as_of = touchpoints[-1].event_time + delay
    assert rows_of(folded(touchpoints[cut:], stored), as_of) == rows_of(folded(touchpoints), as_of)


@settings(max_examples=100, deadline=None)
@given(timelines(), DELAYS)
def test_writing_rows_changes_nothing(touchpoints: list[Touchpoint], delay: int):
    timeline = folded(touchpoints)
    before = tl.encode(timeline)
    rows_of(timeline, touchpoints[-1].event_time + delay)
    assert tl.encode(timeline) == before
