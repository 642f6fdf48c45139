"""A customer's timeline as a person reads it: days, local times, where, what happened, its outcome, who it was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sinks.console.words import (
    channel_text,
    day_heading,
    duration,
    identifier_text,
    identifiers_text,
    local_time,
    money,
    sentence,
)

PAUSE_MS: Final = 2 * 3_600_000
"""A pause inside a day that is worth a line of its own."""
CHANNEL_WIDTH: Final = 15
OUTCOME_SIGNS: Final = {"failed": ("✗", "red"), "completed": ("✓", "green"), "abandoned": ("∅", "yellow")}


class TimelineEntry(msgspec.Struct, frozen=True):
    """One touchpoint as the view `touchpoints_v` has it; times in milliseconds UTC, identifiers in hex."""

    key: str
    event_id: str
    source: str
    event_time: int
    channel: str
    name: str
    sub_channel: str = ""
    direction: str = "inbound"
    outcome: str = "none"
    outcome_reason: str = ""
    task: str = ""
    intent: str = ""
    brand: str = ""
    tz_offset_min: int | None = None
    step_name: str = ""
    step_index: int | None = None
    step_total: int | None = None
    error_code: str = ""
    error_class: str = ""
    value_amount_minor: int | None = None
    value_currency: str = ""
    location_id: str = ""
    strong: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    journey_id: str = ""
    duration_ms: int | None = None
    wait_ms: int | None = None
    context_carried: bool | None = None


class Portrait(msgspec.Struct, frozen=True):
    """The person of a timeline: id, what names the person, every identifier in hex, flags."""

    person_id: str
    basis: str = ""
    identifiers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def timeline_page(
    portrait: Portrait, entries: Sequence[TimelineEntry], marks: Mapping[str, str] | None = None
) -> RenderableType:
    """Lay out a timeline; `marks` are remarks on touchpoints by key, such as the friction they prove."""
    return Group(portrait_text(portrait, entries), *_days(entries, marks or {}))


def portrait_text(portrait: Portrait, entries: Sequence[TimelineEntry]) -> Text:
    """Say who this is and how much is known, in two or three lines."""
    channels = sorted({entry.channel for entry in entries})
    text = Text()
    text.append(f"Person {portrait.person_id or 'nobody'}", style="bold")
    text.append(f"  {_count(len(channels), 'channel')} · {_count(len(entries), 'touchpoint')}")
    if entries:
        text.append(f" · over {duration(entries[-1].event_time - entries[0].event_time)}")
    if portrait.identifiers:
        text.append(f"\nknown by {identifiers_text(portrait.identifiers)}", style="dim")
    if portrait.flags:
        text.append(f"\nflags: {', '.join(portrait.flags)}", style="yellow")
    return text


def home_offset(entries: Iterable[TimelineEntry]) -> int:
    """Tell the offset from UTC, in minutes, that most touchpoints of this person told; 0 where none did."""
    told = Counter(entry.tz_offset_min for entry in entries if entry.tz_offset_min is not None)
    return min(told, key=lambda offset: (-told[offset], offset)) if told else 0


def waited(entry: TimelineEntry) -> int:
    """How long the customer waited there, on hold included, in milliseconds."""
    held = entry.duration_ms or 0 if entry.name == "contact.held" else 0
    return (entry.wait_ms or 0) + held


def _days(entries: Sequence[TimelineEntry], marks: Mapping[str, str]) -> list[RenderableType]:
    offset = home_offset(entries)
    days: dict[str, list[TimelineEntry]] = {}
    for entry in entries:
        moment = local_time(entry.event_time, offset if entry.tz_offset_min is None else entry.tz_offset_min)
        days.setdefault(day_heading(moment), []).append(entry)
    page: list[RenderableType] = []
    for heading, today in days.items():
        page += [Text(), Rule(heading, style="dim", align="left"), _day(today, offset, marks)]
    return page


def _day(entries: Sequence[TimelineEntry], home: int, marks: Mapping[str, str]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, style="bold", width=8)
    table.add_column(no_wrap=True, width=CHANNEL_WIDTH)
    table.add_column(overflow="fold", ratio=3)
    table.add_column(style="dim", overflow="fold", ratio=2)
    before: TimelineEntry | None = None
    for entry in entries:
        if before and entry.event_time - before.event_time >= PAUSE_MS:
            table.add_row("", "", Text(f"⋮ {duration(entry.event_time - before.event_time)} later", style="dim"), "")
        offset = home if entry.tz_offset_min is None else entry.tz_offset_min
        clock = f"{local_time(entry.event_time, offset):%H:%M:%S}"
        who = identifier_text(next(iter(entry.strong or entry.devices or entry.threads), ""))
        table.add_row(
            clock, channel_text(entry.channel, entry.sub_channel), what_happened(entry), Text(_where(entry, who))
        )
        if mark := marks.get(entry.key):
            table.add_row("", "", Text(f"↳ {mark}", style="red"), "")
        before = entry
    return table


def what_happened(entry: TimelineEntry) -> Text:
    """Say what happened and what became of it: "Payment failed ✗ card_declined · PSP-17 (third_party) · checkout"."""
    text = Text(sentence(entry.name), style="" if entry.direction == "inbound" else "italic")
    sign, colour = OUTCOME_SIGNS.get(entry.outcome, ("", ""))
    if sign:
        text.append(f" {sign}", style=colour)
    if entry.outcome_reason:
        text.append(f" {entry.outcome_reason}", style=colour)
    if entry.error_code or entry.error_class:
        told = f"{entry.error_code} ({entry.error_class})" if entry.error_class else entry.error_code
        text.append(f" ⚠ {told.strip()}", style="red")
    details = [detail for detail in (_step(entry), _value(entry), entry.task, entry.intent) if detail]
    if details:
        text.append(f"  {' · '.join(details)}", style="dim")
    return text


def _step(entry: TimelineEntry) -> str:
    if entry.step_index is None or entry.step_total is None:
        return entry.step_name
    return f"{entry.step_name} {entry.step_index}/{entry.step_total}".strip()


def _value(entry: TimelineEntry) -> str:
    return "" if entry.value_amount_minor is None else money(entry.value_amount_minor, entry.value_currency)


def _where(entry: TimelineEntry, who: str) -> str:
    arrow = {"outbound": "to customer", "internal": "internal"}.get(entry.direction, "")
    return " · ".join(part for part in (entry.location_id, who, arrow) if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
