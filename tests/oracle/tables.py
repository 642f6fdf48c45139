"""All tables at once: `Oracle(...).tables(events, decisions, as_of)`."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.evidence import Decision
from schemas.identifiers import PersonId
from tests.oracle import friction, identity, rollups
from tests.oracle.evidence import collect, rulings
from tests.oracle.identity import Identity
from tests.oracle.journeys import assign
from tests.oracle.measures import journeys
from tests.oracle.people import FOREVER
from tests.oracle.sessions import sessions
from tests.oracle.shape import Tables
from tests.oracle.wire import Dead, Event, Reader


class Oracle:
    """Batch recomputation for one tenant. Reads no clock; the same arguments give the same tables."""

    def __init__(self, tenant: str = "acme", key: bytes = b"k" * 32, region: str = "CH") -> None:
        self.reader = Reader(tenant, key, region)

    def read(self, events: Iterable[object]) -> tuple[list[Event], list[Dead]]:
        """Split written events into accepted and dead ones."""
        read = [self.reader.read(wire) for wire in events]
        return [one for one in read if isinstance(one, Event)], [one for one in read if isinstance(one, Dead)]

    def identity(self, events: Iterable[Event], decisions: Iterable[Decision | Mapping[str, Any]]) -> Identity:
        """Work out who is who."""
        held = list(events)
        return Identity(held, collect(held), rulings(decisions, self.reader))

    def tables(
        self, events: Iterable[object], decisions: Iterable[Decision | Mapping[str, Any]] = (), as_of: int | None = None
    ) -> Tables:
        """Fill every table as of an instant (ms); None: drained, so that whatever can end has ended."""
        accepted, _ = self.read(events)
        return fill(self.identity(accepted, decisions), as_of)


def fill(found: Identity, as_of: int | None) -> Tables:
    """Fill every table of one identity world; `as_of` None: drained."""
    now = FOREVER if as_of is None else as_of
    by_person = found.by_person()
    assigned = {person_id: assign(held) for person_id, held in by_person.items()}
    joined = {one.key: each.journey_id for held in assigned.values() for each in held for one in each.touchpoints}
    hits = friction.friction(by_person, assigned, joined, now)
    return {
        "touchpoints": identity.touchpoints(found, joined),
        "late_events": identity.late_events(found),
        "people": identity.people(found),
        "person_aliases": identity.person_aliases(found),
        "identity_log": identity.identity_log(found),
        "sessions": sessions(by_person),
        "journeys": journeys(assigned, hits, now),
        "friction": friction.rows(hits),
        "agg_channel_1m": rollups.channels(found),
        "agg_task_funnel_5m": rollups.funnel(by_person),
        "agg_channel_transition_15m": rollups.transitions(assigned, hits),
        "agg_friction_5m": rollups.friction(hits),
        "agg_location_15m": rollups.locations(by_person, hits),
    }


def keys_per_person(found: Identity) -> dict[PersonId, set[bytes]]:
    """The set of shown touchpoint keys of each person; a table of touchpoints alone hides errors."""
    return {person_id: {one.key for one in each} for person_id, each in found.by_person().items()}
