"""How time is taken: CPU time first, since other programs on the machine hardly change it, and wall time beside."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Cost(msgspec.Struct, frozen=True):
    """Microseconds per event: of CPU in the whole process, and of wall time."""

    cpu_us: float
    wall_us: float


class Rounds:
    """Costs by name, one for each round; the median of the rounds is what counts."""

    def __init__(self) -> None:
        self._costs: dict[str, list[Cost]] = {}

    def measure(self, name: str, events: int, run: Callable[[], T]) -> T:
        """Run once and note what it cost per event. Garbage of earlier runs is collected before."""
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        result = run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        self._costs.setdefault(name, []).append(Cost(cpu / events * 1e6, wall / events * 1e6))
        return result

    def names(self) -> list[str]:
        """Everything measured, in the order it was first measured."""
        return list(self._costs)

    def cost(self, name: str) -> Cost:
        """The median of each measure over the rounds so far."""
        costs = self._costs[name]
        return Cost(median(cost.cpu_us for cost in costs), median(cost.wall_us for cost in costs))
