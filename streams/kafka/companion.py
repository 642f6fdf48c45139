"""A second process beside this one: started with it, started again when it dies, ended with it."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from streams.kafka.operation.logs import Log

PAUSE_SECONDS: Final = 1.0
PAUSE_SECONDS_MAX: Final = 30.0
PEACE_SECONDS: Final = 9.0
"""How long it may take to end; then it is killed."""
SETTLED_SECONDS: Final = 60.0
"""After living so long its deaths are counted anew."""
_PR_SET_PDEATHSIG: Final = 1
log = Log(__name__)


class Companion:
    """Runs `seamline` with these arguments as a process of its own; one `Member` among others."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = (sys.executable, "-c", "import sys; from streams.cli import main; sys.exit(main())", *arguments)
        self._stopping = asyncio.Event()
        self._has_died = False
        self._begun = 0.0

    @property
    def is_failing(self) -> bool:
        """Tell whether it has died and not lived for a minute since."""
        return self._has_died and asyncio.get_running_loop().time() - self._begun < SETTLED_SECONDS

    async def run(self) -> None:
        """Keep it running until stopped."""
        loop = asyncio.get_running_loop()
        pause = PAUSE_SECONDS
        while not self._stopping.is_set():
            begun = self._begun = loop.time()
            process = await asyncio.create_subprocess_exec(*self._command, preexec_fn=_end_with_parent)
            if not await self._watched(process):
                return
            pause = PAUSE_SECONDS if loop.time() - begun > SETTLED_SECONDS else min(pause * 2, PAUSE_SECONDS_MAX)
            self._has_died = True
            log.error("companion_died", code=process.returncode, again_seconds=pause)
            await _first(self._stopping.wait(), asyncio.sleep(pause))

    def stop(self) -> None:
        """End it, in peace if it can."""
        self._stopping.set()

    async def _watched(self, process: asyncio.subprocess.Process) -> bool:
        """Wait for its end; False where it was asked for."""
        await _first(process.wait(), self._stopping.wait())
        if process.returncode is not None:
            return True
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), PEACE_SECONDS)
        except TimeoutError:
            log.warning("companion_killed")
            process.kill()
            await process.wait()
        return False


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(each) for each in waits]  # type: ignore[call-overload]
    _, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()


def _end_with_parent() -> None:
    """Ask the kernel to end this process when its parent is gone, however that ends (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os.kill(os.getpid(), signal.SIGTERM)
