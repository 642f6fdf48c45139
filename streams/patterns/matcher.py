"""Fold touchpoints, in order, into the groups of each pattern.

One step costs what the patterns cost that the touchpoint can matter to. "Later" is always a greater event time.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.patterns.index import Catalogue, Part
from streams.patterns.matches import ALL_VERDICTS, NEVER, Group, Head, Matches, Open, Sign, Wait, sign_of
from streams.patterns.pattern import MEMORY_MS, REACH_MAX_MS, Follow, Missing, Pattern
from streams.patterns.predicates import Values
from streams.patterns.reading import business_threads

Friction: TypeAlias = dict[str, Matches]
"""Matches by the state key of their pattern."""
GroupName: TypeAlias = tuple[str, bytes, str]
"""A group: state key of its pattern, slot, key of the hit."""
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
        matches = friction.get(pattern.state_key)
        if part is Part.BEGIN:
            if pattern.begin.test(touchpoint, values):
                _begin(pattern, friction, _item(pattern, touchpoint, journey_id, values), touched)
        elif matches is None:
            continue
        elif part is Part.FOLLOW:
            if pattern.follow is not None and pattern.follow.test(touchpoint, values):
                _follow(pattern, pattern.follow, matches, touchpoint, touched)
        elif pattern.missing is not None and pattern.missing.test(touchpoint, values):
            _arrive(pattern, matches, touchpoint, touched)


def lapse(catalogue: Catalogue, friction: Friction, item: Item, touched: Touched) -> None:
    """Fold a journey that ended without its goal, for the patterns that such journeys begin."""
    for pattern in catalogue.lapsing:
        _begin(pattern, friction, item, touched)


def forget(catalogue: Catalogue, friction: Friction, floor: int) -> list[tuple[GroupName, Group]]:
    """Drop what no touchpoint at or after `floor` can change, and traces over the limit; the groups dropped."""
    dropped: list[tuple[GroupName, Group]] = []
    for state_key, matches in list(friction.items()):
        pattern = catalogue.by_state_key.get(state_key)
        if pattern is None:
            del friction[state_key]
            continue
        for group in matches.all():
            _close_past(group, floor)
        gone = _forgettable(pattern, matches, floor)
        names = {id(group) for group in gone}
        matches.past = [group for group in matches.past if id(group) not in names]
        matches.slots = {slot: group for slot, group in matches.slots.items() if id(group) not in names}
        dropped += [(group_name(pattern, group), group) for group in gone]
        if not matches.past and not matches.slots:
            del friction[state_key]
    return dropped


def _forgettable(pattern: Pattern, matches: Matches, floor: int) -> list[Group]:
    """Choose groups that can not grow, or never amounted to anything; and traces of threads over the limit."""
    gone, traces = [], []
    for group in matches.all():
        rested = floor - group.newest
        if group.waits or rested <= min(REACH_MAX_MS, memory(pattern, group)):
            continue
        idle = group.completed_at == NEVER and not group.signs
        if idle or rested > memory(pattern, group):
            gone.append(group)
        else:
            traces.append(group)
    traces.sort(key=lambda group: (group.newest, group.slot))
    return gone + traces[: max(0, len(traces) - TRACES_MAX)]


def group_name(pattern: Pattern, group: Group) -> GroupName:
    """Name a group so that it can be found again in a copy."""
    return (pattern.state_key, group.slot, group.hit_key)


def memory(pattern: Pattern, group: Group) -> int:
    """How long after its newest item a group can still grow, milliseconds."""
    head = group.run_head
    if pattern.key_within is None or head is None or not _is_task(group.slot):
        return MEMORY_MS
    return pattern.key_within(pattern.values_of(head.brand, head.channel, head.task))


def _item(pattern: Pattern, touchpoint: Touchpoint, journey_id: str, values: Values) -> Item:
    mask = ALL_VERDICTS
    for index, judgement in enumerate(pattern.judgements):
        if judgement.every is not None and not judgement.every(touchpoint, values):
            mask &= ~(1 << index)
    return Item(
        instant=touchpoint.event_time,
        brand=touchpoint.brand,
        channel=touchpoint.channel.value,
        task=touchpoint.task,
        intent=touchpoint.intent,
        threads=business_threads(touchpoint),
        journey_id=journey_id,
        sign=sign_of(touchpoint, mask),
    )


def _begin(pattern: Pattern, friction: Friction, item: Item, touched: Touched) -> None:
    slot = _slot(pattern, item)
    if slot is None:
        return
    matches = friction.get(pattern.state_key)
    if matches is None:
        matches = friction[pattern.state_key] = Matches()
    group = matches.slots.get(slot)
    if group is not None and item.instant - group.newest > memory(pattern, group):
        if _is_task(slot) and (group.completed_at != NEVER or group.waits):
            matches.past.append(group)
        group = None
    if group is None:
        group = matches.slots[slot] = _new_group(slot, item)
    _add(pattern, group, item)
    touched[group_name(pattern, group)] = None


def _slot(pattern: Pattern, item: Item) -> bytes | None:
    for rank in pattern.key_ranks:
        for thread in item.threads:
            if thread[0] == rank:
                return thread
    return _task_slot(item.brand, item.task) if pattern.key_within is not None else None


def _task_slot(brand: str, task: str) -> bytes:
    """No identifier has rank 0, so these never meet a thread."""
    return b"\0" + f"{brand}\x1f{task}".encode()


def _is_task(slot: bytes) -> bool:
    return slot[0] == 0


def _new_group(slot: bytes, item: Item) -> Group:
    return Group(slot, item.sign.key.hex() if _is_task(slot) else slot.hex(), item.instant)


def _add(pattern: Pattern, group: Group, item: Item) -> None:
    begin, missing = pattern.begin, pattern.missing
    values = pattern.values_of(item.brand, item.channel, item.task)
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
    if missing is not None and begin.at_least in {1, group.run}:
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
    groups: Iterable[Group] = matches.slots.values()
    if follow.by_key:
        groups = _under_key(matches, touchpoint)
    for group in groups:
        reached = [one for one in group.opens if _reaches(one, now)]
        if not reached:
            continue
        group.related = group.related or any(_related(follow, one, touchpoint, threads) for one in reached)
        group.add(sign_of(touchpoint))
        group.channel_to = group.channel_to or touchpoint.channel.value
        group.complete(now)
        touched[group_name(pattern, group)] = None


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
    for group in _under_key(matches, touchpoint):
        waits = [wait for wait in group.waits if not wait.since < now <= wait.deadline]
        if len(waits) < len(group.waits):
            group.waits = waits
            touched[group_name(pattern, group)] = None


def _under_key(matches: Matches, touchpoint: Touchpoint) -> list[Group]:
    slots = [*business_threads(touchpoint), _task_slot(touchpoint.brand, touchpoint.task)]
    return [group for slot in slots if (group := matches.slots.get(slot)) is not None]


def _close_past(group: Group, floor: int) -> None:
    """Take over waits that nothing can end any more, and drop what nothing can follow any more."""
    for wait in group.waits:
        if wait.shown_from < floor:
            group.confirm(wait)
    group.waits = [wait for wait in group.waits if wait.shown_from >= floor]
    group.opens = [one for one in group.opens if one.newest + one.within >= floor]
