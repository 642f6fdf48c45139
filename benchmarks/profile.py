"""Print the hottest functions of each stage: `python -m benchmarks.profile [--events N] [--seed S] [--top K]`."""

import argparse
import cProfile
import gc
import pstats
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.baselines.plain_loop import count_sessions
from benchmarks.stages import place, stitch, take_in
from benchmarks.workload import lines_of, records_of
from streams.local.process import calm_collector

T = TypeVar("T")


def main() -> None:
    """Measure each stage once without the profiler and once with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--top", type=int, default=25)
    asked = parser.parse_args()
    calm_collector()
    lines = lines_of(asked.events, asked.seed)
    records = records_of(lines)
    plain_us = _cost_us("plain loop", len(lines), lambda: count_sessions(lines))
    _cost_us("intake", len(lines), lambda: take_in(records))
    placing_us = _cost_us("intake and identity", len(lines), lambda: place(records))
    _cost_us("intake and the whole stitcher", len(lines), lambda: stitch(records))
    print(f"ratio of intake + identity to the plain loop: {placing_us / plain_us:.1f}")
    _profile("intake", asked.top, lambda: take_in(records))
    _profile("intake and identity", asked.top, lambda: place(records))
    _profile("intake and the whole stitcher", asked.top, lambda: stitch(records))


def _cost_us(name: str, events: int, run: Callable[[], T]) -> float:
    best = min(_seconds(run) for _ in range(3))
    print(f"{name:32} {best / events * 1e6:8.2f} us CPU per event")
    return best / events * 1e6


def _seconds(run: Callable[[], T]) -> float:
    gc.collect()
    began = time.process_time()
    kept = run()
    took = time.process_time() - began
    del kept
    return took


def _profile(name: str, top: int, run: Callable[[], T]) -> None:
    print(f"\n=== {name}: the {top} hottest functions by own time, under the profiler ===")
    profiler = cProfile.Profile()
    profiler.runcall(run)
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(top)


if __name__ == "__main__":
    main()
