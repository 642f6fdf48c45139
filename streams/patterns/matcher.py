"""Fold touchpoints, in order, into the groups of each pattern.

One step costs what the patterns cost that the touchpoint can matter to. What follows has a greater event time than what
it follows; what is missing may also come at the same instant.
"""

from typing import Final, TypeAlias

import msgspec

from schemas.blocks import Rx
from schemas.identifiers import Ident
from schemas.touchpoint import Channel, Touchpoint
from streams.patterns import lines
from streams.patterns.gathering import GroupName, Piece, Touched, gather
from streams.patterns.index import Catalogue
from streams.patterns.joining import arrive, come_along, follow_up
from streams.patterns.matches import NEVER, Group, Matches, Sign, sign_of
from streams.patterns.pattern import MEMORY_MS, REACH_MAX_MS, Begin, Beside, End, Follow, Missing, Pattern, Recall
from streams.patterns.predicates import Values

__all__ = ["Friction", "GroupName", "Item", "Touched", "forget", "is_crowded", "lapse", "take"]

Friction: TypeAlias = dict[str, Matches]
"""Matches by the state key of their pattern."""

TRACES_MAX: Final = 64
"""Threads of one pattern that are remembered beyond its reach; beyond the limit the longest at rest are forgotten."""


class Item(msgspec.Struct, gc=False):
    """A lapsed journey at the instant it ended; its last touchpoint from the customer is the sign."""

    instant: int
    brand: str
    channel: str
    task: str
    intent: str
    threads: tuple[Ident, ...]
    journey_id: str
    sign: Sign


def take(catalogue: Catalogue, friction: Friction, touchpoint: Touchpoint, journey_id: str, touched: Touched) -> None:
    """Fold one touchpoint; names of groups whose hits it may have changed are added to `touched`."""
    sign: Sign | None = None
    for pattern, rule in catalogue.asked(touchpoint):
        values = pattern.values
        if pattern.slices:
            values = pattern.values_of(touchpoint.brand, touchpoint.channel, touchpoint.task)
        matches = friction.get(pattern.state_key)
        if matches is None:
            if type(rule) is Follow or type(rule) is Beside or type(rule) is End:
                continue
            if not rule.test(touchpoint, values):
                continue
            matches = friction[pattern.state_key] = Matches()
        elif not rule.test(touchpoint, values):
            continue
        if type(rule) is Begin:
            sign = sign or sign_of(touchpoint)
            gather(
                pattern,
                matches,
                Piece(touchpoint, journey_id, _marked(pattern, touchpoint, sign, values), values),
                touched,
            )
        elif type(rule) is Follow:
            sign = sign or sign_of(touchpoint)
            follow_up(pattern, rule, matches, touchpoint, _marked(pattern, touchpoint, sign, values), values, touched)
        elif type(rule) is Beside:
            come_along(pattern, rule, matches, touchpoint, sign_of(touchpoint), touched)
        elif type(rule) is Missing:
            arrive(pattern, rule, matches, touchpoint, touched)
        elif type(rule) is Recall:
            lines.note(pattern, rule, matches, touchpoint, values)
        else:
            lines.end_lines(pattern, matches, touchpoint)


def lapse(catalogue: Catalogue, friction: Friction, item: Item, touched: Touched) -> None:
    """Fold a journey that ended without its goal, for the patterns that have such journeys among their items."""
    left = _left_of(item)
    for pattern in catalogue.lapsing:
        values = pattern.values_of(item.brand, item.channel, item.task)
        if pattern.begin.lapsed is not None and pattern.begin.lapsed(left, values):
            matches = friction.setdefault(pattern.state_key, Matches())
            sign = _marked(pattern, left, item.sign, values)
            gather(pattern, matches, Piece(left, item.journey_id, sign, values), touched)


def forget(catalogue: Catalogue, friction: Friction, floor: int) -> list[tuple[GroupName, Group]]:
    """Drop what no touchpoint at or after `floor` can change, and traces over the limit; the groups dropped."""
    dropped: list[tuple[GroupName, Group]] = []
    for state_key, matches in list(friction.items()):
        pattern = catalogue.by_state_key.get(state_key)
        if pattern is None:
            del friction[state_key]
            continue
        for group in matches.groups.values():
            _close_past(group, floor)
        matches.lines = {key: line for key, line in matches.lines.items() if floor - line.newest <= line.within}
        _drop_dead_lines(pattern, matches)
        dropped += [((state_key, name), matches.groups.pop(name)) for name in _forgettable(matches, floor)]
        lines.forget_recent(pattern, matches, floor)
        if not matches.groups and not matches.lines and not matches.recent:
            del friction[state_key]
    return dropped


def is_crowded(friction: Friction) -> bool:
    """Tell whether the limit of traces may decide what is forgotten: then later touchpoints have a say in it."""
    return any(
        len(matches.groups) > TRACES_MAX and sum(map(lines.is_thread, matches.groups)) > TRACES_MAX
        for matches in friction.values()
    )


def _marked(pattern: Pattern, touchpoint: Touchpoint, sign: Sign, values: Values) -> Sign:
    """Mark which conditions of the verdicts hold for a touchpoint."""
    if not pattern.conditions:
        return sign
    mask = sum(one.bit for one in pattern.conditions if one.test(touchpoint, values))
    return msgspec.structs.replace(sign, mask=mask) if mask != sign.mask else sign


def _left_of(item: Item) -> Touchpoint:
    """Show what is left of a lapsed journey as a touchpoint of the instant at which it ended."""
    sign = item.sign
    return Touchpoint(
        key=sign.key,
        source=sign.source,
        event_id=sign.event_id,
        event_time=item.instant,
        received_at=item.instant,
        content_hash=b"",
        threads=item.threads,
        channel=Channel(item.channel),
        name=sign.name,
        outcome_reason=sign.outcome_reason,
        task=item.task,
        intent=item.intent,
        brand=item.brand,
        rx=Rx(sign.days_supply_left) if sign.days_supply_left is not None else None,
    )


def _drop_dead_lines(pattern: Pattern, matches: Matches) -> None:
    """Forget what never amounted to anything in lines that are over."""
    alive = {line.name for line in matches.lines.values()}
    for name in [name for name in matches.groups if name not in alive and not lines.is_thread(name)]:
        lines.drop_idle(pattern, matches, name)


def _forgettable(matches: Matches, floor: int) -> list[bytes]:
    """Choose groups that can not grow, or never amounted to anything; and traces of threads over the limit."""
    gone, traces = [], []
    for name, group in matches.groups.items():
        rested = floor - group.newest
        if group.waits or rested <= REACH_MAX_MS:
            continue
        idle = group.completed_at == NEVER and not group.signs
        if idle or rested > MEMORY_MS or not lines.is_thread(name):
            gone.append(name)
        else:
            traces.append(name)
    traces.sort(key=lambda name: (matches.groups[name].newest, name))
    return gone + traces[: max(0, len(traces) - TRACES_MAX)]


def _close_past(group: Group, floor: int) -> None:
    """Take over waits that nothing can end any more, and drop what nothing can follow any more."""
    if group.waits:
        for wait in group.waits:
            if wait.shown_from < floor:
                group.confirm(wait)
        group.waits = [wait for wait in group.waits if wait.shown_from >= floor]
    group.opens = [one for one in group.opens if one.newest + one.within >= floor]
