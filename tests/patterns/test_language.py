"""The language beyond the catalogue: what its parts mean together, in patterns nobody ships."""

import pytest

from schemas.rows import FrictionRow
from schemas.touchpoint import Touchpoint, order_key
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline, rows, take
from streams.patterns.loader import PatternError, load_pattern
from streams.patterns.pattern import Pattern
from tests.patterns.test_loader import GOOD
from tests.support.touchpoints import DAY, HOUR, MINUTE, at_time, event

EXAMPLES = GOOD[GOOD.index("[[examples]]") :]
HEAD = 'id = "X99"\nname = "a_test"\nversion = 1\nowner = "tests"\nmeaning = "A test."\n'
LOW = '[[verdicts]]\nseverity = "info"\nconfidence = 1\n'
CONTACT = '[[clauses]]\nkind = "sequence"\nname = "contact"\nmatch = { contact = true }\nwithin = "2h"\n'
SEARCHES = '[items]\nmatch = { name = ["search.performed"] }\n[key]\nlines = [{ by = ["brand"] }]\nwithin = "2h"\n'


def pattern(*parts: str, verdicts: str = LOW) -> Pattern:
    return load_pattern(HEAD + "\n".join(parts) + verdicts + EXAMPLES, "X99.toml")


def fired(one: Pattern, *told: Touchpoint, as_of: str | int = "400d") -> list[FrictionRow]:
    book, timeline = load_book(patterns=(one,)), Timeline()
    for touchpoint in sorted(told, key=order_key):
        take(timeline, touchpoint, book)
    written = rows(timeline, "p", at_time(as_of), book, touched_only=False)
    return [row for *_, row in written if isinstance(row, FrictionRow)]


def search(at: int, channel: str = "web", **told: object) -> Touchpoint:
    return event(at, channel, "search.performed", **told)  # type: ignore[arg-type]


def call(at: int, **told: object) -> Touchpoint:
    return event(at, "support", "contact.started", **told)  # type: ignore[arg-type]


def test_what_follows_a_run_follows_an_item_by_which_it_is_long_enough():
    run = '[[clauses]]\nkind = "run"\nname = "searches"\nat_least = 3\ngap = "10m"\n'
    one = pattern(SEARCHES, run, CONTACT)
    two = [search(0), search(MINUTE)]
    assert fired(one, *two, call(HOUR)) == []
    assert fired(one, *two, call(90 * MINUTE), search(100 * MINUTE), call(2 * HOUR)) == []
    (hit,) = fired(one, *two, search(9 * MINUTE), call(HOUR), call(3 * HOUR))
    assert (len(hit.evidence), hit.severity, hit.score) == (4, "info", 3.0)


def test_what_is_missing_after_a_count_is_missed_from_the_item_that_completes_it():
    count = '[[clauses]]\nkind = "count"\nname = "searches"\nat_least = 2\n'
    missing = (
        '[[clauses]]\nkind = "absence"\nname = "nothing found"\nmatch = { name = ["item.viewed"] }\nwithin = "5m"\n'
    )
    one = pattern(SEARCHES, count, missing)
    found = event(8 * MINUTE, "web", "item.viewed")
    assert fired(one, search(0), found) == []
    assert fired(one, search(0), search(4 * MINUTE), found) == []
    (hit,) = fired(one, search(0), search(2 * MINUTE), search(4 * MINUTE), found)
    assert (hit.detected_at, len(hit.evidence)) == (at_time(7 * MINUTE), 3)


def test_counts_may_be_of_some_items_within_a_while():
    count = '[[clauses]]\nkind = "count"\nname = "in vain"\nat_least = 2\nwithin = "5m"\nmatch = { fault = true }\n'
    one = pattern(SEARCHES, count)
    told = [search(0, outcome="failed"), search(MINUTE), search(6 * MINUTE, outcome="failed")]
    assert fired(one, *told) == []
    (hit,) = fired(one, *told, search(11 * MINUTE, outcome="failed"))
    assert (hit.detected_at, len(hit.evidence)) == (at_time(11 * MINUTE), 4)


def test_a_sequence_under_the_key_passes_over_other_keys():
    threads = '[items]\nmatch = { name = ["a.b"] }\n[key]\nthreads = ["order_id"]\n'
    a, same, other = (event(0, "web", "a.b", threads=("order_id:O1",)), ("order_id:O1",), ("order_id:O2",))
    by_key = pattern(threads, CONTACT + 'join = "key"\n')
    by_key_or_none = pattern(threads, CONTACT + 'join = "key_or_none"\n')
    assert [len(fired(by_key, a, call(HOUR, threads=one))) for one in (same, other, ())] == [1, 0, 0]
    assert [len(fired(by_key_or_none, a, call(HOUR, threads=one))) for one in (same, other, ())] == [1, 0, 1]


def test_related_may_ask_for_several_fields_at_once():
    one = pattern(SEARCHES, CONTACT + 'related = [["brand", "intent"], ["case_id"]]\nmust_relate = true\n')
    asked = search(0, intent="where", threads=("case_id:C1", "order_id:O1"))
    assert len(fired(one, asked, call(1, intent="where"))) == 1
    assert fired(one, asked, call(1, intent="where", brand="grill")) == []
    assert fired(one, asked, call(1, threads=("order_id:O1",))) == []
    assert len(fired(one, asked, call(1, threads=("case_id:C1",)))) == 1


def test_the_first_verdict_that_holds_is_the_hits():
    verdicts = (
        '[[verdicts]]\nrelated = true\nany = { outcome = ["failed"] }\nseverity = "critical"\nconfidence = 0.5\n'
        '[[verdicts]]\nrelated = true\nseverity = "high"\nconfidence = 0.5\n' + LOW
    )
    one = pattern(SEARCHES, CONTACT + 'related = [["task"]]\n', verdicts=verdicts)
    told = [search(0, task="search"), call(MINUTE, task="search")]
    assert [hit.severity for hit in fired(one, *told)] == ["high"]
    assert [hit.severity for hit in fired(one, search(1, outcome="failed"), *told)] == ["critical"]
    assert [hit.severity for hit in fired(one, search(0), *told[1:])] == ["info"]


def test_what_ends_a_line_ends_it_for_good():
    ends = SEARCHES + 'ends = { name = ["item.viewed"] }\n'
    run = '[[clauses]]\nkind = "run"\nname = "searches"\nat_least = 2\ngap = "1h"\n'
    one = pattern(ends, run)
    seen = event(MINUTE, "web", "item.viewed")
    assert fired(one, search(0), seen, search(2 * MINUTE)) == []
    assert len(fired(one, search(0), search(MINUTE - 1), seen)) == 1
    assert len(fired(one, search(0), event(MINUTE, "web", "item.viewed", brand="grill"), search(2 * MINUTE))) == 1


def test_parameters_differ_by_channel_brand_and_task():
    overrides = (
        '[parameters]\nwindow = "1h"\n[[overrides]]\nchannel = ["app"]\nparameters = { window = "10m" }\n'
        '[[overrides]]\nchannel = ["app"]\nbrand = ["grill"]\nparameters = { window = "2h" }\n'
    )
    one = pattern(overrides, SEARCHES, CONTACT.replace('"2h"', '"$window"'))
    assert len(fired(one, search(0), call(30 * MINUTE))) == 1
    assert fired(one, search(0, "app"), call(30 * MINUTE)) == []
    (hit,) = fired(one, search(0, "app", brand="grill"), call(90 * MINUTE))
    assert hit.parameters == {"window": "2h"}


def test_what_is_known_of_a_thread_is_forgotten_ninety_days_after_its_newest_item():
    threads = '[items]\nmatch = { name = ["a.b"] }\n[key]\nthreads = ["order_id"]\n'
    one = pattern(threads, '[[clauses]]\nkind = "count"\nname = "two"\nat_least = 2\n')
    told = [event(at, "web", "a.b", threads=("order_id:O1",)) for at in (0, 90 * DAY)]
    assert len(fired(one, *told)) == 1
    late = event(90 * DAY + 1, "web", "a.b", threads=("order_id:O1",))
    assert fired(one, told[0], late) == []


def test_a_hit_stands_though_its_thread_comes_up_again_after_more_than_ninety_days():
    threads = '[items]\nmatch = { name = ["a.b"] }\n[key]\nthreads = ["order_id"]\n'
    one = pattern(threads, '[[clauses]]\nkind = "count"\nname = "two"\nat_least = 2\n')
    told = [event(at, "web", "a.b", threads=("order_id:O1",)) for at in (0, 1, 100 * DAY)]
    (hit,) = fired(one, *told)
    assert hit.detected_at == at_time(1)


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ((CONTACT, CONTACT.replace('"contact"', '"again"', 1)), "a way is decided by one thing that follows"),
        ((CONTACT + 'decides = "severity"\n',), "a way to be a hit names clauses, each once"),
        ((CONTACT + "must_relate = true\n",), "must_relate needs related"),
        (('[[clauses]]\nkind = "count"\nname = "a"\nsince = { contact = true }\n',), "since needs within"),
        (('[[clauses]]\nkind = "along"\nname = "a"\nmatch = {}\n', CONTACT), "no verdict asks whether a is met"),
        (('[[clauses]]\nkind = "run"\nname = "a"\nat_least = 0\ngap = "1h"\n',), "at_least must be at least 1"),
        ((CONTACT.replace("2h", "3h"),), "no clause may look further than key.within"),
    ],
)
def test_what_can_not_be_meant_is_refused(parts: tuple[str, ...], refused: str):
    with pytest.raises(PatternError, match=refused):
        pattern(SEARCHES, *parts)
