"""`seamline load`: history from files into the input topics, with the times it was received at, before going live."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from streams.commands.answers import answer, progress
from streams.commands.brokers import Brokers, asked, broker_settings
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import AsJson, ConfigFile, spell
from streams.intake.shapes import ADAPTERS, MAPPING, NATIVE
from streams.local.sources import FileSource, SourceError
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.loading import Loaded

HOUR_MS: Final = 3_600_000
DRAINED_MS: Final = 365 * 24 * HOUR_MS
KEY_BYTES: Final = 64


class _Channelled(msgspec.Struct):
    channel: str = ""


def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of events, plain or gzip.")],
    topic: Annotated[str, typer.Option(help="Input topic; by default that of each event's channel.")] = "",
    drained: Annotated[bool, typer.Option("--drained", help="Then let every deadline pass.")] = False,
    brokers: Brokers = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load history, as it was received: log time then moves by the data, so `kafka.clock` must be `data`.

    Each file must stand in order of receipt, give or take the slack. Afterwards set `kafka.clock` back to `wall`.
    """
    settings = broker_settings(config, brokers)
    if settings.kafka.clock != "data":
        fix = "set kafka.clock = data before `topics apply`, and back to wall when workers have read it"
        raise UsageError("history moves log time by its own times", "kafka.clock is wall", fix)
    if topic and topic not in settings.kafka.inputs:
        raise UsageError(f"{topic} is no input", ", ".join(settings.kafka.inputs), spell("config", "show"))
    records, newest = asked(_load(files, topic, settings, drained=drained), settings)
    answer({"records": records, "newest_received": newest}, f"{records:,} records loaded", as_json=as_json)


async def _load(files: list[Path], topic: str, settings: Settings, *, drained: bool) -> tuple[int, int]:
    from streams.assembly import broker_of
    from streams.kafka.loading import Loader

    broker = broker_of(settings)
    counts = await broker.partitions(settings.kafka.inputs)
    missing = [name for name, count in counts.items() if not count]
    if missing:
        raise CommandError(f"{missing[0]}: no such topic", "", spell("topics", "apply", "--inputs"))
    loader = Loader(broker, counts)
    async with AsyncExitStack() as stack:
        await loader.start()
        stack.push_async_callback(loader.stop)
        with progress("loading", unit="records") as bar:
            task = bar.add_task("loading", total=None)
            told = (_read(path, topic, settings) for path in files)
            await loader.load(merge(*told, key=lambda each: each.received_at))
            bar.update(task, completed=loader.records)
        if drained:
            await loader.mark(loader.newest + DRAINED_MS)
    return loader.records, loader.newest


def _read(path: Path, topic: str, settings: Settings) -> "Iterator[Loaded]":
    """Read a file as its topic is read. CommandError for one that can not be read, or is out of order."""
    from streams.bootstrap import intake_rules
    from streams.kafka.loading import Loaded
    from streams.processors.intake import Intake

    way = settings.kafka.input_adapters.get(topic, NATIVE)
    adapter, mapping = (way, "") if way in ADAPTERS else (MAPPING, way)
    intake, newest = Intake(intake_rules(settings, [mapping] if mapping else [])), 0
    slack_ms = settings.time.slack_hours * HOUR_MS
    try:
        for record in FileSource(path, adapter=adapter, mapping=mapping).records(0):
            received = max(intake.received_at(record), default=newest)
            if received < newest - slack_ms:
                hours = (newest - received) // HOUR_MS
                problem = f"{path}, record {record.position + 1}: received {hours} h before one above it"
                raise CommandError(problem, "history is loaded in order of receipt", "sort the file by received time")
            newest = max(newest, received)
            yield Loaded(topic or _topic_of(record.value, settings), record.value[:KEY_BYTES], record.value, newest)
    except SourceError as error:
        raise CommandError(str(error)) from error


def _topic_of(value: bytes, settings: Settings) -> str:
    """Find the input of an event's channel, else the first: any input takes any channel."""
    try:
        channel = msgspec.json.decode(value, type=_Channelled).channel
    except msgspec.DecodeError:
        channel = ""
    named = f"{channel}.events"
    return named if named in settings.kafka.inputs else settings.kafka.inputs[0]
