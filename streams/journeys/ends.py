"""How journeys end, as of an instant: their end state, when they are closed, and when they can be forgotten."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from schemas.identifiers import RANKS, Kind
from streams.journeys.book import Book
from streams.journeys.journeys import NOT_YET, Journey, Journeys

END_STATES: Final = ("open", "completed", "failed_final", "superseded", "escalated_open", "abandoned")
CASE_RANKS: Final = (RANKS[Kind.TICKET], RANKS[Kind.CASE])


def end_state(journey: Journey, others: Iterable[Journey], as_of: int, book: Book) -> str:
    """Name the end state as of an instant (docs/rules.md §7.4)."""
    if journey.completed_at != NOT_YET:
        return "completed"
    if journey.failed_at != NOT_YET:
        return "failed_final"
    if as_of - journey.last_at <= book.timeout(journey.task):
        return "open"
    if any(_supersedes(other, journey, book) for other in others):
        return "superseded"
    escalated = not journey.measures.is_resolved and any(rank in journey.keys for rank in CASE_RANKS)
    return "escalated_open" if escalated else "abandoned"


def closes_at(journey: Journey, book: Book) -> int:
    """Name the first instant at which it is closed: what belongs to it can not be delivered any more."""
    end = journey.last_at
    if journey.completed_at != NOT_YET and journey.completed_at + book.grace_ms > end:
        end = journey.completed_at + book.grace_ms
    return end + book.horizon_ms + book.slack_ms + 1


def next_change(journey: Journey, as_of: int, book: Book) -> int | None:
    """Name the next instant after `as_of` at which time alone changes its row."""
    closes = closes_at(journey, book)
    if journey.completed_at == NOT_YET and journey.failed_at == NOT_YET:
        ends = journey.last_at + book.timeout(journey.task) + 1
        if ends > as_of and (ends < closes or closes <= as_of):
            return ends
    return closes if closes > as_of else None


def superseded_by(completed: Journey, journeys: Journeys, book: Book) -> Iterator[Journey]:
    """Journeys whose end state a completion may change."""
    return (journey for journey in journeys.all() if _supersedes(completed, journey, book))


def forget(journeys: Journeys, held: Collection[str], floor: int, book: Book) -> list[Journey]:
    """Drop the journeys that no touchpoint at or after `floor` can change, and whose rows no longer change by time.

    Those `held` stay, by their id: a hit that may still come or change would be theirs. What is dropped depends on
    touchpoints before `floor` only: a timeline that has seen later ones drops the same.
    """
    every = journeys.all()
    final = {one.journey_id: one for one in every if one.journey_id not in held and _is_final(one, every, floor, book)}
    waiting = [one for one in every if one.journey_id not in final and not _is_decided(one, floor)]
    for journey in list(final.values()):
        if journey.completed_at != NOT_YET and any(_may_supersede(journey, one, floor, book) for one in waiting):
            del final[journey.journey_id]
    journeys.active = [journey for journey in journeys.active if journey.journey_id not in final]
    journeys.ended = [journey for journey in journeys.ended if journey.journey_id not in final]
    return list(final.values())


def _supersedes(other: Journey, journey: Journey, book: Book) -> bool:
    return (
        other.completed_at != NOT_YET
        and _restarts(other, journey)
        and other.completed_at <= journey.last_at + book.superseded_within_ms
    )


def _restarts(other: Journey, journey: Journey) -> bool:
    return other.started_at > journey.started_at and (other.brand, other.task) == (journey.brand, journey.task)


def _may_supersede(other: Journey, journey: Journey, floor: int, book: Book) -> bool:
    """While a journey can still be joined, its last touchpoint may move towards the other's completion."""
    joinable = journey.last_at >= floor or journey.last_at + book.timeout(journey.task) >= floor
    return _restarts(other, journey) and (joinable or _supersedes(other, journey, book))


def _is_decided(journey: Journey, floor: int) -> bool:
    return NOT_YET != journey.completed_at < floor or NOT_YET != journey.failed_at < floor


def _is_final(journey: Journey, every: list[Journey], floor: int, book: Book) -> bool:
    if floor <= journey.expires_at(book) or floor < closes_at(journey, book):
        return False
    if _is_decided(journey, floor) or floor - journey.last_at > book.superseded_within_ms:
        return True
    return any(other.completed_at < floor and _supersedes(other, journey, book) for other in every)
