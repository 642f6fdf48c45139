"""Read the warehouse for a command: open it read-only, ask questions, say failures in the command line's own words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.failures import SchemaMismatch, Unreachable, WarehouseError
from sinks.clickhouse.queries import run_query
from sinks.console.asking import Answer, entries_of, question, rows_of
from streams.bootstrap import EMBEDDED, warehouse_dsn
from streams.commands.failures import CommandError, DependencyError
from streams.commands.options import PROGRAM
from streams.settings import Settings

Entry = TypeVar("Entry", bound=msgspec.Struct)
EMPTY_HINT: Final = f"{PROGRAM} demo"


class Reading:
    """The warehouse, open to be read. Times are integer milliseconds in every answer."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, name: str, **parameters: object) -> Answer:
        """Ask a question of `sinks/console/questions` by its name."""
        return rows_of(self._client.query(question(name), parameters, times_as_ms=True))

    def entries(self, kind: type[Entry], name: str, **parameters: object) -> list[Entry]:
        """Ask a question and read the rows as entries of a page."""
        return entries_of(kind, self._client.query(question(name), parameters, times_as_ms=True))

    def catalogue(self, name_or_sql: str, parameters: Mapping[str, str]) -> Answer:
        """Ask a question of the catalogue, or any SQL; times come as datetimes."""
        return rows_of(run_query(self._client, name_or_sql, parameters))


@contextmanager
def reading(settings: Settings) -> Iterator[Reading]:
    """Open the warehouse read-only; failures of it end the command with their next step."""
    with warehouse_failures(settings):
        if is_missing(settings):
            dsn = settings.clickhouse.dsn.get_secret_value()
            raise DependencyError("no warehouse", f"{dsn} does not exist", EMPTY_HINT)
        with connect(warehouse_dsn(settings), read_only=True) as client:
            yield Reading(client)


@contextmanager
def warehouse_failures(settings: Settings) -> Iterator[None]:
    """Turn failures of the warehouse into those of a command; a wrong address is one of reaching it."""
    try:
        yield
    except Unreachable as error:
        raise DependencyError("the warehouse can not be reached", str(error), error.next_step) from error
    except SchemaMismatch as error:
        raise CommandError("the warehouse has not these tables", str(error), _migrate_hint(settings)) from error
    except WarehouseError as error:
        raise CommandError("the warehouse refused", str(error), error.next_step) from error


def is_missing(settings: Settings) -> bool:
    """Tell whether the embedded warehouse has not been made yet; a server is only asked when it is opened."""
    dsn = settings.clickhouse.dsn.get_secret_value()
    return dsn.startswith(EMBEDDED) and dsn != EMBEDDED and not Path(dsn.removeprefix(EMBEDDED)).is_dir()


def _migrate_hint(settings: Settings) -> str:
    dsn = settings.clickhouse.dsn.get_secret_value()
    return f"{PROGRAM} migrate --dsn {dsn}" if dsn.startswith(EMBEDDED) else f"{PROGRAM} migrate"
