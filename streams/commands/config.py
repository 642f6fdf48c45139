"""`seamline config`: what the settings are here and now, and what they mean."""

import sys

import typer
from rich.table import Table
from rich.text import Text

from streams.commands.answers import answer
from streams.commands.options import AsJson, ConfigFile, Dsn, help_alone, settings_for
from streams.settings import Json
from streams.settings_reference import settings_reference

commands = typer.Typer(
    help="Show the settings in force, or the reference of all of them.",
    invoke_without_command=True,
    callback=help_alone,
)


@commands.command("show", epilog="Example: seamline config show --json")
def show(config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Show the settings in force, secrets masked."""
    tree: dict[str, Json] = settings_for(config, dsn).model_dump(mode="json")
    page = Table("key", "value", box=None, header_style="bold")
    for key, value in _flat("", tree):
        page.add_row(Text(key), Text("" if value in (None, "", [], {}) else str(value)))
    answer(tree, page, as_json=as_json)


@commands.command("docs", epilog="Example: seamline config docs > docs/settings.md")
def docs(as_json: AsJson = False) -> None:
    """Print the reference of all settings as Markdown."""
    if as_json:
        answer({"markdown": settings_reference()}, "", as_json=True)
    else:
        sys.stdout.write(settings_reference())


def _flat(prefix: str, tree: dict[str, Json]) -> list[tuple[str, Json]]:
    rows: list[tuple[str, Json]] = []
    for key, value in tree.items():
        dotted = f"{prefix}{key}"
        rows.extend(_flat(f"{dotted}.", value) if isinstance(value, dict) and value else [(dotted, value)])
    return rows
