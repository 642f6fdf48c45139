"""Join to the items of a group what follows them, what comes along, and what they have been waiting for."""

from schemas.identifiers import KINDS, Ident
from schemas.touchpoint import Touchpoint
from streams.patterns import lines
from streams.patterns.gathering import Touched, reaches
from streams.patterns.language import Joint
from streams.patterns.matches import NEVER, Group, Matches, Open, Sign
from streams.patterns.pattern import Beside, Follow, Missing, Pattern
from streams.patterns.predicates import Values
from streams.patterns.reading import business_threads


def follow_up(
    pattern: Pattern,
    follow: Follow,
    matches: Matches,
    touchpoint: Touchpoint,
    sign: Sign,
    values: Values,
    touched: Touched,
) -> None:
    """Take what follows into every group with items that it reaches."""
    now = touchpoint.event_time
    if follow.unless is not None and lines.came_before(follow.unless, matches, None, now, values):
        return
    threads = business_threads(touchpoint)
    for name, group in _joined(pattern, follow, matches, touchpoint):
        reached = [one for one in group.opens if one.follow == follow.number and reaches(one, now)]
        if not reached or (follow.after_all and now <= group.newest):
            continue
        is_related = bool(follow.related) and any(_related(follow, one, touchpoint, threads) for one in reached)
        if follow.must_relate and not is_related:
            continue
        group.related = group.related or is_related
        group.met |= follow.bit
        group.every &= sign.mask | pattern.item_conditions
        group.add(sign)
        if pattern.written.channel_to == "follow":
            group.channel_to = group.channel_to or sign.channel
        if follow.decides_hit:
            group.complete(now, NEVER, "")
        if follow.ends_line:
            lines.end_lines(pattern, matches, touchpoint)
        touched[pattern.state_key, name] = None


def come_along(
    pattern: Pattern, beside: Beside, matches: Matches, touchpoint: Touchpoint, sign: Sign, touched: Touched
) -> None:
    """Take what comes along into the groups under its key."""
    for name, group in lines.under_key(pattern, matches, touchpoint):
        group.met |= beside.bit
        group.add(sign)
        if group.completed_at != NEVER:
            touched[pattern.state_key, name] = None


def arrive(pattern: Pattern, missing: Missing, matches: Matches, touchpoint: Touchpoint, touched: Touched) -> None:
    """End the waits that what was missing comes in time for."""
    now = touchpoint.event_time
    lines.note_arrival(pattern, missing, matches, touchpoint)
    for name, group in lines.under_key(pattern, matches, touchpoint):
        waits = [one for one in group.waits if one.missing != missing.number or not one.since <= now <= one.deadline]
        if len(waits) < len(group.waits):
            group.waits = waits
            touched[pattern.state_key, name] = None


def _joined(pattern: Pattern, follow: Follow, matches: Matches, touchpoint: Touchpoint) -> list[tuple[bytes, Group]]:
    if follow.join == "person":
        return list(matches.groups.items())
    found = lines.under_key(pattern, matches, touchpoint)
    if follow.join == "key_or_none" and not any(thread[0] in pattern.key_ranks for thread in touchpoint.threads):
        return list(matches.groups.items())
    return found


def _related(follow: Follow, one: Open, touchpoint: Touchpoint, threads: tuple[Ident, ...]) -> bool:
    return any(all(_alike(joint, one, touchpoint, threads) for joint in joints) for joints in follow.related)


def _alike(joint: Joint, one: Open, touchpoint: Touchpoint, threads: tuple[Ident, ...]) -> bool:
    if joint == "task":
        return bool(one.task) and one.task == touchpoint.task
    if joint == "intent":
        return bool(one.intent) and one.intent == touchpoint.intent
    if joint == "brand":
        return one.brand == touchpoint.brand
    if joint == "thread":
        return any(thread in one.threads for thread in threads)
    return any(thread in one.threads and KINDS[thread[0]] == joint for thread in threads)
