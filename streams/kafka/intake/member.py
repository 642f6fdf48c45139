"""Intake's place in its group: input partitions come and go, are read, and what they tell goes to the holders.

At least once, by an idempotent producer: evidence is a set. Offsets are committed after what was read before them is
acknowledged. Where a write fails everything in memory is dropped and the group joined anew, because routing remembers
which links it has sent.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import msgspec

from schemas.evidence import Tick
from schemas.identifiers import partition_of
from schemas.topics import EVIDENCE, TOPIC_OF_TABLE
from streams.kafka.broker import (
    Blocking,
    Broker,
    BrokerError,
    Consumer,
    Lost,
    Outgoing,
    Prepared,
    Producer,
    Record,
)
from streams.kafka.clients.patience import look_at, while_wanted
from streams.kafka.intake.lane import Lane, NewIntake, Way
from streams.kafka.intake.suspects import Suspects
from streams.kafka.membership import Membership
from streams.kafka.names import Names, Place
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics
from streams.kafka.records import broadcast_record, evidence_record, upsert_record
from streams.processor import Emit
from streams.settings_kafka import WorkerSettings

POLL_MS: Final = 100
TICK_SECONDS: Final = 0.25
COMMIT_SECONDS: Final = 1.0
PUT_AWAY_SECONDS: Final = 4.0
"""How long a stop waits for what was written last."""
log = Log(__name__)


class Ahead(Protocol):
    """Brings schemas of Avro records before they are decoded."""

    async def __call__(self, values: Iterable[bytes]) -> None:
        """Wait until what these values name is known, or can not be had; raises `Away`."""

    def stop(self) -> None:
        """Let go of whoever waits."""


class Intaking(msgspec.Struct, frozen=True):
    """What all lanes share. `ways` are by input topic; unless `by_data` this machine's clock moves log time."""

    names: Names
    partitions: int
    new_intake: NewIntake
    suspects: Suspects
    settings: WorkerSettings
    metrics: Metrics
    by_data: bool
    ways: Mapping[str, Way]
    ahead: Callable[[], AbstractAsyncContextManager[Ahead | None]]
    """Opens what brings schemas, if anything does."""


class IntakeMember:
    """One worker's membership in intake's group; `run` goes on until `stop`."""

    def __init__(self, broker: Broker, shared: Intaking, blocking: Blocking) -> None:
        self._broker = broker
        self._shared = shared
        self._blocking = blocking
        names = shared.names
        self._membership = Membership(
            broker, names, "intake", names.inputs, shared.metrics, opening=self._open, giving_up=self._give_up
        )
        self._evidence = names.topic(EVIDENCE)
        self._ahead: Ahead | None = None
        self._producer: Producer | None = None
        self._sending: asyncio.Task[dict[Place, int]] | None = None
        self._next_tick = 0.0
        self._next_commit = 0.0
        self.lanes: dict[Place, Lane] = {}

    async def run(self) -> None:
        """Be a member until stopped."""
        async with self._shared.ahead() as self._ahead:
            await self._membership.run(self._join)

    def stop(self) -> None:
        """Finish what is under way, commit, leave, and let `run` return."""
        self._membership.stopping.set()
        if self._ahead is not None:
            self._ahead.stop()

    async def _join(self) -> None:
        producer = self._producer = self._broker.producer()
        try:
            await producer.start()
            async with self._membership.joined() as consumer:
                while self._membership.goes_on:
                    await self._round(consumer, producer)
        finally:
            await producer.stop()

    async def _round(self, consumer: Consumer, producer: Producer) -> None:
        """Poll once; while that is written, the next is read."""
        epoch, now = self._membership.resume(consumer), asyncio.get_running_loop().time()
        times = await self._times(consumer, now)
        polled = await self._membership.poll(consumer, POLL_MS, self._shared.settings.poll_records_max)
        if self._ahead is not None:
            await self._ahead(record.value for records in polled.values() for record in records if record.value)
        async with self._membership.turn:
            if epoch != self._membership.epoch:
                return  # polled under an assignment that is over: whoever has the partition now reads it again
            if polled or times:
                await self._send(producer, polled, times)
            consumer.pause([place for place, lane in self.lanes.items() if lane.is_flooded])
            if now >= self._next_commit:
                self._next_commit = now + COMMIT_SECONDS
                await self._commit(consumer, producer)

    async def _send(
        self, producer: Producer, polled: Mapping[Place, Sequence[Record]], times: Mapping[Place, int]
    ) -> None:
        """Begin to write what these records tell, and then the times up to which inputs have been read."""
        ticks = []
        for place, read_up_to in times.items():
            lane = self.lanes[place]
            lane.told = self._shared.metrics.intake(place).read_up_to = read_up_to
            ticks.append(Tick(lane.name, read_up_to))
        with self._shared.metrics.spans("intake", records=sum(map(len, polled.values()))):
            prepared = await self._blocking(lambda: self._work(producer, polled, ticks))
        await self._sent()
        self._sending = asyncio.create_task(producer.send(prepared))
        self._sending.add_done_callback(look_at)

    def _work(self, producer: Producer, polled: Mapping[Place, Sequence[Record]], ticks: Sequence[Tick]) -> Prepared:
        """Read records, and encode what they tell. What an input told before its tick stands before the tick."""
        received_before = self._shared.metrics.clock_ms()
        records: dict[Place, list[Outgoing]] = {}
        for place, of_place in polled.items():
            lane = self.lanes.get(place)
            if lane is not None and of_place and not lane.is_flooded:
                lane.take(of_place, received_before)
                emit = lane.intake.settle(lane.newest)
                self._write(emit, records)
                counts = self._shared.metrics.intake(place)
                counts.read(lane.intake.ledger)
                counts.messages += len(emit.evidence)
                counts.is_stopped = lane.is_flooded
                counts.waiting_since = counts.waiting_since or received_before
        for tick in ticks:
            told = broadcast_record(tick)
            for number in range(self._shared.partitions):
                records.setdefault((self._evidence, number), []).append(told)
        return producer.prepare(records)

    def _write(self, emit: Emit, records: dict[Place, list[Outgoing]]) -> None:
        partitions = self._shared.partitions
        for letter in emit.evidence:
            place = (self._evidence, partition_of(letter.to, partitions))
            records.setdefault(place, []).append(evidence_record(letter))
        for upsert in emit.upserts:
            written = upsert_record(upsert)
            # Any partition will do, as long as one key always has the same.
            place = (self._shared.names.topic(TOPIC_OF_TABLE[upsert.table]), sum(written.key or b"") % partitions)
            records.setdefault(place, []).append(written)

    async def _times(self, consumer: Consumer, now: float) -> dict[Place, int]:
        """Say up to when each input has been read, if that is new. The clock counts only where everything is read."""
        if now < self._next_tick:
            return {}
        self._next_tick = now + TICK_SECONDS
        times = {}
        for place, lane in list(self.lanes.items()):
            caught_up = None if self._shared.by_data or lane.is_flooded else await consumer.caught_up_at(place)
            read_up_to = max(lane.newest, caught_up or 0)
            if read_up_to > lane.told:
                times[place] = read_up_to
        return times

    async def _sent(self) -> None:
        """Wait until what was written last is acknowledged."""
        sending, self._sending = self._sending, None
        try:
            if sending is not None:
                await while_wanted(sending, self._membership.stopping.is_set, PUT_AWAY_SECONDS)
        except BrokerError as error:
            self._membership.fail(error)
            raise

    async def _commit(self, consumer: Consumer, producer: Producer) -> None:
        """Commit how far has been read. Whoever reads on from there knows no earlier times, so they are told before."""
        positions = {place: at for place, lane in self.lanes.items() if (at := lane.position()) is not None}
        if untold := {place: lane.newest for place, lane in self.lanes.items() if lane.newest > lane.told}:
            await self._send(producer, {}, untold)
        await self._sent()
        try:
            await consumer.commit(positions)
            for place in positions:
                self._shared.metrics.intake(place).waiting_since = 0
        except Lost:
            log.info("intake_offsets_lost")

    # --- assignment

    async def _open(self, consumer: Consumer, places: frozenset[Place]) -> None:
        """Go on where the group has committed, with the counts noted there."""
        committed = await consumer.committed(places)
        begins = await consumer.begins(places)
        shared = self._shared
        try:
            for place in sorted(places):
                at = committed.get(place)
                consumer.seek(place, begins[place] if at is None else at.offset)
                way = shared.ways.get(place[0], Way())
                self.lanes[place] = Lane(
                    place,
                    way,
                    shared.new_intake,
                    shared.suspects,
                    at,
                    by_data=shared.by_data,
                    stops_at_floods=shared.settings.stop_at_floods,
                )
            self._membership.ready = list(places)
        except Lost:
            log.info("intake_reassigned_while_opening")

    async def _give_up(self, consumer: Consumer) -> None:
        """Commit what is acknowledged, and forget every lane."""
        try:
            if self._membership.failure is None and self._producer is not None:
                await self._commit(consumer, self._producer)
        except BrokerError as error:
            self._membership.fail(error)
        self._sending = None
        for place in self.lanes:
            self._shared.metrics.forget_intake(place)
        self.lanes = {}
