"""`seamline generate`: a made-up world of customers, its events, and the truth beside them."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from streams.commands.answers import answer, progress
from streams.commands.failures import CommandError
from streams.commands.options import AsJson, spell
from streams.generator.export import write
from streams.generator.rules import demo_world


def generate(
    people: Annotated[int, typer.Option(min=1, max=10_000_000, help="Customers.")] = 600,
    days: Annotated[float, typer.Option(min=0.01, max=400, help="Days in which stories begin.")] = 3.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed tells the same world.")] = 1,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the files go.")] = Path("var/world"),
    compressed: Annotated[bool, typer.Option("--gzip", help="Write events.jsonl.gz.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write events of made-up customers of a restaurant, a pharmacy and a shop, with the truth beside them.

    Events come delayed, late, twice, out of order, from shared devices and with wrong clocks, as in life.
    """
    rules = msgspec.structs.replace(demo_world(seed), people=people, days=days)
    with progress("generating"):
        try:
            exported = write(rules, out, compressed=compressed)
        except OSError as error:
            raise CommandError(f"{error.filename or out}: can not be written", error.strerror or str(error)) from error
    events = out / ("events.jsonl.gz" if compressed else "events.jsonl")
    document = {"folder": str(out), "events": str(events), "seed": seed, **msgspec.to_builtins(exported)}
    lines = [
        f"{exported.delivered:,} deliveries of {exported.written:,} events of {people:,} customers in {events}",
        f"the truth ({exported.facts:,} facts) and {exported.decisions:,} decisions of operators beside them",
        f"next: {spell('replay', str(events), '--decisions', str(out / 'decisions.jsonl'))}",
    ]
    answer(document, Text("\n".join(lines)), as_json=as_json)
