"""Journeys that end by time alone, without their goal: folded once a later touchpoint shows it, else only shown."""

from schemas.touchpoint import Channel
from streams.journeys.book import Book
from streams.journeys.journeys import NOT_YET, Journeys
from streams.journeys.state import NEVER_CHANGES, Timeline, copy_friction
from streams.patterns import matcher
from streams.patterns.matcher import Friction, Item
from streams.patterns.matches import NEVER, order_of
from streams.patterns.reading import DIGITAL_SELF


def expire(timeline: Timeline, now: int, book: Book) -> None:
    """End the journeys that expire before `now`, a touchpoint's time; the lapsed ones are items of patterns."""
    known = timeline.journeys
    for item in _lapses(known, now, book):
        matcher.lapse(book.catalogue, timeline.friction, item, timeline.touched_groups)
    known.ended += [journey for journey in known.active if journey.expires_at(book) < now]
    known.active = [journey for journey in known.active if journey.expires_at(book) >= now]
    known.next_expiry = min((journey.expires_at(book) for journey in known.active), default=NEVER_CHANGES)


def friction_as_of(timeline: Timeline, as_of: int, book: Book, touched: matcher.Touched) -> Friction:
    """Show the groups with the lapses that only the instant brings; names of groups they change go to `touched`.

    They are folded into a copy, since a touchpoint may still prevent them, and only where there are hits: a lapse alone
    is none.
    """
    friction = timeline.friction
    if timeline.journeys.next_expiry >= as_of or not _has_lapsing_hits(timeline, book):
        return friction
    items = _lapses(timeline.journeys, as_of, book)
    if items:
        lapsing = {pattern.state_key for pattern in book.catalogue.lapsing}
        friction = friction | copy_friction({key: known for key, known in friction.items() if key in lapsing})
        for item in items:
            matcher.lapse(book.catalogue, friction, item, touched)
    return friction


def touch_shown(timeline: Timeline, book: Book) -> None:
    """Touch the hits whose rows showed lapses that a touchpoint from before the last settling may undo."""
    for pattern in book.catalogue.lapsing:
        matches = timeline.friction.get(pattern.state_key)
        for name in matches.groups if matches is not None else ():
            timeline.touched_groups[(pattern.state_key, name)] = None


def _has_lapsing_hits(timeline: Timeline, book: Book) -> bool:
    return any(
        group.completed_at != NEVER
        for pattern in book.catalogue.lapsing
        if (matches := timeline.friction.get(pattern.state_key)) is not None
        for group in matches.groups.values()
    )


def _lapses(known: Journeys, now: int, book: Book) -> list[Item]:
    """List, in order, the journeys that ended before `now` without their goal, the customer last in self-service."""
    items = []
    for journey in known.active:
        instant, sign = journey.expires_at(book), journey.last_sign
        if instant >= now or journey.completed_at != NOT_YET or journey.failed_at != NOT_YET or sign is None:
            continue
        if journey.last_class != DIGITAL_SELF and sign.channel != Channel.KIOSK.value:
            continue
        threads = tuple(sorted(key for held in journey.keys.values() for key in held))
        item = Item(
            instant, journey.brand, sign.channel, journey.task, journey.last_intent, threads, journey.journey_id, sign
        )
        items.append(item)
    return sorted(items, key=lambda item: (item.instant, order_of(item.sign), item.journey_id))
