"""At half load in real time: how long friction takes to be told, then an outage of ClickHouse that is caught up.

The worker of both roles, the warehouse role and ClickHouse are processes of their own; ClickHouse is away while
latencies are measured, and what piles up meanwhile is the outage's backlog.
"""

import asyncio
import subprocess
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from benchmarks.kafka.events import Arrival
from benchmarks.kafka.feeding import HEAD_START_SECONDS, Feed
from benchmarks.kafka.ground import Ground, make_topics
from benchmarks.kafka.latency import answered, hops_of, latencies_ms, note_answers, percentile
from benchmarks.kafka.outage import Standing, caught_up, standing_of
from benchmarks.kafka.probes import Kind
from benchmarks.kafka.whole import ROLES
from benchmarks.kafka.workers import SEAMLINE, Worker, environment_of
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from streams.settings_kafka import KafkaSettings

WARM_UP_SECONDS: Final = 8.0


class Live(msgspec.Struct, frozen=True):
    """What was seen: milliseconds by kind of probe, events by number of hand-offs, and catching up over arriving."""

    rate: float
    latencies_ms: Mapping[str, list[float]]
    unanswered: int
    hops: Mapping[str, int]
    catch_up_ratio: float

    def p99_ms(self, kind: Kind) -> float:
        """The 99th percentile of a kind."""
        return percentile(self.latencies_ms[kind.value], 0.99)

    @property
    def worst_p99_ms(self) -> float:
        """The 99th percentile of the slowest kind."""
        return max(self.p99_ms(kind) for kind in Kind)


async def run_live(ground: Ground, arrivals: Iterator[Arrival], rate: float, seconds: float) -> Live:
    """Feed so many events a second, and measure latencies for so long."""
    settings = ground.settings("live", clock="wall")
    await make_topics(settings)
    folder = ground.folder / "live"
    with EmbeddedClickHouse() as clickhouse:
        dsn = clickhouse.start(folder / "clickhouse")
        environment = environment_of(settings, folder, 0, dsn)
        await asyncio.to_thread(
            lambda: subprocess.run([SEAMLINE, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        )
        with (
            Worker(settings, folder / "worker", ROLES, dsn=dsn) as worker,
            Worker(settings, folder / "warehouse", "warehouse", dsn=dsn) as warehouse,
        ):
            await asyncio.to_thread(clickhouse.stop)
            broker = ground.client(settings.application)
            producer = broker.producer()
            await producer.start()
            feed = Feed(producer, settings.inputs[0], settings.partitions, arrivals, rate)
            tasks = [asyncio.create_task(feed.run()), asyncio.create_task(note_answers(broker, settings, feed))]
            try:
                away = await _measured(ground, settings, feed, seconds)
                worker.check()
                warehouse.check()
                await asyncio.to_thread(clickhouse.restart)
                ratio = await caught_up(ground, settings, away)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                await producer.stop()
    sent = [probe for probe in feed.probes.values() if probe.sent]
    return Live(
        rate=rate,
        latencies_ms={kind.value: latencies_ms(sent, kind) for kind in Kind},
        unanswered=sum(not probe.answered for probe in sent),
        hops=await hops_of(ground, settings, feed.sent),
        catch_up_ratio=ratio,
    )


async def _measured(ground: Ground, settings: KafkaSettings, feed: Feed, seconds: float) -> tuple[Standing, Standing]:
    """Send probes for a while, and wait for their answers; how rows arrived meanwhile."""
    await asyncio.sleep(WARM_UP_SECONDS)
    begin = await standing_of(ground, settings)
    feed.is_probing = True
    await asyncio.sleep(seconds)
    feed.is_probing = False
    await asyncio.sleep(HEAD_START_SECONDS)
    await answered(feed)
    return begin, await standing_of(ground, settings)
