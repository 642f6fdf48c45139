"""What commands say: the answer to stdout, as a page or as one JSON document; progress and warnings to stderr."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import orjson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from streams.commands.failures import CommandError


def answer(document: object, page: RenderableType, *, as_json: bool) -> None:
    """Print the answer once, in the form asked for; keys of the document are stable, the page is for people."""
    if as_json:
        sys.stdout.write(
            orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NAIVE_UTC).decode() + "\n"
        )
    else:
        Console(highlight=False).print(page, crop=False)


def result_line(values: Mapping[str, object]) -> None:
    """End a run with its `RESULT {json}` line, on stdout and last."""
    sys.stdout.write(f"RESULT {orjson.dumps(dict(values), default=_plain).decode()}\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """Say something that must not be missed and is not the answer."""
    Console(stderr=True, highlight=False).print(text, style="yellow", markup=False)


def complain(failure: CommandError) -> None:
    """One red line: the problem, its cause and the next command."""
    parts = (failure.problem, failure.cause, f"try: {failure.next_step}" if failure.next_step else "")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(" · ".join(part for part in parts if part), style="bold red", markup=False)


@contextmanager
def progress(title: str, *, unit: str = "records") -> Iterator[Progress]:
    """Show long work on stderr, on a terminal only; `add_task` with what is being done."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        if not console.is_terminal:
            console.print(f"{title} ...", markup=False)
        yield bar


def _plain(value: object) -> str:
    """Spell what JSON has no form for: hashes in hex, paths and secrets as text (secrets stay masked)."""
    return value.hex() if isinstance(value, bytes) else str(value)
