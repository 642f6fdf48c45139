"""The one door to ClickHouse: a server over HTTP or the embedded engine, by the same calls and with our own errors.

Addresses: `http://user:password@host:8123/database`, `https://...`, `chdb:///folder/of/the/data`, `chdb://` (memory).
An embedded folder belongs to one process at a time, and a process can have one such folder open at a time; within it
any number of clients share the data. Nothing else in the project imports `clickhouse_connect`.
"""

import logging
import re
import struct
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate, chain
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.container import Array
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver import Client as Driver
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, DataError, Error, OperationalError
from clickhouse_connect.driver.insert import InsertContext

from sinks.clickhouse import failures
from sinks.clickhouse.failures import BadData, QueryRefused, Unreachable, WarehouseError
from sinks.clickhouse.reach import touches_a_file

CONNECT_TIMEOUT_SECONDS = 10
QUERY_SECONDS_MAX = 60
"""How long one question on a read-only client may take."""
RESULT_ROWS_MAX = 1_000_000
"""How many rows it may answer; more are refused, so that one slip does not fill the memory of the reader."""
INSERT_SETTINGS: dict[str, int | str] = {
    "async_insert": 0,  # an insert that returned is stored
    "max_partitions_per_insert_block": 0,  # one event dated ten years back must not fail its batch
    "optimize_on_insert": 0,  # the writer sends each key once; sorting out again what it sorted out doubles the cost
}
READ_ONLY_SETTINGS: dict[str, int | str] = {
    "max_execution_time": QUERY_SECONDS_MAX,
    "max_result_rows": RESULT_ROWS_MAX,
    "readonly": 1,  # last, since nothing can be set after it; 2 would still allow file() and url()
}
_DATABASE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENCODING_FAILURES = (
    DataError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    LookupError,
    struct.error,
)
"""What the driver raises, before it sends anything, for values it cannot encode."""

T = TypeVar("T")
Cell: TypeAlias = Any
"""A value as ClickHouse types it: its type is known to the statement, not to Python."""


class QueryTable(msgspec.Struct, frozen=True):
    """The answer to a question: names of the columns, and the rows in the order ClickHouse gave them."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


class Lists(Array):
    """Lists of plain values, written at once: the driver walks them row by row, two thirds of all it does to insert."""

    def write_column_data(self, column: Sequence[Sequence[object]], dest: bytearray, ctx: InsertContext) -> None:
        """Append where each list ends, then the values of all lists."""
        ends = array("Q", accumulate(map(len, column)))
        if sys.byteorder == "big":
            ends.byteswap()
        dest += ends.tobytes()
        self.element_type.write_column_data(list(chain.from_iterable(column)), dest, ctx)


class Client:
    """A connection. Use it as a context manager or call `close`; an unclosed one keeps an embedded folder taken."""

    def __init__(self, driver: Driver, dsn: str, database: str | None, *, reads_only: bool = False) -> None:
        self._driver = driver
        self._dsn = dsn
        self.database = database
        self.reads_only = reads_only

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back; closing twice is harmless."""
        self._driver.close()

    def read_only(self) -> "Client":
        """Open another client on the same data that can only read: no writes, no files, no network, no settings."""
        return connect(self._dsn, read_only=True)

    def command(self, statement: str) -> None:
        """Run a statement that answers nothing, such as DDL."""
        self._asked(lambda: self._driver.command(statement))

    def create_database(self) -> None:
        """Make the database of the address, if it names one and it is not there."""
        if self.database:
            statement = f"CREATE DATABASE IF NOT EXISTS `{self.database}`"
            self._asked(lambda: self._driver.command(statement, use_database=False))

    def query(
        self, statement: str, parameters: Mapping[str, Cell] | None = None, *, times_as_ms: bool = False
    ) -> QueryTable:
        """Ask; `{name:Type}` in the statement takes the parameter of that name, bound by the database.

        Times come as datetimes without zone, in UTC; with `times_as_ms` as integer milliseconds, and days as numbers.
        """
        if self.reads_only and touches_a_file(statement):
            raise QueryRefused("INTO OUTFILE and file() reach files, and asking can only read tables")
        formats = {"DateTime64": "int", "Date": "int"} if times_as_ms else None
        result = self._asked(
            lambda: self._driver.query(statement, parameters=dict(parameters or {}), query_formats=formats)
        )
        return QueryTable(tuple(result.column_names), [tuple(row) for row in result.result_rows])

    def insert(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Sequence[object]], token: str
    ) -> None:
        """Insert columns of equal length; an insert into the same table with the same token is done once only."""
        settings = INSERT_SETTINGS | {"insert_deduplicate": int(bool(token)), "insert_deduplication_token": token}
        try:
            self._driver.insert(
                table,
                columns,
                column_names=names,
                column_types=[_writer_of(name) for name in types],
                column_oriented=True,
                settings=settings,
            )
        except _ENCODING_FAILURES as error:
            raise BadData(f"{table}: {error}") from error
        except ClickHouseError as error:
            raise _translated(error, failures.of_insert(getattr(error, "code", None))) from error

    def _asked(self, run: Callable[[], T]) -> T:
        try:
            return run()
        except ClickHouseError as error:
            raise _translated(error, failures.of_query(getattr(error, "code", None))) from error
        except (LookupError, TypeError, ValueError) as error:
            raise QueryRefused(f"the parameters do not fit the statement: {_first_line(error)}") from error


def connect(dsn: str, *, read_only: bool = False) -> Client:
    """Open a client; raises Unreachable where nobody answers and QueryRefused for an address that is none."""
    for name in ("clickhouse_connect", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # their errors reach the caller as exceptions
    parts = urlsplit(dsn)
    if parts.scheme not in ("http", "https", "chdb"):
        message = f"{_shown(parts)}: an address begins with http://, https:// or chdb://"
        raise QueryRefused(message)
    settings = READ_ONLY_SETTINGS if read_only else {}
    database = _database(parts)
    try:
        driver = _embedded(parts, settings) if parts.scheme == "chdb" else _server(parts, settings)
    except ImportError as error:
        message = f"{_shown(parts)}: the embedded engine is not installed (extra `embedded`)"
        raise Unreachable(message) from error
    except (ClickHouseError, OSError, RuntimeError) as error:
        message = f"{_shown(parts)}: {_first_line(error)}"
        raise Unreachable(message, getattr(error, "code", None)) from error
    if database:
        driver.database = database
    return Client(driver, dsn, database, reads_only=read_only)


@cache
def _writer_of(type_name: str) -> ClickHouseType:
    found = get_from_name(type_name)
    return Lists(found.type_def) if type(found) is Array else found


def _embedded(parts: SplitResult, settings: Mapping[str, int | str]) -> Driver:
    if parts.netloc:
        message = f"{_shown(parts)}: an embedded folder is absolute, with three slashes: chdb:///folder"
        raise QueryRefused(message)
    return clickhouse_connect.get_client(interface="chdb", path=unquote(parts.path) or None, settings=dict(settings))


def _server(parts: SplitResult, settings: Mapping[str, int | str]) -> Driver:
    return clickhouse_connect.get_client(
        interface=parts.scheme,
        host=parts.hostname or "localhost",
        port=parts.port or (8443 if parts.scheme == "https" else 8123),
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        autogenerate_session_id=False,
        settings=dict(settings),
    )


def _database(parts: SplitResult) -> str | None:
    name = "" if parts.scheme == "chdb" else unquote(parts.path).strip("/")
    if name and not _DATABASE_NAME.fullmatch(name):
        message = f"{_shown(parts)}: {name!r} is no name of a database"
        raise QueryRefused(message)
    return name or None


def _translated(error: ClickHouseError, kind: type[WarehouseError]) -> WarehouseError:
    code = error.code if isinstance(error, Error) else None
    if code is None and type(error) in (DatabaseError, OperationalError):
        kind = Unreachable  # somebody in between answered, or nobody did: ClickHouse tells a number
    return kind(_first_line(error), code)


def _shown(parts: SplitResult) -> str:
    """Show an address without its password."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _first_line(error: BaseException) -> str:
    """Say what the database said, without the wrappings that transport and engine put around it."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    said = line.rpartition("DB::Exception: ")[2]
    return re.split(r" \((?:version|for url) ", said, maxsplit=1)[0][:1_000]
