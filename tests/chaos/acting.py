"""Act out a schedule of faults on a crew and its ground. Faults overlap; those on one worker wait for each other."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.chaos.crew import PEACE_SECONDS_MAX, Crew, Worker
from tests.chaos.faults import Fault, Kind
from tests.chaos.ground import Ground
from tests.chaos.stalls import Death

REBALANCE: Final = "rebalance"


class Acting:
    """Does what the schedule says. `done` counts by kind what was really done; `slow_ends` are ends that took long."""

    def __init__(self, ground: Ground, crew: Crew) -> None:
        self.done: Counter[str] = Counter()
        self.deaths: list[Death] = []
        self.slow_ends: list[float] = []
        self.worst_end = 0.0
        self._ground = ground
        self._crew = crew
        self._turns = [asyncio.Lock() for _ in crew.workers]
        self._broker = asyncio.Lock()
        self._warehouse = asyncio.Lock()

    async def act(self, schedule: Sequence[Fault]) -> None:
        """Do everything; returns when whatever was taken is back."""
        before = Counter(self._ground.proxy.cuts)
        try:
            await asyncio.gather(*(self._later(fault) for fault in schedule))
        finally:
            self._ground.proxy.forget()
            self.done[Kind.CUT.value] += (self._ground.proxy.cuts - before).total()

    async def _later(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        await self._do(fault)

    async def _do(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.CUT:
                self._ground.proxy.cut(fault.api)
            case Kind.HOLD:
                self._ground.proxy.hold(fault.api, fault.seconds)
                self.done[fault.kind.value] += 1
            case Kind.CUT_ALL:
                self._ground.proxy.cut_all()
            case Kind.BROKER_KILL:
                async with self._broker:
                    await self._ground.kill(fault.seconds)
                    self.done[fault.kind.value] += 1
            case Kind.WAREHOUSE_AWAY:
                async with self._warehouse:
                    await self._ground.close_warehouse(fault.seconds)
                    self.done[fault.kind.value] += 1
            case _:
                await self._with_worker(fault.worker, fault)

    async def _with_worker(self, number: int, fault: Fault) -> None:
        worker = self._crew.workers[number]
        async with self._turns[number]:
            match fault.kind:
                case Kind.SIGKILL:
                    await self._kill(worker, fault)
                case Kind.SIGSTOP:
                    await self._freeze(worker, fault)
                case Kind.JOIN:
                    worker.start()
                    await asyncio.sleep(fault.seconds)
                    await self._end(worker)
                case Kind.LEAVE:
                    await self._end(worker)
                    await asyncio.sleep(fault.seconds)
                    worker.start()
            if fault.kind in (Kind.JOIN, Kind.LEAVE):
                self.done[REBALANCE] += 2

    async def _kill(self, worker: Worker, fault: Fault) -> None:
        owned = await worker.owned()
        if worker.is_alive:
            self.deaths.append(Death(asyncio.get_running_loop().time(), owned))
            self.done[fault.kind.value] += 1
        worker.kill()
        if fault.wipes:
            worker.wipe()
            self.done["wiped"] += 1
        await asyncio.sleep(fault.seconds)
        worker.start()

    async def _freeze(self, worker: Worker, fault: Fault) -> None:
        if worker.is_alive:
            worker.freeze()
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    worker.thaw()
            self.done[fault.kind.value] += 1

    async def _end(self, worker: Worker) -> None:
        seconds = await worker.send_away()
        self.worst_end = max(self.worst_end, seconds)
        if seconds > PEACE_SECONDS_MAX:
            self.slow_ends.append(seconds)
