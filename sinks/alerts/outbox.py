"""The outbox without a broker: a small SQLite file with the newest word on each incident and what is to be delivered.

Both are written in one transaction, so that a word that is remembered is also on its way. Of deliveries that are over
the newest are kept, to be looked at.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from schemas.alerts import Delivered
from sinks.alerts.destination import Message

FILE_NAME: Final = "alerts.sqlite"
DELIVERED_KEPT: Final = 10_000
"""Deliveries that are over and still shown; older ones are removed."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS incidents (incident TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL, destination TEXT NOT NULL, subject TEXT NOT NULL, body BLOB NOT NULL,
    since_ms INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
    UNIQUE (message_id, destination));
CREATE INDEX IF NOT EXISTS waiting ON deliveries (destination, state, number);
"""


class Waiting(msgspec.Struct, frozen=True):
    """A message that waits; `number` orders them."""

    number: int
    message: Message
    since_ms: int
    attempts: int


class Entry(msgspec.Struct, frozen=True):
    """One delivery as it is shown; `state` is waiting, delivered or undeliverable."""

    message_id: str
    destination: str
    state: str
    since_ms: int
    attempts: int
    error: str
    body: bytes


class Outbox:
    """One connection to the file, for one thread. Raises sqlite3.Error where the disk does not do its work."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(folder / FILE_NAME, isolation_level=None, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def records(self) -> list[bytes]:
        """Give the newest word on each incident."""
        return [record for (record,) in self._file.execute("SELECT record FROM incidents ORDER BY incident")]

    def append(
        self,
        records: Mapping[str, bytes | None],
        messages: Sequence[Message],
        destinations: Iterable[str],
        now_ms: int,
    ) -> None:
        """Remember words (None: forget the incident) and messages for each destination, all or nothing."""
        gone = [(incident,) for incident, record in records.items() if record is None]
        kept = [(incident, record) for incident, record in records.items() if record is not None]
        letters = [(m.id, to, m.subject, m.body, now_ms) for to in destinations for m in messages]
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("DELETE FROM incidents WHERE incident = ?", gone)
            self._file.executemany("INSERT OR REPLACE INTO incidents VALUES (?, ?)", kept)
            self._file.executemany(
                "INSERT OR IGNORE INTO deliveries (message_id, destination, subject, body, since_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                letters,
            )

    def waiting(self, destination: str, after: int, limit: int) -> list[Waiting]:
        """Give messages that wait for a destination, in order, from after a number on."""
        rows = self._file.execute(
            "SELECT number, message_id, subject, body, since_ms, attempts FROM deliveries"
            " WHERE destination = ? AND state = 'waiting' AND number > ? ORDER BY number LIMIT ?",
            (destination, after, limit),
        )
        return [
            Waiting(number, Message(message_id, subject, body), since_ms, attempts)
            for number, message_id, subject, body, since_ms, attempts in rows
        ]

    def settle(self, done: Iterable[Delivered], troubles: Iterable[Delivered] = ()) -> None:
        """Write down what arrived, what is undeliverable, and (`troubles`) what failed and waits on."""
        over = [_row("undeliverable" if each.error else "delivered", each) for each in done]
        rows = over + [_row("waiting", each) for each in troubles]
        if not rows:
            return
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany(
                "UPDATE deliveries SET state = ?, attempts = ?, error = ? WHERE message_id = ? AND destination = ?",
                rows,
            )
            self._file.execute(
                "DELETE FROM deliveries WHERE state <> 'waiting' AND number <="
                " (SELECT max(number) FROM deliveries) - ?",
                (DELIVERED_KEPT,),
            )

    def count(self, state: str) -> int:
        """Count deliveries that are waiting, delivered or undeliverable."""
        (found,) = self._file.execute("SELECT count(*) FROM deliveries WHERE state = ?", (state,)).fetchone()
        return int(found)

    def entries(self, states: Sequence[str], limit: int) -> list[Entry]:
        """Show the newest deliveries in these states."""
        rows = self._file.execute(
            "SELECT message_id, destination, state, since_ms, attempts, error, body FROM deliveries"
            " WHERE state IN (SELECT value FROM json_each(?)) ORDER BY number DESC LIMIT ?",
            (msgspec.json.encode(list(states)).decode(), limit),
        )
        return [Entry(*row) for row in rows]


def _row(state: str, each: Delivered) -> tuple[str, int, str, str, str]:
    return (state, each.attempts, each.error, each.message_id, each.destination)
