"""The timeline of one person: a left fold over its shown touchpoints, in touchpoint order.

`take` adds the next touchpoint; `rows` writes sessions, journeys and hits as of an instant without changing anything;
`forget` drops what is final. For one that comes late, fold again from a copy of the *seed*, the state after the
touchpoints that are forgotten: equal touchpoints give equal rows, however they were folded.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from schemas.rows import FrictionRow, JourneyRow, Row, RowKey, Table
from schemas.touchpoint import Touchpoint
from streams.journeys import ends, journeys, lapses, sessions
from streams.journeys.assign import assign
from streams.journeys.book import Book
from streams.journeys.changes import changed_groups, changed_journeys, due, find_group, group_names, held_journeys
from streams.journeys.journeys import Journey
from streams.journeys.measures import Transition
from streams.journeys.state import NEVER_CHANGES, FormatError, Timeline, copy, decode, encode, is_empty
from streams.journeys.weights import Standing, share_of
from streams.journeys.writing import journey_row
from streams.patterns import hits, matcher
from streams.patterns.matcher import Friction
from streams.patterns.matches import NEVER

__all__ = [
    "FormatError",
    "Timeline",
    "Written",
    "clear_touched",
    "copy",
    "decode",
    "due",
    "encode",
    "forget",
    "held",
    "is_empty",
    "rows",
    "take",
    "transitions",
]

_SESSIONS: Final = Table.SESSIONS
_JOURNEYS: Final = Table.JOURNEYS
Written: TypeAlias = tuple[Table, RowKey, Row | None]
"""A row; None says that there is none (any more) under a key that was touched."""


def take(timeline: Timeline, touchpoint: Touchpoint, book: Book) -> str:
    """Fold the next touchpoint, in touchpoint order; what ends before its time ends first.

    Names the journey it joins; empty for none.
    """
    now = touchpoint.event_time
    known = timeline.journeys
    if known.next_expiry < timeline.settled_at >= now:
        lapses.touch_shown(timeline, book)
    if known.next_expiry < now:
        lapses.expire(timeline, now, book)
    sessions.take(timeline.sessions, touchpoint, book, timeline.touched_sessions)
    journey = _join(timeline, touchpoint, book)
    journey_id = journey.journey_id if journey is not None else ""
    matcher.take(book.catalogue, timeline.friction, touchpoint, journey_id, timeline.touched_groups)
    return journey_id


def rows(timeline: Timeline, person_id: str, as_of: int, book: Book, *, touched_only: bool) -> list[Written]:
    """Write rows as of an instant; changes nothing but what it remembers of its own writing.

    With `touched_only`: of what `take` or time changed since `clear_touched`, and then None for a hit that is none (any
    more). Without: of everything that is not forgotten.
    """
    touched = dict(timeline.touched_groups)
    friction = lapses.friction_as_of(timeline, as_of, book, touched)
    known = timeline.journeys.all()
    if touched_only:
        chosen_sessions = list(timeline.touched_sessions.values())
        touched.update(changed_groups(timeline, friction, as_of, book))
    else:
        chosen_sessions = [*timeline.sessions.past, *timeline.sessions.lanes.values()]
        touched = group_names(friction, book)
        timeline.standing = Standing()
    written: list[Written] = [(_SESSIONS, *sessions.session_row(one, person_id)) for one in chosen_sessions]
    scored: set[str] = set()
    for name in touched:
        row = _hit(friction, name, person_id, as_of, book)
        scored |= timeline.standing.note(name, row)
        if row is not None or touched_only:
            written.append((Table.FRICTION, hits.hit_row_key(person_id, name), row))
    if scored:
        timeline.touched_journeys |= {one.journey_id: one for one in known if one.journey_id in scored}
    chosen = changed_journeys(timeline, as_of, book) if touched_only else known
    for one in chosen:
        shares = timeline.standing.of(one.journey_id)
        written.append((_JOURNEYS, *journey_row(one, known, shares, person_id, as_of, book)))
    return written


def transitions(timeline: Timeline, written: Iterable[Written]) -> Iterator[tuple[JourneyRow, Sequence[Transition]]]:
    """Tell, for each journey whose row was written, its changes of channel."""
    rows_of_journeys = [row for table, _, row in written if table is _JOURNEYS and isinstance(row, JourneyRow)]
    if rows_of_journeys:
        known = timeline.journeys.all()
        changing = {one.journey_id: one.measures.transitions for one in known if one.measures.transitions}
        for row in rows_of_journeys:
            yield row, changing.get(row.journey_id, ())


def clear_touched(timeline: Timeline, as_of: int, book: Book) -> int | None:
    """Note that the rows as of `as_of` were taken over; `rows(touched_only=True)` counts from here. Gives `due`."""
    first = due(timeline, as_of, book)
    timeline.quiet_until = first if first is not None else NEVER_CHANGES
    timeline.settled_at = as_of
    timeline.touched_sessions, timeline.touched_journeys, timeline.touched_groups = {}, {}, {}
    return first


def held(seed: Timeline) -> set[str]:
    """Name the journeys that are not forgotten because of a hit that they have or may get."""
    return held_journeys(seed.friction)


def forget(
    timeline: Timeline, person_id: str, floor: int, book: Book, held_by_seed: set[str] | None = None
) -> list[tuple[Table, RowKey]]:
    """Drop what no touchpoint at or after `floor` can change and time no longer changes; the keys of its rows.

    What goes depends on touchpoints before `floor` only: the seed and the live timeline drop the same. Only what later
    touchpoints made of hits does the seed not know: give the live one what is `held` by the seed once it forgot.
    """
    if timeline.journeys.next_expiry < floor:
        lapses.expire(timeline, floor, book)
    gone: list[tuple[Table, RowKey]] = []
    for session in sessions.forget(timeline.sessions, floor, book):
        timeline.touched_sessions.pop(session.session_id, None)
        gone.append((Table.SESSIONS, (person_id, session.session_id)))
    for name, group in matcher.forget(book.catalogue, timeline.friction, floor):
        timeline.touched_groups.pop(name, None)
        if group.completed_at != NEVER:
            gone.append((Table.FRICTION, hits.hit_row_key(person_id, name)))
            _let_weigh(
                timeline, name, hits.hit_row(book.catalogue.by_state_key[name[0]], name[1], group, person_id, floor)
            )
    kept = held_journeys(timeline.friction) if held_by_seed is None else held_by_seed
    for journey in ends.forget(timeline.journeys, kept, floor, book):
        timeline.touched_journeys.pop(journey.journey_id, None)
        gone.append((Table.JOURNEYS, (person_id, journey.journey_id)))
    return gone


def _join(timeline: Timeline, touchpoint: Touchpoint, book: Book) -> Journey | None:
    known = timeline.journeys
    journey, is_new = assign(known.active, touchpoint, book)
    if journey is None:
        return None
    if is_new:
        known.active.append(journey)
    completed = journeys.add(journey, touchpoint, book)
    expires_at = journey.expires_at(book)
    known.next_expiry = min(known.next_expiry, expires_at)
    timeline.touched_journeys[journey.journey_id] = journey
    if completed:
        for other in ends.superseded_by(journey, known, book):
            timeline.touched_journeys[other.journey_id] = other
    return journey


def _let_weigh(timeline: Timeline, name: matcher.GroupName, hit: FrictionRow | None) -> None:
    """A hit that is forgotten goes on weighing in its journey, as long as that is remembered."""
    timeline.standing.drop(name)
    if hit is None:
        return
    for journey in timeline.journeys.all():
        if journey.journey_id == hit.journey_id:
            journey.past_shares.append(share_of(hit))


def _hit(friction: Friction, name: matcher.GroupName, person_id: str, as_of: int, book: Book) -> FrictionRow | None:
    pattern, group = book.catalogue.by_state_key.get(name[0]), find_group(friction, name)
    return (
        hits.hit_row(pattern, name[1], group, person_id, as_of) if pattern is not None and group is not None else None
    )
