"""The demo on a real broker: Kafka and ClickHouse of this machine, topics, a worker process, events loaded into topics.

Everything it starts ends with it; only the warehouse's folder stays, for the commands to try afterwards.
"""

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client.parser import text_string_to_metric_families

from schemas.topics import CATALOGUE, EVIDENCE, HANDOFFS
from sinks.clickhouse.client import Client
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.migrate import migrate
from streams.assembly import broker_of
from streams.bootstrap import intake_rules, open_warehouse
from streams.commands.answers import progress
from streams.commands.demo.world import Told, events, examples, verdicts
from streams.commands.failures import CommandError
from streams.generator.rules import WorldRules
from streams.kafka.admin import administering, apply, standing
from streams.kafka.clients.security import secure
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.loading import Loaded, Loader
from streams.kafka.names import Names
from streams.kafka.operation.lag import lag_of
from streams.kafka.telling import tell
from streams.kafka.topics import plan, wanted
from streams.local.replay import Report
from streams.local.sources import FileSource
from streams.processors.intake import Intake
from streams.settings import ENV_PREFIX, Json, Settings

if TYPE_CHECKING:
    from streams.kafka.embedded.runtime import Runtime

MODE: Final = "kafka"
PARTITIONS: Final = 4
CHANNELS: Final = ("web", "app", "kiosk", "support", "email")
DEADLINE_SECONDS: Final = 240.0
READY_SECONDS: Final = 60.0
OWN_SETTINGS: Final = ("ALERTS", "CLICKHOUSE", "CONFIG", "KAFKA", "LOCAL", "REGISTRY", "SOURCE_DEFAULT", "WORKER")
STOP_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 0.5
"""How often it looks how far the groups are."""


def kafka_settings(brokers: str) -> dict[str, Json]:
    """Say what the demo sets of `kafka`: log time moves by the data, which is of the past."""
    adapters: dict[str, Json] = {_topic_of(name): way for name, way in _WAYS.items()}
    inputs: list[Json] = [*(f"{channel}.events" for channel in CHANNELS), *adapters]
    return {
        "brokers": brokers,
        "partitions": PARTITIONS,
        "clock": "data",
        "inputs": inputs,
        "input_adapters": adapters,
    }


_WAYS: Final = {"segment.jsonl": "segment", "access.log.gz": "apache_combined", "support.csv.gz": "support_log"}


@contextmanager
def broker_at(folder: Path, runtime: "Runtime") -> Iterator[str]:
    """Start a broker whose data go when it ends; its address."""
    with EmbeddedBroker.start(folder, free_port(), runtime=runtime, temporary=True) as broker:
        yield broker.address


@contextmanager
def demo_kafka(settings: Settings, config: Path, warehouse: Path, world: WorldRules) -> Iterator[tuple[Client, Told]]:
    """Run it, and give the warehouse to look at. `config` is what the worker reads, the same as `settings`."""
    with ExitStack() as stack:
        served = stack.enter_context(EmbeddedClickHouse())
        served.start(warehouse)
        client = stack.enter_context(open_warehouse(settings))
        migrate(client)
        asyncio.run(_prepared(settings))
        worker = stack.enter_context(_worker(config))
        is_ready = worker.wait_until_ready()
        records = asyncio.run(_run(settings, world))
        yield (
            client,
            Told(
                report=_report(client, worker, records),
                troubles=[] if is_ready else ["the worker did not say that it is ready"],
                input_topics=len(settings.kafka.inputs),
                worker_ready=is_ready,
            ),
        )


async def _prepared(settings: Settings) -> None:
    """Make the topics."""
    topics = wanted(Names.of(settings.kafka), settings.kafka)
    async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
        found = await standing(admin, [topic.name for topic in topics], required=False)
        await apply(admin, plan(topics, found, inputs=True))


async def _run(settings: Settings, world: WorldRules) -> int:
    """Write decisions and events, and wait until every group has read everything; how many events there were."""
    broker, names = broker_of(settings), Names.of(settings.kafka)
    loader = Loader(broker, await broker.partitions(names.inputs))
    await loader.start()
    try:
        await tell(broker, names, verdicts(world, settings))
        with ExitStack() as stack, progress("loading", unit="events") as bar:
            bar.add_task("loading", total=None)
            generated = (
                _loaded(delivered.event, delivered.received_at, written) for delivered, written in events(world)
            )
            foreign, headings = _foreign(settings, examples(stack))
            await loader.load(merge(generated, foreign, key=lambda each: each.received_at))
    finally:
        await loader.stop()
    await _drained(settings, names)
    return loader.records - headings


def _loaded(event: object, received_at: int, written: bytes) -> Loaded:
    channel = str(getattr(event, "channel", "")) or (event.get("channel", "") if isinstance(event, dict) else "")
    topic = f"{channel}.events" if channel in CHANNELS else "support.events"
    return Loaded(topic, written[:64], written, received_at)


def _foreign(settings: Settings, sources: list[FileSource]) -> tuple[list[Loaded], int]:
    """Records written by others, in order of receipt; one that tells no time stands where the one before it does.

    And how many of them are no events, as the first line of a table.
    """
    intake, found = Intake(intake_rules(settings)), []
    for source in sources:
        newest = 0
        for record in source.records(0):
            intake.take(record)
            newest = max(intake.received_at(record), default=newest)
            found.append(Loaded(_topic_of(source.name), b"", record.value, newest))
    return sorted(found, key=lambda each: each.received_at), intake.ledger.skipped


def _topic_of(name: str) -> str:
    return name.partition(".")[0] + ".examples"


async def _drained(settings: Settings, names: Names) -> None:
    """Wait until nothing is behind, and hand-offs stand still. CommandError where that takes too long."""
    broker, until = broker_of(settings), time.monotonic() + DEADLINE_SECONDS
    letters = [names.topic(EVIDENCE), names.topic(HANDOFFS)]
    outputs = [names.topic(topic) for topic in CATALOGUE if topic.tables]
    before: object = None
    with progress("stitching", unit="records behind") as bar:
        task = bar.add_task("stitching", total=None)
        while time.monotonic() < until:
            lags = [
                await lag_of(broker, names.group("intake"), names.inputs),
                await lag_of(broker, names.group("stitcher"), letters),
                await lag_of(broker, names.group("warehouse"), outputs),
            ]
            behind = sum(lag.records for lag in lags)
            bar.update(task, completed=behind)
            stands = [lag.ends for lag in lags]
            if not behind and stands == before:
                return
            before = stands
            await asyncio.sleep(LOOK_SECONDS)
    raise CommandError("the worker did not get through in time", f"{behind} records are left", "seamline doctor")


class _Process:
    """The worker, as a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self._process = process
        self._address = address
        self._log = log

    def wait_until_ready(self) -> bool:
        """Ask until it says that it is; CommandError if it ends before."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise CommandError(
                    "the worker ended at once", f"exit code {self._process.returncode}", "seamline doctor"
                )
            with suppress(OSError):
                if self.ask("readyz"):
                    return True
            time.sleep(LOOK_SECONDS)
        return False

    def ask(self, page: str) -> bytes:
        """Read one of its pages; OSError where it does not answer, or not with 200."""
        with urllib.request.urlopen(f"{self._address}/{page}", timeout=5) as answer:  # noqa: S310 - an address of ours
            read: bytes = answer.read()
            return read

    def count(self, metric: str) -> int:
        """Sum a metric over its labels."""
        families = text_string_to_metric_families(self.ask("metrics").decode())
        samples = chain.from_iterable(family.samples for family in families)
        return int(sum(sample.value for sample in samples if sample.name == metric))


@contextmanager
def _worker(config: Path) -> Iterator[_Process]:
    port = free_port()
    command = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", command, "worker", "--config", str(config), "--port", str(port)]
    # Settings of the environment beat those of a file, so where things are is left out of it.
    left_out = tuple(f"{ENV_PREFIX}{group}" for group in OWN_SETTINGS)
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(left_out)}
    path = config.parent / "worker.log"
    with path.open("wb") as log:
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=log)  # noqa: S603 - this very program
        try:
            yield _Process(process, f"http://127.0.0.1:{port}", path)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _report(client: Client, worker: _Process, records: int) -> Report:
    """Say what became of the events, as far as everybody's counters tell."""
    counted = client.query("SELECT sum(accepted), sum(late), sum(dead) FROM freshness_v").rows[0]
    accepted, late, dead = map(int, counted)
    new, repeat = worker.count("seamline_stitcher_events_total"), worker.count("seamline_stitcher_repeats_total")
    return Report(events=records, accepted=accepted, late=late, dead=dead, new=new, repeat=repeat)
