"""One round: a world through a crew of workers on a real broker, with faults, until it is drained; then the oracle.

A run is drained when everything has been read and committed, hand-offs stand still, and log time has passed whatever
is awaited (the feeder's last mark).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from tests.chaos.acting import Acting
from tests.chaos.crew import Crew
from tests.chaos.faults import RECIPES, Fault
from tests.chaos.feeding import Feeder
from tests.chaos.gauge import Gauge, Sight
from tests.chaos.ground import Ground
from tests.chaos.plot import Plot, clear, lay_out, plot_of
from tests.chaos.reading import read
from tests.chaos.stalls import worst_stall
from tests.chaos.world import World
from tests.oracle.compare import Difference, compare

SIGHT_SECONDS: Final = 0.25
STILL_SECONDS: Final = 2.5
"""Longer than a checkpoint and a tick take."""
DRAIN_SECONDS_MAX: Final = 120.0
DIFFERENCES_SHOWN: Final = 40


class Script(msgspec.Struct, frozen=True):
    """What makes a round: from the same script the same world is loaded and the same faults are drawn.

    `seconds` is how long it is loaded and how long faults begin. `at_first`
    workers are there from the beginning; 0: all.
    """

    seed: int
    events: int
    recipe: str = "anything"
    seconds: float = 24.0
    workers: int = 3
    partitions: int = 4
    at_first: int = 0
    patience_seconds: float = DRAIN_SECONDS_MAX

    @property
    def schedule(self) -> list[Fault]:
        """The faults."""
        return RECIPES[self.recipe](Random(self.seed), self.seconds, self.workers)


class Outcome(msgspec.Struct, frozen=True):
    """What became of a round. `faults` are counted by kind; `broken` are invariants that did not hold, in words.

    `lapses` are promises about time that were not kept, while everything was exact all the same.
    `ends` are the exit codes of workers that ended by themselves.
    """

    script: Script
    faults: dict[str, int]
    deliveries: int
    rows_compared: int
    differences: list[str]
    broken: list[str]
    lapses: list[str]
    ends: list[int]
    lag_end: int
    worst_stall_seconds: float
    worst_end_seconds: float
    drained_after_seconds: float
    seconds: float

    @property
    def diverges(self) -> bool:
        """Tell whether anything is not as it must be."""
        return bool(self.differences or self.broken)


Beside = Callable[[Crew], Coroutine[None, None, None]]
"""Something that looks on while a round is played, until it is cancelled."""


class Round:
    """A round while it goes on. `folder` takes the logs of its workers; `program` is where the program's copy is."""

    def __init__(
        self, script: Script, ground: Ground, world: World, folder: Path, program: Path, beside: Beside | None = None
    ) -> None:
        self._script = script
        self._ground = ground
        self._world = world
        self._folder = folder
        self._program = program
        self._beside = beside
        self._plot: Plot = plot_of(ground, f"r{script.seed}_{time.monotonic_ns() % 1_000_000:06}", script.partitions)
        self._gauge = Gauge(self._plot)
        self._sights: list[Sight] = []

    async def play(self) -> Outcome:
        """Play it to the end; topics are deleted whatever comes."""
        began = time.monotonic()
        await lay_out(self._plot)
        try:
            return await self._played(began)
        finally:
            await self._gauge.close()
            await clear(self._plot)

    async def _played(self, began: float) -> Outcome:
        script, plot = self._script, self._plot
        environment = {**plot.environment(), "PYTHONPATH": str(self._program)}
        at_first = script.at_first or script.workers
        async with Crew(
            environment, self._folder, workers=script.workers, at_first=at_first, partitions=script.partitions
        ) as crew:
            feeder = Feeder(plot, self._world, script.seconds)
            acting = Acting(self._ground, crew)
            watching = [asyncio.create_task(self._watch())]
            if self._beside is not None:
                watching.append(asyncio.create_task(self._beside(crew)))
            try:
                await crew.gather()
                await asyncio.gather(self._fed(feeder), acting.act(script.schedule))
                calm = time.monotonic()
                drained = await self._drained(script.patience_seconds)
                drained_after = time.monotonic() - calm
            finally:
                for each in watching:
                    each.cancel()
                await asyncio.wait(watching)
            ends = [worker for worker in crew.workers if worker.is_alive]
            for seconds in await asyncio.gather(*(worker.send_away() for worker in ends)):
                acting.worst_end = max(acting.worst_end, seconds)
        (self._folder / "sights.json").write_bytes(
            msgspec.json.encode(
                [(sight.at, sorted(sight.committed.items()), sorted(sight.ends.items())) for sight in self._sights]
            )
        )
        left = await read(plot, self._world.drained_at)
        found = compare(left.tables, self._world.tables)
        broken = [*left.broken, *([] if drained else [f"not drained within {script.patience_seconds:.0f} s"])]
        broken += [f"a worker ended by itself with exit code {code}" for code in crew.ends]
        return Outcome(
            script=script,
            faults={kind: count for kind, count in sorted(acting.done.items()) if count},
            deliveries=feeder.written,
            rows_compared=self._world.rows + left.rows_stored,
            differences=tell(found),
            broken=broken,
            lapses=[f"a worker took {seconds:.1f} s to end" for seconds in acting.slow_ends],
            ends=crew.ends,
            lag_end=0 if drained else self._lag(),
            worst_stall_seconds=self._worst_stall(acting),
            worst_end_seconds=round(acting.worst_end, 2),
            drained_after_seconds=round(drained_after, 1),
            seconds=round(time.monotonic() - began, 1),
        )

    def _lag(self) -> int:
        """Offsets that were not committed when last looked at."""
        plot = self._plot
        return self._sights[-1].lag([*plot.inputs, *plot.inside, *plot.outputs]) if self._sights else -1

    async def _fed(self, feeder: Feeder) -> None:
        if self._world.decisions:
            await feeder.decide()
            await self._decided()
        await feeder.feed()

    async def _decided(self) -> None:
        """Wait until operators' decisions are evidence: two letters each."""
        evidence = [place for place in self._plot.inside if place[0].endswith("evidence")]
        while True:
            sight = self._sights[-1] if self._sights else None
            if sight and sum(sight.ends[place] for place in evidence) >= 2 * len(self._world.decisions):
                return
            await asyncio.sleep(SIGHT_SECONDS)

    async def _watch(self) -> None:
        while True:
            sight = await self._gauge.sight()
            if sight is not None:
                self._sights.append(sight)
            await asyncio.sleep(SIGHT_SECONDS)

    async def _drained(self, patience_seconds: float) -> bool:
        """Wait until everything is read and stands still; False after so many seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_seconds
        still: tuple[float, Mapping[object, int]] | None = None
        while loop.time() < until:
            await asyncio.sleep(SIGHT_SECONDS)
            sight = self._sights[-1] if self._sights else None
            if sight is None or not await self._gauge.is_drained(sight):
                still = None
            elif still is None or still[1] != sight.ends:
                still = (sight.at, dict(sight.ends))
            elif sight.at - still[0] >= STILL_SECONDS:
                return True
        return False

    def _worst_stall(self, acting: Acting) -> float:
        """Only where nothing but deaths happened is it known what others waited for."""
        if self._script.recipe != "deaths":
            return 0.0
        evidence = [place for place in self._plot.inside if place[0].endswith("evidence")]
        return round(max((worst_stall(death, self._sights, evidence) for death in acting.deaths), default=0.0), 2)


def tell(found: Sequence[Difference]) -> list[str]:
    """Say differences, the first few in full."""
    told = [str(one) for one in found[:DIFFERENCES_SHOWN]]
    return [*told, f"and {len(found) - len(told)} more"] if len(found) > len(told) else told
