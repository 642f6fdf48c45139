"""Gather items into the group of their key, count them, and see whether they are a hit or what it still waits for."""

from typing import Final, TypeAlias

import msgspec

from schemas.touchpoint import Touchpoint
from streams.patterns import lines
from streams.patterns.matches import NEVER, Group, Head, Matches, Open, Sign, Tally, Wait
from streams.patterns.pattern import MEMORY_MS, Follow, Missing, Pattern, RunRule, Way
from streams.patterns.predicates import Values
from streams.patterns.reading import business_threads

GroupName: TypeAlias = tuple[str, bytes]
"""A group: state key of its pattern, and its name there (see `Matches`)."""
Touched: TypeAlias = dict[GroupName, None]
_NOTHING: Final[list[int]] = []


class Piece(msgspec.Struct, gc=False):
    """An item on its way into a group; `told` is the touchpoint, with the instant at which it counts for its time."""

    told: Touchpoint
    journey_id: str
    sign: Sign
    values: Values

    def head(self) -> Head:
        """Say what a hit would say of it, were it the first."""
        return Head(self.told.brand, self.told.task, self.sign.channel, self.sign.location_id, self.journey_id)


def gather(pattern: Pattern, matches: Matches, piece: Piece, touched: Touched) -> None:
    """Add an item to the group of its key."""
    begin, now, values = pattern.begin, piece.told.event_time, piece.values
    thread = lines.thread_of(pattern, piece.told)
    key = lines.line_key(pattern, piece.told) if thread is None else None
    if thread is None and key is None:
        return
    if begin.unless is not None and lines.came_before(begin.unless, matches, thread, now, values):
        return
    name = thread
    if name is None:
        name = _join(pattern, matches, key or "", piece)
    group = matches.groups.get(name)
    if group is None or _has_faded(group, now):
        group = matches.groups[name] = Group(now, tallies=[Tally() for _ in pattern.counted])
    elif begin.collapse is not None and now - group.newest <= begin.collapse(values):
        return
    _add(pattern, matches, name, group, piece)
    if group.completed_at != NEVER or group.waits:
        touched[pattern.state_key, name] = None


def _has_faded(group: Group, now: int) -> bool:
    """Tell whether what is known of a thread counts no more: a hit stands until one takes its place, so it goes on."""
    return now - group.newest > MEMORY_MS and group.completed_at == NEVER and not group.waits


def reaches(one: Open, now: int) -> bool:
    """Tell whether something at this instant follows items, and in time."""
    since = one.newest if one.newest < now else one.before
    return since != NEVER and since < now <= since + one.within and (one.expires == NEVER or now <= one.expires)


def _join(pattern: Pattern, matches: Matches, key: str, piece: Piece) -> bytes:
    within = pattern.key_within(piece.values) if pattern.key_within is not None else 0
    name, over = lines.join_line(matches, key, piece.told.event_time, piece.sign.key, within)
    if over is not None:
        lines.drop_idle(pattern, matches, over)
    return name


def _add(pattern: Pattern, matches: Matches, name: bytes, group: Group, piece: Piece) -> None:
    now, before = piece.told.event_time, group.completed_at
    signs: tuple[Sign, ...] = (piece.sign,)
    if pattern.begin.run is not None:
        signs = _run(pattern.begin.run, group, piece)
    group.newest = now
    counted_now = _count(pattern, matches, name, group, piece) if pattern.counted else 0
    if not signs:
        return
    if not pattern.waits_alone:
        if group.head is None:
            group.head = group.run_head or piece.head()
        for one in signs:
            group.add_item(one, pattern.follow_conditions)
    for way in pattern.ways:
        if group.met & way.counted == way.counted:
            is_first = not way.counted or bool(counted_now & way.counted)
            _fire(pattern, matches, name, group, way, piece, is_first=is_first)
    if before == NEVER != group.completed_at:
        _weigh(pattern, matches, name, group, piece)


def _run(rule: RunRule, group: Group, piece: Piece) -> tuple[Sign, ...]:
    """Add an item to the run; gives the signs that belong to a run long enough, none while it is not."""
    if group.run and piece.told.event_time - group.newest > rule.gap(piece.values):
        group.run, group.held = 0, []
    group.run += 1
    if group.run == 1 and group.head is None:
        group.run_head = piece.head()
    if group.run < rule.at_least:
        group.held.append(piece.sign)
        return ()
    group.longest_run = max(group.longest_run, group.run)
    signs = (*group.held, piece.sign)
    group.held = []
    return signs


def _count(pattern: Pattern, matches: Matches, name: bytes, group: Group, piece: Piece) -> int:
    """Count the item for the clauses that are not met yet; gives the bits of those that are met by it."""
    met, before, told, values = 0, group.met, piece.told, piece.values
    for counted, tally in zip(pattern.counted, group.tallies, strict=True):
        bit = counted.bit
        if before & bit:
            continue
        if counted.since is None:
            counted.step(tally, told, values, _NOTHING)
        else:
            counted.step(tally, told, values, matches.recent.get(counted.since.slot, {}).get(name, _NOTHING))
        if tally.met_at != NEVER:
            met |= bit
    group.met |= met
    return met


def _fire(
    pattern: Pattern, matches: Matches, name: bytes, group: Group, way: Way, piece: Piece, *, is_first: bool
) -> None:
    """Go a way whose clauses about items are met: `is_first`: by this item, or there are none."""
    channel = piece.sign.channel if pattern.written.channel_to == "item" else ""
    if way.follow is not None:
        _open(pattern, group, way.follow, piece)
    elif way.missing is None:
        group.complete(piece.told.event_time, way.rank, channel)
    elif is_first and (way.missing.of is None or way.missing.of(piece.told, piece.values)):
        _wait(pattern, matches, name, group, way.missing, piece, rank=way.rank, channel=channel)


def _weigh(pattern: Pattern, matches: Matches, name: bytes, group: Group, piece: Piece) -> None:
    """Wait, once the items are a hit, for what only decides how grave it is."""
    for follow in pattern.follows:
        if not follow.decides_hit:
            _open(pattern, group, follow, piece)
    for missing in pattern.missing:
        if not missing.decides_hit:
            _wait(pattern, matches, name, group, missing, piece, rank=NEVER, channel="")


def _wait(
    pattern: Pattern,
    matches: Matches,
    name: bytes,
    group: Group,
    missing: Missing,
    piece: Piece,
    *,
    rank: int,
    channel: str,
) -> None:
    """Wait for what should follow, unless it came at the same instant."""
    since = piece.told.event_time
    if lines.has_arrived(missing, matches, name, since):
        return
    due = since
    if missing.until_due and piece.told.promise is not None:
        due = max(since, piece.told.promise.due_at)
    deadline = due + missing.within(piece.values)
    shown_from = deadline + missing.lateness(piece.values)
    alone = rank != NEVER and pattern.waits_alone
    head, signs = (piece.head(), (piece.sign,)) if alone else (None, ())
    group.waits.append(Wait(since, deadline, shown_from, missing.number, rank, missing.bit, channel, head, signs))


def _open(pattern: Pattern, group: Group, follow: Follow, piece: Piece) -> None:
    """Items that look alike differ to what follows only in their instant: the newest two say all."""
    told, joints = piece.told, pattern.relates_by
    now, within, expires = told.event_time, follow.within(piece.values), NEVER
    if follow.expires and told.offer is not None and told.offer.expires_at is not None:
        expires = told.offer.expires_at
    alike = (
        within,
        follow.number,
        expires,
        told.brand if "brand" in joints else "",
        told.task if "task" in joints else "",
        told.intent if "intent" in joints else "",
        business_threads(told) if pattern.relates_by_thread else (),
    )
    group.opens = [one for one in group.opens if one.newest + one.within >= now]
    for one in group.opens:
        if (one.within, one.follow, one.expires, one.brand, one.task, one.intent, one.threads) == alike:
            if now > one.newest:
                one.newest, one.before = now, one.newest
            return
    group.opens.append(Open(now, NEVER, *alike))
