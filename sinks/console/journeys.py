"""Journeys as a person reads them: what was wanted, over which channels, how it ended, what was in the way."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sinks.console.friction import FrictionEntry, hit_text, marks_of
from sinks.console.tables import Wide
from sinks.console.timeline import CHANNEL_WIDTH, TimelineEntry, waited, what_happened
from sinks.console.words import SHORT_ID, STATE_COLOURS, channel_text, duration, local_time, money, utc_text

SHOWN_MAX: Final = 20
"""Touchpoints of one journey that are listed whether or not they prove anything."""
ENDS: Final = {
    "completed": "✓ completed",
    "failed_final": "✗ failed for good",
    "open": "… still open",
    "superseded": "↻ given up, and done in a later journey",
    "escalated_open": "! left with a case that nobody resolved",
    "abandoned": "∅ abandoned",
}


class JourneyEntry(msgspec.Struct, frozen=True):
    """One journey as the view `journeys_v` has it; times in milliseconds UTC."""

    person_id: str
    journey_id: str
    task: str
    started_at: int
    ended_at: int
    end_state: str
    brand: str = ""
    closed: bool = False
    touchpoints: int = 0
    touches: int = 0
    channels: tuple[str, ...] = ()
    switches: int = 0
    errors: int = 0
    contacts: int = 0
    entry_channel: str = ""
    exit_channel: str = ""
    value_minor: int = 0
    currency: str = ""
    continues: str = ""
    stage: str = ""
    location_id: str = ""
    active_ms: int = 0
    wait_ms: int = 0
    steps_done: int = 0
    steps_total: int = 0
    completed_at: int | None = None
    value_at_risk_minor: int = 0
    seamless_switches: int = 0
    effort: float = 0.0
    friction_score: float = 0.0
    hits: int = 0
    top_pattern: str = ""


def journeys_list(journeys: Sequence[JourneyEntry]) -> RenderableType:
    """List journeys, one line each, in the order given."""
    if not journeys:
        return Text("no journeys", style="dim")
    heads = ("journey", "began (UTC)", "task", "ended", "took", "channels", "touches", "effort", "friction", "person")
    table = Table(*heads, box=None, header_style="bold")
    for journey in journeys:
        table.add_row(
            journey.journey_id[:SHORT_ID],
            utc_text(journey.started_at),
            Text(journey.task),
            Text(journey.end_state, style=STATE_COLOURS.get(journey.end_state, "white")),
            duration(journey.ended_at - journey.started_at),
            Text(" ").join(channel_text(channel) for channel in journey.channels),
            str(journey.touches),
            f"{journey.effort:.0f}",
            Text(f"{journey.friction_score:.0f} {journey.top_pattern}" if journey.hits else "", style="red"),
            journey.person_id[:SHORT_ID],
        )
    return Wide(table)


def journey_page(
    journeys: Sequence[JourneyEntry],
    entries: Mapping[str, Sequence[TimelineEntry]],
    hits: Mapping[str, Sequence[FrictionEntry]],
    home: int = 0,
) -> RenderableType:
    """Lay out journeys with their touchpoints, switches, waits and friction, each by journey id; the end comes last.

    `home` is the customer's offset from UTC in minutes, for touchpoints that tell none, such as those at a kiosk.
    """
    parts: list[RenderableType] = []
    for journey in journeys:
        parts.append(journey_text(journey))
        found = hits.get(journey.journey_id, ())
        body = [_way(entries.get(journey.journey_id, ()), found, home), end_text(journey), *map(hit_text, found)]
        parts += [Padding(Group(*body), (0, 0, 1, 2))]
    return Group(*parts) if parts else Text("no journeys", style="dim")


def journey_text(journey: JourneyEntry) -> Text:
    """Head a journey: task, state, where from and to, how long, how hard."""
    text = Text()
    text.append(journey.task or "browse", style="bold")
    text.append(f"  {journey.end_state}", style=STATE_COLOURS.get(journey.end_state, "white"))
    text.append(f"  {utc_text(journey.started_at)} UTC, {duration(journey.ended_at - journey.started_at)}  ")
    text.append_text(Text(" · ").join(channel_text(channel) for channel in journey.channels))
    for number, noun in ((journey.switches, "switch"), (journey.errors, "error"), (journey.contacts, "contact")):
        if number:
            text.append(f" · {number} {noun}{_plural(noun, number)}")
    if journey.wait_ms:
        text.append(f" · waited {duration(journey.wait_ms)}")
    if journey.value_minor:
        text.append(f" · {money(journey.value_minor, journey.currency)}")
    if journey.effort:
        text.append(f" · effort {journey.effort:.0f}")
    if journey.hits:
        text.append(f" · friction {journey.friction_score:.0f}", style="red")
    if journey.continues:
        text.append(f" · continues {journey.continues[:SHORT_ID]}", style="dim")
    return text


def end_text(journey: JourneyEntry) -> Text:
    """Say how a journey ended, and how far it got."""
    text = Text(ENDS.get(journey.end_state, journey.end_state), style=STATE_COLOURS.get(journey.end_state, "white"))
    if journey.completed_at is not None:
        text.append(f" after {duration(journey.completed_at - journey.started_at)}")
    elif journey.value_at_risk_minor:
        text.append(f", {money(journey.value_at_risk_minor, journey.currency)} at risk")
    if journey.steps_total:
        text.append(f" · {journey.steps_done} of {journey.steps_total} steps", style="dim")
    return text


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return ""
    return "es" if noun.endswith("h") else "s"


def _way(entries: Sequence[TimelineEntry], hits: Sequence[FrictionEntry], home: int) -> RenderableType:
    """List touchpoints with what lies between them, evidence of friction marked; of many, the first and every proof."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(no_wrap=True, width=1)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True, width=CHANNEL_WIDTH)
    table.add_column(overflow="fold")
    marks = marks_of(hits)
    proofs = {key for hit in hits for key in hit.evidence}
    shown = [entry for number, entry in enumerate(entries) if number < SHOWN_MAX or entry.key in proofs]
    before: TimelineEntry | None = None
    for entry in shown:
        if entry.direction == "inbound":
            if before is not None and (switch := _switch(before, entry)):
                table.add_row("", "", "", switch)
            before = entry
        moment = local_time(entry.event_time, home if entry.tz_offset_min is None else entry.tz_offset_min)
        mark = Text("⚑" if entry.key in proofs else "", style="red")
        channel = channel_text(entry.channel, entry.sub_channel)
        table.add_row(mark, f"{moment:%d %b %H:%M:%S}", channel, _what(entry))
        if entry.key in marks:
            table.add_row("", "", "", Text(f"↳ {marks[entry.key]}", style="red"))
    if len(shown) < len(entries):
        table.add_row("", "", "", Text(f"and {len(entries) - len(shown)} more", style="dim"))
    return table


def _switch(before: TimelineEntry, entry: TimelineEntry) -> Text | None:
    """Say between two touchpoints that the customer went elsewhere, and how long that took."""
    if before.channel == entry.channel:
        return None
    text = Text(f"⇄ {before.channel} to {entry.channel}, {duration(entry.event_time - before.event_time)} later")
    if entry.context_carried:
        text.append(", nothing had to be said again")
    text.stylize("cyan")
    return text


def _what(entry: TimelineEntry) -> Text:
    text = what_happened(entry)
    if waited_ms := waited(entry):
        text.append(f"  ⧗ waited {duration(waited_ms)}", style="yellow")
    return text
