"""The alerting role: hears of friction and journeys, and writes what is to be said of incidents into `alerts`.

One instance does it for all, since an incident may have people on several partitions: `alerts` has one partition, and
whoever its group assigns that to is on duty. Being on duty is as owning a partition of the stitcher: fence, restore
from `alerts`, read the committed offsets, read on; words and offsets are committed in one transaction.

Completions of journeys are kept in memory for a while only, until their hits are heard of. So whoever comes on duty
hears some of `journeys` again; older words than known change nothing.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Final

import msgspec

from schemas.alerts import Alert, decode_alert, encode_alert
from schemas.formats import UPSERTS, CodecError
from schemas.topics import ALERTS, FRICTION, JOURNEYS
from streams.alerting.rules import AlertRules
from streams.kafka.broker import Away, Broker, BrokerError, Consumer, Outgoing, Producer, Record
from streams.kafka.membership import Membership
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics
from streams.kafka.stitcher.restore import restore
from streams.processors.alerting import Alerting

ROLE: Final = "alerting"
UNDELIVERABLE: Final = b"undeliverable/"
"""Begins the keys of records in `alerts` that are no words on incidents: messages that were given up."""
POLL_MS: Final = 100
POLL_RECORDS: Final = 2_000
COMMIT_MS: Final = 1_000
"""After so long offsets are committed though there is nothing to say."""
AGAIN_RECORDS: Final = 5_000
"""Records of each partition of `journeys` that are heard again by who comes on duty."""
LAG_MS: Final = 5_000
PUT_AWAY_SECONDS: Final = 3.0
"""How long what is under way may take once this member is to stop; then it is left for the next one."""
log = Log(__name__)


class AlertingShared(msgspec.Struct, frozen=True):
    """What a member needs to know; `partitions` of `friction` and `journeys`."""

    names: Names
    partitions: int
    rules: AlertRules
    metrics: Metrics


class AlertingMember:
    """One worker's membership in the alerting group; `run` goes on until `stop`."""

    def __init__(self, broker: Broker, shared: AlertingShared) -> None:
        self._broker = broker
        self._shared = shared
        names, topic = shared.names, shared.names.topic(ALERTS)
        self._place: Place = (topic, 0)
        self._membership = Membership(
            broker, names, ROLE, (topic,), shared.metrics, opening=self._open, giving_up=self._leave
        )
        self._is_ours = False
        self._duty: _Duty | None = None

    async def run(self) -> None:
        """Be a member until stopped. Only our own bugs are raised."""
        await self._membership.run(self._join)

    def stop(self) -> None:
        """Commit what waits, leave, and let `run` return."""
        self._membership.stopping.set()

    async def _join(self) -> None:
        async with self._membership.joined() as consumer:
            while self._membership.goes_on:
                # Nothing is read here: polling keeps the membership, and `alerts` is paused.
                await self._membership.poll(consumer, 0 if self._duty is not None else POLL_MS, 1)
                await self._step(consumer)

    async def _step(self, consumer: Consumer) -> None:
        async with self._membership.turn:
            if not self._is_ours:
                return
            if self._duty is None:
                self._duty = await _Duty.begin(self._broker, self._shared, consumer)
            try:
                await self._unless_stopped(self._duty.step())
            except BrokerError:
                # What it holds in memory is not what was committed.
                duty, self._duty = self._duty, None
                await duty.drop()
                raise

    async def _unless_stopped(self, step: Coroutine[None, None, None]) -> None:
        """Wait for a step; once stopped not for long, since a client whose broker is away never gives up."""
        task, stop = asyncio.create_task(step), asyncio.create_task(self._membership.stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((task,), timeout=PUT_AWAY_SECONDS)
            if not task.done():
                raise Away("stopped while the broker did not answer")
            task.result()
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.wait((task, stop))

    async def _open(self, _: Consumer, places: frozenset[Place]) -> None:
        self._is_ours = self._place in places

    async def _leave(self, _: Consumer) -> None:
        self._is_ours = False
        duty, self._duty = self._duty, None
        if duty is None:
            return
        try:
            await duty.end()
        except BrokerError as error:
            log.warning("alerting_uncommitted", cause=f"{type(error).__name__}: {error}")


class _Duty:
    """One time on duty: the lifecycle, its fence, and how far `friction` and `journeys` have been heard."""

    def __init__(self, shared: AlertingShared, alerting: Alerting, reader: Consumer, producer: Producer) -> None:
        self._shared = shared
        self._alerting = alerting
        self._reader = reader
        self._producer = producer
        self._group = shared.names.group(ROLE)
        self._place: Place = (shared.names.topic(ALERTS), 0)
        self._counts = shared.metrics.alerting
        self._has_heard = False
        self._committed_at = 0
        self._measured_at = 0
        self._read_up_to: dict[Place, int] = {}

    @classmethod
    async def begin(cls, broker: Broker, shared: AlertingShared, member: Consumer) -> "_Duty":
        """Fence, restore, and begin where the group has committed; `journeys` a little before."""
        names = shared.names
        topics = (names.topic(FRICTION), names.topic(JOURNEYS))
        producer = broker.producer(names.group(ROLE))
        await producer.start()
        reader = broker.reader([(topic, number) for topic in topics for number in range(shared.partitions)])
        try:
            found = await restore(broker, (names.topic(ALERTS), 0), lambda _done, _total: None)
            known = alerts_of(found.values)
            duty = cls(shared, Alerting(shared.rules, known), reader, producer)
            await reader.start()
            await duty._seek(member, topics)
        except BaseException:
            await _stopped(reader, producer)
            raise
        log.info("alerting_on_duty", incidents=len(known), open=duty._alerting.open_count)
        return duty

    async def step(self) -> None:
        """Hear what is new and commit what follows from it."""
        polled = await self._reader.poll(POLL_MS, POLL_RECORDS)
        for place, records in polled.items():
            self._hear(records)
            if records:
                self._has_heard = True
                self._read_up_to[place] = max(self._read_up_to[place], records[-1].offset + 1)
        await self._settle()
        await self._measure()

    async def end(self) -> None:
        """Commit what waits and let go of the fence."""
        try:
            await asyncio.wait_for(self._settle(at_once=True), PUT_AWAY_SECONDS)
        except TimeoutError:
            raise Away("the last words and offsets were not taken in time") from None
        finally:
            await self.drop()

    async def drop(self) -> None:
        """Let go of the fence and of everything that is not committed."""
        self._counts.open, self._counts.lag = 0, {}
        await _stopped(self._reader, self._producer)

    async def _seek(self, member: Consumer, topics: Sequence[str]) -> None:
        places = [(topic, number) for topic in topics for number in range(self._shared.partitions)]
        committed, begins = await member.committed(places), await self._reader.begins(places)
        for place in places:
            at = committed[place].offset if place in committed else begins[place]
            again = AGAIN_RECORDS if place[0] == topics[1] else 0
            self._reader.seek(place, max(begins[place], at - again))
            self._read_up_to[place] = at

    def _hear(self, records: Sequence[Record]) -> None:
        for record in records:
            try:
                self._alerting.take(UPSERTS.decode(record.value or b""))
            except CodecError as error:
                log.warning("alerting_unreadable", topic=record.topic, offset=record.offset, cause=str(error))

    async def _settle(self, *, at_once: bool = False) -> None:
        """Write the words of this round with the offsets they came from; without words, now and then."""
        now = self._shared.metrics.clock_ms()
        changes = self._alerting.settle(now)
        due = self._has_heard and (at_once or now - self._committed_at >= COMMIT_MS)
        if not changes.alerts and not due:
            return
        words = [Outgoing(alert.incident_key.encode(), encode_alert(alert), timestamp=now) for alert in changes.alerts]
        prepared = self._producer.prepare({self._place: words} if words else {})
        # All positions, also of what stands still: the broker forgets those not committed for a week.
        await self._producer.commit(prepared, self._read_up_to, self._group)
        self._has_heard, self._committed_at = False, now
        self._counts.written += len(words)
        self._counts.open = self._alerting.open_count

    async def _measure(self) -> None:
        now = self._shared.metrics.clock_ms()
        if now - self._measured_at >= LAG_MS:
            self._measured_at = now
            ends = await self._reader.ends(self._read_up_to)
            self._counts.lag = {place: max(0, ends[place] - at) for place, at in self._read_up_to.items()}


def alerts_of(values: Mapping[bytes, bytes]) -> list[Alert]:
    """Read the newest words on incidents; what another release wrote is said and left out."""
    found = []
    for key, value in values.items():
        if key.startswith(UNDELIVERABLE):
            continue
        try:
            found.append(decode_alert(value))
        except msgspec.DecodeError as error:
            log.warning("alert_unreadable", key=key.decode(errors="replace"), cause=str(error))
    return found


async def _stopped(*clients: Consumer | Producer) -> None:
    """Let go of all of them: what one says to that, or that its broker is away, keeps no other."""
    stops = (asyncio.wait_for(client.stop(), PUT_AWAY_SECONDS) for client in clients)
    for said in await asyncio.gather(*stops, return_exceptions=True):
        if said is not None:
            log.info("client_ended_badly", cause=f"{type(said).__name__}: {said}")
