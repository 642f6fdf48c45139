"""Restore of one partition that has many small states. `python -m benchmarks.kafka.restoring write|read ORDER`.

`write` lets a stitcher hear of customers who were invited to a survey, each under an account and a device, and writes
the changelog it gives, until there are so many keys as the order has `events`. `read` restores it as a worker does:
the changelog to its end, then the stitcher, which works everything out again. Each is a process of its own, so that
the second has nothing in memory from the first.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, Final

import msgspec

from benchmarks.kafka.contest import report_of
from benchmarks.kafka.ground import Ground, make_topics
from benchmarks.kafka.meter import REPORT, Order, order_of, peak_rss_mb
from benchmarks.workload import BOOK, INTAKE_RULES
from schemas.topics import CHANGELOG
from streams.identity.rules import IdentityRules
from streams.kafka.broker import Outgoing
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.names import Names, Place
from streams.kafka.stitcher.restore import restore
from streams.local.process import calm_collector
from streams.processor import InputRecord
from streams.processors.intake import Intake
from streams.processors.stitcher import Stitcher
from streams.settings_kafka import KafkaSettings

BEGINS: Final = 1_767_225_600_000
BATCH_PEOPLE: Final = 5_000

_encode = msgspec.json.Encoder().encode


class Restored(msgspec.Struct, frozen=True):
    """One restore: how many states (keys of the changelog), how long and how much CPU, seconds, and the most memory."""

    states: int
    people: int
    reading: float
    rebuilding: float
    cpu: float
    rss_mb: float

    @property
    def states_per_second(self) -> float:
        """The rate from the first request to the stitcher that can go on."""
        return self.states / (self.reading + self.rebuilding)


async def write(order: Order) -> int:
    """Write the changelog of a partition of so many states; gives how many keys it has."""
    broker, place = _place(order)
    stitcher, intake = _stitcher(), Intake(INTAKE_RULES)
    producer = broker.producer()
    await producer.start()
    keys: set[bytes] = set()
    invitations = _invitations()
    while len(keys) < order.events:
        for record in islice(invitations, BATCH_PEOPLE):
            intake.take(record)
        stitcher.take_all(intake.settle(0).evidence)
        changes = stitcher.settle(BEGINS).changelog
        keys.update(change.key for change in changes)
        await producer.send(producer.prepare({place: [Outgoing(change.key, change.value) for change in changes]}))
    await producer.stop()
    return len(keys)


async def read(order: Order) -> Restored:
    """Restore it."""
    broker, place = _place(order)
    calm_collector()
    began, spent = time.perf_counter(), time.process_time()
    found = await restore(broker, place, lambda _done, _total: None)
    have = time.perf_counter()
    stitcher = _stitcher()
    stitcher.restore(found.values.items())
    done = time.perf_counter()
    return Restored(
        states=len(found.values),
        people=len(stitcher.households),
        reading=have - began,
        rebuilding=done - have,
        cpu=time.process_time() - spent,
        rss_mb=peak_rss_mb("self"),
    )


async def run_restore(ground: Ground, states: int) -> Restored:
    """Write so many states, and restore them."""
    alone = msgspec.structs.replace(ground, partitions=1)
    settings = alone.settings("restore")
    await make_topics(settings)
    order = Order(alone.address, settings.prefix, "", 1, states, settings.application, str(ground.folder))
    command = (sys.executable, "-m", "benchmarks.kafka.restoring")
    report_of([*command, "write"], order)
    return msgspec.json.decode(report_of([*command, "read"], order), type=Restored)


def _place(order: Order) -> tuple[KafkaBroker, Place]:
    settings = KafkaSettings(
        brokers=order.broker, application=order.application, prefix=order.prefix, inputs=(), partitions=1
    )
    return KafkaBroker(settings), (Names.of(settings).topic(CHANGELOG), 0)


def _stitcher() -> Stitcher:
    return Stitcher(0, IdentityRules(), BOOK)


def _invitations() -> Iterator[InputRecord]:
    for number in count():
        invitation: dict[str, Any] = {
            "event_id": f"invitation-{number}",
            "source": "/bench/survey",
            "channel": "survey",
            "direction": "outbound",
            "brand": "acme",
            "name": "survey.invited",
            "identifiers": [
                {"kind": "account_id", "value": f"c{number}", "assurance": "asserted"},
                {"kind": "device_id", "value": f"d{number}"},
            ],
            "occurred_at": BEGINS,
            "received_at": BEGINS,
        }
        yield InputRecord("bench", number, _encode(invitation))


if __name__ == "__main__":
    asked = order_of(sys.argv[2])
    told: object = {"keys": asyncio.run(write(asked))} if sys.argv[1] == "write" else asyncio.run(read(asked))
    print(REPORT + json.dumps(msgspec.to_builtins(told)), flush=True)
