"""Load history into the inputs: events with the times they were received at, and marks that move log time along.

For `kafka.clock = "data"`. A mark on every partition of every input promises that nothing received before follows
there, so that partitions without events do not hold log time back. Events must come in order of receipt, give or take
the slack.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final
from zlib import crc32

import msgspec

from streams.kafka.broker import Broker, Outgoing, Producer
from streams.kafka.names import Place
from streams.kafka.records import mark_record

BATCH_RECORDS: Final = 2_000


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """An event to load: its input topic, the key that keeps a customer's events in order, its bytes, when received."""

    topic: str
    key: bytes
    value: bytes
    received_at: int


class Loader:
    """Writes events into inputs; `partitions` says how many each input has."""

    def __init__(self, broker: Broker, partitions: Mapping[str, int]) -> None:
        self._producer: Producer = broker.producer()
        self._partitions = dict(partitions)
        self.newest = 0
        self.records = 0

    async def start(self) -> None:
        """Connect; raises `Away`."""
        await self._producer.start()

    async def stop(self) -> None:
        """Let go; everything loaded is acknowledged."""
        await self._producer.stop()

    async def load(self, events: Iterable[Loaded]) -> None:
        """Write all events, batch by batch, with marks behind each batch. KeyError for a topic that is no input."""
        waiting = iter(events)
        while batch := list(islice(waiting, BATCH_RECORDS)):
            records: dict[Place, list[Outgoing]] = {}
            for event in batch:
                place = (event.topic, crc32(event.key) % self._partitions[event.topic])
                records.setdefault(place, []).append(Outgoing(event.key, event.value, timestamp=event.received_at))
            self.newest = max(self.newest, *(event.received_at for event in batch))
            self._mark(records, self.newest)
            await self._producer.send(self._producer.prepare(records))
            self.records += len(batch)

    async def mark(self, read_up_to: int) -> None:
        """Promise on every input that nothing received before this (ms) follows."""
        records: dict[Place, list[Outgoing]] = {}
        self._mark(records, read_up_to)
        await self._producer.send(self._producer.prepare(records))

    def _mark(self, records: dict[Place, list[Outgoing]], read_up_to: int) -> None:
        mark = mark_record(read_up_to)
        for topic, count in self._partitions.items():
            for number in range(count):
                records.setdefault((topic, number), []).append(mark)
