"""Delivery of alerts: reads `alerts` and hands words to a post; what is through with every destination is committed.

The committed offset is the outbox: a message that waits holds it back, and whoever delivers next begins there. So a
message may be sent again after a crash, under the same id. What was given up is written beside the words, to be seen.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Final, Protocol

import msgspec

from schemas.alerts import Alert, Delivered, Transition, decode_alert
from schemas.topics import ALERTS
from streams.kafka.alerts.member import UNDELIVERABLE
from streams.kafka.broker import Away, Broker, BrokerError, Consumer, Lost, Outgoing, Position, Record
from streams.kafka.membership import Membership
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics

ROLE: Final = "delivery"
POLL_MS: Final = 100
POLL_RECORDS: Final = 500
COMMIT_SECONDS: Final = 2.0
log = Log(__name__)


class Post(Protocol):
    """Whoever delivers; made by the wiring, since the driver knows no destinations."""

    @property
    def delivered(self) -> Mapping[str, int]:
        """Messages that arrived, by destination."""

    @property
    def failed(self) -> Mapping[str, int]:
        """Attempts that failed, by destination."""

    @property
    def is_full(self) -> bool:
        """No more should be taken for now."""

    @property
    def waiting(self) -> dict[str, int]:
        """How many messages wait, by destination."""

    def take(self, alert: Alert, since_ms: int) -> None:
        """Deliver a word that was written at this time."""

    def finished(self) -> tuple[list[str], list[Delivered]]:
        """Ids of messages that are through with all destinations since last asked; those that were given up."""

    def forget(self) -> None:
        """Somebody else delivers what was taken."""

    async def run(self) -> None:
        """Deliver until cancelled."""


class DeliveryMember:
    """One worker's membership in the delivery group; `run` goes on until `stop`. One member at a time is on duty."""

    def __init__(self, broker: Broker, names: Names, post: Post, metrics: Metrics) -> None:
        self._broker = broker
        self._post = post
        self._place: Place = (names.topic(ALERTS), 0)
        self._counts = metrics.alerting
        # Committing waits for nothing that giving up waits for, so they need not take turns.
        self._membership = Membership(
            broker,
            names,
            ROLE,
            (self._place[0],),
            metrics,
            opening=self._open,
            giving_up=self._put_away,
            turn=nullcontext(),
        )
        self._is_open = False
        self._read_up_to = 0
        self._committed = -1
        self._under_way: dict[str, tuple[int, int]] = {}

    async def run(self) -> None:
        """Be a member until stopped."""
        posting = asyncio.create_task(self._post.run())
        try:
            await self._membership.run(lambda: self._join(posting))
        finally:
            posting.cancel()
            await asyncio.wait((posting,))

    def stop(self) -> None:
        """Commit what has arrived, leave, and let `run` return; what waits is for the next owner."""
        self._membership.stopping.set()

    async def _join(self, posting: "asyncio.Task[None]") -> None:
        async with self._membership.joined() as consumer:
            while self._membership.goes_on:
                if posting.done() and not posting.cancelled():
                    posting.result()
                await self._round(consumer)

    async def _round(self, consumer: Consumer) -> None:
        epoch = self._membership.epoch
        if self._is_open:
            (consumer.pause if self._post.is_full else consumer.resume)((self._place,))
        polled = await self._membership.poll(consumer, POLL_MS, POLL_RECORDS)
        if epoch == self._membership.epoch:  # else polled under an assignment that is over, and read again
            for record in polled.get(self._place, ()):
                self._take(record)
                self._read_up_to = record.offset + 1
        await self._commit(consumer)
        self._tell()

    async def _open(self, consumer: Consumer, places: frozenset[Place]) -> None:
        """Go on where the group has committed."""
        if self._place not in places:
            return
        committed, begins = await consumer.committed((self._place,)), await consumer.begins((self._place,))
        at = committed[self._place].offset if self._place in committed else begins[self._place]
        try:
            consumer.seek(self._place, at)
        except Lost:
            return
        self._read_up_to = self._committed = at
        self._is_open = True

    def _take(self, record: Record) -> None:
        if record.value is None or (record.key or b"").startswith(UNDELIVERABLE):
            return
        try:
            alert = decode_alert(record.value)
        except msgspec.DecodeError as error:
            log.warning("alert_unreadable", offset=record.offset, cause=str(error))
            return
        if alert.transition is not Transition.KEPT:
            self._under_way[alert.message_id] = (record.offset, record.timestamp)
            self._post.take(alert, record.timestamp)

    async def _commit(self, consumer: Consumer) -> None:
        """Commit up to the oldest message that is still under way."""
        through, given_up = self._post.finished()
        if given_up:
            await self._record(given_up)
        for message_id in through:
            self._under_way.pop(message_id, None)
        at = min((offset for offset, _ in self._under_way.values()), default=self._read_up_to)
        if not self._is_open or at <= self._committed:
            return
        try:
            # A client whose broker is away waits for it for ever.
            await asyncio.wait_for(consumer.commit({self._place: Position(at)}), COMMIT_SECONDS)
            self._committed = at
        except Lost:
            log.info("delivery_offsets_lost")
        except (Away, TimeoutError) as error:
            log.warning("delivery_offsets_wait", cause=f"{type(error).__name__}: {error}")

    async def _record(self, given_up: Sequence[Delivered]) -> None:
        """Write down what was undeliverable, beside the words."""
        for each in given_up:
            log.error("alert_undeliverable", message=each.message_id, to=each.destination, cause=each.error)
        records = [
            Outgoing(UNDELIVERABLE + f"{each.message_id}/{each.destination}".encode(), msgspec.json.encode(each))
            for each in given_up
        ]
        producer = self._broker.producer()
        try:
            await producer.start()
            await producer.send(producer.prepare({self._place: records}))
        except Away as error:
            log.warning("undeliverable_unrecorded", records=len(records), cause=str(error))
        finally:
            await producer.stop()

    async def _put_away(self, consumer: Consumer) -> None:
        try:
            await self._commit(consumer)
        except BrokerError as error:
            log.warning("delivery_offsets_lost", cause=str(error))
        self._is_open = False
        self._under_way = {}
        self._post.forget()
        self._tell()

    def _tell(self) -> None:
        counts = self._counts
        counts.delivered, counts.failed = dict(self._post.delivered), dict(self._post.failed)
        counts.undelivered = self._post.waiting
        counts.undelivered_since = min((since for _, since in self._under_way.values()), default=0)
