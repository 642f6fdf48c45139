"""`seamline timeline` and `seamline journey`: what happened to one customer, as a person would want to read it."""

import msgspec
from rich.console import Group
from rich.text import Text

from sinks.console.friction import FrictionEntry, marks_of
from sinks.console.journeys import JourneyEntry, journey_page
from sinks.console.timeline import Portrait, TimelineEntry, home_offset, portrait_text, timeline_page
from streams.commands.answers import answer
from streams.commands.options import AsJson, ConfigFile, Dsn, RowLimit, Scope, Whom, settings_for
from streams.commands.reading import Reading
from streams.commands.whom import reading_of

TOUCHPOINTS_MAX = 10_000
"""Touchpoints a holder may have in its window, several times over."""


def timeline(
    whom: Whom,
    limit: RowLimit = 500,
    scope: Scope = "",
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a customer across channels, in the customer's own time."""
    with reading_of(whom, settings_for(config, dsn), scope) as (read, person):
        portrait = portrait_of(read, person)
        entries = read.entries(TimelineEntry, "timeline", person=person, limit=limit)
        hits = read.entries(FrictionEntry, "friction_of", person=person)
    document = {
        "person": msgspec.to_builtins(portrait),
        "touchpoints": [msgspec.to_builtins(entry) for entry in entries],
        "friction": [msgspec.to_builtins(hit) for hit in hits],
    }
    answer(document, timeline_page(portrait, entries, marks_of(hits)), as_json=as_json)


def journey(
    whom: Whom,
    scope: Scope = "",
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show a customer's journeys: what was wanted, over which channels, how it ended, and the friction on the way."""
    with reading_of(whom, settings_for(config, dsn), scope) as (read, person):
        portrait = portrait_of(read, person)
        journeys = read.entries(JourneyEntry, "journeys_of", person=person)
        entries = read.entries(TimelineEntry, "timeline", person=person, limit=TOUCHPOINTS_MAX)
        hits = read.entries(FrictionEntry, "friction_of", person=person)
    document = {
        "person": msgspec.to_builtins(portrait),
        "journeys": [msgspec.to_builtins(each) for each in journeys],
        "friction": [msgspec.to_builtins(hit) for hit in hits],
    }
    page = Group(portrait_text(portrait, entries), Text(), journeys_page(journeys, entries, hits))
    answer(document, page, as_json=as_json)


def journeys_page(journeys: list[JourneyEntry], entries: list[TimelineEntry], hits: list[FrictionEntry]) -> Group:
    """Lay out journeys with their touchpoints and the friction that names them, its evidence in other journeys too."""
    friction: dict[str, list[FrictionEntry]] = {}
    for hit in hits:
        friction.setdefault(hit.journey_id, []).append(hit)
    touchpoints = {each.journey_id: _of(each, entries, friction.get(each.journey_id, [])) for each in journeys}
    return Group(journey_page(journeys, touchpoints, friction, home_offset(entries)))


def portrait_of(read: Reading, person_id: str) -> Portrait:
    """Read who a person is; a person without a row of its own (nobody's touchpoints) is only an id."""
    rows = read.entries(Portrait, "person", person=person_id)
    return rows[0] if rows else Portrait(person_id)


def _of(journey: JourneyEntry, entries: list[TimelineEntry], hits: list[FrictionEntry]) -> list[TimelineEntry]:
    proofs = {key for hit in hits for key in hit.evidence}
    return [entry for entry in entries if entry.journey_id == journey.journey_id or entry.key in proofs]
