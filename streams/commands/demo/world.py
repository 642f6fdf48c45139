"""What the demo runs on: made-up customers over five channels, and real records written by others."""

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import as_file, files
from typing import Final

import msgspec

from schemas.evidence import Decision
from streams.commands.decisions import DecisionLine, decisions_of
from streams.generator.rules import WorldRules
from streams.generator.world import Delivered, decisions, generate
from streams.local.replay import Report
from streams.local.sources import FileSource
from streams.settings import Settings

EXAMPLES: Final = (
    ("segment.jsonl", "segment", ""),
    ("access.log.gz", "mapping", "apache_combined"),
    ("support.csv.gz", "mapping", "support_log"),
)
"""Records written by others, each with its adapter and mapping (`streams/examples/README.md`)."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How a run of the demo went; `worker_ready` is None without a worker."""

    report: Report
    troubles: list[str]
    input_topics: int = 0
    worker_ready: bool | None = None


def events(world: WorldRules) -> Iterator[tuple[Delivered, bytes]]:
    """Every event of the made-up customers, in the order it arrives, and as it is written."""
    encode = msgspec.json.Encoder().encode
    return ((delivered, encode(delivered.event)) for delivered in generate(world))


def examples(stack: ExitStack) -> list[FileSource]:
    """The records written by others; they can be read until the stack is left."""
    folder = files("streams.examples")
    return [
        FileSource(stack.enter_context(as_file(folder / name)), adapter=adapter, mapping=mapping, name=name)
        for name, adapter, mapping in EXAMPLES
    ]


def verdicts(world: WorldRules, settings: Settings) -> list[Decision]:
    """What operators said of the made-up customers."""
    lines = [msgspec.convert(msgspec.to_builtins(verdict), DecisionLine) for verdict in decisions(world)]
    return decisions_of(lines, settings)
