"""The small job by turns: three frameworks, the floor, and our driver; each run is a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.kafka.cost import Cost
from benchmarks.kafka.events import Arrival
from benchmarks.kafka.ground import Ground, fill, make_topics
from benchmarks.kafka.meter import REPORT, Order
from benchmarks.kafka.small_job import OUTPUTS

ROOT: Final = Path(__file__).parents[2]
THEIR_PYTHON: Final = ROOT / ".venv-bench/bin/python"
SECONDS_MAX: Final = 600.0
FAUST_TABLE, FAUST_DICT, QUIX, LOOP = BASELINES = ("faust_table", "faust_dict", "quix", "loop")
SMALL: Final = "small_job"
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    FAUST_TABLE: ("benchmarks.kafka.baselines.faust_app", "table"),
    FAUST_DICT: ("benchmarks.kafka.baselines.faust_app", "dict"),
    QUIX: ("benchmarks.kafka.baselines.quix_app",),
    LOOP: ("benchmarks.kafka.baselines.loop",),
    SMALL: ("benchmarks.kafka.small_engine",),
}


class Run(Cost, frozen=True):
    """What one run said of itself: seconds from the first record to the last, and what the job gave."""

    rss_mb: float
    sessions: int
    hits: int


class RunFailed(Exception):
    """A run ended without a report."""


async def run_small(ground: Ground, name: str, number: int, arrivals: Sequence[Arrival], events: int) -> Run:
    """Run the small job over the first so many of these events, on topics that are its own."""
    application = f"{name.replace('_', '-')}-{number}"
    settings = ground.settings(application)
    outputs = [settings.prefix + output for output in OUTPUTS]
    await make_topics(settings, *outputs)
    topic = f"{settings.prefix}evidence"
    await fill(ground, [topic], arrivals[:events])
    folder = ground.folder / application
    folder.mkdir()
    order = Order(
        ground.address, settings.prefix, topic, ground.partitions, min(events, len(arrivals)), application, str(folder)
    )
    return reported(name, order)


def reported(name: str, order: Order) -> Run:
    """Start the process and read its report; raises RunFailed with the end of what it said instead."""
    module, *arguments = _MODULES[name]
    python = str(THEIR_PYTHON if name in BASELINES else sys.executable)
    return msgspec.json.decode(report_of([python, "-m", module, *arguments], order), type=Run)


def report_of(command: Sequence[str], order: Order) -> str:
    """Run a command with an order, and give the JSON it reports; raises RunFailed with the end of its log."""
    ended = subprocess.run(
        [*command, json.dumps(order._asdict())],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
        cwd=order.folder,
    )
    # Faust moves the cursor before it prints.
    told = [line.partition(REPORT)[2] for line in ended.stdout.splitlines() if REPORT in line]
    if not told:
        raise RunFailed(f"{' '.join(command)} said nothing: {(ended.stderr or ended.stdout)[-2000:]}")
    return told[-1]
