"""`seamline catalogue`: every table and view of the warehouse, what one row is, and what each column means."""

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.text import Text

from sinks.clickhouse.catalogue import Entry, entries, page
from sinks.clickhouse.client import connect
from sinks.clickhouse.migrate import migrate
from streams.bootstrap import EMBEDDED
from streams.commands.answers import answer
from streams.commands.failures import CommandError
from streams.commands.options import AsJson, settings_for
from streams.commands.reading import warehouse_failures

DOCUMENT: Final = Path("docs/catalogue.md")


def catalogue(
    write: Annotated[bool, typer.Option("--write", help="Bring docs/catalogue.md here up to date.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the catalogue of the warehouse as Markdown: views, tables, keys, columns and their meanings.

    It is read from a database that is made for it in memory, so it is what this program's migrations make.
    """
    found = migrated()
    if write:
        if not DOCUMENT.is_file():
            raise CommandError("this is no working copy of Seamline", f"{Path.cwd()} has no {DOCUMENT}")
        changed = DOCUMENT.read_text(encoding="utf-8") != page(found)
        DOCUMENT.write_text(page(found), encoding="utf-8")
        written = [str(DOCUMENT)] if changed else []
        answer({"written": written}, Text("\n".join(written) or "nothing to do"), as_json=as_json)
    elif as_json:
        answer({"catalogue": msgspec.to_builtins(found)}, "", as_json=True)
    else:
        sys.stdout.write(page(found))


def migrated() -> list[Entry]:
    """Read the catalogue of an empty database in memory that has just been migrated."""
    settings = settings_for(None, EMBEDDED)
    with warehouse_failures(settings), connect(EMBEDDED) as client:
        migrate(client)
        return entries(client)
