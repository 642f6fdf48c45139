"""What runs inside a worker, as Faust hosts it: started with the app, and stopped before anything is torn down."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from mode import Service


class Member(Protocol):
    """A loop of a worker."""

    async def run(self) -> None:
        """Go on until stopped. What is raised stops the worker, with exit code 1."""

    def stop(self) -> None:
        """Ask for the end; `run` returns when everything is put away."""


class Hosted(Service):
    """Runs a member inside a Faust app. Stopping waits until the member has put everything away."""

    def __init__(self, member: Member, **rest: Any) -> None:
        super().__init__(**rest)
        self._member = member
        self._ended = asyncio.Event()

    @Service.task
    async def _run(self) -> None:
        try:
            await self._member.run()
        finally:
            self._ended.set()

    async def on_stop(self) -> None:
        """Wait for the end: Faust calls this while tasks still run, and cancels them afterwards."""
        self._member.stop()
        await self._ended.wait()


class Lasting:
    """A member made of a coroutine that only ends when it is cancelled."""

    def __init__(self, lasting: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._lasting = lasting
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run it until stopped."""
        task = asyncio.create_task(self._lasting())
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            task.result()
        task.cancel()
        await asyncio.wait((task,))

    def stop(self) -> None:
        """Cancel it."""
        self._stopping.set()
