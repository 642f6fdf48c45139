"""What a demo shows: who was stitched, what they went through, where it hurt, and what to try next."""

from collections import Counter
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from sinks.alerts.messages import AlertMessage
from sinks.console.asking import Answer
from sinks.console.friction import FrictionEntry
from sinks.console.journeys import JourneyEntry
from sinks.console.tables import rows_page
from sinks.console.timeline import TimelineEntry
from sinks.console.words import utc_text
from streams.commands.options import spell
from streams.commands.reading import Reading
from streams.commands.timeline import TOUCHPOINTS_MAX, journeys_page
from streams.commands.whom import person_meant
from streams.generator.heroes import INES, JONAS, MARA
from streams.local.replay import Report
from streams.settings import Settings

HEROES: Final = {"Mara": MARA, "Jonas": JONAS, "Ines": INES}


def demo_page(read: Reading, settings: Settings, config: Path, report: Report) -> list[RenderableType]:
    """Lay out the page, what to try next as its last part; reads the warehouse that the demo has just filled."""
    ledger = (
        f"{report.events:,} events: {report.accepted:,} accepted, {report.late:,} late, {report.dead:,} dead letters"
    )
    keys = f"{report.new:,} touchpoints, {report.repeat:,} repeats, {report.unaccounted} unaccounted for"
    hits: list[FrictionEntry] = []
    stories: list[RenderableType] = []
    for name, address in HEROES.items():
        journey, entries, friction = _story(read, settings, address)
        hits += friction
        if journey:
            stories += [Text(f"{name}, {address}", style="bold"), journeys_page([journey], entries, friction)]
    return [
        Text(f"{ledger}\n{keys}"),
        *_section("People, stitched across channels", rows_page(_dated(read.ask("demo_people")))),
        *_section("Journeys, with their friction and its evidence (⚑)", *stories),
        *_section("What happened on each channel", rows_page(read.ask("demo_channels"))),
        *_section("Friction found", rows_page(_dated(read.ask("demo_friction")))),
        Group(*_section("Try next", _commands(config, hits))),
    ]


def alert_section(delivered: int, first: AlertMessage | None) -> list[RenderableType]:
    """Show the first alert as the receiver got it."""
    if first is None:
        return []
    told = first.data
    where = f"{told.where.brand}, {told.where.channel_from} to {told.where.channel_to or 'none'}" if told.where else "-"
    lines = [
        f"{delivered} arrived by webhook, each signed. The first:",
        f"{first.type}  {told.severity}  {told.why.pattern} {told.why.name}  {where}",
        told.why.meaning,
        f"To do: {told.remedy} ({told.owner})",
    ]
    return _section("Alerts, as their receiver had them", Text("\n".join(lines)))


def next_commands(config: Path, hit: str) -> list[str]:
    """Spell what to try next; every line works as printed."""
    settings = ("--config", str(config))
    return [
        spell("timeline", f"email:{MARA}", *settings),
        spell("journey", f"email:{INES}", *settings),
        spell("friction", "ls", "--severity", "high", *settings),
        *([spell("friction", "show", hit, *settings)] if hit else []),
        spell("people", "why", f"email:{JONAS}", "account_id:acct-jonas-0001", *settings),
        spell("people", "split", f"email:{MARA}", "account_id:acct-mara-0001", *settings),
        spell("people", "unsplit", f"email:{MARA}", "account_id:acct-mara-0001", *settings),
        spell("query", "journeys_by_outcome", *settings),
        spell("dead-letters", "ls", "--limit", "5", *settings),
        spell("doctor", *settings),
    ]


def _story(
    read: Reading, settings: Settings, address: str
) -> tuple[JourneyEntry | None, list[TimelineEntry], list[FrictionEntry]]:
    """Pick a person's journey with the most friction that crosses channels, of those the one over most channels."""
    person = person_meant(f"email:{address}", read, settings).person_id
    friction = read.entries(FrictionEntry, "friction_of", person=person)
    crossing = Counter({hit.journey_id: 0 for hit in friction})
    crossing.update(hit.journey_id for hit in friction if hit.channel_to not in ("", hit.channel_from))
    every = read.entries(JourneyEntry, "journeys_of", person=person)
    journeys = [journey for journey in every if journey.journey_id in crossing]
    if not journeys:
        return None, [], []
    journey = max(journeys, key=lambda each: (crossing[each.journey_id], len(each.channels), each.switches))
    entries = read.entries(TimelineEntry, "timeline", person=person, limit=TOUCHPOINTS_MAX)
    return journey, entries, [hit for hit in friction if hit.journey_id == journey.journey_id]


def _commands(config: Path, hits: list[FrictionEntry]) -> Text:
    lines = next_commands(config, hits[0].hit_id[:12] if hits else "")
    # Never wrapped, so that each line can be copied whole from a narrow terminal.
    return Text("\n".join(lines), no_wrap=True, overflow="ignore")


def _section(title: str, *parts: RenderableType) -> list[RenderableType]:
    return [Text(), Rule(Text(title, style="bold"), align="left"), *parts]


def _dated(rows: Answer) -> Answer:
    return [
        {name: f"{utc_text(int(str(value)))}" if name.endswith("_at") else value for name, value in row.items()}
        for row in rows
    ]
