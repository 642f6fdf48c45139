"""Our driver with the small job in the stitcher's place. `python -m benchmarks.kafka.small_engine ORDER`.

Group, fence, restore, checkpoints, changelog and transactions are the worker's own (`streams/kafka`); what is left out
is intake, identity, journeys, rollups and every table. Events are read from the topic of evidence.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

import msgspec

from benchmarks.kafka.meter import COMMIT_SECONDS, Meter, Order, order_of
from benchmarks.kafka.small_job import HITS, SESSIONS, State, Told, advance, new_state
from streams.identity.post import Post
from streams.identity.rules import IdentityRules
from streams.journeys.book import load_book
from streams.kafka.blocking import computing
from streams.kafka.broker import Outgoing, Record
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.names import Names, Place
from streams.kafka.operation.metrics import Metrics
from streams.kafka.stitcher.checkpoint import Checkpoint
from streams.kafka.stitcher.floors import Floors
from streams.kafka.stitcher.member import StitcherMember
from streams.kafka.stitcher.partition import HEARD_KEY, Partition
from streams.kafka.stitcher.restore import Restored
from streams.kafka.stitcher.shared import Stitching
from streams.local.process import calm_collector
from streams.processor import Change
from streams.processors.stitcher import Stitcher
from streams.settings_kafka import KafkaSettings, WorkerSettings

COMMIT_MS: Final = int(COMMIT_SECONDS * 1000)

_encode = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode
_decode_state = msgspec.msgpack.Decoder(list).decode


class KnownAs(msgspec.Struct, gc=False):
    """An identifier."""

    value: str


class Seen(msgspec.Struct, gc=False):
    """What the job reads of an event."""

    event_id: str
    occurred_at: int
    name: str
    channel: str
    outcome: str
    identifiers: list[KnownAs]


_decode = msgspec.json.Decoder(Seen).decode


class SmallJob:
    """The job of one partition. What a `Partition` asks of its stitcher is here, as far as the small job needs it."""

    def __init__(self, partition: int, meter: Meter, done: Callable[[], None]) -> None:
        self.partition = partition
        self.holders: dict[bytes, State] = {}
        self.ticks: dict[str, int] = {}
        self.post = Post(IdentityRules())
        self.log_time = 0
        self._meter = meter
        self._done = done
        self._dirty: set[bytes] = set()
        self._told: dict[str, list[Outgoing]] = {SESSIONS: [], HITS: []}

    def restore(self, found: Iterable[tuple[bytes, bytes]]) -> None:
        """Go on from what another left."""
        self.holders.update((key, _decode_state(value)) for key, value in found)

    def take_records(self, records: Sequence[Record]) -> None:
        """Take events."""
        states, dirty, meter = self.holders, self._dirty, self._meter
        is_last = meter.see(len(records))
        for record in records:
            key = record.key or b""
            state = states.get(key)
            if state is None:
                state = states[key] = new_state()
            dirty.add(key)
            seen = _decode(record.value or b"")
            closed, hits = advance(
                state,
                seen.identifiers[0].value,
                seen.event_id,
                seen.occurred_at,
                seen.name,
                seen.channel,
                seen.outcome,
            )
            if closed is not None or hits:
                self._tell(key, closed, hits)
        if is_last:
            meter.end()
            self._done()

    def changes(self) -> list[Change]:
        """Hand over the states that changed."""
        states, dirty = self.holders, self._dirty
        self._dirty = set()
        return [Change(key, _encode(states[key])) for key in dirty]

    def handed_over(self) -> dict[str, list[Outgoing]]:
        """Give the records that were told since the last time, by kind."""
        told, self._told = self._told, {SESSIONS: [], HITS: []}
        return told

    def _tell(self, key: bytes, closed: Told | None, hits: list[Told]) -> None:
        self._meter.count(closed, hits)
        if closed is not None:
            self._told[SESSIONS].append(Outgoing(key, _encode_json(closed)))
        self._told[HITS] += (Outgoing(key, _encode_json(hit)) for hit in hits)


class SmallPartition(Partition):
    """A partition whose records are events, and whose outputs are the job's."""

    def __init__(self, job: SmallJob, shared: Stitching, changelog_at: int) -> None:
        super().__init__(
            cast("Stitcher", job),
            Floors(job.partition, shared.partitions),
            names=shared.names,
            partitions=shared.partitions,
            settings=shared.settings,
            changelog_at=changelog_at,
        )
        self.job = job

    def take(self, polled: Mapping[Place, Sequence[Record]], now: float) -> None:
        """Take events."""
        for records in polled.values():
            self.job.take_records(records)
        taken = sum(map(len, polled.values()))
        self._pending.read({place: records[-1].offset + 1 for place, records in polled.items()}, taken, now)

    def settle(self, clock: Callable[[], float]) -> None:
        """Wait for the checkpoint: nothing here is worth saying earlier."""

    def prepare(self) -> bool:
        """Close the checkpoint and encode it: changed states, sessions and hits."""
        if not self._pending.positions:
            return False
        self._pending.change(self.job.changes())
        pending, self._pending = self._pending, Checkpoint()
        records = pending.outgoing(self._names, self.number, self._partitions, None)
        for name, told in self.job.handed_over().items():
            records[self._names.prefix + name, self.number] = told
        self._prepared = (self._owner.prepare(records), pending.positions)
        return True


async def run(order: Order) -> None:
    """Read all events, commit, and stop."""
    settings = KafkaSettings(
        brokers=order.broker, application=order.application, prefix=order.prefix, inputs=(), partitions=order.partitions
    )
    meter, loop = Meter(order.events), asyncio.get_running_loop()

    def new_partition(shared: Stitching, number: int, found: Restored) -> Partition:
        job = SmallJob(number, meter, lambda: loop.call_soon_threadsafe(member.stop))  # type: ignore[arg-type]
        found.values.pop(HEARD_KEY, None)
        job.restore(found.values.items())
        return SmallPartition(job, shared, found.end)

    shared = Stitching(
        names=Names.of(settings),
        partitions=order.partitions,
        rules=IdentityRules(),
        book=load_book(),
        settings=WorkerSettings(checkpoint_ms=COMMIT_MS, handoff_ms=COMMIT_MS, hit_ms=COMMIT_MS),
        metrics=Metrics(),
        new_partition=new_partition,
    )
    member = StitcherMember(KafkaBroker(settings), shared, computing("small-job"))
    calm_collector()
    await member.run()
    meter.report()


if __name__ == "__main__":
    asyncio.run(run(order_of(sys.argv[1])))
