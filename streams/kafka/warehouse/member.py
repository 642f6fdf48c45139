"""The warehouse role: reads every output topic, hands rows to the warehouse in batches, commits offsets last.

At least once, and writing twice changes nothing there. While the warehouse is away nothing is read and the group is
kept by polling all the same; what waits is bounded. A row that can never be stored becomes a dead letter and stops
nothing. Encoding rows holds the interpreter for as long as heartbeats may not wait, so this role has a process of its
own.
"""

import asyncio
from contextlib import nullcontext, suppress
from typing import Final

from schemas.topics import CATALOGUE
from streams.intake.dead_letters import Seal
from streams.kafka.broker import Away, Broker, BrokerError, Consumer, Lost, Position
from streams.kafka.membership import Membership
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics
from streams.kafka.warehouse.gathering import Batch
from streams.kafka.warehouse.storing import Storing

ROLE: Final = "warehouse"
BATCH_RECORDS: Final = 25_000
"""A batch of so many records is written at once; an insert costs the same whatever is in it."""
BATCH_SECONDS: Final = 1.0
"""After so long it is written whatever is in it."""
WAITING_BYTES_MAX: Final = 64 * 1024**2
"""Bytes of records that may wait beside a batch that is being written; beyond it nothing is read."""
POLL_MS: Final = 100
POLL_RECORDS: Final = 5_000
LAG_SECONDS: Final = 5.0
PUT_AWAY_SECONDS: Final = 6.0
"""How long giving partitions back may wait for what is being written; then it is left for the next owner."""
LAST_COMMIT_SECONDS: Final = 2.0
"""How long it may wait for the broker to take the offsets."""

log = Log(__name__)


class WarehouseMember:
    """One process's membership in the warehouse's group; `run` goes on until `stop`."""

    def __init__(
        self,
        broker: Broker,
        names: Names,
        storing: Storing,
        seal: Seal,
        metrics: Metrics,
        *,
        batch_records: int = BATCH_RECORDS,
    ) -> None:
        topics = [names.topic(topic) for topic in CATALOGUE if topic.tables]
        # No turns: records are taken in one step of the loop, and a stop has no time to wait for a rebalance.
        self._membership = Membership(
            broker, names, ROLE, topics, metrics, opening=self._begin_at, giving_up=self._put_away, turn=nullcontext()
        )
        self._storing = storing
        self._seal = seal
        self._metrics = metrics
        self._batch_records = batch_records
        self._counts = metrics.warehouse
        self._open: set[Place] = set()
        self._gathered = Batch()
        self._writing: asyncio.Task[None] | None = None
        self._in_hand: Batch | None = None
        self._written: dict[Place, int] = {}
        self._read_up_to: dict[Place, int] = {}
        self._committing = asyncio.Lock()
        self._has_gap = False
        """A batch was given up: nothing behind it may be stored, or its offsets would be committed with those."""

    async def run(self) -> None:
        """Be a member until stopped; raises WarehouseUnfit."""
        try:
            await self._membership.run(self._join)
        finally:
            if self._writing is not None:
                self._writing.cancel()

    def stop(self) -> None:
        """Store what waits, commit, leave, and let `run` return; within ten seconds, whatever the warehouse does."""
        self._membership.stopping.set()
        self._storing.give_up()

    async def _join(self) -> None:
        async with self._membership.joined() as consumer:
            measuring = asyncio.create_task(self._measure(consumer))
            try:
                while self._membership.goes_on:
                    await self._round(consumer)
            finally:
                measuring.cancel()
                await asyncio.wait((measuring,))

    async def _round(self, consumer: Consumer) -> None:
        epoch = self._membership.epoch
        waits = self._storing.is_away or self._is_full()
        (consumer.pause if waits else consumer.resume)(self._open)
        polled = await self._membership.poll(consumer, POLL_MS, POLL_RECORDS)
        if epoch == self._membership.epoch:  # else polled under an assignment that is over, and read again
            now = self._metrics.clock_ms()
            for place, records in polled.items():
                if place in self._open and records:
                    self._gathered.take(place, records, self._seal, now)
                    self._read_up_to[place] = records[-1].offset + 1
        self._begin_writing()
        await self._commit(consumer)
        self._tell()

    def _is_full(self) -> bool:
        return self._gathered.records >= self._batch_records or self._gathered.size_bytes >= WAITING_BYTES_MAX

    def _begin_writing(self, *, at_once: bool = False) -> None:
        """Begin with what was gathered once it is enough or old enough, and nothing else is being written."""
        gathered = self._gathered
        if self._writing is not None or self._membership.failure or self._has_gap or not gathered.records:
            return
        age_ms = self._metrics.clock_ms() - gathered.began_ms
        if at_once or self._is_full() or age_ms >= BATCH_SECONDS * 1000:
            self._gathered = Batch()
            self._writing = asyncio.create_task(self._write(gathered))
            self._writing.add_done_callback(self._stored)
            self._in_hand = gathered

    async def _write(self, batch: Batch) -> None:
        stored = await self._storing.store(batch, self._seal)
        if not batch.is_ours:
            return
        if stored:
            self._written |= batch.positions
        else:
            self._has_gap = True

    def _stored(self, task: "asyncio.Task[None]") -> None:
        self._writing = self._in_hand = None
        self._membership.look_at(task)

    async def _commit(self, consumer: Consumer) -> None:
        """Commit what is stored. A broker that is away gets it in a later round."""
        async with self._committing:
            written, self._written = self._written, {}
            if not written:
                return
            try:
                await consumer.commit({place: Position(offset) for place, offset in written.items()})
            except Lost:
                log.info("warehouse_offsets_lost")
            except Away as error:
                self._written = written | self._written
                log.warning("warehouse_offsets_wait", cause=str(error))

    # --- assignment

    async def _begin_at(self, consumer: Consumer, places: frozenset[Place]) -> None:
        """Go on where the group has committed: polling before the assignment may have moved the position."""
        committed, begins = await consumer.committed(places), await consumer.begins(places)
        try:
            for place in places:
                at = committed[place].offset if place in committed else begins[place]
                consumer.seek(place, at)
                self._read_up_to[place] = at
        except Lost:
            log.info("warehouse_reassigned_while_opening")
            return
        self._open = set(places)

    async def _put_away(self, consumer: Consumer) -> None:
        """Store what waits if that can be done soon, commit what is stored, forget the rest: it is read again."""
        self._open = set()
        deadline = asyncio.get_running_loop().time() + PUT_AWAY_SECONDS
        while not self._storing.is_away:
            self._begin_writing(at_once=True)
            left = deadline - asyncio.get_running_loop().time()
            if self._writing is None or left <= 0:
                break
            await asyncio.wait((self._writing,), timeout=left)
        try:
            await asyncio.wait_for(self._commit(consumer), LAST_COMMIT_SECONDS)
        except (BrokerError, TimeoutError) as error:
            log.warning("warehouse_offsets_lost", cause=f"{type(error).__name__}: {error}")
        if self._in_hand is not None:
            self._in_hand.is_ours = False
        self._gathered, self._written, self._read_up_to = Batch(), {}, {}

    # --- what is told

    def _tell(self) -> None:
        batches = [batch for batch in (self._in_hand, self._gathered) if batch is not None and batch.records]
        self._counts.waiting_rows = sum(batch.records for batch in batches)
        self._counts.waiting_since = min((batch.began_ms for batch in batches), default=0)

    async def _measure(self, consumer: Consumer) -> None:
        """Tell now and then how much stands on the broker and is not read yet; runs until cancelled."""
        while True:
            await asyncio.sleep(LAG_SECONDS)
            read = dict(self._read_up_to)
            with suppress(BrokerError):
                ends = await consumer.ends(read)
                self._counts.lag = {place: max(ends[place] - at, 0) for place, at in read.items() if place in ends}
