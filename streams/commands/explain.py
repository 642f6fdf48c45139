"""`seamline explain`: why a pattern is friction of a customer, or why it is not, clause by clause."""

from typing import Annotated, Final

import msgspec
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from sinks.console.words import SEVERITY_COLOURS, SHORT_ID
from streams.commands.answers import answer
from streams.commands.failures import UsageError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, Scope, Whom, settings_for
from streams.commands.retelling import Retold, touchpoint_of
from streams.commands.whom import reading_of
from streams.explanations.explain import ClauseStory, Explanation, KeyStory, explain
from streams.explanations.reasons import spelled_moment, spelled_time
from streams.intake.times import parse_time
from streams.patterns.loader import catalogue_files, load_pattern
from streams.patterns.pattern import Pattern

DRAINED: Final = "drained"
AFTER_ALL_MS: Final = 1 << 47
"""An instant after every deadline, some four thousand years on."""
ITEMS_SHOWN: Final = 6


def explanation(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A pattern's id or name: X01.")],
    whom: Whom,
    as_of: Annotated[
        str, typer.Option(help="A time, or `drained` to let every deadline pass; default: what the warehouse has.")
    ] = "",
    scope: Scope = "",
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a pattern saw of a customer: each clause, met when, or why not."""
    meant, instant = _pattern(pattern), _instant(as_of)
    with reading_of(whom, settings_for(config, dsn), scope) as (read, person):
        rows = read.entries(Retold, "touchpoints_of", person=person)
    newest = max((row.newest for row in rows), default=0)
    told = explain(meant, [touchpoint_of(row) for row in rows], instant if instant is not None else newest)
    answer({"person": person, **msgspec.to_builtins(told)}, explanation_page(told), as_json=as_json)


def explanation_page(told: Explanation) -> RenderableType:
    """Lay out an explanation: the pattern, then every key with its items and clauses."""
    lines: list[RenderableType] = [
        Text(f"{told.pattern} {told.name}", style="bold") + Text(f"  {told.meaning}"),
        Text(f"items: {told.items}", style="dim"),
        Text(f"a hit: {told.hit}", style="dim"),
    ]
    for key in told.keys:
        lines += [Text(), *_key_lines(key)]
    if told.left_out:
        lines.append(Text())
    lines += [Text(reason, style="yellow") for reason in told.left_out]
    return Group(*lines)


def _key_lines(key: KeyStory) -> list[RenderableType]:
    head = Text(f"{key.about} {key.hit_key[:SHORT_ID]}", style="bold")
    if key.severity and key.detected_at is not None:
        colour = SEVERITY_COLOURS.get(key.severity, "white")
        head += Text(f"  {key.severity}", style=colour)
        head += Text(f", {key.confidence:.0%} sure, since {spelled_time(key.detected_at)}")
    else:
        head += Text("  no hit", style="green")
    more = f" and {len(key.items) - ITEMS_SHOWN} more" if len(key.items) > ITEMS_SHOWN else ""
    shown = ", ".join(spelled_moment(item) for item in key.items[:ITEMS_SHOWN])
    return [head, Text(f"  items  {shown}{more}"), *(_clause_line(clause) for clause in key.clauses)]


def _clause_line(clause: ClauseStory) -> Text:
    sign = Text("  ✓ ", style="green") if clause.met else Text("  ✗ ", style="red")
    when = f"met {spelled_time(clause.at)}, " if clause.at is not None else ""
    return (
        sign + Text(clause.name, style="bold") + Text(f"  {when}{clause.why}") + Text(f"  ({clause.asks})", style="dim")
    )


def _pattern(asked: str) -> Pattern:
    known = [load_pattern(text, file) for file, text in catalogue_files()]
    for pattern in known:
        if asked.upper() == pattern.id or asked == pattern.written.name:
            return pattern
    ids = ", ".join(pattern.id for pattern in known)
    raise UsageError(f"there is no pattern {asked}", ids, f"{PROGRAM} patterns ls")


def _instant(text: str) -> int | None:
    if not text:
        return None
    if text == DRAINED:
        return AFTER_ALL_MS
    moment = parse_time(int(text) if text.isdigit() else text)
    if moment is None:
        raise UsageError(f"{text}: not a time", "RFC 3339 with an offset, epoch milliseconds, or drained")
    return moment
