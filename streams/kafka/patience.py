"""Waiting for a broker that may never answer: so long, and then going on without."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from streams.kafka.broker import Away

T = TypeVar("T")


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
        task.add_done_callback(_forget)
        task.cancel()
        raise Away(f"no answer within {seconds:g} s")
    return task.result()


def _forget(task: "asyncio.Future[Any]") -> None:
    """Look at what came of it, or the interpreter complains that nobody did."""
    if not task.cancelled():
        task.exception()
