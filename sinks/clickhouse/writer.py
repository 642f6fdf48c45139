"""The writer: batches of upserts into the warehouse, idempotent, and never stopped by one bad row.

Writing twice changes nothing, for two reasons that do not depend on each other: the tables keep the greatest revision
of each key, and a repeated insert with the token of an earlier one is skipped by the database. The token covers what
is in the insert, so that a caller who reuses a token for other rows loses nothing.
"""

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

from schemas.rows import Upsert
from sinks.clickhouse.failures import BadData, WarehouseError
from sinks.clickhouse.layouts import LAYOUTS
from sinks.clickhouse.rows import Batch, RejectedRow, lay_out, newest

BATCH_ROWS_MAX = 100_000
ATTEMPTS_MAX = 5
FIRST_PAUSE_SECONDS = 0.2


class Inserted(msgspec.Struct, frozen=True):
    """What became of the upserts: rows stored (after coalescing), inserts sent, and the rows that cannot be stored."""

    rows: int
    inserts: int
    rejected: tuple[RejectedRow, ...]


class Inserts(Protocol):
    """What the writer needs of a client."""

    def insert(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Sequence[object]], token: str
    ) -> None:
        """Store columns in a table, once for each token; raises WarehouseError."""


class Warehouse:
    """Inserts upserts through one client. `pause` waits some seconds between attempts."""

    def __init__(
        self,
        client: Inserts,
        *,
        batch_rows_max: int = BATCH_ROWS_MAX,
        attempts_max: int = ATTEMPTS_MAX,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._batch_rows_max = batch_rows_max
        self._attempts_max = attempts_max
        self._pause = pause

    def insert(self, upserts: Sequence[Upsert], token: str | None = None) -> Inserted:
        """Store upserts, all tables of them; of several revisions of a key only the greatest is sent.

        `token` names the batch: the same upserts with the same token are stored once. Raises Unreachable or Overloaded
        after the last attempt, SchemaMismatch and QueryRefused at once; what was sent before the failure stays, and
        sending all of it again is right.
        """
        rows = inserts = 0
        rejected: list[RejectedRow] = []
        for table, of_table in newest(upserts).items():
            for begin in range(0, len(of_table), self._batch_rows_max):
                batch, refused = lay_out(LAYOUTS[table], of_table[begin : begin + self._batch_rows_max])
                rejected += refused
                stored, sent, failed = self._store(batch, token)
                rows, inserts = rows + stored, inserts + sent
                rejected += failed
        return Inserted(rows, inserts, tuple(rejected))

    def _store(self, batch: Batch, token: str | None) -> tuple[int, int, list[RejectedRow]]:
        """Insert a batch; where its data is refused, halve it until the rows at fault stand alone."""
        if not batch.upserts:
            return 0, 0, []
        try:
            self._send(batch, token)
        except BadData as error:
            if len(batch.upserts) == 1:
                return 0, 0, [RejectedRow(batch.upserts[0], str(error))]
            middle = len(batch.upserts) // 2
            rows = inserts = 0
            rejected: list[RejectedRow] = []
            for half in (batch.upserts[:middle], batch.upserts[middle:]):
                part, refused = lay_out(LAYOUTS[batch.table], half)
                stored, sent, failed = self._store(part, token)
                rows, inserts, rejected = rows + stored, inserts + sent, [*rejected, *refused, *failed]
            return rows, inserts, rejected
        return len(batch.upserts), 1, []

    def _send(self, batch: Batch, token: str | None) -> None:
        insert_token = "" if token is None else _insert_token(batch, token)
        for attempt in range(1, self._attempts_max + 1):
            try:
                self._client.insert(batch.table.value, batch.names, batch.types, batch.columns, insert_token)
            except WarehouseError as error:
                if not error.retryable or attempt == self._attempts_max:
                    raise
                self._pause(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            else:
                return


def _insert_token(batch: Batch, token: str) -> str:
    """Name one insert: the caller's token, the table, and the keys and revisions in it."""
    digest = blake2b(digest_size=16)
    digest.update(msgspec.msgpack.encode([(upsert.key, upsert.revision) for upsert in batch.upserts]))
    return f"{token}/{batch.table}/{digest.hexdigest()}"
