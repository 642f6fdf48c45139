"""The timeline of one person: a left fold over its shown touchpoints, in touchpoint order.

`take` adds the next touchpoint; `rows` writes sessions, journeys and hits as of an instant without changing anything;
`forget` drops what is final. For one that comes late, fold again from a copy of the *seed*, the state after the touchpoints
that are forgotten: equal touchpoints give equal rows, however they were folded.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from schemas.rows import FrictionRow, Row, RowKey, Table
from schemas.touchpoint import Channel, Touchpoint
from streams.journeys import ends, journeys, sessions
from streams.journeys.assign import assign
from streams.journeys.book import Book
from streams.journeys.journeys import NOT_YET, Journey, Journeys
from streams.journeys.sessions import Session, Sessions
from streams.patterns import hits, matcher
from streams.patterns.matcher import Friction, Item
from streams.patterns.matches import NEVER, Group
from streams.patterns.reading import DIGITAL_SELF

Written: TypeAlias = tuple[Table, RowKey, Row | None]
"""A row; None says that there is none (any more) under a key that was touched."""

FORMAT: Final = 1
NEVER_CHANGES: Final = 1 << 62
_FORMAT_BYTE: Final = bytes((FORMAT,))


class Timeline(msgspec.Struct, array_like=True):
    """What is known of one person. `touched_*` (not encoded) say what changed since `settled_at`; before `quiet_until` time alone changes nothing."""

    sessions: Sessions = msgspec.field(default_factory=Sessions)
    journeys: Journeys = msgspec.field(default_factory=Journeys)
    friction: Friction = {}
    settled_at: int = -1
    quiet_until: int = -1
    touched_sessions: dict[str, Session] = {}
    touched_journeys: dict[str, Journey] = {}
    touched_groups: matcher.Touched = {}


class _Stored(msgspec.Struct, array_like=True):
    sessions: Sessions
    journeys: Journeys
    friction: Friction
    settled_at: int
    quiet_until: int


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Stored)
_FRICTION_DECODER: Final = msgspec.msgpack.Decoder(Friction)


class FormatError(Exception):
    """A stored timeline has a format this version can not read; rebuild from retained evidence."""


def take(timeline: Timeline, touchpoint: Touchpoint, book: Book) -> None:
    """Fold the next touchpoint, in touchpoint order; what ends before its time ends first."""
    now = touchpoint.event_time
    known = timeline.journeys
    if known.next_expiry < timeline.settled_at >= now:
        _touch_lapsed_hits(timeline, book)
    if known.next_expiry < now:
        _expire(timeline, now, book)
    sessions.take(timeline.sessions, touchpoint, book, timeline.touched_sessions)
    journey = _join(timeline, touchpoint, book)
    journey_id = journey.journey_id if journey is not None else ""
    matcher.take(book.catalogue, timeline.friction, touchpoint, journey_id, timeline.touched_groups)


def rows(timeline: Timeline, person_id: str, as_of: int, book: Book, *, touched_only: bool) -> list[Written]:
    """Write rows as of an instant; changes nothing.

    With `touched_only`: of what `take` or time changed since `clear_touched`, and then None for a hit that is none (any
    more). Without: of everything that is not forgotten.
    """
    touched = dict(timeline.touched_groups)
    friction = _as_of(timeline, as_of, book, touched)
    known = timeline.journeys.all()
    if not touched_only:
        chosen_sessions = [*timeline.sessions.past, *timeline.sessions.lanes.values()]
        chosen = known
        touched = _names(friction, book)
    else:
        chosen_sessions = list(timeline.touched_sessions.values())
        chosen = _changed_journeys(timeline, as_of, book)
        touched.update(_changed_groups(timeline, friction, as_of, book))
    written: list[Written] = [(Table.SESSIONS, *sessions.session_row(one, person_id)) for one in chosen_sessions]
    written += [(Table.JOURNEYS, *ends.journey_row(one, known, person_id, as_of, book)) for one in chosen]
    for name in touched:
        row = _hit(friction, name, person_id, as_of, book)
        if row is not None or touched_only:
            written.append((Table.FRICTION, hits.hit_row_key(person_id, name), row))
    return written


def due(timeline: Timeline, as_of: int, book: Book) -> int | None:
    """An instant after `as_of` before which no row changes by time alone; None if none ever does.

    It may be too early, never too late: rows written then may be the same as before.
    """
    if timeline.quiet_until > as_of:
        some: Iterable[Journey] = timeline.touched_journeys.values()
        groups = [found for name in timeline.touched_groups if (found := _find(timeline.friction, name)) is not None]
        instants = [timeline.quiet_until]
    else:
        some, instants = timeline.journeys.all(), [NEVER_CHANGES]
        groups = [group for matches in timeline.friction.values() for group in matches.all()]
    instants += [at for one in some if (at := ends.next_change(one, as_of, book)) is not None]
    instants += [at for group in groups if (at := hits.next_change(group, as_of)) is not None]
    first = min(instants)
    return first if first != NEVER_CHANGES else None


def clear_touched(timeline: Timeline, as_of: int, book: Book) -> None:
    """Note that the rows as of `as_of` were taken over; `rows(touched_only=True)` counts from here."""
    first = due(timeline, as_of, book)
    timeline.quiet_until = first if first is not None else NEVER_CHANGES
    timeline.settled_at = as_of
    timeline.touched_sessions, timeline.touched_journeys, timeline.touched_groups = {}, {}, {}


def forget(timeline: Timeline, person_id: str, floor: int, book: Book) -> list[tuple[Table, RowKey]]:
    """Drop what no touchpoint at or after `floor` can change and time no longer changes; the keys of its rows.

    What goes depends on touchpoints before `floor` only, so that the seed and the live timeline drop the same.
    """
    if timeline.journeys.next_expiry < floor:
        _expire(timeline, floor, book)
    gone: list[tuple[Table, RowKey]] = []
    for session in sessions.forget(timeline.sessions, floor, book):
        timeline.touched_sessions.pop(session.session_id, None)
        gone.append((Table.SESSIONS, (person_id, session.session_id)))
    for journey in ends.forget(timeline.journeys, floor, book):
        timeline.touched_journeys.pop(journey.journey_id, None)
        gone.append((Table.JOURNEYS, (person_id, journey.journey_id)))
    for name, group in matcher.forget(book.catalogue, timeline.friction, floor):
        timeline.touched_groups.pop(name, None)
        if group.completed_at != NEVER:
            gone.append((Table.FRICTION, hits.hit_row_key(person_id, name)))
    return gone


def is_empty(timeline: Timeline) -> bool:
    """Tell whether nothing is remembered, so that the timeline itself can be forgotten."""
    known, cut = timeline.journeys, timeline.sessions
    return not (known.active or known.ended or cut.lanes or cut.past or timeline.friction)


def encode(timeline: Timeline) -> bytes:
    """Encode for the changelog, a format byte first. What was touched is not kept: write its rows before."""
    stored = _Stored(timeline.sessions, timeline.journeys, timeline.friction, timeline.settled_at, timeline.quiet_until)
    return _FORMAT_BYTE + _ENCODER.encode(stored)


def decode(encoded: bytes) -> Timeline:
    """Read what `encode` wrote; FormatError for another format."""
    if encoded[:1] != _FORMAT_BYTE:
        raise FormatError(f"stored timeline has format {encoded[:1].hex() or 'none'}, this version reads {FORMAT}")
    stored = _DECODER.decode(memoryview(encoded)[1:])
    return Timeline(stored.sessions, stored.journeys, stored.friction, stored.settled_at, stored.quiet_until)


def copy(timeline: Timeline) -> Timeline:
    """A timeline of its own with nothing touched, to fold again from a seed."""
    return decode(encode(timeline))


def _join(timeline: Timeline, touchpoint: Touchpoint, book: Book) -> Journey | None:
    known = timeline.journeys
    journey, is_new = assign(known.active, touchpoint, book)
    if journey is None:
        return None
    if is_new:
        known.active.append(journey)
    completed = journeys.add(journey, touchpoint, book)
    known.next_expiry = min(known.next_expiry, journey.expires_at(book))
    timeline.touched_journeys[journey.journey_id] = journey
    if completed:
        for other in ends.superseded_by(journey, known, book):
            timeline.touched_journeys[other.journey_id] = other
    return journey


def _expire(timeline: Timeline, now: int, book: Book) -> None:
    known = timeline.journeys
    for item in _lapses(known, now, book):
        matcher.lapse(book.catalogue, timeline.friction, item, timeline.touched_groups)
    known.ended += [journey for journey in known.active if journey.expires_at(book) < now]
    known.active = [journey for journey in known.active if journey.expires_at(book) >= now]
    known.next_expiry = min((journey.expires_at(book) for journey in known.active), default=NEVER_CHANGES)


def _lapses(known: Journeys, now: int, book: Book) -> list[Item]:
    """Journeys that ended before `now` without their goal, the customer last at a digital or kiosk channel."""
    lapsed = [
        (journey.expires_at(book), journey.started_at, journey.journey_id, journey)
        for journey in known.active
        if NOT_YET == journey.completed_at == journey.failed_at and journey.expires_at(book) < now
    ]
    items = []
    for instant, _, _, journey in sorted(lapsed, key=lambda entry: entry[:3]):
        sign = journey.last_sign
        if sign is None or not (journey.last_class == DIGITAL_SELF or sign.channel == Channel.KIOSK.value):
            continue
        threads = tuple(sorted(key for held in journey.keys.values() for key in held))
        item = Item(
            instant, journey.brand, sign.channel, journey.task, journey.last_intent, threads, journey.journey_id, sign
        )
        items.append(item)
    return items


def _as_of(timeline: Timeline, as_of: int, book: Book, touched: matcher.Touched) -> Friction:
    """The groups with the lapses that only the instant brings: folded into a copy, since a touchpoint may still prevent them.

    They matter only to hits there are: a lapse alone is none.
    """
    friction = timeline.friction
    if timeline.journeys.next_expiry >= as_of or not _has_lapsing_hits(timeline, book):
        return friction
    items = _lapses(timeline.journeys, as_of, book)
    if items:
        friction = _FRICTION_DECODER.decode(_ENCODER.encode(friction))
        for item in items:
            matcher.lapse(book.catalogue, friction, item, touched)
    return friction


def _has_lapsing_hits(timeline: Timeline, book: Book) -> bool:
    return any(
        group.completed_at != NEVER
        for pattern in book.catalogue.lapsing
        if (matches := timeline.friction.get(pattern.state_key)) is not None
        for group in matches.slots.values()
    )


def _touch_lapsed_hits(timeline: Timeline, book: Book) -> None:
    """A touchpoint from before the last settling may undo lapses that its rows showed."""
    for pattern in book.catalogue.lapsing:
        matches = timeline.friction.get(pattern.state_key)
        for group in matches.slots.values() if matches is not None else ():
            timeline.touched_groups[matcher.group_name(pattern, group)] = None


def _names(friction: Friction, book: Book) -> matcher.Touched:
    return {
        matcher.group_name(pattern, group): None
        for pattern in book.catalogue.patterns
        if (matches := friction.get(pattern.state_key)) is not None
        for group in matches.all()
    }


def _changed_journeys(timeline: Timeline, as_of: int, book: Book) -> list[Journey]:
    changed = dict(timeline.touched_journeys)
    if as_of >= timeline.quiet_until:
        for journey in timeline.journeys.all():
            at = ends.next_change(journey, timeline.settled_at, book)
            if at is not None and at <= as_of:
                changed[journey.journey_id] = journey
    return list(changed.values())


def _changed_groups(timeline: Timeline, friction: Friction, as_of: int, book: Book) -> matcher.Touched:
    if as_of < timeline.quiet_until:
        return {}
    changed: matcher.Touched = {}
    for name in _names(friction, book):
        group = _find(friction, name)
        at = hits.next_change(group, timeline.settled_at) if group is not None else None
        if at is not None and at <= as_of:
            changed[name] = None
    return changed


def _hit(friction: Friction, name: matcher.GroupName, person_id: str, as_of: int, book: Book) -> FrictionRow | None:
    pattern, group = book.catalogue.by_state_key.get(name[0]), _find(friction, name)
    return hits.hit_row(pattern, group, person_id, as_of) if pattern is not None and group is not None else None


def _find(friction: Friction, name: matcher.GroupName) -> Group | None:
    matches = friction.get(name[0])
    if matches is None:
        return None
    group = matches.slots.get(name[1])
    if group is not None and group.hit_key == name[2]:
        return group
    return next((group for group in matches.past if group.hit_key == name[2]), None)
