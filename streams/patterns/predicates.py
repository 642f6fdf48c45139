"""Compile what a touchpoint must be into one quick test, and say which touchpoints need be tested at all."""

from collections.abc import Callable
from typing import Final, TypeAlias

from schemas.touchpoint import Touchpoint
from streams.patterns import reading
from streams.patterns.durations import milliseconds
from streams.patterns.language import Match, Span

Values: TypeAlias = dict[str, int]
"""Parameters of a slice, in milliseconds."""
Test: TypeAlias = Callable[[Touchpoint, Values], bool]
Length: TypeAlias = Callable[[Values], int]

TROUBLE: Final = "trouble"
"""Tested only where the outcome is failed or an error was told."""
ALWAYS: Final = "always"


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
    tests = [*_memberships(match), *_readings(match), *_spans(match, parameters)]
    if match.any_of:
        options = tuple(compile_match(option, parameters) for option in match.any_of)
        tests.append(lambda touchpoint, values: any(test(touchpoint, values) for test in options))
    tests.extend(_not(compile_match(guard, parameters)) for guard in match.none_of)
    if len(tests) == 1:
        return tests[0]
    fixed = tuple(tests)

    def test_all(touchpoint: Touchpoint, values: Values) -> bool:
        return all(test(touchpoint, values) for test in fixed)

    return test_all


def candidates(match: Match) -> frozenset[str]:
    """Name the event names a match can hold for; or TROUBLE or ALWAYS alone, where names do not tell."""
    if match.name:
        return frozenset(match.name)
    if match.contact:
        return reading.CONTACT_NAMES
    if match.fault or match.error_class:
        return frozenset((TROUBLE,))
    if match.any_of:
        union = frozenset[str]().union(*(candidates(option) for option in match.any_of))
        return union if not union & {TROUBLE, ALWAYS} or union == {TROUBLE} else frozenset((ALWAYS,))
    return frozenset((ALWAYS,))


def _not(test: Test) -> Test:
    return lambda touchpoint, values: not test(touchpoint, values)


def _memberships(match: Match) -> list[Test]:
    readings: tuple[tuple[tuple[str, ...], Callable[[Touchpoint], str]], ...] = (
        (match.name, lambda touchpoint: touchpoint.name),
        (match.channel, lambda touchpoint: touchpoint.channel),
        (match.channel_class, reading.channel_class),
        (match.sub_channel, lambda touchpoint: touchpoint.sub_channel),
        (match.direction, lambda touchpoint: touchpoint.direction),
        (match.outcome, lambda touchpoint: touchpoint.outcome),
        (match.error_class, lambda touchpoint: touchpoint.error.error_class if touchpoint.error else ""),
        (match.task, lambda touchpoint: touchpoint.task),
        (match.intent, lambda touchpoint: touchpoint.intent),
        (match.brand, lambda touchpoint: touchpoint.brand),
    )
    return [_membership(frozenset(allowed), read) for allowed, read in readings if allowed]


def _membership(allowed: frozenset[str], read: Callable[[Touchpoint], str]) -> Test:
    return lambda touchpoint, _: read(touchpoint) in allowed


def _readings(match: Match) -> list[Test]:
    tests: list[Test] = []
    for wanted, read in ((match.fault, reading.is_fault), (match.contact, reading.is_contact)):
        if wanted is not None:
            tests.append(_reading(wanted, read))
    return tests


def _reading(wanted: bool, read: Callable[[Touchpoint], bool]) -> Test:
    return lambda touchpoint, _: read(touchpoint) is wanted


def _spans(match: Match, parameters: dict[str, str]) -> list[Test]:
    tests: list[Test] = []
    for span, read in ((match.eta_slip, _slip), (match.eta_ahead, _ahead)):
        if span is not None:
            tests.append(_span(span, read, parameters))
    return tests


def _span(span: Span, read: Callable[[Touchpoint], int | None], parameters: dict[str, str]) -> Test:
    low = length(span.at_least, parameters) if span.at_least else None
    high = length(span.at_most, parameters) if span.at_most else None

    def test(touchpoint: Touchpoint, values: Values) -> bool:
        value = read(touchpoint)
        if value is None or (low is not None and value < low(values)):
            return False
        return high is None or value <= high(values)

    return test


def _slip(touchpoint: Touchpoint) -> int | None:
    eta = touchpoint.eta
    return None if eta is None or eta.previous_due_at is None else eta.due_at - eta.previous_due_at


def _ahead(touchpoint: Touchpoint) -> int | None:
    eta = touchpoint.eta
    return None if eta is None or eta.previous_due_at is None else eta.previous_due_at - touchpoint.event_time
