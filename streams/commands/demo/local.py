"""The demo without a broker: the same topology in this process, state in a folder."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from sinks.clickhouse.client import Client
from streams.commands.demo.world import Told, events, examples, verdicts
from streams.commands.replay import complaints, replayed
from streams.commands.running import running
from streams.generator.rules import WorldRules
from streams.local.sources import EventSource, Source
from streams.settings import Settings

MODE: Final = "local"


@contextmanager
def demo_local(settings: Settings, world: WorldRules) -> Iterator[tuple[Client, Told]]:
    """Run it, and give the warehouse to look at. Alerts are delivered when it is left."""
    with ExitStack() as stack:
        run = stack.enter_context(running(settings))
        generated = EventSource("generated", (written for _, written in events(world)))
        sources: list[Source] = [generated, *examples(stack)]
        report = replayed(run, sources, verdicts(world, settings), None)
        yield run.client, Told(report=report, troubles=complaints(report, run))
