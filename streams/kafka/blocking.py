"""Work that blocks runs in threads beside the event loop, which goes on turning.

The two ways differ in what may never end. What computes always does: it is done piece by piece, and the process waits
for the piece under way. What waits for somebody outside may not: nothing waits for its thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import TypeVar

from streams.kafka.broker import Blocking

T = TypeVar("T")


def computing(name: str) -> Blocking:
    """Run work in a thread of this name, one piece at a time and in turn."""
    threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    return run


def waiting(name: str) -> Blocking:
    """Run each piece of work in a daemon thread of this name; whoever waits for it may go away."""

    async def run(work: Callable[[], T]) -> T:
        answer: Future[T] = Future()
        answer.set_running_or_notify_cancel()

        def body() -> None:
            try:
                answer.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is told to the one who waits
                answer.set_exception(error)

        Thread(target=body, name=name, daemon=True).start()
        return await asyncio.wrap_future(answer)

    return run
