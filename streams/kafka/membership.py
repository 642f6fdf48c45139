"""Membership in a consumer group: partitions come and go, while somebody polls and takes what was polled.

What is assigned is paused at once, else records would arrive before anybody knows where to begin; then it is opened,
beside the polling that keeps the membership, and resumed between two polls. What is revoked is given up before it goes.

A failure ends the membership: everything not committed is dropped, and the group joined anew.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeAlias

from streams.kafka.broker import Broker, BrokerError, Consumer, Fenced, Record
from streams.kafka.clients.patience import while_wanted
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics

REJOIN_SECONDS: Final = 0.5
LEAVE_SECONDS: Final = 1.0
Opening: TypeAlias = Callable[[Consumer, frozenset[Place]], Coroutine[Any, Any, None]]
"""Gives what opens partitions. It is cancelled where they are given up before it is done."""
GivingUp: TypeAlias = Callable[[Consumer], Awaitable[None]]
"""Ends everything that is held: commits what it may, and forgets it. Handles every BrokerError."""
log = Log(__name__)


class Membership:
    """One worker's place in a role's group.

    Reading is not concurrent with a rebalance: who reads takes `turn`, as giving up does. What was polled under another
    `epoch` than the present one is thrown away: whoever has the partition now reads it again.
    """

    def __init__(
        self,
        broker: Broker,
        names: Names,
        role: str,
        topics: Sequence[str],
        metrics: Metrics,
        *,
        opening: Opening,
        giving_up: GivingUp,
        turn: AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        self._broker = broker
        self._role = role
        self._topics = topics
        self._clock_ms = metrics.clock_ms
        self._open = opening
        self._give_up = giving_up
        self._consumer: Consumer | None = None
        self._opening: asyncio.Task[None] | None = None
        self.group = names.group(role)
        self.counts = metrics.group(role)
        self.turn = turn or asyncio.Lock()
        self.stopping = asyncio.Event()
        self.failure: BaseException | None = None
        self.epoch = 0
        self.ready: list[Place] = []
        """What has been opened and is to be resumed."""

    async def run(self, join: Callable[[], Awaitable[None]]) -> None:
        """Join until stopped, and again whenever a BrokerError ended that; anything else is raised."""
        while not self.stopping.is_set():
            try:
                await join()
            except BrokerError as error:
                event = f"{self._role}_left"
                log.warning(event, cause=f"{type(error).__name__}: {error}")
                self.counts.fenced += isinstance(error, Fenced)
                await asyncio.sleep(REJOIN_SECONDS)

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[Consumer]:
        """Be in the group meanwhile, polling while it `goes_on`; raises the failure, once all is given up."""
        self.failure = None
        consumer = self._consumer = self._broker.member(self.group, self._topics, self._on_assigned, self._on_revoked)
        try:
            await consumer.start()
            yield consumer
            if self.failure is not None:
                raise self.failure
        finally:
            await self._end(consumer)
            self._consumer = None
            await consumer.stop()

    @property
    def goes_on(self) -> bool:
        """Tell whether there is to be another round."""
        return not self.stopping.is_set() and self.failure is None

    def resume(self, consumer: Consumer) -> int:
        """Resume what is ready; gives the epoch of what is polled next.

        Only before a poll: were a partition resumed while one waits, it would bring records and yet be thrown away.
        """
        consumer.resume(self.ready)
        self.ready = []
        return self.epoch

    async def poll(self, consumer: Consumer, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        """Poll. While the group finds itself anew that takes until all have joined; once stopped, not long."""
        polling = asyncio.create_task(consumer.poll(timeout_ms, records_max))
        try:
            return await while_wanted(polling, self.stopping.is_set, LEAVE_SECONDS)
        finally:
            polling.cancel()

    def fail(self, error: BaseException) -> None:
        """End this membership after the present round, with the first of what went wrong."""
        self.failure = self.failure or error

    def look_at(self, task: "asyncio.Task[None]") -> None:
        """Fail as this task did, if it did."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    async def _on_assigned(self, places: frozenset[Place]) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        consumer.pause(places)
        self.epoch += 1
        self.counts.partitions = len(places)
        if places:  # opening nothing would be called off by nobody, and might end after what comes next, undoing it
            self._opening = asyncio.create_task(self._open(consumer, places))
            self._opening.add_done_callback(self.look_at)
        self.counts.rebalancing_since = 0

    async def _on_revoked(self, places: frozenset[Place]) -> None:
        self.epoch += 1
        consumer = self._consumer
        if not places or consumer is None:
            return
        self.counts.rebalances += 1
        self.counts.rebalancing_since = self._clock_ms()
        await self._end(consumer)

    async def _end(self, consumer: Consumer) -> None:
        async with self.turn:
            if self._opening is not None:
                self._opening.cancel()
                await asyncio.wait((self._opening,))
                self._opening = None
            self.ready = []
            await self._give_up(consumer)
