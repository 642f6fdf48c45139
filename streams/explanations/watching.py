"""Watch a pattern at work on one customer: fold the touchpoints, and note what each changed under every key."""

import msgspec

from schemas.touchpoint import Touchpoint
from streams.journeys import lapses
from streams.journeys import timeline as timelines
from streams.journeys.book import load_book
from streams.patterns.language import Run
from streams.patterns.matcher import Friction
from streams.patterns.matches import Group, Sign
from streams.patterns.pattern import Pattern
from streams.patterns.predicates import Test, compile_match
from streams.patterns.reading import CHANNEL_NAMES


class Moment(msgspec.Struct, frozen=True):
    """Something that happened: its time in milliseconds UTC, where, what, and its touchpoint key in hex.

    `given_up_at`: it is the last thing of a journey that ended then without its goal, and counts from then on.
    """

    time: int
    channel: str
    name: str
    key: str
    given_up_at: int | None = None

    @property
    def counts_at(self) -> int:
        """Name the instant from which something can follow it."""
        return self.given_up_at if self.given_up_at is not None else self.time


class Watched(msgspec.Struct):
    """What happened under one key: its items, what met each clause first, and what ended waits for what was missing.

    `group` is what is remembered at last, also where it was forgotten since (`gone`) because nothing came of it.
    """

    name: bytes
    group: Group
    encoded: bytes = b""
    gone: bool = False
    items: list[Moment] = []
    met: dict[str, Moment] = {}
    ended: dict[str, Moment] = {}


def watch(pattern: Pattern, told: list[Touchpoint], as_of: int) -> list[Watched]:
    """Fold touchpoints, given in order, up to what time alone brings as of an instant; every key, as it came up."""
    book, timeline = load_book(patterns=(pattern,)), timelines.Timeline()
    watched: dict[bytes, Watched] = {}
    begins = compile_match(pattern.written.items.match, pattern.written.parameters)
    for touchpoint in told:
        timelines.take(timeline, touchpoint, book)
        _look(pattern, begins, watched, timeline.friction, touchpoint)
    lapses.expire(timeline, as_of, book)
    _look(pattern, begins, watched, timeline.friction, None)
    return list(watched.values())


def moment_of(touchpoint: Touchpoint) -> Moment:
    """Note a touchpoint as a moment."""
    channel = CHANNEL_NAMES[touchpoint.channel]
    return Moment(touchpoint.event_time, channel, touchpoint.name, touchpoint.key.hex())


def _look(
    pattern: Pattern, begins: Test, watched: dict[bytes, Watched], friction: Friction, now: Touchpoint | None
) -> None:
    matches = friction.get(pattern.state_key)
    groups = matches.groups if matches is not None else {}
    if now is not None:
        for name in watched.keys() - groups.keys():
            _let_go(pattern, begins, watched[name], now)
    for name, group in groups.items():
        known = watched.get(name)
        if known is None:
            known = watched[name] = Watched(name, Group(group.newest))
        encoded = msgspec.msgpack.encode(group)
        if known.encoded != encoded:
            after = msgspec.msgpack.decode(encoded, type=Group)
            _compare(pattern, begins, known, after, now)
            known.group, known.encoded = after, encoded


def _let_go(pattern: Pattern, begins: Test, known: Watched, now: Touchpoint) -> None:
    """Note what made a key be forgotten: what was awaited came, in the same step that ended its line."""
    if known.gone:
        return
    known.gone, by = True, moment_of(now)
    for wait in known.group.waits:
        known.ended[pattern.written.clauses[wait.missing].name] = by
    known.group.waits = []
    values = pattern.values_of(now.brand, now.channel, now.task)
    ends = pattern.written.key.ends
    if ends is not None and compile_match(ends, pattern.written.parameters)(now, values) and begins(now, values):
        known.items.append(by)


def _compare(pattern: Pattern, begins: Test, known: Watched, after: Group, now: Touchpoint | None) -> None:
    """Note what a touchpoint (None: time alone) changed."""
    seen = {sign.key for sign in _signs(known.group)}
    fresh = [sign for sign in _signs(after) if sign.key not in seen]
    own = now.key if now is not None else b""
    for sign in fresh:
        if sign.key != own:
            known.items.append(Moment(sign.time, sign.channel, sign.name, sign.key.hex(), after.newest))
    if now is None:
        return
    by = moment_of(now)
    values = pattern.values_of(now.brand, now.channel, now.task)
    if after.newest == now.event_time and begins(now, values):
        known.items.append(by)
    for clause in pattern.written.clauses:
        met = after.met & ~known.group.met & pattern.bits[clause.name]
        if isinstance(clause, Run):
            met = after.longest_run >= clause.at_least > known.group.longest_run
        if met:
            known.met[clause.name] = by
    waiting = {(wait.missing, wait.since) for wait in after.waits}
    for wait in known.group.waits:
        if (wait.missing, wait.since) not in waiting:
            known.ended[pattern.written.clauses[wait.missing].name] = by


def _signs(group: Group) -> list[Sign]:
    return [*group.signs, *group.held, *(sign for wait in group.waits for sign in wait.signs)]
