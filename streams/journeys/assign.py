"""Which journey a touchpoint joins: by its threads, by its task, by its place, or a new one (docs/rules.md §7.3)."""

from collections.abc import Callable
from typing import Final, TypeAlias

from schemas.identifiers import Ident
from schemas.touchpoint import Direction, Touchpoint
from streams.journeys.book import Book
from streams.journeys.journeys import Journey, begin, place_of
from streams.patterns.reading import business_threads

_ANY_RANK: Final = 0xFF
_NO_KEYS: Final[list[Ident]] = []
_NOT_JOINING: Final = frozenset((Direction.OUTBOUND, Direction.INTERNAL))
_Rank: TypeAlias = Callable[[Journey], tuple[int, int, str]]
Assignment: TypeAlias = tuple[Journey | None, bool]
"""The journey a touchpoint joins, None for none; and whether it is a new one."""


def assign(active: list[Journey], touchpoint: Touchpoint, book: Book) -> Assignment:
    """Choose among journeys that have not expired at the touchpoint's time."""
    now = touchpoint.event_time
    keys = business_threads(touchpoint)
    since = now - book.journey_max_ms
    open_now = active
    if active and active[0].started_at < since:  # they stand in the order in which they began
        open_now = [journey for journey in active if journey.started_at >= since]
    found, refused = _by_keys(open_now, keys)
    if found is not None:
        return found, False
    if not refused:
        if touchpoint.direction in _NOT_JOINING:
            return None, False
        found = _by_task(open_now, touchpoint, keys, book)
        if found is not None:
            return found, False
    return begin(touchpoint, book.task(touchpoint), _continued(active, touchpoint, keys, book)), True


def _continued(active: list[Journey], touchpoint: Touchpoint, keys: tuple[Ident, ...], book: Book) -> str:
    """Name the journey the touchpoint would join if age did not count; empty for none."""
    found, refused = _by_keys(active, keys)
    if found is None and not refused:
        found = _by_task(active, touchpoint, keys, book)
    return found.journey_id if found is not None else ""


def _by_keys(journeys: list[Journey], keys: tuple[Ident, ...]) -> tuple[Journey | None, bool]:
    """Find the journey of the strongest key that has one; or none, and whether one holds other stronger keys."""
    for key in keys:
        rank = key[0]
        found = _best([one for one in journeys if key in one.keys.get(rank, _NO_KEYS)], _by_last)
        if found is not None:
            return (None, True) if found.holds_other(keys, rank) else (found, False)
    return None, False


def _by_task(journeys: list[Journey], touchpoint: Touchpoint, keys: tuple[Ident, ...], book: Book) -> Journey | None:
    if not journeys:
        return None
    if keys:
        journeys = [journey for journey in journeys if not journey.holds_other(keys, _ANY_RANK)]
    if not touchpoint.task:
        place, since = place_of(touchpoint), touchpoint.event_time - book.place_gap_ms
        near = [journey for journey in journeys if journey.places.get(place, since - 1) >= since]
        found = _best(near, lambda journey: (journey.places[place], journey.started_at, journey.journey_id))
        if found is not None:
            return found
    task = book.task(touchpoint)
    return _best([one for one in journeys if one.task == task and one.brand == touchpoint.brand], _by_last)


def _by_last(journey: Journey) -> tuple[int, int, str]:
    return (journey.last_at, journey.started_at, journey.journey_id)


def _best(journeys: list[Journey], rank: _Rank) -> Journey | None:
    if len(journeys) <= 1:
        return journeys[0] if journeys else None
    return max(journeys, key=rank)
