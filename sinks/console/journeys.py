"""Journeys as a person reads them: what was wanted, over which channels, how it ended, what was in the way."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sinks.console.friction import FrictionEntry, hit_text
from sinks.console.timeline import CHANNEL_WIDTH, TimelineEntry, home_offset, what_happened
from sinks.console.words import STATE_COLOURS, channel_text, duration, local_time, money, utc_text

SHOWN_MAX: Final = 20
"""Touchpoints of one journey that are listed whether or not they prove anything."""


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


def journey_page(
    journeys: Sequence[JourneyEntry],
    entries: Mapping[str, Sequence[TimelineEntry]],
    hits: Mapping[str, Sequence[FrictionEntry]],
) -> RenderableType:
    """Lay out journeys with their touchpoints and friction, each by journey id."""
    parts: list[RenderableType] = []
    for journey in journeys:
        parts.append(journey_text(journey))
        found = hits.get(journey.journey_id, ())
        proofs = {key for hit in found for key in hit.evidence}
        body = [_touchpoints(entries.get(journey.journey_id, ()), proofs), *map(hit_text, found)]
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
    if journey.value_minor:
        text.append(f" · {money(journey.value_minor, journey.currency)}")
    if journey.continues:
        text.append(f" · continues {journey.continues[:8]}", style="dim")
    return text


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return ""
    return "es" if noun.endswith("h") else "s"


def _touchpoints(entries: Sequence[TimelineEntry], proofs: AbstractSet[str]) -> RenderableType:
    """List touchpoints, those that are evidence of friction marked; of many, the first and every proof."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(no_wrap=True, width=1)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True, width=CHANNEL_WIDTH)
    table.add_column(overflow="fold")
    home = home_offset(entries)
    shown = [entry for number, entry in enumerate(entries) if number < SHOWN_MAX or entry.key in proofs]
    for entry in shown:
        moment = local_time(entry.event_time, home if entry.tz_offset_min is None else entry.tz_offset_min)
        mark = Text("⚑" if entry.key in proofs else "", style="red")
        channel = channel_text(entry.channel, entry.sub_channel)
        table.add_row(mark, f"{moment:%d %b %H:%M:%S}", channel, what_happened(entry))
    if len(shown) < len(entries):
        table.add_row("", "", "", Text(f"and {len(entries) - len(shown)} more", style="dim"))
    return table
