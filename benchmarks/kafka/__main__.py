"""What an event costs on a real broker: `python -m benchmarks.kafka [--events N] [--reps R] ...`.

Baselines and ours take turns on one embedded broker over the same events, in alternating order; each figure is the
median of the repetitions. Then friction's latency at half of the load just measured, an outage of ClickHouse, and a
restore. Ends with `RESULT {json}`, and with exit code 0 only where every bound in `result.py` is kept.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from benchmarks.kafka.contest import BASELINES, FAUST_DICT, FAUST_TABLE, SMALL, THEIR_PYTHON, Run, run_small
from benchmarks.kafka.events import arrivals
from benchmarks.kafka.ground import Ground, standing
from benchmarks.kafka.live import run_live
from benchmarks.kafka.restoring import run_restore
from benchmarks.kafka.result import Seen, result_of, show
from benchmarks.kafka.whole import Whole, run_whole

EVENTS: Final = 100_000
HEADS: Final = {FAUST_TABLE: 0.2, FAUST_DICT: 0.4}
"""Slow ones read only this share of the events, from the first on. That favours them: their state stays small."""
REPS: Final = 5
SECONDS: Final = 40.0
STATES: Final = 1_000_000
WHOLE: Final = "whole"


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured: events and repetitions of the contest, seconds of probes, states to restore."""

    events: int
    reps: int
    seconds: float
    states: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS, help="events of each run (default %(default)s)")
    parser.add_argument("--reps", type=int, default=REPS, help="repetitions of each run (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="seconds of probes (default %(default)s)")
    parser.add_argument("--states", type=int, default=STATES, help="states to restore (default %(default)s)")
    asked = parser.parse_args(arguments)
    if not THEIR_PYTHON.is_file():
        parser.error("the baselines' environment is missing: run `make bench-kafka`")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # new topics have no leader yet, which it repeats
    seen = asyncio.run(measure(Sizes(asked.events, asked.reps, asked.seconds, asked.states)))
    result = result_of(seen)
    show(result, seen.live, seen.restored)
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 1 if result.broken else 0


async def measure(sizes: Sizes) -> Seen:
    """Measure everything on one broker."""
    with standing() as ground:
        small, whole = await _contest(ground, sizes)
        half = 0.5e6 / median(run.wall_us for run in whole)
        live = await run_live(ground, arrivals(sys.maxsize), half, sizes.seconds)
        print(f"half load is {half:.0f} events a second; ClickHouse's outage is over", flush=True)
        return Seen(small, whole, live, await run_restore(ground, sizes.states))


async def _contest(ground: Ground, sizes: Sizes) -> tuple[dict[str, list[Run]], list[Whole]]:
    """Run everybody by turns, every other repetition backwards."""
    events = list(arrivals(sizes.events))
    small: dict[str, list[Run]] = {name: [] for name in (*BASELINES, SMALL)}
    whole: list[Whole] = []
    for rep in range(sizes.reps):
        names = [*small, WHOLE]
        for name in names if rep % 2 == 0 else reversed(names):
            if name == WHOLE:
                whole.append(await run_whole(ground, rep, events))
                wall_us = whole[-1].wall_us
            else:
                share = HEADS.get(name, 1.0)
                small[name].append(await run_small(ground, name, rep, events, round(sizes.events * share)))
                wall_us = small[name][-1].wall_us
            print(f"{rep + 1} of {sizes.reps}: {name:12}{wall_us:9.2f} us of wall time per event", flush=True)
    return small, whole


if __name__ == "__main__":
    sys.exit(main())
