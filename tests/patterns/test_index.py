"""The index asks every pattern a touchpoint can matter to, and costs nothing for the others."""

from hypothesis import given, settings

from schemas.touchpoint import Touchpoint
from streams.patterns.index import Catalogue, Rule, index
from streams.patterns.language import Guard
from streams.patterns.loader import catalogue_files, load_catalogue, load_pattern
from streams.patterns.pattern import Pattern, Recall
from streams.patterns.predicates import compile_match
from streams.patterns.written import Match
from tests.patterns.stories import touchpoints
from tests.support.touchpoints import event

CATALOGUE = index(load_catalogue())


def rules_of(pattern: Pattern) -> list[tuple[object, Match]]:
    rules: list[Rule] = [*pattern.follows, *pattern.missing, *pattern.beside, *pattern.recalls, pattern.begin]
    rules += [pattern.line_end] if pattern.line_end is not None else []
    return [(rule, rule.match) for rule in rules]


FULL = [
    (pattern, rule, compile_match(match, pattern.written.parameters))
    for pattern in CATALOGUE.patterns
    for rule, match in rules_of(pattern)
]


def asked_ids(catalogue: Catalogue, touchpoint: Touchpoint) -> list[str]:
    return sorted({pattern.id for pattern, _ in catalogue.asked(touchpoint)})


@settings(max_examples=100, deadline=None)
@given(touchpoints())
def test_whatever_a_rule_holds_for_it_is_asked_of_and_answers_alike(told: list[Touchpoint]):
    for touchpoint in told:
        asked = {id(rule): rule for _, rule in CATALOGUE.asked(touchpoint)}
        for pattern, rule, full in FULL:
            values = pattern.values_of(touchpoint.brand, touchpoint.channel, touchpoint.task)
            answer = id(rule) in asked and asked[id(rule)].test(touchpoint, values)
            assert answer == full(touchpoint, values), (pattern.id, rule)


def test_a_page_view_without_a_task_is_asked_of_nobody():
    assert asked_ids(CATALOGUE, event(0, "web", "page.viewed")) == []
    assert asked_ids(CATALOGUE, event(0, "web", "page.viewed", task="search")) == ["X03", "X06"]
    assert asked_ids(CATALOGUE, event(0, "web", "page.viewed", outcome="failed")) == ["X01"]
    assert asked_ids(CATALOGUE, event(0, "web", "page.viewed", direction="outbound", task="search")) == []


def test_what_is_awaited_is_asked_before_the_item_and_what_is_looked_back_at_after_it():
    rules = [rule for pattern, rule in CATALOGUE.asked(event(0, "support", "contact.started")) if pattern.id == "X29"]
    assert [rule.match.contact for rule in rules if not isinstance(rule, Recall)] == [True]
    text = dict(catalogue_files())["X04_repeat_contact.toml"].replace("{ dropped = true }", "{ contact = true }")
    again = index((load_pattern(text, "X04.toml"),))
    kinds = [type(rule).__name__ for _, rule in again.asked(event(0, "support", "contact.started"))]
    assert kinds == ["Begin", "Recall"]


def test_patterns_that_cannot_match_leave_the_lists_as_they_are():
    text = dict(catalogue_files())["U14_kiosk_walkaway.toml"]
    for name in (
        "item.added",
        "item.customized",
        "order.placed",
        "session.timed_out",
        "session.ended",
        "peripheral.failed",
    ):
        text = text.replace(f'"{name}"', f'"other.{name}"')
    others = tuple(load_pattern(text.replace("U14", f"U{number}"), "U.toml") for number in range(20, 99))
    crowded = index((*CATALOGUE.patterns, *others))
    for touchpoint in (event(0), event(0, task="search"), event(0, "support", "contact.started", outcome="failed")):
        assert asked_ids(crowded, touchpoint) == asked_ids(CATALOGUE, touchpoint)


def test_a_guard_is_asked_like_any_other_rule():
    guards = [pattern.written.items.unless_after for pattern in CATALOGUE.patterns]
    assert sum(isinstance(guard, Guard) for guard in guards) == 2
