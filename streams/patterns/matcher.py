"""Fold touchpoints, in order, into the groups of each pattern.

One step costs what the patterns cost that the touchpoint can matter to. "Later" is always a greater event time.
"""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.patterns.index import Catalogue, Part
from streams.patterns.matches import ALL_VERDICTS, NEVER, Group, Matches, Open, Sign, Wait, sign_of
from streams.patterns.pattern import MEMORY_MS, Follow, Pattern
from streams.patterns.predicates import Values
from streams.patterns.reading import business_threads

Friction: TypeAlias = dict[str, Matches]
"""Matches by the state key of their pattern."""
GroupName: TypeAlias = tuple[str, bytes, str, bytes]
"""A group: state key of its pattern, slot, key of the hit, touchpoint key of its first item."""
Touched: TypeAlias = dict[GroupName, None]


class Item(msgspec.Struct, gc=False):
    """What begins a hit, at its instant: a touchpoint, or a journey that lapsed (with its last touchpoint as the sign)."""

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
    """Drop what no touchpoint at or after `floor` can change; the groups dropped, as they stand then."""
    dropped: list[tuple[GroupName, Group]] = []
    for state_key in [key for key in friction if key not in catalogue.by_state_key]:
        del friction[state_key]
    for state_key, matches in list(friction.items()):
        pattern = catalogue.by_state_key[state_key]
        groups = [*matches.past, *matches.slots.values()]
        for group in groups:
            _confirm(group, floor)
            group.opens = [one for one in group.opens if one.newest + one.within >= floor]
        gone = [group for group in groups if not group.waits and floor - group.newest > memory(pattern, group)]
        names = {id(group) for group in gone}
        matches.past = [group for group in matches.past if id(group) not in names]
        matches.slots = {slot: group for slot, group in matches.slots.items() if id(group) not in names}
        dropped += [(group_name(pattern, group), group) for group in gone]
        if not matches.past and not matches.slots:
            del friction[state_key]
    return dropped


def group_name(pattern: Pattern, group: Group) -> GroupName:
    """Name a group so that it can be found again in a copy."""
    return (pattern.state_key, group.slot, group.hit_key, group.first)


def memory(pattern: Pattern, group: Group) -> int:
    """How long after its newest item a group can still grow, milliseconds."""
    if group.slot[:1] != b"\0" or pattern.key_within is None:
        return MEMORY_MS
    return pattern.key_within(pattern.values_of(group.brand, group.channel, group.task))


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
        if group.completed_at != NEVER or group.waits:
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


def _new_group(slot: bytes, item: Item) -> Group:
    first = item.sign.key
    hit_key = slot.hex() if slot[:1] != b"\0" else f"{item.task}:{first.hex()}"
    return Group(slot, hit_key, first, item.brand, item.channel, item.task, item.journey_id, item.instant)


def _add(pattern: Pattern, group: Group, item: Item) -> None:
    begin, missing = pattern.begin, pattern.missing
    values = pattern.values_of(item.brand, item.channel, item.task)
    if begin.gap is not None and item.instant - group.newest > begin.gap(values):
        group.run, group.held = 0, []
    group.newest = item.instant
    group.run += 1
    if group.run < begin.at_least:
        group.held.append(item.sign)
        return
    signs = (*group.held, item.sign)
    group.held = []
    if missing is not None and begin.at_least in {1, group.run}:
        deadline = item.instant + missing.within(values)
        awaited = signs if missing.decides_hit else ()
        group.waits.append(Wait(item.instant, deadline, deadline + missing.lateness(values), awaited))
    if missing is not None and missing.decides_hit:
        return
    for sign in signs:
        group.add(sign)
    if pattern.follow is not None:
        _open(group, item, pattern.follow.within(values))
    else:
        group.complete(item.instant)


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
    """What was missing came: waits it comes in time for are over."""
    now = touchpoint.event_time
    for group in _under_key(matches, touchpoint):
        waits = [wait for wait in group.waits if not wait.since < now <= wait.deadline]
        if len(waits) < len(group.waits):
            group.waits = waits
            touched[group_name(pattern, group)] = None


def _under_key(matches: Matches, touchpoint: Touchpoint) -> list[Group]:
    slots = [*business_threads(touchpoint), _task_slot(touchpoint.brand, touchpoint.task)]
    return [group for slot in slots if (group := matches.slots.get(slot)) is not None]


def _confirm(group: Group, floor: int) -> None:
    """Waits that are over for good become evidence."""
    for wait in group.waits:
        if wait.shown_from < floor:
            group.absent = True
            for sign in wait.signs:
                group.add(sign)
            if wait.signs:
                group.complete(wait.deadline)
    group.waits = [wait for wait in group.waits if wait.shown_from >= floor]
