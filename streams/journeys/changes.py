"""What changed since the rows were last taken over, by touchpoints or by time alone, and when time is next to."""

from collections.abc import Iterable

from streams.journeys import ends
from streams.journeys.book import Book
from streams.journeys.journeys import Journey
from streams.journeys.state import NEVER_CHANGES, Timeline
from streams.patterns import hits
from streams.patterns.matcher import Friction, GroupName, Touched
from streams.patterns.matches import Group


def due(timeline: Timeline, as_of: int, book: Book) -> int | None:
    """Name an instant after `as_of` before which no row changes by time alone; None if none ever does.

    It may be too early, never too late: rows written then may be the same as before.
    """
    if timeline.quiet_until > as_of:
        some: Iterable[Journey] = timeline.touched_journeys.values()
        groups = [
            found for name in timeline.touched_groups if (found := find_group(timeline.friction, name)) is not None
        ]
        instants = [timeline.quiet_until]
    else:
        some, instants = timeline.journeys.all(), [NEVER_CHANGES]
        groups = [group for matches in timeline.friction.values() for group in matches.groups.values()]
    instants += [at for one in some if (at := ends.next_change(one, as_of, book)) is not None]
    instants += [at for group in groups if (at := hits.next_change(group, as_of)) is not None]
    first = min(instants)
    return first if first != NEVER_CHANGES else None


def changed_journeys(timeline: Timeline, as_of: int, book: Book) -> list[Journey]:
    """List the journeys whose rows may differ from those as of `settled_at`."""
    changed = dict(timeline.touched_journeys)
    if as_of >= timeline.quiet_until:
        for journey in timeline.journeys.all():
            at = ends.next_change(journey, timeline.settled_at, book)
            if at is not None and at <= as_of:
                changed[journey.journey_id] = journey
    return list(changed.values())


def changed_groups(timeline: Timeline, friction: Friction, as_of: int, book: Book) -> Touched:
    """Name the groups whose hits time alone changed since `settled_at`."""
    if as_of < timeline.quiet_until:
        return {}
    changed: Touched = {}
    for name in group_names(friction, book):
        group = find_group(friction, name)
        at = hits.next_change(group, timeline.settled_at) if group is not None else None
        if at is not None and at <= as_of:
            changed[name] = None
    return changed


def group_names(friction: Friction, book: Book) -> Touched:
    """Name every group of the patterns in the book."""
    return {
        (pattern.state_key, name): None
        for pattern in book.catalogue.patterns
        if (matches := friction.get(pattern.state_key)) is not None
        for name in matches.groups
    }


def find_group(friction: Friction, name: GroupName) -> Group | None:
    """Find a group by its name; None if it is forgotten."""
    matches = friction.get(name[0])
    return matches.groups.get(name[1]) if matches is not None else None


def held_journeys(friction: Friction) -> set[str]:
    """Name the journeys that hits may be in, now or later: those of every head that patterns remember."""
    return {
        head.journey_id
        for matches in friction.values()
        for group in matches.groups.values()
        for head in (group.head, group.run_head, *(wait.head for wait in group.waits))
        if head is not None
    }
