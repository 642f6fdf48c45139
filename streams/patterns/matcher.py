"""Fold touchpoints, in order, into the groups of each pattern.

One step costs what the patterns cost that the touchpoint can matter to. What follows has a greater event time than what
it follows; what is missing may also come at the same instant.
"""

from typing import Final, TypeAlias

import msgspec

from schemas.identifiers import IDENT_BYTES, Ident
from schemas.touchpoint import Touchpoint
from streams.patterns.index import BEGIN, FOLLOW, Catalogue
from streams.patterns.matches import ALL_VERDICTS, NEVER, Group, Head, Line, Matches, Open, Sign, Wait, sign_of
from streams.patterns.pattern import MEMORY_MS, REACH_MAX_MS, Follow, Missing, Pattern
from streams.patterns.predicates import Values
from streams.patterns.reading import CHANNEL_NAMES, business_threads

Friction: TypeAlias = dict[str, Matches]
"""Matches by the state key of their pattern."""
GroupName: TypeAlias = tuple[str, bytes]
"""A group: state key of its pattern, and its name there (see `Matches`)."""
Touched: TypeAlias = dict[GroupName, None]

TRACES_MAX: Final = 64
"""Threads of one pattern that are remembered beyond its reach; beyond the limit the longest at rest are forgotten."""


class Item(msgspec.Struct, gc=False):
    """What begins a hit, at its instant: a touchpoint, or a lapsed journey (its last touchpoint is the sign)."""

    instant: int
    brand: str
    channel: str
    task: str
    intent: str
    threads: tuple[Ident, ...]
    journey_id: str
    sign: Sign


def take(catalogue: Catalogue, friction: Friction, touchpoint: Touchpoint, journey_id: str, touched: Touched) -> None:
    """Fold one touchpoint; names of groups it changed are added to `touched`."""
    for pattern, part in catalogue.asked(touchpoint):
        values = pattern.values_of(touchpoint.brand, touchpoint.channel, touchpoint.task)
        if part is BEGIN:
            if pattern.begin.test(touchpoint, values):
                _begin(pattern, friction, _item(pattern, touchpoint, journey_id, values), touched)
        elif part is FOLLOW:
            matches = friction.get(pattern.state_key)
            if matches is not None and pattern.follow is not None and pattern.follow.test(touchpoint, values):
                _follow(pattern, pattern.follow, matches, touchpoint, touched)
        elif pattern.missing is not None and pattern.missing.test(touchpoint, values):
            _arrive(pattern, friction.setdefault(pattern.state_key, Matches()), touchpoint, touched)


def lapse(catalogue: Catalogue, friction: Friction, item: Item, touched: Touched) -> None:
    """Fold a journey that ended without its goal, for the patterns that such journeys begin."""
    for pattern in catalogue.lapsing:
        _begin(pattern, friction, item, touched)


def forget(catalogue: Catalogue, friction: Friction, floor: int) -> list[tuple[GroupName, Group]]:
    """Drop what no touchpoint at or after `floor` can change, and traces over the limit; the groups dropped."""
    dropped: list[tuple[GroupName, Group]] = []
    for state_key, matches in list(friction.items()):
        if state_key not in catalogue.by_state_key:
            del friction[state_key]
            continue
        for group in matches.groups.values():
            _close_past(group, floor)
        matches.lines = {key: line for key, line in matches.lines.items() if floor - line.newest <= line.within}
        dropped += [((state_key, name), matches.groups.pop(name)) for name in _forgettable(matches, floor)]
        if not matches.groups and not matches.lines and matches.arrived_at < floor:
            del friction[state_key]
    return dropped


def is_crowded(friction: Friction) -> bool:
    """Tell whether the limit of traces may decide what is forgotten: then later touchpoints have a say in it."""
    return any(len(matches.groups) > TRACES_MAX for matches in friction.values())


def _forgettable(matches: Matches, floor: int) -> list[bytes]:
    """Choose groups that can not grow, or never amounted to anything; and traces of threads over the limit."""
    gone, traces = [], []
    for name, group in matches.groups.items():
        rested = floor - group.newest
        if group.waits or rested <= REACH_MAX_MS:
            continue
        idle = group.completed_at == NEVER and not group.signs
        if idle or rested > MEMORY_MS or not _is_thread(name):
            gone.append(name)
        else:
            traces.append(name)
    traces.sort(key=lambda name: (matches.groups[name].newest, name))
    return gone + traces[: max(0, len(traces) - TRACES_MAX)]


def _item(pattern: Pattern, touchpoint: Touchpoint, journey_id: str, values: Values) -> Item:
    mask = ALL_VERDICTS
    for index, judgement in enumerate(pattern.judgements):
        if judgement.every is not None and not judgement.every(touchpoint, values):
            mask &= ~(1 << index)
    return Item(
        instant=touchpoint.event_time,
        brand=touchpoint.brand,
        channel=CHANNEL_NAMES[touchpoint.channel],
        task=touchpoint.task,
        intent=touchpoint.intent,
        threads=business_threads(touchpoint),
        journey_id=journey_id,
        sign=sign_of(touchpoint, mask),
    )


def _begin(pattern: Pattern, friction: Friction, item: Item, touched: Touched) -> None:
    thread = _thread(pattern, item)
    if thread is None and pattern.key_within is None:
        return
    matches = friction.get(pattern.state_key)
    if matches is None:
        matches = friction[pattern.state_key] = Matches()
    values = pattern.values_of(item.brand, item.channel, item.task)
    if thread is not None:
        name: bytes = thread
    else:
        name = _join_line(matches, item, pattern.key_within(values) if pattern.key_within is not None else 0)
    group = matches.groups.get(name)
    if group is None or item.instant - group.newest > MEMORY_MS:
        group = matches.groups[name] = Group(item.instant)
    told = matches.arrived_at == item.instant and name in matches.arrived
    _add(pattern, group, item, values, told=told)
    touched[(pattern.state_key, name)] = None


def _thread(pattern: Pattern, item: Item) -> Ident | None:
    for rank in pattern.key_ranks:
        for thread in item.threads:
            if thread[0] == rank:
                return thread
    return None


def _join_line(matches: Matches, item: Item, within: int) -> bytes:
    """Name the group of an item without a thread: that of its line, or one it begins and gives its name to."""
    key = _line_key(item.brand, item.task)
    line = matches.lines.get(key)
    if line is None or item.instant - line.newest > within:
        line = matches.lines[key] = Line(item.sign.key, item.instant, within)
    line.newest, line.within = item.instant, within
    return line.name


def _line_key(brand: str, task: str) -> bytes:
    return f"{brand}\x1f{task}".encode("utf-8", "surrogatepass")


def _is_thread(name: bytes) -> bool:
    """Tell a thread from a touchpoint key, which has no rank before its hash."""
    return len(name) == IDENT_BYTES


def _add(pattern: Pattern, group: Group, item: Item, values: Values, *, told: bool) -> None:
    """Add an item to its group; `told`: what it would wait for came at the same instant."""
    begin, missing = pattern.begin, pattern.missing
    sign = item.sign
    head = Head(item.brand, item.task, item.channel, sign.location_id, item.journey_id)
    if begin.gap is not None and item.instant - group.newest > begin.gap(values):
        group.run, group.held = 0, []
    group.newest = item.instant
    group.run += 1
    if group.run == 1 or begin.at_least == 1 or group.run_head is None:
        group.run_head = head
    if group.run < begin.at_least:
        group.held.append(sign)
        return
    signs = (*group.held, sign)
    group.held = []
    if missing is not None and not told and begin.at_least in {1, group.run}:
        _wait(group, missing, item.instant, signs, values)
    if missing is not None and missing.decides_hit:
        return
    group.head = group.head or group.run_head
    for one in signs:
        group.add(one)
    if pattern.follow is not None:
        _open(group, item, pattern.follow.within(values))
    else:
        group.complete(item.instant)


def _wait(group: Group, missing: Missing, since: int, signs: tuple[Sign, ...], values: Values) -> None:
    """Wait for what should follow; where its absence only makes a hit graver, that of the first run says so."""
    deadline = since + missing.within(values)
    shown_from = deadline + missing.lateness(values)
    if missing.decides_hit:
        group.waits.append(Wait(since, deadline, shown_from, group.run_head, signs))
    elif group.completed_at == NEVER:
        group.waits.append(Wait(since, deadline, shown_from))


def _open(group: Group, item: Item, within: int) -> None:
    """Items that look alike differ to what follows only in their instant: the newest two say all."""
    for one in group.opens:
        if (one.task, one.intent, one.threads, one.within) == (item.task, item.intent, item.threads, within):
            if item.instant > one.newest:
                one.newest, one.before = item.instant, one.newest
            return
    group.opens.append(Open(item.instant, NEVER, within, item.task, item.intent, item.threads))


def _follow(pattern: Pattern, follow: Follow, matches: Matches, touchpoint: Touchpoint, touched: Touched) -> None:
    now = touchpoint.event_time
    threads = business_threads(touchpoint)
    groups = _under_key(matches, touchpoint) if follow.by_key else list(matches.groups.items())
    for name, group in groups:
        reached = [one for one in group.opens if _reaches(one, now)]
        if not reached:
            continue
        group.related = group.related or any(_related(follow, one, touchpoint, threads) for one in reached)
        group.add(sign_of(touchpoint))
        group.channel_to = group.channel_to or CHANNEL_NAMES[touchpoint.channel]
        group.complete(now)
        touched[(pattern.state_key, name)] = None


def _reaches(one: Open, now: int) -> bool:
    since = one.newest if one.newest < now else one.before
    return since != NEVER and since < now <= since + one.within


def _related(follow: Follow, one: Open, touchpoint: Touchpoint, threads: tuple[Ident, ...]) -> bool:
    related = follow.related
    if "task" in related and one.task and one.task == touchpoint.task:
        return True
    if "intent" in related and one.intent and one.intent == touchpoint.intent:
        return True
    return "thread" in related and any(thread in one.threads for thread in threads)


def _arrive(pattern: Pattern, matches: Matches, touchpoint: Touchpoint, touched: Touched) -> None:
    """End the waits that what was missing comes in time for."""
    now = touchpoint.event_time
    if matches.arrived_at != now:
        matches.arrived_at, matches.arrived = now, []
    matches.arrived += business_threads(touchpoint)
    for name, group in _under_key(matches, touchpoint):
        waits = [wait for wait in group.waits if not wait.since <= now <= wait.deadline]
        if len(waits) < len(group.waits):
            group.waits = waits
            touched[(pattern.state_key, name)] = None


def _under_key(matches: Matches, touchpoint: Touchpoint) -> list[tuple[bytes, Group]]:
    names: list[bytes] = list(business_threads(touchpoint))
    line = matches.lines.get(_line_key(touchpoint.brand, touchpoint.task))
    if line is not None:
        names.append(line.name)
    return [(name, group) for name in names if (group := matches.groups.get(name)) is not None]


def _close_past(group: Group, floor: int) -> None:
    """Take over waits that nothing can end any more, and drop what nothing can follow any more."""
    for wait in group.waits:
        if wait.shown_from < floor:
            group.confirm(wait)
    group.waits = [wait for wait in group.waits if wait.shown_from >= floor]
    group.opens = [one for one in group.opens if one.newest + one.within >= floor]
