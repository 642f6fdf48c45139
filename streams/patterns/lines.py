"""Groups by what their items share: threads, lines, and what was noted a while ago."""

from typing import Final

from schemas.identifiers import IDENT_BYTES
from schemas.touchpoint import Touchpoint
from streams.patterns.matches import NEVER, Group, Line, Matches
from streams.patterns.pattern import Missing, Pattern, Recall
from streams.patterns.predicates import Values

PERSON: Final = b""
"""Names what is noted of the person."""
RECENT_MAX: Final = 64
"""Times kept under one key of what clauses count since; the newest are kept."""
_CLEARED_ABOVE: Final = 8


def thread_of(pattern: Pattern, touchpoint: Touchpoint) -> bytes | None:
    """Find the thread that is the key of an item: of the first kind it has, the smallest."""
    threads = touchpoint.threads
    if threads:
        for rank in pattern.key_ranks:
            for thread in threads:
                if thread[0] == rank:
                    return thread
    return None


def line_key(pattern: Pattern, touchpoint: Touchpoint) -> str | None:
    """Say which line a touchpoint can be in; None where it does not tell enough for any."""
    for line in pattern.lines:
        if line.must_tell is None or line.must_tell(touchpoint):
            return line.spell(touchpoint)
    return None


def join_line(matches: Matches, key: str, now: int, item_key: bytes, within: int) -> tuple[bytes, bytes | None]:
    """Name the group of an item: that of its line, or one it begins and names; then also the group that is over."""
    line = matches.lines.get(key)
    if line is not None and now - line.newest <= within:
        line.newest, line.within = now, within
        return line.name, None
    matches.lines[key] = Line(item_key, now, within)
    return item_key, line.name if line is not None else None


def under_key(pattern: Pattern, matches: Matches, touchpoint: Touchpoint) -> list[tuple[bytes, Group]]:
    """List the groups of a touchpoint's threads, and those of the lines it could be in."""
    groups = matches.groups
    found: list[tuple[bytes, Group]] = []
    if pattern.key_ranks:
        found += [(thread, groups[thread]) for thread in touchpoint.threads if thread in groups]
    for line in pattern.lines:
        known = matches.lines.get(line.spell(touchpoint))
        if known is not None and known.name in groups:
            found.append((known.name, groups[known.name]))
    return found


def end_lines(pattern: Pattern, matches: Matches, touchpoint: Touchpoint) -> None:
    """End the lines a touchpoint could be in; what never amounted to anything is forgotten."""
    for line in pattern.lines:
        known = matches.lines.pop(line.spell(touchpoint), None)
        if known is not None:
            drop_idle(pattern, matches, known.name)


def drop_idle(pattern: Pattern, matches: Matches, name: bytes) -> None:
    """Forget a group whose line is over, if it is no hit and nothing can make it one."""
    group = matches.groups.get(name) if pattern.closes_with_line else None
    if group is not None and group.completed_at == NEVER and not group.waits:
        del matches.groups[name]


def is_thread(name: bytes) -> bool:
    """Tell a thread from a touchpoint key, which has no rank before its hash."""
    return len(name) == IDENT_BYTES


def note(pattern: Pattern, recall: Recall, matches: Matches, touchpoint: Touchpoint, values: Values) -> None:
    """Note what clauses will look back at: under its threads of the key's kinds, or of the person."""
    now = touchpoint.event_time
    noted = matches.recent.setdefault(recall.slot, {})
    since = now - recall.within(values)
    if len(noted) > _CLEARED_ABOVE:
        for key in [key for key, times in noted.items() if times[-1] < since]:
            del noted[key]
    ranks = pattern.key_ranks
    keys = [thread for thread in touchpoint.threads if thread[0] in ranks] if recall.by_thread else [PERSON]
    for key in keys:
        times = noted.get(key)
        if times is None or not recall.many:
            noted[key] = [now]
        else:
            noted[key] = [*(time for time in times if time >= since), now][-RECENT_MAX:]


def came_before(recall: Recall, matches: Matches, key: bytes | None, now: int, values: Values) -> bool:
    """Tell whether what was noted of the person (or under this key) came so shortly before."""
    noted = matches.recent.get(recall.slot)
    if not noted:
        return False
    times = noted.get((key or PERSON) if recall.by_thread else PERSON)
    return times is not None and times[-1] >= now - recall.within(values)


def note_arrival(pattern: Pattern, missing: Missing, matches: Matches, touchpoint: Touchpoint) -> None:
    """Note under which keys something awaited came: an item of the same instant need not wait for it."""
    slot, now = arrivals_slot(missing), touchpoint.event_time
    noted = matches.recent.get(slot)
    if noted is None or next(iter(noted.values()), [now])[0] != now:
        noted = matches.recent[slot] = {}
    for thread in touchpoint.threads if pattern.key_ranks else ():
        noted[thread] = [now]
    for line in pattern.lines:
        known = matches.lines.get(line.spell(touchpoint))
        if known is not None:
            noted[known.name] = [now]


def has_arrived(missing: Missing, matches: Matches, name: bytes, now: int) -> bool:
    """Tell whether something awaited came under this key at this instant."""
    noted = matches.recent.get(arrivals_slot(missing))
    return noted is not None and now in noted.get(name, ())


def arrivals_slot(missing: Missing) -> int:
    """Number what is noted of arrivals, below the slots of what clauses look back at."""
    return -1 - missing.number


def forget_recent(pattern: Pattern, matches: Matches, floor: int) -> None:
    """Forget what nothing from `floor` on can look back at."""
    if not matches.recent:
        return
    spans = {
        recall.slot: max(recall.within(values) for values in (pattern.values, *pattern.slice_values))
        for recall in pattern.recalls
    }
    for slot, noted in list(matches.recent.items()):
        since = floor - spans.get(slot, 0)
        for key in [key for key, times in noted.items() if times[-1] < since]:
            del noted[key]
        if not noted:
            del matches.recent[slot]
