"""Waiting for a broker that may never answer: so long, and then going on without."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from streams.kafka.broker import Away

T = TypeVar("T")
LOOK_SECONDS: Final = 0.5


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Wait for its answer; raises `Away` when there is none in time.

    The work is then cancelled but not waited for: what talks to a broker may take its time even to give up.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait((task,), timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.add_done_callback(look_at)
        task.cancel()
        raise Away(f"no answer within {seconds:g} s")
    return task.result()


async def while_wanted(task: "asyncio.Task[T]", is_unwanted: Callable[[], bool], seconds: float) -> T:
    """Wait for its answer as long as it takes, but only so many seconds once it is unwanted; then raises `Away`."""
    left = seconds
    while not task.done():
        left -= LOOK_SECONDS if is_unwanted() else 0.0
        if left < 0:
            task.cancel()
            raise Away(f"no answer within {seconds:g} s")
        await asyncio.wait((task,), timeout=LOOK_SECONDS)
    return task.result()


class Farewells:
    """Stops of clients: each is waited for a while, and then left to finish without anybody waiting.

    It must not be cancelled: a client whose stop is cut off goes on for good, with its sockets and tasks. Left alone it
    ends, when the broker is back at the latest; and while one is away no other client gets far enough to be left so.
    """

    def __init__(self) -> None:
        # The event loop itself holds tasks only weakly.
        self._under_way: set[asyncio.Task[None]] = set()

    async def wait(self, seconds: float, stop: Coroutine[Any, Any, None]) -> None:
        """Stop, and wait for so long; whatever comes of it later is looked at and passed over."""
        await asyncio.wait((self.leave(stop),), timeout=seconds)

    def leave(self, stop: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Stop, and wait for nothing."""
        task = asyncio.create_task(stop)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        look_at(task)


def look_at(task: "asyncio.Future[Any]") -> None:
    """Look at what came of it, or the interpreter complains that nobody did."""
    if not task.cancelled():
        task.exception()
