"""`seamline query`: a question of the catalogue by its name, or any SQL; it can only read."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sinks.clickhouse.queries import NamedQuery, named_queries, twins
from sinks.console.asking import Answer
from sinks.console.chart import chart_page, measure_of
from sinks.console.tables import rows_page
from streams.commands.answers import answer
from streams.commands.failures import UsageError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, settings_for, spell
from streams.commands.reading import reading


def query(
    asked: Annotated[
        str, typer.Argument(metavar="[NAME|SQL]", help="A question's name, or SQL; without: list them.")
    ] = "",
    parameters: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Its parameters.")] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Draw bars instead of a table.")] = False,
    show_sql: Annotated[bool, typer.Option("--sql", help="Show the question's SQL instead of asking it.")] = False,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Ask the warehouse a named question, or any SQL; nothing can be written."""
    known = named_queries()
    if not asked:
        document = {name: _described(entry) for name, entry in known.items()}
        answer(document, _catalogue(known), as_json=as_json)
        return
    known |= twins()
    if asked.isidentifier() and asked not in known:
        raise UsageError(f"there is no question named {asked}", ", ".join(named_queries()), f"{PROGRAM} query")
    if show_sql and asked in known:
        answer(_described(known[asked]) | {"sql": known[asked].text}, Text(known[asked].text), as_json=as_json)
        return
    given = dict(_parameter(each) for each in parameters or ())
    if asked in known:
        _check_parameters(asked, known[asked], given)
    settings = settings_for(config, dsn)
    with reading(settings) as read:
        rows = read.catalogue(asked, given)
    answer({"rows": rows}, _drawn(rows, known.get(asked)) if chart else rows_page(rows), as_json=as_json)


def _drawn(rows: Answer, asked: NamedQuery | None) -> RenderableType:
    """Draw what the question says is worth drawing, else the first column of numbers."""
    drawn = (asked.chart() if asked else None) or measure_of(rows)
    if rows and drawn is None:
        raise UsageError("there is nothing to draw", "no column holds only numbers", "ask without --chart")
    return chart_page(rows, *drawn) if drawn else rows_page(rows)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text}: parameters look like name=value", "", f"{PROGRAM} query --help")
    return name, value


def _check_parameters(asked: str, question: NamedQuery, given: dict[str, str]) -> None:
    needed = [name for name in question.parameters if name not in question.defaults]
    unknown = [name for name in given if name not in question.parameters]
    example = spell("query", asked, *(f"{name}=..." for name in needed))
    if unknown:
        raise UsageError(f"{asked} has no parameter {unknown[0]}", ", ".join(question.parameters), example)
    missing = [name for name in needed if name not in given]
    if missing:
        raise UsageError(f"{asked} needs {missing[0]}", question.question(), example)


def _described(entry: NamedQuery) -> dict[str, object]:
    return {"question": entry.question(), "parameters": entry.parameters, "defaults": entry.defaults}


def _catalogue(known: dict[str, NamedQuery]) -> RenderableType:
    table = Table("name", "question", "parameters", box=None, header_style="bold", pad_edge=False)
    for name, entry in known.items():
        told = (
            f"{each}={entry.defaults[each]}" if each in entry.defaults else f"{each}=..." for each in entry.parameters
        )
        table.add_row(name, Text(entry.question()), Text(" ".join(told)))
    return Group(table, Text(f"\nask: {PROGRAM} query NAME [KEY=VALUE]...", style="dim"))
