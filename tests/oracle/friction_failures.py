"""X01 digital_failure_to_contact and X18 refill_portal_to_pharmacy_call: what failed, and where it led (rules.md 8)."""

from collections.abc import Callable, Iterator

import msgspec

from schemas.identifiers import RANKS, Ident, Kind
from tests.oracle.hits import HOUR, Hit, Life, fails, gather, in_order
from tests.oracle.journeys import Journey, channel_class, is_contact
from tests.oracle.wire import Event

LONG_TASKS = ("checkout", "kiosk_order", "pickup", "delivery", "track_order", "return", "refill")
NEARLY_OUT = 2


class Failure(msgspec.Struct, frozen=True):
    """A failure at an instant: a touchpoint's own, or a journey's that was given up, with its last one as evidence."""

    event_time: int
    evidence: Event
    brand: str
    task: str
    keys: tuple[Ident, ...]
    of_journey: bool = False

    @property
    def key(self) -> bytes:
        """What names a line that it begins."""
        return self.evidence.key

    @property
    def window(self) -> int:
        """How long a contact may take to follow it, ms."""
        return (24 if self.task in LONG_TASKS else 2) * HOUR

    def same_matter(self, contact: Event) -> bool:
        """Tell whether a contact is about the same task, intent or thing."""
        if self.task and self.task == contact.task:
            return True
        if self.evidence.intent and self.evidence.intent == contact.intent:
            return True
        return bool(set(self.keys) & set(contact.keys))


def failures(life: Life, place: Callable[[Event], bool]) -> list[Failure]:
    """List failures at such places, at one instant touchpoints' before journeys'."""
    found = [
        Failure(one.event_time, one, one.brand, one.task, one.keys)
        for one in life.held
        if one.direction == "inbound" and fails(one) and place(one)
    ]
    past = max(life.as_of, life.held[-1].event_time)
    for journey in life.journeys:
        inbound = journey.inbound
        if given_up(journey, past) and inbound and place(inbound[-1]):
            instant, keys = journey.last + journey.timeout, tuple(sorted(journey.keys))
            found.append(Failure(instant, inbound[-1], journey.brand, journey.task, keys, of_journey=True))
    return sorted(found, key=lambda failure: (failure.event_time, failure.of_journey, failure.evidence.order))


def given_up(journey: Journey, past: int) -> bool:
    """Tell whether a journey has run out of time by an instant, without a goal or a final failure."""
    return journey.completed_at is None and not journey.cancelled and past > journey.last + journey.timeout


def digital_failure_to_contact(life: Life) -> Iterator[Hit]:
    """X01."""
    contacts = [one for one in life.held if is_contact(one)]
    if not contacts:
        return
    keyed = gather(
        failures(life, lambda one: channel_class(one) == "digital_self" or one.channel == "kiosk"),
        thread=lambda one: one.keys[0] if one.keys else None,
        share=lambda one: (one.brand, one.task),
        width=lambda one: one.window,
    )
    for key, failed in keyed.items():
        pairs = [(one, contact) for one in failed for contact in contacts if _follows(one, contact, one.window)]
        same = any(one.same_matter(contact) for one, contact in pairs)
        if pairs:
            severity, confidence = ("high", 0.9) if same else ("medium", 0.5)
            yield _hit("X01", key, severity, confidence, failed, [contact for _, contact in pairs])


def refill_portal_to_pharmacy_call(life: Life) -> Iterator[Hit]:
    """X18."""
    answers = [one for one in life.held if _at_pharmacy(one) or (is_contact(one) and one.channel == "support")]
    if not answers:
        return
    keyed = gather(
        (one for one in failures(life, lambda one: one.channel in ("web", "app")) if one.task == "refill"),
        thread=lambda one: min((key for key in one.keys if key[0] == RANKS[Kind.PRESCRIPTION]), default=None),
        share=lambda one: (one.brand, one.task),
        width=lambda _: 4 * HOUR,
    )
    for key, failed in keyed.items():
        reached = [answer for one in failed for answer in answers if _follows(one, answer, 4 * HOUR)]
        if not reached:
            continue
        left = [one.evidence.told.days_supply_left for one in failed]
        severity = "high"
        if any(days is not None and days <= NEARLY_OUT for days in left):
            severity = "critical"
        elif all(one.evidence.told.outcome_reason == "not_eligible" for one in failed):
            severity = "medium"
        yield _hit("X18", key, severity, 0.9, failed, reached)


def _follows(failure: Failure, one: Event, window: int) -> bool:
    return 0 < one.event_time - failure.event_time <= window


def _at_pharmacy(one: Event) -> bool:
    return one.direction == "inbound" and one.channel == "store" and one.told.location_type == "pharmacy"


def _hit(
    pattern: str, key: bytes, severity: str, confidence: float, failed: list[Failure], reached: list[Event]
) -> Hit:
    head, first = failed[0], in_order(reached)[0]
    return Hit(
        pattern=pattern,
        key=key,
        severity=severity,
        confidence=confidence,
        head=head.evidence,
        evidence=in_order((one.evidence for one in failed), reached),
        detected_at=first.event_time,
        channel_to=first.channel,
        brand=head.brand,
        task=head.task,
    )
