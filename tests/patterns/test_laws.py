"""Laws of the thirteen patterns: equal touchpoints give equal hits, however they were folded, kept and forgotten."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rows import FrictionRow
from schemas.touchpoint import Touchpoint
from streams.journeys import timeline as tl
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline
from streams.patterns.matches import EVIDENCE_MAX, NEVER
from streams.patterns.tallies import SEEN_MAX
from tests.patterns.stories import touchpoints
from tests.support.touchpoints import DAY, HOUR, MINUTE, event

BOOK = load_book()
DELAYS = st.sampled_from([0, 1, 20 * MINUTE, 45 * MINUTE, 3 * HOUR, 25 * HOUR, 5 * DAY, 20 * DAY, 100 * DAY])


def folded(told: list[Touchpoint], onto: Timeline | None = None) -> Timeline:
    timeline = onto if onto is not None else Timeline()
    for touchpoint in told:
        tl.take(timeline, touchpoint, BOOK)
    return timeline


def hits_of(timeline: Timeline, as_of: int) -> dict[str, FrictionRow]:
    written = tl.rows(timeline, "p", as_of, BOOK, touched_only=False)
    return {row.hit_id: row for _, _, row in written if isinstance(row, FrictionRow)}


@settings(max_examples=70, deadline=None)
@given(touchpoints(), st.integers(0, 30), DELAYS)
def test_stored_and_restored_anywhere_it_finds_the_same(told: list[Touchpoint], cut: int, delay: int):
    as_of = told[-1].event_time + delay
    stored = tl.decode(tl.encode(folded(told[:cut])))
    assert hits_of(folded(told[cut:], stored), as_of) == hits_of(folded(told), as_of)


@settings(max_examples=70, deadline=None)
@given(touchpoints(), st.data())
def test_hits_taken_over_step_by_step_equal_hits_written_at_once(told: list[Touchpoint], data: st.DataObject):
    timeline, published, as_of = Timeline(), dict[object, FrictionRow](), 0
    for number, touchpoint in enumerate(told):
        tl.take(timeline, touchpoint, BOOK)
        if number == len(told) - 1 or data.draw(st.booleans()):
            as_of = max(as_of, touchpoint.event_time + data.draw(DELAYS))
            for _, key, row in tl.rows(timeline, "p", as_of, BOOK, touched_only=True):
                published.pop(key, None)
                if isinstance(row, FrictionRow):
                    published[key] = row
            tl.clear_touched(timeline, as_of, BOOK)
            expected = hits_of(folded(told[: number + 1]), as_of)
            assert {row.hit_id: row for row in published.values()} == expected


@settings(max_examples=70, deadline=None)
@given(touchpoints(), st.integers(0, 30), DELAYS)
def test_what_is_forgotten_was_final_and_the_rest_is_found_as_before(told: list[Touchpoint], cut: int, delay: int):
    as_of = told[-1].event_time + delay
    later = told[cut:]
    floor = later[0].event_time if later else as_of
    seed = folded(told[:cut])
    before = hits_of(folded(told), as_of)
    gone = {key[1] for _, key in tl.forget(seed, "p", floor, BOOK)}
    expected = {hit_id: row for hit_id, row in before.items() if hit_id not in gone}
    assert hits_of(folded(later, tl.copy(seed)), as_of) == expected
    live = folded(told)
    assert {key[1] for _, key in tl.forget(live, "p", floor, BOOK)} == gone
    assert hits_of(live, as_of) == expected


@settings(max_examples=50, deadline=None)
@given(touchpoints())
def test_what_is_remembered_is_bounded(told: list[Touchpoint]):
    timeline = folded(told)
    for state_key, matches in timeline.friction.items():
        pattern = BOOK.catalogue.by_state_key[state_key]
        alive = {line.name for line in matches.lines.values()}
        for name, group in matches.groups.items():
            assert len(group.signs) <= EVIDENCE_MAX
            assert all(len(tally.texts) <= SEEN_MAX and len(tally.times) <= 4 for tally in group.tallies)
            is_idle = group.completed_at == NEVER and not group.waits
            if pattern.closes_with_line and not pattern.key_ranks:
                assert name in alive or not is_idle


def test_nothing_is_left_of_a_task_that_was_done():
    timeline = Timeline()
    tl.take(timeline, event(0, "web", task="checkout"), BOOK)
    assert timeline.friction
    tl.take(timeline, event(1, "app", task="checkout", outcome="completed"), BOOK)
    assert not any(matches.groups or matches.lines for matches in timeline.friction.values())
