"""Options that many commands share, declared once so that they read the same everywhere."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from streams.settings import Json, Settings, load_settings

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file (default: seamline.toml here).", show_default=False),
]
Dsn: TypeAlias = Annotated[
    str | None,
    typer.Option("--dsn", metavar="DSN", help="Warehouse: chdb://FOLDER or http://host:8123/db.", show_default=False),
]
RowLimit: TypeAlias = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="Rows to show at most.")
]
Whom: TypeAlias = Annotated[
    str, typer.Argument(metavar="WHOM", help="A person's id (old ones too), or kind:value such as email:ann@x.org.")
]
Scope: TypeAlias = Annotated[str, typer.Option(help="Scope of the identifier, where it has one.")]

PROGRAM: Final = "seamline"


def settings_for(config: Path | None, dsn: str | None = None, **overrides: Json) -> Settings:
    """Read the settings for this command line; `overrides` spell `local.partitions` as `local__partitions`."""
    given = {"clickhouse.dsn": dsn, **{name.replace("__", "."): value for name, value in overrides.items()}}
    return load_settings(config, {name: value for name, value in given.items() if value is not None})


def spell(*arguments: str) -> str:
    """Spell a command of this program so that it works as printed, from the current folder."""
    called = Path(sys.argv[0])
    here = called.name == PROGRAM and called.is_file() and shutil.which(PROGRAM) is None
    return shlex.join([str(called) if here else PROGRAM, *arguments])


def located(config: Path | None, dsn: str | None = None) -> list[str]:
    """Repeat the options that say where things are, so that the next command looks there; never a password."""
    given = (("--config", config), ("--dsn", "DSN" if dsn and "@" in dsn else dsn))
    return [part for name, value in given if value for part in (name, str(value))]


def help_alone(context: typer.Context) -> None:
    """Show the help of a group that is called without a verb."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
