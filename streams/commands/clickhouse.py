"""`seamline clickhouse`: the embedded ClickHouse as a server of this machine, shared by all that speak HTTP to it."""

import sys
import time
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sinks.clickhouse.client import connect
from sinks.clickhouse.embedded.process import AlreadyServed, EmbeddedError, launch, stop, with_login
from sinks.clickhouse.embedded.served import Served, find
from sinks.clickhouse.embedded.server import HOST, Order, Outcome, serve
from sinks.clickhouse.failures import WarehouseError
from streams.bootstrap import EMBEDDED
from streams.commands.answers import answer
from streams.commands.failures import CommandError, DependencyError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, help_alone, settings_for, spell
from streams.settings import Settings

DEFAULT_FOLDER: Final = Path("var/warehouse")
DEFAULT_PORT: Final = 8123
TABLES: Final = (
    "SELECT if(database = 'default', name, database || '.' || name) AS table, total_rows AS rows, total_bytes AS bytes"
    " FROM system.tables WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')"
    " AND total_rows IS NOT NULL ORDER BY table"
)

commands = typer.Typer(
    help="Serve the embedded ClickHouse to other programs of this machine.",
    invoke_without_command=True,
    callback=help_alone,
    epilog="Example: seamline clickhouse up",
)

Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="FOLDER", help="Data folder (default: that of clickhouse.dsn).")
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="PORT", min=0, max=65_535, help="Port; 0: a free one (default: 8123)."),
]


@commands.command("up", epilog="Example: seamline clickhouse up --folder var/warehouse --port 8123")
def up(
    folder: Folder = None,
    port: Port = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay until Ctrl-C.")] = False,
    config: ConfigFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Serve a data folder over ClickHouse's HTTP interface, to this machine only; again says where it is.

    Port, user and password are those of clickhouse.dsn where that is an http:// address of this machine.
    """
    settings = settings_for(config, dsn)
    order = _order(settings, folder, port)
    if foreground:
        _stay(order, as_json=as_json)
        return
    already = True
    try:
        served = launch(msgspec.structs.replace(order, detached=True))
        already = False
    except AlreadyServed as error:
        if error.served is None:
            raise
        served = error.served
    except EmbeddedError as error:
        raise _not_started(order, str(error)) from error
    page = _page(served, "already serves" if already else "serves")
    answer({"already": already} | _document(served), page, as_json=as_json)


@commands.command("down", epilog="Example: seamline clickhouse down")
def down(folder: Folder = None, config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """End it: running inserts finish, everything is flushed, the folder can be opened directly again."""
    place = _folder(settings_for(config, dsn), folder)
    served = find(place)
    if served is None:
        answer({"running": False, "folder": str(place)}, Text(f"nothing serves {place}"), as_json=as_json)
        return
    try:
        stop(served)
    except EmbeddedError as error:
        raise CommandError("it did not end", str(error), f"kill -9 {served.pid}") from error
    answer({"running": False, "folder": str(place)}, Text(f"ended; the data is in {place}"), as_json=as_json)


@commands.command("status", epilog="Example: seamline clickhouse status --json")
def status(folder: Folder = None, config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Say where it serves which folder, and what is in its tables; exit code 3 where nothing does."""
    settings = settings_for(config, dsn)
    place = _folder(settings, folder)
    served = find(place)
    if served is None:
        raise DependencyError("not running", f"nothing serves {place}", f"{PROGRAM} clickhouse up")
    order = _order(settings, folder, None)
    address = with_login(served.address, order.user, order.password if served.user else "")
    try:
        with connect(address, read_only=True) as client:
            rows = [dict(zip(("table", "rows", "bytes"), row, strict=True)) for row in client.query(TABLES).rows]
    except WarehouseError as error:
        raise DependencyError(f"{served.address} does not answer", str(error), error.next_step) from error
    tables = Table("table", "rows", "bytes", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        tables.add_row(str(row["table"]), f"{row['rows']:,}", f"{row['bytes'] or 0:,}")
    page = Group(_page(served, "serves"), Text(""), tables if rows else Text("no tables yet"))
    answer({"running": True} | _document(served) | {"tables": rows}, page, as_json=as_json)


def _stay(order: Order, *, as_json: bool) -> None:
    problems: list[str] = []

    def say(outcome: Outcome) -> None:
        if outcome.served is None:
            problems.append(outcome.problem)
        else:
            answer(_document(outcome.served), _page(outcome.served, "serves"), as_json=as_json)
            sys.stdout.flush()  # whoever reads this through a pipe waits for it

    serve(order, say)
    if problems:
        raise _not_started(order, problems[0])


def _not_started(order: Order, cause: str) -> CommandError:
    taken = cause.startswith("port ")
    hint = spell("clickhouse", "up", "--port", "0") if taken else f"{PROGRAM} clickhouse status --folder {order.folder}"
    return CommandError("the embedded ClickHouse did not start", cause, hint)


def _order(settings: Settings, folder: Path | None, port: int | None) -> Order:
    place = str(_folder(settings, folder))
    parts = urlsplit(settings.clickhouse.dsn.get_secret_value())
    if parts.scheme != "http" or parts.hostname not in (HOST, "localhost"):
        return Order(place, DEFAULT_PORT if port is None else port)
    return Order(
        place,
        (parts.port or DEFAULT_PORT) if port is None else port,
        unquote(parts.username or "default"),
        unquote(parts.password or ""),
    )


def _folder(settings: Settings, folder: Path | None) -> Path:
    dsn = settings.clickhouse.dsn.get_secret_value()
    named = Path(dsn.removeprefix(EMBEDDED)) if dsn.startswith(EMBEDDED) and dsn != EMBEDDED else DEFAULT_FOLDER
    return (folder or named).absolute()


def _document(served: Served) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(served)
    return told | {"seconds": max(0, int(time.time()) - served.since)}


def _page(served: Served, verb: str) -> Text:
    login = f", user {served.user}" if served.user else ""
    return Text(f"{verb} {served.folder} at {served.address}{login} (process {served.pid})")
