"""Rows of a small story: fold it, write it as of a time, and pick one table."""

from schemas.rows import FrictionRow, JourneyRow, Row, SessionRow
from schemas.touchpoint import Touchpoint, order_key
from streams.journeys.book import Book, load_book
from streams.journeys.timeline import Timeline, rows, take
from tests.support.touchpoints import at_time

BOOK = load_book()


def timeline_of(*touchpoints: Touchpoint, book: Book = BOOK) -> Timeline:
    """Fold touchpoints, given in any order."""
    timeline = Timeline()
    for touchpoint in sorted(touchpoints, key=order_key):
        take(timeline, touchpoint, book)
    return timeline


def rows_of(*touchpoints: Touchpoint, as_of: str | int = "400d") -> list[Row]:
    """Write all rows as of a time of the story."""
    written = rows(timeline_of(*touchpoints), "p", at_time(as_of), BOOK, touched_only=False)
    return [row for _, _, row in written if row is not None]


def sessions_of(*touchpoints: Touchpoint) -> list[SessionRow]:
    """Sessions, by their beginning."""
    found = [row for row in rows_of(*touchpoints) if isinstance(row, SessionRow)]
    return sorted(found, key=lambda row: (row.started_at, row.source))


def journeys_of(*touchpoints: Touchpoint, as_of: str | int = "400d") -> list[JourneyRow]:
    """Journeys, by their beginning."""
    found = [row for row in rows_of(*touchpoints, as_of=as_of) if isinstance(row, JourneyRow)]
    return sorted(found, key=lambda row: (row.started_at, row.journey_id))


def hits_of(*touchpoints: Touchpoint, as_of: str | int = "400d") -> list[FrictionRow]:
    """Hits, by their detection."""
    found = [row for row in rows_of(*touchpoints, as_of=as_of) if isinstance(row, FrictionRow)]
    return sorted(found, key=lambda row: (row.detected_at, row.pattern, row.hit_key))
