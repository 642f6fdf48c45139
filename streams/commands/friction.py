"""`seamline friction`: what hurt between channels, with its evidence."""

from typing import Annotated

import msgspec
import typer

from sinks.console.friction import FrictionEntry, hit_page, hits_page
from sinks.console.timeline import TimelineEntry
from streams.commands.answers import answer
from streams.commands.failures import CommandError, UsageError
from streams.commands.filters import OfPattern, OfSeverity
from streams.commands.following import tail
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, RowLimit, help_alone, settings_for
from streams.commands.reading import reading
from streams.patterns.loader import load_catalogue

commands = typer.Typer(
    help="Friction between channels, with its evidence.", invoke_without_command=True, callback=help_alone
)

commands.command("tail", epilog="Example: seamline friction tail --severity high")(tail)


@commands.command("ls", epilog="Example: seamline friction ls --severity high")
def list_hits(
    pattern: OfPattern = "",
    severity: OfSeverity = "",
    limit: RowLimit = 50,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """List friction, the newest first."""
    with reading(settings_for(config, dsn)) as read:
        hits = read.entries(FrictionEntry, "friction", pattern=pattern, severity=severity, hit="", limit=limit)
    answer({"friction": [msgspec.to_builtins(hit) for hit in hits]}, hits_page(hits), as_json=as_json)


@commands.command("show", epilog="Example: seamline friction show 3f2a91c0")
def show(
    hit: Annotated[str, typer.Argument(metavar="HIT", help="A hit's id, or how it begins.")],
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show one hit: what the pattern means, the parameters, and every piece of evidence."""
    with reading(settings_for(config, dsn)) as read:
        found = read.entries(FrictionEntry, "friction", pattern="", severity="", hit=hit, limit=2)
        if not found:
            raise CommandError(f"no friction {hit}", "", f"{PROGRAM} friction ls")
        if len(found) > 1:
            raise UsageError(f"{hit}: begins several hits", "", "give more digits")
        evidence = read.entries(TimelineEntry, "evidence", keys=list(found[0].evidence))
    meanings = {pattern.id: f"{pattern.written.name}: {pattern.written.meaning}" for pattern in load_catalogue()}
    meaning = meanings.get(found[0].pattern, "")
    document = {"hit": msgspec.to_builtins(found[0]), "evidence": [msgspec.to_builtins(entry) for entry in evidence]}
    answer(document | {"meaning": meaning}, hit_page(found[0], evidence, meaning), as_json=as_json)
