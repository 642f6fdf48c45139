"""Threads for work that may hang: daemons, so that an answer that never comes does not keep the process from ending."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from streams.kafka.broker import Blocking

T = TypeVar("T")


def aside(name: str) -> Blocking:
    """Run each piece of work in a daemon thread of this name; whoever waits for it may go away."""

    async def run(work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def give(done: T) -> None:
            if not answer.done():
                answer.set_result(done)

        def fail(error: Exception) -> None:
            if not answer.done():
                answer.set_exception(error)

        def body() -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                try:
                    done = work()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the one who waits
                    loop.call_soon_threadsafe(fail, error)
                else:
                    loop.call_soon_threadsafe(give, done)

        threading.Thread(target=body, name=name, daemon=True).start()
        return await answer

    return run
