"""The line between one worker and the broker: every call takes its time, and that is where faults strike.

A request that was sent is carried out whatever becomes of the worker meanwhile. A worker is *frozen* when nothing
reaches it and it does nothing, as a process that is stopped or starved; it is *severed* when it is dead.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final, TypeVar

import msgspec

from streams.kafka.broker import Away

T = TypeVar("T")
BUSY_SECONDS: Final = 0.02
FREEZES_SECONDS: Final = (0.5, 2.0, 9.0, 15.0)
"""How long a worker may be frozen; the longer ones last longer than a session."""
WAY_SECONDS: Final = (0.001, 0.001, 0.005, 0.05, 0.4)
"""How long a request or an answer may be on its way."""


class Chances(msgspec.Struct, frozen=True):
    """How often (of one call) something goes wrong at it."""

    cut_before: float = 0.0
    cut_after: float = 0.0
    freeze: float = 0.0
    crash: float = 0.0


CALM: Final = Chances()


class Weather:
    """Faults as they may come, and those that came. `pace` is how slow everything is, 1 for as slow as may be."""

    def __init__(self, random: Random, chances: Chances = CALM, pace: float = 1.0) -> None:
        self.random = random
        self.pace = pace
        self.chances = chances
        self.came: Counter[str] = Counter()
        self.bugs: list[str] = []

    def is_now(self, chance: float) -> bool:
        """Draw."""
        return chance > 0 and self.random.random() < chance

    def delay(self) -> float:
        """Draw how long something is on its way, in seconds."""
        return self.pace * self.random.random() * self.random.choice(WAY_SECONDS)


class Link:
    """One worker's line."""

    def __init__(self, name: str, weather: Weather, crash: Callable[[], None]) -> None:
        self.name = name
        self.weather = weather
        self.is_severed = False
        self._crash = crash
        self._thawed = asyncio.Event()
        self._thawed.set()
        self.frozen_at: float | None = None

    async def call(self, work: Callable[[], T], *, faulty: bool = True) -> T:
        """Ask the broker. Raises `Away` where the line is cut: nobody knows whether it was done."""
        await self.awake()
        chances = self.weather.chances if faulty else CALM
        self._strike(chances)
        if self.weather.is_now(chances.cut_before):
            self.weather.came["cuts"] += 1
            raise Away("cut before")
        answer = await self._carried(work)
        await self.awake()
        if self.weather.is_now(chances.cut_after):
            self.weather.came["cuts"] += 1
            raise Away("cut after")
        return answer

    async def awake(self) -> None:
        """Go on once this worker does; raises `Away` where it is dead."""
        await self._thawed.wait()
        if self.is_severed:
            raise Away(f"{self.name} is dead")

    async def linger(self) -> None:
        """Let time pass as work does."""
        await asyncio.sleep(self.weather.delay())
        await self.awake()

    def freeze(self, seconds: float) -> None:
        """Stop for so long."""
        if self.frozen_at is None and not self.is_severed:
            loop = asyncio.get_running_loop()
            self.frozen_at = loop.time()
            self._thawed.clear()
            loop.call_later(seconds, self._thaw)

    def sever(self) -> None:
        """Be dead: whatever is still tried fails, and changes nothing."""
        self.is_severed = True
        self._thaw()

    def _thaw(self) -> None:
        self.frozen_at = None
        self._thawed.set()

    def _strike(self, chances: Chances) -> None:
        if self.weather.is_now(chances.freeze):
            seconds = self.weather.random.choice(FREEZES_SECONDS)
            self.weather.came["zombies"] += seconds > FREEZES_SECONDS[1]
            self.freeze(seconds)
        if self.weather.is_now(chances.crash):
            self._crash()
            if self.weather.is_now(0.5):
                raise Away("died before it was sent")

    async def _carried(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def arrive() -> None:
            try:
                done, error = work(), None
            except Exception as raised:  # noqa: BLE001 - an answer like any other
                done, error = None, raised
            loop.call_later(self.weather.delay(), reply, done, error)

        def reply(done: T | None, error: Exception | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(done)  # type: ignore[arg-type]

        loop.call_later(self.weather.delay(), arrive)
        return await answer
