"""`seamline replay`: files of events in, people, journeys and friction out; every record accounted for."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from schemas.evidence import Decision
from schemas.identifiers import derived_id
from sinks.console.tables import rows_page
from streams.commands.answers import answer, progress, result_line, warn
from streams.commands.decisions import kept_decisions, read_decisions
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, located, settings_for, spell
from streams.commands.running import Run, running
from streams.intake.shapes import ADAPTERS, MAPPING
from streams.intake.times import parse_time
from streams.local.replay import DRAINED, Report
from streams.local.sources import GZIP_MAGIC, FileSource, Source, StdinSource
from streams.settings import Settings

STDIN: Final = "-"
HEAD_BYTES: Final = 4096
AsOf: TypeAlias = int | Literal["drained"] | None


def replay(  # noqa: PLR0913, PLR0917 - one for each option
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files, plain or gzip; - is standard input.")],
    adapter: Annotated[str, typer.Option(help=f"Shape of the records: {', '.join(ADAPTERS)}.")] = "",
    mapping: Annotated[str, typer.Option(help="A mapping by name or path; implies --adapter mapping.")] = "",
    source: Annotated[str, typer.Option(help="Source of records that name none.")] = "",
    as_of: Annotated[str, typer.Option(help="Settle as of: a time, or `drained` to let every deadline pass.")] = "",
    decisions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Further decisions of operators.", show_default=False)
    ] = None,
    partitions: Annotated[int | None, typer.Option(min=1, max=1024, help="Logical partitions of new state.")] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where state is kept.", show_default=False)
    ] = None,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Read events, stitch them, and write people, journeys and friction into the warehouse.

    A run may be stopped at any point and goes on where it stopped; new files join what is known.
    """
    folder = str(state) if state else None
    settings = settings_for(config, dsn, local__partitions=partitions, local__state_folder=folder)
    sources = [_source(name, adapter, mapping, source, settings) for name in files]
    instant = _instant(as_of)
    known = kept_decisions(settings) + (read_decisions(decisions, settings) if decisions else [])
    named = [each.mapping for each in sources if each.mapping]
    with running(settings, named=named) as run:
        report = replayed(run, sources, known, instant)
    told = ledger_of(report) | {"rows": run.outbox.rows, "rows_rejected": len(run.outbox.rejected)}
    failures = complaints(report, run)
    place = located(config, dsn)
    page = Group(report_page(told), Text(f"\nnext: {spell('query', 'journeys_by_outcome', *place)}", style="dim"))
    answer({**told, "failures": failures}, page, as_json=as_json)
    for failure in failures:
        warn(failure)
    if not as_json:
        result_line({**told, "failures": len(failures)})
    if failures:
        raise CommandError(
            failures[0], f"{len(failures)} in all" if failures[1:] else "", spell("dead-letters", "ls", *place)
        )


def replayed(run: Run, sources: Sequence[Source], known: list[Decision], as_of: AsOf) -> Report:
    """Run sources to their end with progress on stderr."""
    with progress("replaying", unit="events") as bar:
        task = bar.add_task("replaying", total=None)

        def show(report: Report) -> None:
            bar.update(task, completed=report.events, description=f"replaying, {report.rows:,} rows")

        # What went wrong in an earlier run on this state is not this run's.
        run.replay.report.failures.clear()
        run.replay.report.flooded = False
        run.replay.decide(known)
        report = run.replay.run(sources, as_of=as_of, progress=show)
        run.settle()
    return report


def ledger_of(report: Report) -> dict[str, int]:
    """Give the figures that must add up, and what they do not account for."""
    names = ("accepted", "late", "dead", "new", "repeat", "unaccounted", "messages", "newest_received", "as_of")
    return {"in": report.events, **{name: getattr(report, name) for name in names}}


def complaints(report: Report, run: Run) -> list[str]:
    """Name everything a run must not end well with."""
    found = list(report.failures)
    if report.flooded:
        found.append("a flood of dead letters: the input is not what its adapter expects")
    if report.unaccounted:
        found.append(f"{report.unaccounted} records are unaccounted for: please report this")
    found += [f"{row.upsert.table}: a row can not be stored: {row.reason}" for row in run.outbox.rejected[:5]]
    return found


def report_page(told: dict[str, int]) -> RenderableType:
    """Lay out the ledger."""
    shown = {name: value for name, value in told.items() if name not in ("newest_received", "as_of")}
    return Group(rows_page([shown]), Text("totals of every run on this state", style="dim"))


def _source(name: str, adapter: str, mapping: str, source: str, settings: Settings) -> FileSource | StdinSource:
    configured = settings.sources.get(source, settings.source_default)
    mapping = mapping or ("" if adapter else configured.mapping)
    adapter = adapter or (MAPPING if mapping else configured.adapter)
    if adapter not in ADAPTERS:
        raise UsageError(f"there is no adapter {adapter}", ", ".join(ADAPTERS), f"{PROGRAM} replay --help")
    if adapter == MAPPING and not mapping:
        raise UsageError("adapter mapping needs a mapping", "", f"{PROGRAM} replay ... --mapping NAME")
    if name == STDIN:
        piped = StdinSource(adapter=adapter, mapping=mapping, source=source)
        # Another pipe is another input: were it named alike, its beginning would be taken for read.
        piped.name = f"{piped.name}@{time.time_ns() // 1_000_000}"
        return piped
    return FileSource(Path(name), adapter=adapter, mapping=mapping, source=source, name=input_name(Path(name)))


def input_name(path: Path) -> str:
    """Name a file by its path and how it begins, so that one that grew is read on and one that was replaced anew."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return str(path)
    begins = head if head.startswith(GZIP_MAGIC) else b"\n".join(head.split(b"\n")[:2])
    return f"{path}#{derived_id(begins)[:8]}"


def _instant(text: str) -> AsOf:
    if not text:
        return None
    if text == DRAINED:
        return "drained"
    moment = parse_time(int(text) if text.isdigit() else text)
    if moment is None:
        raise UsageError(f"{text}: not a time", "RFC 3339 with an offset, epoch milliseconds, or drained")
    return moment
