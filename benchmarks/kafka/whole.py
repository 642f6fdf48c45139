"""Our whole job, but for the warehouse: `seamline worker --roles intake,stitcher`, from records to committed rows."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.kafka.cost import Cost
from benchmarks.kafka.drained import gauge
from benchmarks.kafka.events import Arrival
from benchmarks.kafka.ground import Ground, load_of, make_topics, send
from benchmarks.kafka.workers import Worker

ROLES: Final = "intake,stitcher"


class Whole(Cost, frozen=True):
    """One run: seconds from the first record to the last commit, and what went in and out meanwhile."""

    stages: dict[str, float]
    messages: float
    rows: float
    changelog_bytes: float
    peak_rss_mb: float


async def run_whole(ground: Ground, number: int, arrivals: Sequence[Arrival]) -> Whole:
    """Wait until a worker is ready, load all events at once, and wait until it is done."""
    settings = ground.settings(f"whole-{number}")
    await make_topics(settings)
    load = load_of(settings.inputs[0], ground.partitions, arrivals)
    producer = ground.client(settings.application).producer()
    await producer.start()
    with Worker(settings, ground.folder / settings.application, ROLES, sampled=True) as worker:
        async with gauge(settings) as looking:
            spent = {"first": worker.cpu_seconds}
            began = time.monotonic()

            def note(has_news: bool) -> None:
                worker.check()
                if has_news or "last" not in spent:
                    spent["last"] = worker.cpu_seconds

            await send(producer, load)
            await producer.stop()
            ended = await looking.drained(note)
        told = worker.metrics()
        return Whole(
            events=load.events,
            wall=ended - began,
            cpu=spent["last"] - spent["first"],
            stages=shares_since(worker.samples, began),
            messages=told["seamline_intake_messages_total"] + told["seamline_stitcher_handoffs_total"],
            rows=told["seamline_stitcher_rows_total"],
            changelog_bytes=told["seamline_stitcher_changelog_bytes_total"],
            peak_rss_mb=worker.peak_rss_mb,
        )


def shares_since(samples: Path, began: float) -> dict[str, float]:
    """Say which share of the CPU each stage had since then."""
    looks = [json.loads(line) for line in samples.read_text().splitlines() if line.endswith("}")]
    before: dict[str, float] = next((look["seconds"] for look in reversed(looks) if look["at"] <= began), {})
    spent = {stage: seconds - before.get(stage, 0.0) for stage, seconds in looks[-1]["seconds"].items()}
    total = sum(spent.values())
    return {stage: seconds / total for stage, seconds in sorted(spent.items())}
