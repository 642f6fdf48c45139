"""Compile what a touchpoint must be into one quick test."""

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

from schemas.touchpoint import Touchpoint
from streams.patterns import reading
from streams.patterns.durations import milliseconds
from streams.patterns.written import Match, Span

Values: TypeAlias = dict[str, int]
"""Parameters of a slice, in milliseconds."""
Test: TypeAlias = Callable[[Touchpoint, Values], bool]
Length: TypeAlias = Callable[[Values], int]

FEW: Final = 4
"""So many texts are sooner compared than hashed."""
_TEXTS: Final[dict[str, Callable[[Touchpoint], str]]] = {
    "channel": lambda touchpoint: touchpoint.channel,
    "channel_class": reading.channel_class,
    "sub_channel": lambda touchpoint: touchpoint.sub_channel,
    "direction": lambda touchpoint: touchpoint.direction,
    "name": lambda touchpoint: touchpoint.name,
    "outcome": lambda touchpoint: touchpoint.outcome,
    "outcome_reason": lambda touchpoint: touchpoint.outcome_reason,
    "error_class": lambda touchpoint: touchpoint.error.error_class if touchpoint.error else "",
    "error_code": lambda touchpoint: touchpoint.error.code if touchpoint.error else "",
    "task": lambda touchpoint: touchpoint.task,
    "intent": lambda touchpoint: touchpoint.intent,
    "brand": lambda touchpoint: touchpoint.brand,
    "location_type": lambda touchpoint: touchpoint.location.type if touchpoint.location else "",
    "promise": lambda touchpoint: touchpoint.promise.kind if touchpoint.promise else "",
}
_TRUTHS: Final[dict[str, Callable[[Touchpoint], bool]]] = {
    "fault": reading.is_fault,
    "contact": reading.is_contact,
    "context_carried": lambda touchpoint: touchpoint.context_carried is True,
    "dropped": reading.was_dropped,
    "requested_by_agent": reading.was_requested,
}
_SPANS: Final[dict[str, Callable[[Touchpoint], int | None]]] = {
    "eta_slip": reading.eta_slip,
    "eta_ahead": reading.eta_ahead,
    "promise_ahead": reading.promise_ahead,
}


def holds_always(_touchpoint: Touchpoint, _values: Values) -> bool:
    """Hold for every touchpoint."""
    return True


def length(text: str, parameters: dict[str, str]) -> Length:
    """Compile a duration or the `$name` of a parameter; ValueError if it is neither."""
    if text.startswith("$"):
        name = text[1:]
        if name not in parameters:
            raise ValueError(f"{text} is not among the parameters")
        return lambda values: values[name]
    fixed = milliseconds(text)
    return lambda _: fixed


def compile_match(match: Match, parameters: dict[str, str]) -> Test:
    """Compile a match; ValueError names a duration that can not be read."""
    tests = [test for _, test in keyed_tests(match, parameters)]
    if not tests:
        return holds_always
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:  # noqa: PLR2004 - so many are written out, because most matches have two and calls cost
        one, other = tests
        return lambda touchpoint, values: one(touchpoint, values) and other(touchpoint, values)
    fixed = tuple(tests)

    def test_all(touchpoint: Touchpoint, values: Values) -> bool:
        for test in fixed:  # noqa: SIM110 - all() over a generator takes twice as long
            if not test(touchpoint, values):
                return False
        return True

    return test_all


def keyed_tests(match: Match, parameters: dict[str, str]) -> list[tuple[str, Test]]:
    """Compile each key of a match to a test of its own, cheap ones first, with the key as it is written."""
    tests: list[tuple[str, Test]] = []
    for key, read in _TEXTS.items():
        if allowed := getattr(match, key):
            written = "class" if key == "channel_class" else key
            tests.append((written, _membership(allowed, read)))
    for key, decide in _TRUTHS.items():
        if (wanted := getattr(match, key)) is not None:
            tests.append((key, _truth(wanted, decide)))
    tests += [("tells", _told(reading.TEXTS[field])) for field in match.tells]
    if match.http_status or match.http_status_at_least is not None:
        tests.append(("http_status", _http_status(frozenset(match.http_status), match.http_status_at_least)))
    if match.days_supply_at_most is not None:
        tests.append(("days_supply_at_most", _supply(match.days_supply_at_most)))
    for key, measure in _SPANS.items():
        if (span := getattr(match, key)) is not None:
            tests.append((key, _span(span, measure, parameters)))
    if match.any_of:
        tests.append(("any", _any([compile_match(option, parameters) for option in match.any_of])))
    tests += [("none", _not(compile_match(guard, parameters))) for guard in match.none_of]
    return tests


def _not(test: Test) -> Test:
    return lambda touchpoint, values: not test(touchpoint, values)


def _any(tests: list[Test]) -> Test:
    return lambda touchpoint, values: any(test(touchpoint, values) for test in tests)


def _membership(allowed: tuple[str, ...], read: Callable[[Touchpoint], str]) -> Test:
    # A tuple compares enum members by identity first; to hash one costs a Python call in 3.11.
    if len(allowed) <= FEW or isinstance(allowed[0], Enum):
        return lambda touchpoint, _: read(touchpoint) in allowed
    many = frozenset(allowed)
    return lambda touchpoint, _: read(touchpoint) in many


def _truth(wanted: bool, decide: Callable[[Touchpoint], bool]) -> Test:
    return lambda touchpoint, _: decide(touchpoint) is wanted


def _told(read: Callable[[Touchpoint], object]) -> Test:
    return lambda touchpoint, _: bool(read(touchpoint))


def _http_status(allowed: frozenset[int], least: int | None) -> Test:
    def test(touchpoint: Touchpoint, _: Values) -> bool:
        status = touchpoint.error.http_status if touchpoint.error is not None else None
        return status is not None and (status in allowed or (least is not None and status >= least))

    return test


def _supply(most: int) -> Test:
    def test(touchpoint: Touchpoint, _: Values) -> bool:
        left = touchpoint.rx.days_supply_left if touchpoint.rx is not None else None
        return left is not None and left <= most

    return test


def _span(span: Span, read: Callable[[Touchpoint], int | None], parameters: dict[str, str]) -> Test:
    low = length(span.at_least, parameters) if span.at_least else None
    high = length(span.at_most, parameters) if span.at_most else None

    def test(touchpoint: Touchpoint, values: Values) -> bool:
        value = read(touchpoint)
        if value is None or (low is not None and value < low(values)):
            return False
        return high is None or value <= high(values)

    return test
