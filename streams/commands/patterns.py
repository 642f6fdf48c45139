"""`seamline patterns`: what is looked for between channels, whether it is written well, and its page."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from schemas.rows import FrictionRow
from sinks.console.tables import Wide
from streams.commands.answers import answer
from streams.commands.failures import CommandError
from streams.commands.options import PROGRAM, AsJson, help_alone
from streams.commands.patterns_test import patterns_test
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline, rows, take
from streams.patterns.examples import Example
from streams.patterns.loader import PATTERN_BYTES_MAX, PatternError, catalogue_files, error_at, load_pattern, text_of
from streams.patterns.page import patterns_page
from streams.patterns.pattern import Pattern
from streams.patterns.rehearsal import instant, touchpoints_of

PAGE: Final = Path("docs/patterns.md")
CATALOGUE: Final = Path("streams/patterns/catalogue")
commands = typer.Typer(
    help="Friction patterns: list them, check them, read their page.",
    invoke_without_command=True,
    callback=help_alone,
)

commands.command("test", epilog="Example: seamline patterns test --events 20000")(patterns_test)


@commands.command("ls", epilog="Example: seamline patterns ls")
def list_patterns(as_json: AsJson = False) -> None:
    """List the patterns that are shipped."""
    patterns = _shipped()
    table = Table("id", "name", "version", "owner", "state", "meaning", box=None, header_style="bold")
    for pattern in patterns:
        told = pattern.written
        state = "on" if told.enabled else "off"
        table.add_row(told.id, told.name, str(told.version), told.owner, state, Text(told.meaning))
    names = ("id", "name", "version", "owner", "tier", "enabled", "meaning", "parameters")
    document = [{name: getattr(pattern.written, name) for name in names} for pattern in patterns]
    answer({"patterns": document}, Wide(table), as_json=as_json)


@commands.command("lint", epilog="Example: seamline patterns lint my/X90_late_coffee.toml")
def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", exists=True, dir_okay=False, help="Default: those that are shipped."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check pattern files and try their examples; mistakes are told by line and column."""
    texts, found = _read(files) if files else (list(catalogue_files()), [])
    found += problems(texts)
    names = ("file", "line", "column", "field", "reason")
    document = [{name: getattr(error, name) for name in names} for error in found]
    told = "\n".join(str(error) for error in found) or f"{len(texts)} sound"
    answer({"checked": len(files or texts), "problems": document}, Text(told), as_json=as_json)
    if found and as_json:
        raise typer.Exit(CommandError.exit_code)
    if found:
        raise CommandError(f"{len(found)} to mend", found[0].file, f"{PROGRAM} patterns docs")


@commands.command("docs", epilog="Example: seamline patterns docs | less")
def docs(
    write: Annotated[bool, typer.Option("--write", help="Bring docs/patterns.md here up to date.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the page of the pattern language and the catalogue as Markdown."""
    page = patterns_page(_shipped())
    if not write and as_json:
        answer({"markdown": page}, "", as_json=True)
        return
    if not write:
        sys.stdout.write(page)
        return
    if not CATALOGUE.is_dir():
        raise CommandError("this is no working copy of Seamline", f"{Path.cwd()} has no {CATALOGUE}")
    changed = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page
    if changed:
        PAGE.write_text(page, encoding="utf-8")
    written = [str(PAGE)] if changed else []
    answer({"written": written}, Text("\n".join(written) or "nothing to do"), as_json=as_json)


def problems(texts: Sequence[tuple[str, str]]) -> list[PatternError]:
    """Find what is wrong first with each of these (file name, text), an id met twice included."""
    found: list[PatternError] = []
    known: set[str] = set()
    for file, text in texts:
        try:
            pattern = load_pattern(text, file)
        except PatternError as error:
            found.append(error)
            continue
        if pattern.id in known:
            found.append(error_at(file, text, "id", f"{pattern.id} is the id of another pattern too"))
        known.add(pattern.id)
        found += _misfires(pattern, file, text)
    return found


def rehearsed(pattern: Pattern, example: Example) -> list[str]:
    """Play an example to its pattern alone; the severities of the hits. ValueError for what can not be played."""
    book, timeline = load_book(patterns=(pattern,)), Timeline()
    for touchpoint in touchpoints_of(example):
        take(timeline, touchpoint, book)
    written = rows(timeline, "example", instant(example.as_of), book, touched_only=False)
    return [row.severity for _, _, row in written if isinstance(row, FrictionRow)]


def _misfires(pattern: Pattern, file: str, text: str) -> list[PatternError]:
    found = []
    for number, example in enumerate(pattern.written.examples):
        try:
            met = rehearsed(pattern, example)
        except ValueError as error:
            found.append(error_at(file, text, f"examples[{number}]", str(error)))
            continue
        if met != ([example.severity] if example.severity else []):
            fired = f"fires {', '.join(met)}" if met else "does not fire"
            meant = f"it must fire {example.severity}" if example.severity else "it must not"
            found.append(error_at(file, text, f"examples[{number}]", f"{fired}, and {meant}"))
    return found


def _read(files: Sequence[Path]) -> tuple[list[tuple[str, str]], list[PatternError]]:
    """Read pattern files, no more of each than a pattern may have; those that are no text are errors already."""
    texts, unreadable = [], []
    for file in files:
        try:
            with file.open("rb") as opened:
                texts.append((str(file), text_of(opened.read(PATTERN_BYTES_MAX + 1), str(file))))
        except PatternError as error:
            unreadable.append(error)
        except OSError as error:
            raise CommandError(f"{file}: can not be read", error.strerror or "") from None
    return texts, unreadable


def _shipped() -> list[Pattern]:
    return [load_pattern(text, file) for file, text in catalogue_files()]
