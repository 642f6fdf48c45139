"""Friction as a person reads it: which pattern, how bad, how sure, between which channels, and on what evidence."""

from collections.abc import Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sinks.console.tables import Wide
from sinks.console.timeline import TimelineEntry, what_happened
from sinks.console.words import SEVERITY_COLOURS, SHORT_ID, channel_text, money, utc_text


class FrictionEntry(msgspec.Struct, frozen=True):
    """One hit as the view `friction_v` has it; times in milliseconds UTC, evidence as touchpoint keys in hex."""

    person_id: str
    hit_id: str
    pattern: str
    severity: str
    confidence: float
    score: float
    detected_at: int
    pattern_version: int = 0
    first_at: int = 0
    last_at: int = 0
    incident_key: str = ""
    hit_key: str = ""
    brand: str = ""
    task: str = ""
    channel_from: str = ""
    channel_to: str = ""
    location_id: str = ""
    value_at_risk_minor: int = 0
    currency: str = ""
    evidence: tuple[str, ...] = ()
    path: str = ""
    parameters: dict[str, str] = {}
    journey_id: str = ""


class FrictionNews(FrictionEntry, frozen=True):
    """One word on a hit as the table `friction` has it; a retraction (`is_deleted`) tells no more than its key."""

    revision: int = 0
    is_deleted: int = 0
    ingested_at: int = 0


def marks_of(hits: Sequence[FrictionEntry]) -> dict[str, str]:
    """Remark, at the last piece of evidence of each hit, which friction it completes."""
    marks: dict[str, str] = {}
    for hit in hits:
        if hit.evidence:
            mark = f"{hit.pattern} ({hit.severity}, {hit.confidence:.0%} sure)"
            marks[hit.evidence[-1]] = "; ".join(filter(None, (marks.get(hit.evidence[-1]), mark)))
    return marks


def hits_page(hits: Sequence[FrictionEntry]) -> RenderableType:
    """List hits, one line each, in the order given."""
    if not hits:
        return Text("no friction", style="dim")
    table = Table("hit", "when (UTC)", "pattern", "severity", "sure", "person", "path", box=None, header_style="bold")
    for hit in hits:
        table.add_row(
            hit.hit_id[:SHORT_ID],
            utc_text(hit.detected_at),
            Text(hit.pattern),
            Text(hit.severity, style=SEVERITY_COLOURS.get(hit.severity, "white")),
            f"{hit.confidence:.0%}",
            hit.person_id[:SHORT_ID],
            Text(hit.path),
        )
    return Wide(table)


def hit_text(hit: FrictionEntry) -> Text:
    """Say one hit in a line or two."""
    text = Text("⚑ ", style="red")
    text.append(hit.pattern, style="bold")
    text.append(f" {hit.severity}", style=SEVERITY_COLOURS.get(hit.severity, "white"))
    text.append(f" · {hit.confidence:.0%} sure · score {hit.score:.0f}", style="")
    if hit.value_at_risk_minor:
        text.append(f" · {money(hit.value_at_risk_minor, hit.currency)} at risk")
    if hit.path:
        text.append(f"\n   {hit.path}", style="dim")
    return text


def news_text(entry: FrictionNews) -> Text:
    """Say what is new of a hit: who, when, what, or that it is taken back."""
    text = Text(f"{entry.hit_id[:SHORT_ID]}  {entry.person_id[:SHORT_ID]}  ", style="dim")
    if entry.is_deleted:
        return text.append("taken back", style="green")
    text.append(f"{utc_text(entry.detected_at)}  ", style="")
    return text.append_text(hit_text(entry))


def hit_page(hit: FrictionEntry, evidence: Sequence[TimelineEntry], meaning: str = "") -> RenderableType:
    """Lay out one hit with its evidence, parameters and keys; `meaning` is the pattern's own sentence."""
    head: list[RenderableType] = [hit_text(hit)]
    if meaning:
        head.append(Text(meaning))
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    told = {
        "person": hit.person_id,
        "journey": hit.journey_id,
        "task": hit.task,
        "brand": hit.brand,
        "place": hit.location_id,
        "detected": f"{utc_text(hit.detected_at)} UTC",
        "rule version": str(hit.pattern_version),
        "parameters": ", ".join(f"{name} = {value}" for name, value in sorted(hit.parameters.items())),
        "incident": hit.incident_key,
    }
    for name, value in told.items():
        if value:
            facts.add_row(Text(name, style="dim"), Text(value))
    return Group(*head, Text(), facts, Text(), Text("evidence", style="bold"), _evidence(hit, evidence))


def _evidence(hit: FrictionEntry, evidence: Sequence[TimelineEntry]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    for entry in evidence:
        table.add_row(
            utc_text(entry.event_time),
            channel_text(entry.channel, entry.sub_channel),
            what_happened(entry),
            Text(entry.event_id),
        )
    if missing := len(hit.evidence) - len(evidence):
        table.add_row("", "", Text(f"and {missing} more", style="dim"), "")
    return Wide(table)
