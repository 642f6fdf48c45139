"""Explaining: what a pattern saw of a customer is what the engine did, and every clause says why."""

import pytest
from hypothesis import given, settings

from schemas.rows import FrictionRow
from schemas.touchpoint import Touchpoint
from streams.explanations.explain import Explanation, KeyStory, explain
from streams.journeys import timeline as tl
from streams.journeys.book import load_book
from streams.patterns.examples import Example
from streams.patterns.loader import load_catalogue
from streams.patterns.pattern import Pattern
from streams.patterns.rehearsal import instant, touchpoints_of
from tests.patterns.stories import touchpoints
from tests.support.touchpoints import DAY, HOUR, MINUTE, at_time, event

CATALOGUE = {pattern.id: pattern for pattern in load_catalogue()}
CASES = [(pattern, example) for pattern in CATALOGUE.values() for example in pattern.written.examples]
CART = ("cart_id:C1",)
FAILED = event("10:00", "web", "checkout.failed", outcome="failed", task="checkout", threads=CART)


def explained(pattern: str, *told: Touchpoint, as_of: str | int = "400d") -> Explanation:
    return explain(CATALOGUE[pattern], told, at_time(as_of))


def why(key: KeyStory, clause: str) -> str:
    return next(one.why for one in key.clauses if one.name == clause)


@pytest.mark.parametrize(("pattern", "example"), CASES, ids=[f"{p.id}: {e.says}" for p, e in CASES])
def test_an_example_is_explained_as_it_fires(pattern: Pattern, example: Example):
    told = explain(pattern, touchpoints_of(example), instant(example.as_of))
    assert [key.severity for key in told.keys if key.severity] == ([example.severity] if example.severity else [])
    assert all(clause.why for key in told.keys for clause in key.clauses)
    assert told.keys or told.left_out


@settings(max_examples=60, deadline=None)
@given(touchpoints())
def test_what_is_explained_as_a_hit_is_one_and_nothing_else(told: list[Touchpoint]):
    as_of = told[-1].event_time + 30 * HOUR
    for pattern in CATALOGUE.values():
        book, timeline = load_book(patterns=(pattern,)), tl.Timeline()
        for touchpoint in told:
            tl.take(timeline, touchpoint, book)
        written = tl.rows(timeline, "p", as_of, book, touched_only=False)
        found = {(row.hit_key, row.severity, row.detected_at) for *_, row in written if isinstance(row, FrictionRow)}
        keys = explain(pattern, told, as_of).keys
        assert {(key.hit_key, key.severity, key.detected_at) for key in keys if key.severity} == found


def test_a_clause_that_is_met_says_when_and_by_what():
    call = event("11:00", "support", "contact.started", task="checkout")
    (key,) = explained("X01", call, FAILED).keys
    (clause,) = key.clauses
    assert (key.about, key.severity, key.confidence, key.detected_at) == ("cart_id", "high", 0.9, call.event_time)
    assert (clause.met, clause.at) == (True, call.event_time)
    assert clause.why.startswith("by support:contact.started at ")
    assert "at most 24h (window)" in clause.asks


def test_what_came_too_late_says_how_late():
    done = event("10:01", "web", "order.placed", outcome="completed", task="checkout", threads=CART)
    call = event(35 * HOUR, "support", "contact.started")
    (key,) = explained("X01", FAILED, done, call).keys
    assert why(key, "contact").endswith("1d 1h after an item, which is too late")


def test_what_shares_nothing_says_so():
    told = [event(0, "support", "ticket.resolved", direction="internal", threads=("ticket_id:T1",))]
    told.append(event(DAY, "support", "contact.started", threads=("ticket_id:T2",)))
    (key,) = explained("X29", *told).keys
    assert "it shares nothing that was asked for" in why(key, "contact")
    assert why(key, "reopening") == "nothing such happened at all"


def test_what_is_still_awaited_says_until_when():
    slip = event(0, "delivery", "order.eta_changed", threads=("order_id:O1",), eta=("3h", "6h"))
    (key,) = explained("X23", slip, as_of=40 * MINUTE).keys
    assert not key.severity
    assert "00:30:00; that it does not shows from" in why(key, "no message")
    (key,) = explained("X23", slip, as_of=45 * MINUTE).keys
    assert (key.severity, key.clauses[0].at) == ("high", at_time(45 * MINUTE))


def test_what_ended_a_wait_is_named_though_the_line_is_forgotten():
    told = [event(n * HOUR, channel, "a.b", task="refill") for n, channel in enumerate(("web", "app", "store"))]
    told.append(event(5 * HOUR, "pos", "a.b", task="refill", outcome="completed"))
    (key,) = explained("X03", *told).keys
    assert not key.severity
    assert len(key.items) == 4
    assert why(key, "no completion").startswith("it came: pos:a.b at ")
    assert why(key, "failure") == "0 of 1"
    assert key.about == "line of brand main, task refill"


def test_a_journey_given_up_is_an_item_from_its_end_on():
    looked = event(0, "kiosk", "menu.browsed", task="kiosk_order")
    call = event(40 * MINUTE, "support", "contact.started")
    (key,) = explained("X01", looked, call).keys
    assert key.items[0].given_up_at == at_time(10 * MINUTE)
    assert key.severity == "medium"


def test_a_journey_given_up_is_told_of_though_nothing_came_of_it():
    (key,) = explained("X01", event(0, "web", "page.viewed", task="search"), as_of=31 * MINUTE).keys
    assert key.items[0].given_up_at == at_time(30 * MINUTE)
    assert why(key, "contact") == "nothing such happened at all"


def test_where_nothing_is_an_item_the_nearest_says_what_it_is_not():
    told = explained("X01", event(0, "pos", "peripheral.failed", outcome="failed"))
    assert told.keys == ()
    assert told.left_out == (
        "none of 1 touchpoints is an item; pos:peripheral.failed at 2025-06-15 00:00:00 is not such in: any",
    )


def test_what_has_no_key_and_what_came_too_soon_is_left_out():
    assert "tell no key" in explained("U13", event(0, "web", "payment.failed")).left_out[0]
    looks = [event(n * MINUTE, "web", "status.viewed", threads=("order_id:O1",)) for n in range(3)]
    assert explained("X22", *looks).left_out[0].startswith("2 came too soon after something else")
    assert explained("X22").left_out == ("there are no touchpoints",)
