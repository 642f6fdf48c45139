"""A steady load in real time: so many events a second, and among them probes whose answers are waited for.

The load is open: it goes on at its rate whatever the worker does. Events occur when they are sent.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Final
from zlib import crc32

import msgspec

from benchmarks.kafka.events import Arrival, Event
from benchmarks.kafka.probes import Kind, before, fire
from streams.kafka.broker import Outgoing, Producer
from streams.kafka.names import Place
from streams.kafka.operation.metrics import wall_clock_ms

BEAT_SECONDS: Final = 0.01
HEAD_START_SECONDS: Final = 6.0
"""A probe's earlier events are that much older."""
PROBES_SHARE: Final = 0.02
"""So many probes to each other event; what happened before them is counted with the load."""

_encode = msgspec.json.Encoder().encode


class Probe(msgspec.Struct):
    """One probe: when it was sent and answered (steady clock, seconds), 0 before."""

    kind: Kind
    sent: float = 0.0
    answered: float = 0.0


class Feed:
    """Feeds one input topic; `probes` are by number."""

    def __init__(
        self, producer: Producer, topic: str, partitions: int, arrivals: Iterator[Arrival], rate: float
    ) -> None:
        self.probes: dict[int, Probe] = {}
        self.sent = 0
        """Events, those of probes included."""
        self.is_probing = False
        self._since_probe = 0
        self._producer = producer
        self._topic = topic
        self._partitions = partitions
        self._arrivals = arrivals
        self._rate = rate
        self._waiting: list[tuple[float, int]] = []

    async def run(self) -> None:
        """Feed until cancelled."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            due = round((time.monotonic() - began) * self._rate)
            await self._send(self._beat(due - self.sent))

    def _beat(self, count: int) -> list[tuple[str, Event]]:
        """List what is to be sent now, with keys."""
        now, clock = wall_clock_ms(), time.monotonic()
        events: list[tuple[str, Event]] = []
        for _ in range(count):
            arrival = next(self._arrivals)
            events.append((arrival.customer, arrival.event | {"occurred_at": now, "received_at": now}))
            self._since_probe += 1
            if self.is_probing and self._since_probe >= 1 / PROBES_SHARE:
                self._since_probe = 0
                events += self._prepare(now, clock)
        while self._waiting and self._waiting[0][0] <= clock:
            _, number = self._waiting.pop(0)
            probe = self.probes[number]
            probe.sent = time.monotonic()
            events.append((f"probe-{number}", fire(probe.kind, number, now)))
        self.sent += len(events)
        return events

    def _prepare(self, now: int, clock: float) -> list[tuple[str, Event]]:
        number = len(self.probes)
        kinds = list(Kind)
        kind = kinds[number % len(kinds)]
        self.probes[number] = Probe(kind)
        self._waiting.append((clock + HEAD_START_SECONDS, number))
        return [(f"probe-{number}", event) for event in before(kind, number, now)]

    async def _send(self, events: list[tuple[str, Event]]) -> None:
        records: dict[Place, list[Outgoing]] = {}
        for key, event in events:
            place = (self._topic, crc32(key.encode()) % self._partitions)
            records.setdefault(place, []).append(Outgoing(key.encode(), _encode(event), timestamp=event["received_at"]))
        if records:
            await self._producer.send(self._producer.prepare(records))
