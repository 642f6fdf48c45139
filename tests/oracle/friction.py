"""Friction: every hit of every person, one for each pattern and key (rules.md 8). A family of patterns has a module."""

from collections.abc import Mapping

import msgspec

from schemas.identifiers import PersonId
from tests.oracle.friction_channels import bounce_with_reentry, channel_hopping
from tests.oracle.friction_contacts import reopened_resolution, repeat_contact
from tests.oracle.friction_failures import digital_failure_to_contact, refill_portal_to_pharmacy_call
from tests.oracle.friction_messages import email_link_broken, reward_redemption_failed
from tests.oracle.friction_orders import eta_slip_silence, order_status_anxiety
from tests.oracle.friction_promises import promise_broken
from tests.oracle.friction_tills import kiosk_walkaway, payment_retry_loop
from tests.oracle.hits import Hit, Life
from tests.oracle.journeys import Journey
from tests.oracle.shape import Rows
from tests.oracle.wire import Event

PATTERNS = (
    digital_failure_to_contact,
    channel_hopping,
    repeat_contact,
    bounce_with_reentry,
    reward_redemption_failed,
    email_link_broken,
    refill_portal_to_pharmacy_call,
    order_status_anxiety,
    eta_slip_silence,
    promise_broken,
    reopened_resolution,
    payment_retry_loop,
    kiosk_walkaway,
)


def friction(
    by_person: Mapping[PersonId, list[Event]],
    assigned: Mapping[PersonId, list[Journey]],
    joined: Mapping[bytes, str],
    as_of: int,
) -> dict[PersonId, list[Hit]]:
    """Find every hit of every person as of an instant; `joined` names the journey of each touchpoint that is in one."""
    found = {}
    for person_id, held in by_person.items():
        life = Life(held, assigned[person_id], as_of)
        hits = [hit for pattern in PATTERNS for hit in pattern(life)]
        if hits:
            found[person_id] = [msgspec.structs.replace(hit, journey_id=joined.get(hit.head.key, "")) for hit in hits]
    return found


def rows(hits: Mapping[PersonId, list[Hit]]) -> Rows:
    """Fill the table of friction, keyed by (person, pattern, key in hex)."""
    named = [(person_id, hit) for person_id, held in hits.items() for hit in held]
    return {(person_id, hit.pattern, hit.key.hex()): _row(hit, person_id) for person_id, hit in named}


def _row(hit: Hit, person_id: PersonId) -> tuple[object, ...]:
    times = [one.event_time for one in hit.evidence]
    return (
        hit.id_of(person_id), hit.severity, hit.confidence, 100 * hit.weight, hit.brand, hit.task, hit.head.channel,
        hit.channel_to, hit.head.location_id, min(times), max(times), hit.detected_at, *hit.at_risk, hit.path,
        hit.journey_id,
    )  # fmt: skip
