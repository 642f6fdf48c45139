"""The postman: a thread that empties the outbox, a courier for each destination, beside whatever fills it.

However slow a destination is, neither the run nor another destination waits for it.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from schemas.alerts import Delivered
from sinks.alerts.courier import TICKETS_MAX, Courier
from sinks.alerts.destination import Destination
from sinks.alerts.outbox import Outbox

ATTEMPT_SECONDS: Final = 10.0
"""How long an attempt that is under way is waited for, beyond what is granted; then it is left alone."""
LOOK_SECONDS: Final = 0.2
"""How often it looks for something new while nothing is due."""


class Postman:
    """Delivers what waits in an outbox until it is told to come home. `error` is why it gave up, if it did."""

    def __init__(self, folder: Path, destinations: Sequence[Destination], retry_ms: int) -> None:
        self.error: Exception | None = None
        self._folder = folder
        self._retry_ms = retry_ms
        self._destinations = tuple(destinations)
        self._home_by: float | None = None
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def come_home(self, within_seconds: float) -> None:
        """Deliver what waits if it can be done within this time, and stop; what is left stays in the outbox."""
        self._home_by = time.monotonic() + within_seconds
        self._thread.join(within_seconds + ATTEMPT_SECONDS)

    def _run(self) -> None:
        try:
            outbox = Outbox(self._folder)
            try:
                asyncio.run(self._rounds(outbox))
            finally:
                outbox.close()
        except Exception as error:  # noqa: BLE001 - who waits for the thread must hear of it; the run goes on
            self.error = error

    async def _rounds(self, outbox: Outbox) -> None:
        await asyncio.gather(*(self._round(outbox, destination) for destination in self._destinations))

    async def _round(self, outbox: Outbox, destination: Destination) -> None:
        courier = Courier(destination, retry_ms=self._retry_ms, now=_now_ms, random=Random())  # noqa: S311
        newest = 0
        while True:
            home_by = self._home_by  # read before the outbox: what was put there before it was set is then seen
            for each in outbox.waiting(destination.name, newest, TICKETS_MAX - courier.waiting):
                courier.add(each.message, each.since_ms, each.attempts)
                newest = each.number
            if home_by is not None and self._may_stop(courier, home_by):
                return
            done = await self._worked(courier, home_by)
            outbox.settle(done, courier.troubles())
            if done:
                continue
            pause_ms = courier.pause_ms()
            await asyncio.sleep(LOOK_SECONDS if pause_ms is None else min(LOOK_SECONDS, pause_ms / 1000))

    @staticmethod
    def _may_stop(courier: Courier, home_by: float) -> bool:
        """There is no point in waiting for a destination that is away."""
        return not courier.waiting or courier.is_turned_away or time.monotonic() >= home_by

    @staticmethod
    async def _worked(courier: Courier, home_by: float | None) -> list[Delivered]:
        """Work a round, cut off where time is up: what was cut off is sent again by the next run, with the same id."""
        if home_by is None:
            return await courier.work()
        try:
            async with asyncio.timeout(max(0.0, home_by - time.monotonic())):
                return await courier.work()
        except TimeoutError:
            return []


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
