"""From producing an event to the friction record it causes, at half load; and how often events are handed on.

A reader of the friction topic, read committed as any consumer of it, notes when the answer to a probe is there.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from benchmarks.kafka.feeding import Feed, Probe
from benchmarks.kafka.ground import Ground
from benchmarks.kafka.probes import TASK, Kind
from schemas.evidence import Anonymous, Attribute, Observe
from schemas.formats import HANDOFFS as HANDOFFS_FORM
from schemas.formats import UPSERTS
from schemas.rows import FrictionRow
from schemas.topics import FRICTION, HANDOFFS
from streams.kafka.broker import Broker
from streams.kafka.names import Names
from streams.settings_kafka import KafkaSettings

POLL_MS: Final = 200
POLL_RECORDS: Final = 5_000
GIVEN_UP_SECONDS: Final = 10.0
"""A probe that is not answered by then counts as if it had been answered then."""


async def note_answers(broker: Broker, settings: KafkaSettings, feed: Feed) -> None:
    """Note when each probe is answered, until cancelled."""
    topic = Names.of(settings).topic(FRICTION)
    reader = broker.reader([(topic, number) for number in range(settings.partitions)])
    await reader.start()
    try:
        while True:
            polled = await reader.poll(POLL_MS, POLL_RECORDS)
            now = time.monotonic()
            for record in (record for records in polled.values() for record in records):
                row = UPSERTS.decode(record.value or b"").row
                if isinstance(row, FrictionRow) and row.task.startswith(TASK):
                    probe = feed.probes[int(row.task.removeprefix(TASK))]
                    probe.answered = probe.answered or now
    finally:
        await reader.stop()


async def answered(feed: Feed) -> None:
    """Wait until all probes that were sent are answered, or it is too late for all."""
    deadline = time.monotonic() + GIVEN_UP_SECONDS
    while time.monotonic() < deadline and any(each.sent and not each.answered for each in feed.probes.values()):  # noqa: ASYNC110 - the reader is waited for
        await asyncio.sleep(0.05)


def latencies_ms(probes: Iterable[Probe], kind: Kind) -> list[float]:
    """List, in order, how long probes of a kind took; milliseconds."""
    return sorted(
        ((probe.answered or probe.sent + GIVEN_UP_SECONDS) - probe.sent) * 1000
        for probe in probes
        if probe.sent and probe.kind is kind
    )


def percentile(ordered: list[float], share: float) -> float:
    """Take the least value that so large a share does not exceed; values in order, at least one."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


async def hops_of(ground: Ground, settings: KafkaSettings, events: int) -> Mapping[str, int]:
    """Count events by how often their touchpoint was handed from holder to holder; most of all `events` never were."""
    broker, topic = ground.client(settings.application), Names.of(settings).topic(HANDOFFS)
    places = [(topic, number) for number in range(settings.partitions)]
    reader = broker.reader(places)
    await reader.start()
    handed: Counter[bytes] = Counter()
    try:
        ends = await reader.ends(places)
        while any([await reader.position(place) < ends[place] for place in places]):
            for records in (await reader.poll(POLL_MS, POLL_RECORDS)).values():
                letters = (HANDOFFS_FORM.decode(record.value or b"") for record in records)
                handed.update(
                    each.touchpoint.key for each in letters if isinstance(each, Attribute | Observe | Anonymous)
                )
    finally:
        await reader.stop()
    hops = Counter(handed.values())
    return {"0": events - len(handed)} | {str(count): hops[count] for count in sorted(hops)}
