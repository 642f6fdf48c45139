"""What `seamline doctor` looks at in the warehouse: whether it answers and lets us in, its tables, room and clock."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from schemas.rows import Table
from sinks.clickhouse.client import Client
from sinks.clickhouse.failures import MigrationRefused, WarehouseError
from sinks.clickhouse.layouts import LAYOUTS
from sinks.clickhouse.migrate import migrations, pending
from streams.bootstrap import open_warehouse
from streams.commands.findings import Finding, Verdict, clock_finding
from streams.commands.options import PROGRAM
from streams.commands.reading import is_missing
from streams.settings import Settings

SUBJECT: Final = "warehouse"
LOGIN_CODES: Final = frozenset({192, 193, 194, 492, 516})
"""Unknown user, wrong password, password wanted, no such role, authentication failed."""
ACCESS_DENIED: Final = 497
DISK_FREE_MIN: Final = 0.05


def warehouse(
    settings: Settings, *, is_needed: bool = False, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
) -> Iterator[Finding]:
    """Look at the warehouse. `is_needed`: a worker shall write there, so that missing tables are a failure."""
    missing: Verdict = "fail" if is_needed else "warn"
    if is_missing(settings):
        yield Finding(SUBJECT, missing, "not made yet", f"{PROGRAM} migrate, or {PROGRAM} demo")
        return
    try:
        with open_warehouse(settings) as client:
            yield Finding(SUBJECT, "ok", "reachable")
            waiting = pending(client)
            if waiting and len(waiting) == len(migrations()):
                yield Finding("tables", missing, "none yet", f"{PROGRAM} migrate")
            elif waiting:
                says = f"of an older release: {len(waiting)} migrations to apply, from {waiting[0].name} on"
                yield Finding("tables", "fail", says, f"{PROGRAM} migrate")
            else:
                yield _tables(client)
            if settings.clickhouse.dsn.get_secret_value().startswith("http"):
                yield from _server(client, clock_ms)
    except WarehouseError as error:
        yield _broken(error, settings)


def _broken(error: WarehouseError, settings: Settings) -> Finding:
    if error.code in LOGIN_CODES:
        fix = "put the right user and password into clickhouse.dsn: http://user:password@host:8123/database"
        return Finding(SUBJECT, "fail", f"the login is refused: {error}", f"{fix}, special characters as %XX")
    if error.code == ACCESS_DENIED:
        fix = "grant SELECT, INSERT, CREATE and ALTER on the database to the user of clickhouse.dsn"
        return Finding(SUBJECT, "fail", f"the user may not do this: {error}", fix)
    if isinstance(error, MigrationRefused):
        return Finding("tables", "fail", str(error), error.next_step)
    is_server = settings.clickhouse.dsn.get_secret_value().startswith("http")
    start = "For one on this machine" if is_server else "For several at a time"
    return Finding(
        SUBJECT,
        "fail",
        str(error),
        f"{error.next_step} {start}: {PROGRAM} clickhouse up" if error.retryable else error.next_step,
    )


def _tables(client: Client) -> Finding:
    """See that every column that is written is there: somebody may have altered a table by hand."""
    found: dict[str, set[str]] = {}
    asked = "SELECT table, name FROM system.columns WHERE database = currentDatabase()"
    for table, column in client.query(asked).rows:
        found.setdefault(table, set()).add(column)
    lacking = [f"{table} has no column {name}" for table, name in _written() if name not in found.get(table, set())]
    if not lacking:
        return Finding("tables", "ok", "up to date")
    more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    fix = f"undo what was altered by hand, or drop the table and its row in schema_migrations, then {PROGRAM} migrate"
    return Finding("tables", "fail", f"{lacking[0]}{more}", fix)


def _written() -> Iterator[tuple[str, str]]:
    for table in Table:
        yield from ((table.value, column.name) for column in LAYOUTS[table].columns())


def _server(client: Client, clock_ms: Callable[[], int]) -> Iterator[Finding]:
    """Ask a server for its disks and its time; what a user may not see of disks is left out."""
    try:
        disks = client.query("SELECT name, free_space, total_space FROM system.disks WHERE total_space > 0").rows
    except WarehouseError:
        disks = []
    for name, free, total in disks:
        says = f"{free / 1024**3:.1f} GiB of {total / 1024**3:.1f} free"
        full = free < total * DISK_FREE_MIN
        fix = "add room there, or shorten the TTL of the largest tables (system.parts)" if full else ""
        yield Finding(f"disk {name} of the warehouse", "fail" if full else "ok", says, fix)
    before = clock_ms()
    told = client.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0][0]
    yield clock_finding("the warehouse", int(told) - (before + clock_ms()) // 2)
