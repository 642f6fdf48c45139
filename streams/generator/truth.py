"""The truth about a world, to judge results by: who is who, what happened to each event, what was meant to go wrong.

Facts are plain dicts with a `kind`: `customer`, `event` (one per source and event id), `journey` and `plant`
(described in `plants.py`). Nothing that computes people or journeys may read them.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import asdict

from streams.generator.cast import Person
from streams.generator.scene import Event, Scene
from streams.generator.transit import ORIGINAL, REDELIVERED, Written


def customer_fact(person: Person) -> Event:
    """Describe a customer with everything they are known by, and what of it they share."""
    known = [
        ("account_id", person.account),
        ("loyalty_id", person.card),
        ("loyalty_id", person.new_card),
        ("email", person.email),
        ("phone", person.phone),
        ("ticket_requester_id", person.requester),
        *(("patient_ref", patient) for patient in person.patients),
        ("device_id", person.device),
        ("push_token", person.push),
    ]
    return {
        "kind": "customer",
        "customer": person.customer,
        "circle": person.circle,
        "brands": [brand.name for brand in person.brands],
        "identifiers": [{"kind": kind, "value": value} for kind, value in known if value],
        "joins_at": person.joins_at,
        "shares_email": person.shares_email,
        "shares_phone": person.shares_phone,
        "analytics": person.analytics,
        "hero": person.hero,
    }


def chapter_facts(scene: Scene, copies: Iterable[Written]) -> Iterator[Event]:
    """List the events, journeys and planted friction of one story; copies in sending order."""
    yield from _event_facts(copies)
    yield from _journey_facts(scene)
    yield from _plant_facts(scene)


def _event_facts(copies: Iterable[Written]) -> Iterator[Event]:
    """Tell for each event whose it is, when it truly happened and what befell it."""
    fact: Event | None = None
    befell: list[str] = []
    for written in copies:
        if written.copy == ORIGINAL:
            if fact is not None:
                yield fact
            befell = []
            fact = _event_fact(written, befell)
        else:
            befell.append(written.copy)
        if len(written.delivered_at) > 1:
            befell.append(REDELIVERED)
    if fact is not None:
        yield fact


def _journey_facts(scene: Scene) -> Iterator[Event]:
    for journey in scene.journeys:
        mine = [draft for draft in scene.drafts if draft.journey == journey.journey]
        if not journey.journey or not mine:
            continue
        yield {
            "kind": "journey",
            "journey": journey.journey,
            "customer": journey.customer,
            "brand": journey.brand,
            "task": journey.task,
            "end": journey.end,
            "started_at": mine[0].at,
            "ended_at": mine[-1].at,
            "events": len(mine),
            "channels": sorted({str(draft.event["channel"]) for draft in mine}),
        }


def _plant_facts(scene: Scene) -> Iterator[Event]:
    """Tell the friction that was meant, its evidence by source and event id."""
    if not scene.plants:
        return
    sources = {draft.event["event_id"]: draft.event["source"] for draft in scene.drafts}
    for plant in scene.plants:
        fact: Event = {"kind": "plant", **asdict(plant)}
        del fact["needs"], fact["spared_by"]
        fact["evidence"] = [[sources[event_id], event_id] for event_id in plant.evidence]
        yield fact


def _event_fact(written: Written, copies: list[str]) -> Event:
    event = written.event
    return {
        "kind": "event",
        "source": event["source"],
        "event_id": event["event_id"],
        "customer": written.customer,
        "journey": written.journey,
        "at": written.at,
        "fate": written.fate,
        "copies": copies,
    }
