"""Write a journey as a row: what it remembers, how it ended as of an instant, and what its hits weigh together."""

from collections.abc import Collection, Iterable

from schemas.rows import JourneyRow, RowKey
from streams.journeys import scores
from streams.journeys.book import Book
from streams.journeys.ends import CASE_RANKS, closes_at, end_state
from streams.journeys.journeys import NOT_YET, Journey
from streams.journeys.weights import Share, friction


def journey_row(
    journey: Journey, others: Iterable[Journey], shares: Collection[Share], person_id: str, as_of: int, book: Book
) -> tuple[RowKey, JourneyRow]:
    """Write a journey as of an instant; `others` are all journeys of the person, `shares` those of its hits."""
    told = journey.measures
    hits = {share.hit_id: share for share in (*journey.past_shares, *shares)} if journey.past_shares or shares else {}
    friction_score, top_pattern = friction(hits.values()) if hits else (0.0, "")
    felt = told.scores
    row = JourneyRow(
        person_id=person_id,
        journey_id=journey.journey_id,
        task=journey.task,
        brand=journey.brand,
        started_at=journey.started_at,
        ended_at=journey.last_at,
        end_state=end_state(journey, others, as_of, book),
        closed=as_of >= closes_at(journey, book),
        touchpoints=journey.touchpoints,
        touches=journey.touches,
        channels=tuple(sorted(journey.channels)),
        switches=journey.switches,
        errors=journey.errors,
        contacts=journey.contacts,
        entry_channel=journey.entry_channel,
        exit_channel=journey.exit_channel,
        value_minor=journey.value_minor,
        currency=journey.currency,
        continues=journey.continues,
        stage=book.stage(journey.task),
        location_id=told.location_id,
        duration_ms=journey.last_at - journey.started_at,
        active_ms=told.active_ms,
        wait_ms=told.wait_ms,
        outbound_touches=told.outbound_touches,
        visits=told.visits,
        backtracks=told.backtracks,
        restarts=told.restarts,
        retries=told.retries,
        repeat_contacts=max(0, journey.contacts - 1),
        transfers=told.transfers,
        reauths=told.reauths,
        self_service=told.self_service,
        contained=told.self_service and not journey.contacts,
        steps_done=len(told.steps),
        steps_total=told.steps_total,
        completed_at=journey.completed_at if journey.completed_at != NOT_YET else None,
        value_at_risk_minor=_at_risk(journey),
        seamless_switches=told.seamless_switches,
        sentiment_first=felt.first if felt is not None else None,
        sentiment_last=felt.last if felt is not None else None,
        sentiment_min=felt.least if felt is not None else None,
        sentiment_slope=scores.slope(felt) if felt is not None else None,
        survey=tuple(told.survey),
        variants=tuple(sorted(told.variants)),
        cases=_cases(journey),
        effort=scores.effort(journey),
        friction_score=friction_score,
        hits=len(hits),
        top_pattern=top_pattern,
    )
    return (person_id, journey.journey_id), row


def _at_risk(journey: Journey) -> int:
    """Name the greatest amount at stake, in its currency or, where it has none, in any; none once completed."""
    stakes = journey.measures.stakes
    if not stakes or journey.completed_at != NOT_YET:
        return 0
    return stakes.get(journey.currency, 0) if journey.currency else max(stakes.values())


def _cases(journey: Journey) -> tuple[str, ...]:
    """List its cases and tickets; tickets come first, as their rank does in hex."""
    held = [key.hex() for rank in CASE_RANKS if rank in journey.keys for key in journey.keys[rank]]
    return tuple(sorted(held)) if held else ()
