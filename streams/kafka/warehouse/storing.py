"""Storing a batch of rows in the warehouse, however long that takes.

The warehouse itself is handed in as a function, since nothing here knows it.

    WarehouseFailure
    |- WarehouseAway     it can not be reached, or can not now: tried again for ever
    `- WarehouseUnfit    its tables are not those of this release: the process ends and says what to do
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from schemas.rows import Upsert
from streams.intake.dead_letters import Seal
from streams.kafka.broker import Blocking
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics
from streams.kafka.warehouse.gathering import Batch, Stored

RETRY_SECONDS: Final = 0.2
RETRY_SECONDS_MAX: Final = 5.0
_DOUBLINGS_MAX: Final = 16

log = Log(__name__)


class WarehouseFailure(Exception):
    """Rows were not stored, or not all of them; storing all of them again is right."""


class WarehouseAway(WarehouseFailure):
    """Not now."""


class WarehouseUnfit(WarehouseFailure):
    """Not before somebody has done something; the message says what."""


class Write(Protocol):
    """Stores rows, all or some of them. Runs in a thread, one call at a time."""

    def __call__(self, upserts: Sequence[Upsert]) -> Stored:
        """Store them; raises a WarehouseFailure."""


class Storing:
    """Writes batches one after the other. `jitter` draws from 0 to 1, so that processes do not all try at once."""

    def __init__(
        self, write: Write, metrics: Metrics, blocking: Blocking, jitter: Callable[[], float] = random.random
    ) -> None:
        self._write = write
        self._metrics = metrics
        self._counts = metrics.warehouse
        self._blocking = blocking
        self._jitter = jitter
        self._given_up = asyncio.Event()
        self.is_away = False
        """While attempts fail; what is read meanwhile only waits."""

    def give_up(self) -> None:
        """End after the attempt that is under way."""
        self._given_up.set()

    async def store(self, batch: Batch, seal: Seal) -> bool:
        """Store a batch; rows refused for ever are stored as dead letters instead.

        False once nobody needs it done: its partitions are somebody else's, or this process ends.
        """
        stored = await self._insist(batch.rows(), batch)
        if stored is None:
            return False
        if stored.rejected:
            first = stored.rejected[0]
            log.error("rows_refused", rows=len(stored.rejected), table=first.upsert.table.value, cause=first.reason)
            letters = batch.letters_of(stored.rejected, seal)
            kept = await self._insist(letters, batch) if letters else stored
            if kept is None:
                return False
            if letters and kept.rejected:
                log.error("dead_letters_refused", rows=len(kept.rejected), cause=kept.rejected[0].reason)
        self._counts.rejected += len(stored.rejected)
        for table, rows in batch.by_table(stored.rejected).items():
            self._counts.rows[table] = self._counts.rows.get(table, 0) + rows
        return True

    async def _insist(self, rows: Sequence[Upsert], batch: Batch) -> Stored | None:
        doublings = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                with self._metrics.spans("insert", rows=len(rows)):
                    stored = await self._blocking(lambda: self._write(rows))
            except WarehouseAway as error:
                self._failed()
                seconds = min(RETRY_SECONDS * 2**doublings, RETRY_SECONDS_MAX) * (0.5 + self._jitter() / 2)
                log.warning("warehouse_away", rows=len(rows), again_seconds=round(seconds, 1), cause=str(error))
                doublings = min(doublings + 1, _DOUBLINGS_MAX)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._given_up.wait(), seconds)
                if self._given_up.is_set() or not batch.is_ours:
                    self.is_away = False  # the next batch finds out anew
                    return None
            else:
                self._succeeded(stored, asyncio.get_running_loop().time() - began)
                return stored

    def _failed(self) -> None:
        self.is_away = True
        self._counts.retries += 1
        self._counts.failing_since = self._counts.failing_since or self._metrics.clock_ms()

    def _succeeded(self, stored: Stored, seconds: float) -> None:
        self.is_away = False
        self._counts.failing_since = 0
        self._counts.stored_at = self._metrics.clock_ms()
        self._counts.inserts += stored.inserts
        self._counts.insert_seconds.observe(seconds)
