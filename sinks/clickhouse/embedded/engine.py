"""The engine behind the front: one data folder, held open; every question on a handle of its own.

What a question sets is forgotten with its handle, as with a server; a session keeps its handle for as long as it says.
Handles cost a seventh of a millisecond, and any number of them work at once; the engine lets go of the interpreter
while it does. Called from worker threads only.
"""

import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import chdb
import msgspec
from chdb.state.sqlitelike import Connection

from sinks.clickhouse.embedded.refusals import (
    NOT_IMPLEMENTED,
    READONLY,
    SYNTAX_ERROR,
    UNKNOWN_FORMAT,
    refusal_of,
    refuse,
)
from sinks.clickhouse.embedded.sessions import Sessions
from sinks.clickhouse.embedded.statement import Statement, read_statement
from sinks.clickhouse.reach import touches_a_file

RESULT_BYTES_MAX: Final = 256 * 1024**2
"""Bytes of rows one answer may hold before it is written in its format, unless the question asks for less."""
_SETTING_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NOT_ON_THE_WIRE: Final = frozenset({"arrowtable", "dataframe", "datastore"})
"""Formats that the engine knows only inside of a Python process."""
_GIVE_UP: Final = "KILL QUERY WHERE Settings['log_comment'] = {name:String} ASYNC"
_CLIENT_SIDE: Final = re.compile(r"\binto\s+outfile\b|\bfrom\s+infile\b", re.IGNORECASE)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One request: statement and data in one piece, and what goes with it. `readonly` is 0, 1 or 2 as in ClickHouse."""

    raw: bytes
    name: str
    database: str = ""
    settings: Mapping[str, str] = msgspec.field(default_factory=dict)
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)
    default_format: str = "TabSeparated"
    readonly: int = 0
    session: str = ""
    session_seconds: float = 0
    session_must_exist: bool = False


class Reply(msgspec.Struct, frozen=True):
    """An answer: its bytes, the format they are in, and the figures of X-ClickHouse-Summary."""

    body: bytes
    format: str
    summary: Mapping[str, str]


class Engine:
    """The one holder of a data folder; `close` flushes it. RuntimeError where another process has it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._root = chdb.connect(folder)
        self._sessions = Sessions(self._open)
        self._stopping = threading.Event()
        self.version, self.timezone = str(self._root.query("SELECT version(), timezone()", "TSV")).split()

    def answer(self, question: Question) -> Reply:
        """Do what is asked; raises Refusal, with the engine's own number where the engine refused."""
        statement = read_statement(question.raw)
        _check(statement, question)
        with self._handle(question) as handle:
            _prepare(handle, question)
            try:
                if statement.data is not None:
                    return _insert(handle, statement, statement.data)
                return _ask(handle, statement, question)
            except RuntimeError as error:
                raise refusal_of(error) from error

    def give_up(self, name: str) -> None:
        """Break off the question of this name, which nobody waits for any more; harmless when it is done."""
        handle = self._open()
        try:
            handle.query(
                "KILL QUERY WHERE Settings['log_comment'] = {name:String} ASYNC", "Null", params={"name": name}
            )
        except RuntimeError:
            return
        finally:
            handle.close()

    def close(self) -> None:
        """Flush and let go of the folder; call it when no question is being answered."""
        self._sessions.close()
        self._root.close()

    def _open(self) -> Connection:
        return chdb.connect(self._folder)

    @contextmanager
    def _handle(self, question: Question) -> Iterator[Connection]:
        if question.session:
            with self._sessions.handle(
                question.session, question.session_seconds, must_exist=question.session_must_exist
            ) as handle:
                yield handle
            return
        handle = self._open()
        try:
            yield handle
        finally:
            handle.close()


def _check(statement: Statement, question: Question) -> None:
    text = statement.text.decode("utf-8", "replace")
    if _CLIENT_SIDE.search(text):
        raise refuse(NOT_IMPLEMENTED, "INTO OUTFILE and FROM INFILE are for a client's own files")
    if question.readonly and touches_a_file(text):
        raise refuse(READONLY, "Cannot execute query in readonly mode: it could reach files")
    if question.session and question.readonly > 1 and not statement.reads():
        raise refuse(READONLY, "Cannot execute query in readonly mode")
    for name in (statement.format, question.default_format):
        if name.lower() in _NOT_ON_THE_WIRE:
            raise refuse(UNKNOWN_FORMAT, f"Unknown format {name}")


def _prepare(handle: Connection, question: Question) -> None:
    """Set database and settings; `readonly` last, since nothing can be set after it.

    A session remembers what is set. It is named by its own id, so that a later question sets nothing anew, and never
    becomes read-only by a mere GET.
    """
    settings = {"max_result_bytes": str(RESULT_BYTES_MAX), "log_comment": question.session or question.name}
    settings |= question.settings
    if question.readonly == 1 or (question.readonly and not question.session):
        settings["readonly"] = str(question.readonly)
    try:
        if question.database:
            quoted = question.database.replace("\\", "\\\\").replace("`", "\\`")
            handle.query(f"USE `{quoted}`")
        for name, value in settings.items():
            if not _SETTING_NAME.fullmatch(name):
                raise refuse(SYNTAX_ERROR, f"{name!r} is no name of a setting")
            escaped = value.replace("\\", "\\\\").replace("'", "\\'")
            handle.query(f"SET {name} = '{escaped}'")
    except RuntimeError as error:
        raise refusal_of(error) from error


def _insert(handle: Connection, statement: Statement, data: bytes) -> Reply:
    """Insert the data from a file in memory.

    The engine's own way for streams says nothing of some failures (too many parts: no rows, and no error).
    """
    file = os.memfd_create("insert")
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
        source = f"FROM INFILE '/proc/self/fd/{file}'".encode()
        text = b" ".join((statement.text, source, statement.settings, b"FORMAT", statement.format.encode()))
        return Reply(b"", "", _summary(handle.query(text, "Null"), is_insert=True))
    finally:
        os.close(file)


def _ask(handle: Connection, statement: Statement, question: Question) -> Reply:
    parameters = dict(question.parameters)
    result = handle.query(statement.text, question.default_format, params=parameters)
    spoken = statement.format or question.default_format
    body = bytes(result.bytes() or b"")
    if not body and spoken == "Native" and statement.reads():
        body = _header(handle, statement, parameters)
    return Reply(body, spoken, _summary(result))


def _header(handle: Connection, statement: Statement, parameters: dict[str, str]) -> bytes:
    """Name the columns of an answer without rows: the engine then gives no block at all, and a server gives this."""
    try:
        described = handle.query(statement.bare, "JSONCompact", params=parameters)
        meta = json.loads(described.bytes())["meta"]
    except (RuntimeError, ValueError, KeyError):
        return b""
    block = bytearray(_length(len(meta)) + _length(0))
    for column in meta:
        for text in (column["name"].encode(), column["type"].encode()):
            block += _length(len(text)) + text
    return bytes(block)


def _length(number: int) -> bytes:
    """Write a count as the Native format does: seven bits a byte, the lowest first."""
    written = bytearray()
    while number > 127:  # noqa: PLR2004
        written.append(number & 127 | 128)
        number >>= 7
    return bytes((*written, number))


def _summary(result: Any, *, is_insert: bool = False) -> dict[str, str]:  # noqa: ANN401 - the engine ships no types
    return {
        "read_rows": str(result.storage_rows_read()),
        "read_bytes": str(result.storage_bytes_read()),
        "written_rows": str(result.rows_written() or (result.rows_read() if is_insert else 0)),
        "written_bytes": str(result.bytes_written()),
        "result_rows": str(result.rows_read()),
        "elapsed_ns": str(int(result.elapsed() * 1e9)),
    }
