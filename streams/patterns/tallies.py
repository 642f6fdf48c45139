"""Count items for clauses about the items themselves. What is met stays met; each tally is of bounded size."""

from collections.abc import Callable
from typing import Final

from schemas.touchpoint import Touchpoint
from streams.patterns.language import Again, Backwards, Bounce, Changes, Channels, Count
from streams.patterns.matches import Tally
from streams.patterns.pattern import Step
from streams.patterns.predicates import Length, Test, Values, compile_match, length
from streams.patterns.reading import CHANNEL_NAMES, TEXTS

SEEN_MAX: Final = 64
"""Groups of details one tally tells apart; further ones are not looked at."""


def compile_step(clause: Count | Changes | Channels | Bounce | Again | Backwards, parameters: dict[str, str]) -> Step:
    """Compile a clause about the items; ValueError names what can not be read."""
    match clause:
        case Count():
            return _count(clause, parameters)
        case Changes():
            return _changes(_at_least(clause.at_least), _test(clause, parameters))
        case Channels():
            return _channels(_at_least(clause.at_least), _test(clause, parameters))
        case Bounce():
            return _bounce(length(clause.within, parameters))
        case Again():
            return _again(compile_match(clause.match, parameters), TEXTS[clause.same] if clause.same else None)
        case Backwards():
            return _backwards


def _test(clause: Count | Changes | Channels, parameters: dict[str, str]) -> Test | None:
    return compile_match(clause.match, parameters) if clause.match is not None else None


def _at_least(number: int) -> int:
    if number < 1:
        raise ValueError("at_least must be at least 1")
    return number


def _meet(tally: Tally, touchpoint: Touchpoint) -> None:
    tally.met_at = touchpoint.event_time
    tally.channel = CHANNEL_NAMES[touchpoint.channel]


def _count(clause: Count, parameters: dict[str, str]) -> Step:
    at_least, test = _at_least(clause.at_least), _test(clause, parameters)
    if not clause.within:
        if clause.since is not None:
            raise ValueError("since needs within")
        return _plain_count(at_least, test)
    return _timed_count(at_least, test, length(clause.within, parameters), since=clause.since is not None)


def _plain_count(at_least: int, test: Test | None) -> Step:
    def step(tally: Tally, touchpoint: Touchpoint, values: Values, _: list[int]) -> None:
        if test is None or test(touchpoint, values):
            tally.count += 1
            if tally.count >= at_least:
                _meet(tally, touchpoint)

    return step


def _timed_count(at_least: int, test: Test | None, within: Length, *, since: bool) -> Step:
    def step(tally: Tally, touchpoint: Touchpoint, values: Values, sinces: list[int]) -> None:
        if test is not None and not test(touchpoint, values):
            return
        now = touchpoint.event_time
        tally.count += 1
        tally.times = [*tally.times[1 - at_least :], now] if at_least > 1 else [now]
        if len(tally.times) < at_least:
            return
        first = tally.times[0]
        if since:
            met = any(now - within(values) <= instant < first for instant in sinces)
        else:
            met = now - first <= within(values)
        if met:
            _meet(tally, touchpoint)

    return step


def _changes(at_least: int, test: Test | None) -> Step:
    def step(tally: Tally, touchpoint: Touchpoint, values: Values, _: list[int]) -> None:
        channel = CHANNEL_NAMES[touchpoint.channel]
        if channel == tally.last:
            return
        before, tally.last = tally.last, channel
        if before and (test is None or test(touchpoint, values)):
            tally.count += 1
            if tally.count >= at_least:
                _meet(tally, touchpoint)

    return step


def _channels(at_least: int, test: Test | None) -> Step:
    def step(tally: Tally, touchpoint: Touchpoint, values: Values, _: list[int]) -> None:
        channel = CHANNEL_NAMES[touchpoint.channel]
        if channel not in tally.numbers and (test is None or test(touchpoint, values)):
            tally.numbers[channel] = 1
            tally.count += 1
            if tally.count >= at_least:
                _meet(tally, touchpoint)

    return step


def _bounce(within: Length) -> Step:
    """Of the items at a channel the newest before the present stay is the one that decides."""

    def step(tally: Tally, touchpoint: Touchpoint, values: Values, _: list[int]) -> None:
        channel, now = CHANNEL_NAMES[touchpoint.channel], touchpoint.event_time
        if channel != tally.last:
            tally.last = channel
            left = tally.numbers.get(channel)
            if left is not None and now - left <= within(values):
                tally.count += 1
                _meet(tally, touchpoint)
        tally.numbers[channel] = now

    return step


def _again(test: Test, same: Callable[[Touchpoint], str] | None) -> Step:
    def step(tally: Tally, touchpoint: Touchpoint, values: Values, _: list[int]) -> None:
        if not test(touchpoint, values):
            return
        told = same(touchpoint) if same is not None else ""
        if same is not None and not told:
            return
        channel = CHANNEL_NAMES[touchpoint.channel]
        first = tally.texts.get(told)
        if first is None:
            if len(tally.texts) < SEEN_MAX:
                tally.texts[told] = channel
        elif first != channel:
            tally.count += 1
            _meet(tally, touchpoint)

    return step


def _backwards(tally: Tally, touchpoint: Touchpoint, _values: Values, _: list[int]) -> None:
    index = touchpoint.step.index if touchpoint.step is not None else None
    if index is None:
        return
    channel = CHANNEL_NAMES[touchpoint.channel]
    if any(furthest > index for at, furthest in tally.numbers.items() if at != channel):
        tally.count += 1
        _meet(tally, touchpoint)
    if index > tally.numbers.get(channel, index - 1):
        tally.numbers[channel] = index
