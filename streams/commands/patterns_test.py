"""`seamline patterns test`: the engine must find what questions over the finished tables find.

A made-up world is replayed into a warehouse of its own. Each pattern has a twin, written from the rules in SQL over the
views; the hits of both must be equal, in person, key, severity, instant and evidence. Neither knows of the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, TypeAlias

import msgspec
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from schemas.evidence import Decision
from sinks.clickhouse.client import Client
from sinks.clickhouse.queries import run_twin, twins
from sinks.console.asking import question
from sinks.console.tables import rows_page
from streams.commands.answers import answer, progress, result_line
from streams.commands.decisions import DecisionLine, decisions_of
from streams.commands.failures import CommandError
from streams.commands.options import AsJson, settings_for
from streams.commands.replay import complaints, replayed
from streams.commands.running import running
from streams.generator.rules import WorldRules, oracle_world
from streams.generator.world import decisions, generate
from streams.local.replay import Report
from streams.local.sources import EventSource
from streams.settings import Settings

EXAMPLES_MAX: Final = 3
"""How many differing hits of a pattern are shown."""

Named: TypeAlias = tuple[str, str]
Said: TypeAlias = tuple[str, object, tuple[str, ...]]
Hits: TypeAlias = dict[Named, Said]
"""By person and key: severity, instant, evidence."""


class Comparison(msgspec.Struct, frozen=True):
    """What engine and twin found of one pattern; `differing` are hits of both that say different things."""

    pattern: str
    engine: int
    twin: int
    only_engine: int
    only_twin: int
    differing: int
    examples: tuple[str, ...] = ()

    @property
    def differences(self) -> int:
        """Hits that are not the same on both sides."""
        return self.only_engine + self.only_twin + self.differing


def patterns_test(
    events: Annotated[int, typer.Option(min=100, max=5_000_000, help="Events of the made-up world.")] = 300_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the world.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Replay a made-up world and compare each pattern's hits with those of its twin in SQL.

    Needs nothing outside: a temporary folder takes the state and the warehouse.
    """
    with TemporaryDirectory(prefix="seamline-patterns-") as folder:
        read, compared = found_in(oracle_world(events, seed), Path(folder))
    tell(read, compared, as_json=as_json)


def tell(events: int, compared: list[Comparison], *, as_json: bool) -> None:
    """Say how engine and twins compare; CommandError where they differ, or where there was nothing to compare."""
    differences = sum(each.differences for each in compared)
    hits = sum(each.engine for each in compared)
    figures = {"events": events, "patterns": len(compared), "hits": hits, "differences": differences}
    answer({**figures, "by_pattern": msgspec.to_builtins(compared)}, comparisons_page(compared), as_json=as_json)
    if not as_json:
        result_line(figures)
    if differences:
        wrong = ", ".join(each.pattern for each in compared if each.differences)
        raise CommandError(f"{differences} hits differ between engine and twin", wrong)
    if not hits:
        raise CommandError("no friction was found", "the world is too small to compare anything", "ask for more events")


def found_in(world: WorldRules, folder: Path) -> tuple[int, list[Comparison]]:
    """Replay a world into a fresh folder; tell how many events that were, and how engine and twins compare."""
    with replayed_world(world, folder) as (client, report):
        return report.events, compared_hits(client, report.as_of)


@contextmanager
def replayed_world(world: WorldRules, folder: Path) -> Iterator[tuple[Client, Report]]:
    """Replay a world into a warehouse in a fresh folder, and open it; CommandError where that did not come out well."""
    # Said outright: a warehouse named in the environment must never receive made-up customers.
    settings = settings_for(None, f"chdb://{folder}/warehouse", local__state_folder=f"{folder}/state")
    encode = msgspec.json.Encoder().encode
    source = EventSource("generated", (encode(delivered.event) for delivered in generate(world)))
    with running(settings) as run:
        report = replayed(run, [source], _decided(world, settings), None)
        if troubles := complaints(report, run):
            raise CommandError("the replay did not come out well", "; ".join(troubles))
        yield run.client, report


def compared_hits(client: Client, as_of_ms: int) -> list[Comparison]:
    """Ask every twin, and compare its hits with those the tables hold."""
    found = []
    with progress("comparing", unit="patterns") as bar:
        for pattern, twin in bar.track(twins().items(), description="comparing"):
            engine = _hits(client.query(question("hits_of_pattern"), {"pattern": pattern}).rows)
            found.append(_comparison(pattern, engine, _hits(run_twin(client, twin, as_of_ms).rows)))
    return found


def comparisons_page(compared: list[Comparison]) -> RenderableType:
    """Lay out a line for each pattern, and some of the hits that differ."""
    rows = [{name: getattr(each, name) for name in each.__struct_fields__ if name != "examples"} for each in compared]
    return Group(rows_page(rows), *(Text(f"{each.pattern}: {told}") for each in compared for told in each.examples))


def _decided(world: WorldRules, settings: Settings) -> list[Decision]:
    lines = [msgspec.convert(msgspec.to_builtins(verdict), DecisionLine) for verdict in decisions(world)]
    return decisions_of(lines, settings)


def _hits(rows: list[tuple[object, ...]]) -> Hits:
    """Name hits by person and key; a name that comes twice agrees with nothing."""
    hits: Hits = {}
    for person, key, severity, detected_at, evidence in rows:
        name = (str(person), str(key))
        doubled = name in hits
        hits[name] = ("doubled" if doubled else str(severity), detected_at, tuple(evidence))  # type: ignore[arg-type]
    return hits


def _comparison(pattern: str, engine: Hits, twin: Hits) -> Comparison:
    only_engine = sorted(engine.keys() - twin.keys())
    only_twin = sorted(twin.keys() - engine.keys())
    differing = sorted(name for name in engine.keys() & twin.keys() if engine[name] != twin[name])
    told = [f"only engine: {' '.join(name)} {_said(engine[name])}" for name in only_engine[:EXAMPLES_MAX]]
    told += [f"only twin: {' '.join(name)} {_said(twin[name])}" for name in only_twin[:EXAMPLES_MAX]]
    told += [
        f"differs: {' '.join(name)}: engine {_said(engine[name])}, twin {_said(twin[name])}"
        for name in differing[:EXAMPLES_MAX]
    ]
    counts = (len(engine), len(twin), len(only_engine), len(only_twin), len(differing))
    return Comparison(pattern, *counts, tuple(told))


def _said(hit: Said) -> str:
    severity, detected_at, evidence = hit
    return f"{severity} at {detected_at}, {len(evidence)} pieces of evidence: {' '.join(evidence)}"
