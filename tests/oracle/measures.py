"""The table of journeys: how each went, and what is measured on it (rules.md 7.4 to 7.6)."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import exp, prod

import msgspec

from schemas.identifiers import PersonId
from tests.oracle.hits import AT_RISK, Hit
from tests.oracle.journeys import CLOSING, GRACE, MINUTE, Journey, channel_class, end_state, is_contact
from tests.oracle.sessions import failed, gap
from tests.oracle.shape import Rows
from tests.oracle.wire import Event

VISIT = 30 * MINUTE
WAITED = 5 * MINUTE
CONCLUDED = ("completed", "failed", "abandoned")
ADVANCED = ("progressed", "completed")
SLOPE_SCORES = 3
COUNTED = 64
"""How many steps, surveys, variants, begun names and currencies of one journey count."""
STAGES = {
    "consideration": ("browse", "search"),
    "purchase": ("checkout", "kiosk_order", "subscribe"),
    "fulfilment": ("pickup", "delivery", "track_order", "refill", "telehealth_visit"),
    "post_purchase": ("return", "complaint", "get_help", "medication_info", "account_change", "cancel", "login"),
    "onboarding": ("onboarding",),
    "loyalty": ("loyalty_redeem",),
    "advocacy": ("give_feedback",),
}


class Effort(msgspec.Struct, frozen=True):
    """What a journey cost the customer; times in ms."""

    switches: int
    seamless: int
    backtracks: int
    retries: int
    restarts: int
    contacts: int
    transfers: int
    reauths: int
    wait_ms: int
    errors: int

    @property
    def repeat_contacts(self) -> int:
        """Contacts after the first."""
        return max(0, self.contacts - 1)

    @property
    def score(self) -> float:
        """From 0 to 100."""
        x = (
            0.10 * (self.switches - self.seamless)
            + 0.02 * self.seamless
            + 0.05 * self.backtracks
            + 0.08 * self.retries
            + 0.12 * self.restarts
            + 0.20 * min(1, self.contacts)
            + 0.35 * self.repeat_contacts
            + 0.20 * (self.transfers + self.reauths)
            + 0.10 * self.wait_ms / WAITED
            + 0.10 * self.errors
        )
        return round(100 * (1 - exp(-x)), 6)


def journeys(assigned: Mapping[PersonId, list[Journey]], hits: Mapping[PersonId, list[Hit]], as_of: int) -> Rows:
    """Fill the table."""
    return {
        (person_id, one.journey_id): (
            *_course(one, end_state(one, held, as_of), as_of),
            *_measures(one),
            *_hurt(person_id, [hit for hit in hits.get(person_id, ()) if hit.journey_id == one.journey_id]),
        )
        for person_id, held in assigned.items()
        for one in held
    }


def _course(journey: Journey, state: str, as_of: int) -> tuple[object, ...]:
    held, inbound = journey.touchpoints, journey.inbound
    end = journey.last if journey.completed_at is None else max(journey.last, journey.completed_at + GRACE)
    currency = _currency(journey)
    value = sum(one.amount_minor for one in held if one.value_kind == "revenue" and one.currency == currency)
    return (
        journey.task, journey.brand, journey.start, journey.last, state, as_of - end > CLOSING, len(held), len(inbound),
        tuple(sorted({one.channel for one in held})), len(journey.switches), sum(map(failed, held)),
        sum(map(is_contact, held)), (inbound or held)[0].channel, (inbound or held)[-1].channel, value, currency,
        journey.continues,
    )  # fmt: skip


def _measures(journey: Journey) -> tuple[object, ...]:
    held, inbound = journey.touchpoints, journey.inbound
    effort = effort_of(journey)
    pauses = [(after.event_time - one.event_time, gap(after)) for one, after in pairwise(held)]
    self_service = any(channel_class(one) == "digital_self" or one.channel == "kiosk" for one in inbound)
    scores = [one.told.sentiment for one in held if one.told.sentiment is not None]
    return (
        next((stage for stage, tasks in STAGES.items() if journey.task in tasks), ""),
        next((one.location_id for one in held if one.location_id), ""),
        journey.last - journey.start, sum(pause for pause, longest in pauses if pause <= longest), effort.wait_ms,
        sum(one.direction == "outbound" for one in held), _visits(inbound), effort.backtracks, effort.restarts,
        effort.retries, effort.repeat_contacts, effort.transfers, effort.reauths, self_service,
        self_service and not effort.contacts, len(_steps_done(held)),
        max((one.told.step_total or 0 for one in held), default=0), journey.completed_at, _at_risk(journey),
        effort.seamless, *_sentiment(scores), tuple(one.told.survey for one in held if one.told.survey)[:COUNTED],
        tuple(sorted(_first(variant for one in held for variant in one.told.variants))),
        tuple(key.hex() for key in journey.cases), effort.score,
    )  # fmt: skip


def effort_of(journey: Journey) -> Effort:
    """Count what a journey cost."""
    held, inbound = journey.touchpoints, journey.inbound
    return Effort(
        switches=len(journey.switches),
        seamless=sum(seamless(after) for _, after in journey.switches),
        backtracks=_backtracks(inbound),
        retries=_retries(held),
        restarts=_restarts(held),
        contacts=sum(map(is_contact, held)),
        transfers=sum(one.name == "contact.transferred" for one in held),
        reauths=sum(one.name == "contact.reauthenticated" for one in held),
        wait_ms=sum(_waited(one) for one in held),
        errors=sum(map(failed, held)),
    )


def seamless(after: Event) -> bool:
    """Tell whether a change of channel that leads here lost nothing."""
    return after.told.context_carried and after.outcome in ADVANCED


def _waited(one: Event) -> int:
    return (one.told.wait_ms or 0) + ((one.told.duration_ms or 0) if one.name == "contact.held" else 0)


def _visits(inbound: list[Event]) -> int:
    def place(one: Event) -> tuple[str, str]:
        return channel_class(one), one.location_id

    begun = sum(
        place(one) != place(after) or after.event_time - one.event_time > VISIT for one, after in pairwise(inbound)
    )
    return begun + bool(inbound)


def _backtracks(inbound: list[Event]) -> int:
    steps = [one.told.step_index for one in inbound if one.told.step_index is not None]
    return sum(now < before for before, now in pairwise(steps))


def _retries(held: list[Event]) -> int:
    count, unanswered = 0, ""
    for one in held:
        part = one.name.partition(".")[0]
        if one.direction == "inbound" and part == unanswered:
            count, unanswered = count + 1, ""
        if failed(one):
            unanswered = part
    return count


def _restarts(held: list[Event]) -> int:
    count = 0
    met: set[str] = set()
    for one in held:
        if one.direction == "inbound" and one.name.endswith(".started"):
            count += one.name in met
            if len(met) < COUNTED:
                met.add(one.name)
        if one.outcome in CONCLUDED:
            met.clear()
    return count


def _first(told: Iterable[str]) -> list[str]:
    """List the first distinct texts, as many as count."""
    return list(dict.fromkeys(told))[:COUNTED]


def _steps_done(held: Iterable[Event]) -> list[str]:
    done = (one for one in held if one.name.endswith(".step_completed") or one.outcome in ADVANCED)
    return _first(one.told.step_name for one in done if one.told.step_name)


def _currency(journey: Journey) -> str:
    return next((one.currency for one in journey.touchpoints if one.value_kind == "revenue"), "")


def _at_risk(journey: Journey) -> int:
    if journey.completed_at is not None:
        return 0
    currency = _currency(journey)
    told = [one for one in journey.touchpoints if one.value_kind in AT_RISK]
    known = [each for each in _first(one.currency for one in told) if currency in ("", each)]
    return max((0, *(one.amount_minor for one in told if one.currency in known)))


def _sentiment(scores: list[float]) -> tuple[float | None, ...]:
    """First, last, least, and slope by least squares over 0, 1, 2 ..."""
    if not scores:
        return (None, None, None, None)
    slope, count = None, len(scores)
    if count >= SLOPE_SCORES:
        mean_x, mean_y = (count - 1) / 2, sum(scores) / count
        rise = sum((x - mean_x) * (score - mean_y) for x, score in enumerate(scores))
        slope = round(rise / sum((x - mean_x) ** 2 for x in range(count)), 6)
    return (scores[0], scores[-1], min(scores), slope)


def _hurt(person_id: PersonId, hits: list[Hit]) -> tuple[object, ...]:
    """Friction score, number of hits, the pattern that hurt most."""
    ranked: list[tuple[float, Hit]] = []
    for hit in sorted(hits, key=lambda hit: (hit.detected_at, hit.id_of(person_id))):
        before = sum(other.pattern == hit.pattern for _, other in ranked)
        ranked.append((hit.weight * 0.5**before, hit))
    score = round(100 * (1 - prod(1 - weight for weight, _ in ranked)), 6)
    top = max(ranked, key=lambda one: one[0])[1].pattern if ranked else ""
    return (score, len(ranked), top)
