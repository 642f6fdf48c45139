"""The crew of a round: real worker processes that are killed, stopped, sent away and started again.

Who is neither wanted away nor alive is started again, as a supervisor would do; ends of their own are counted.
"""

import asyncio
import contextlib
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self
from urllib.request import urlopen

from streams.kafka.embedded.listening import free_port
from tests.chaos.faults import SINK

LOOK_SECONDS: Final = 0.1
PEACE_SECONDS_MAX: Final = 10.0
"""A worker that is asked to end must have put everything away by then."""
PATIENCE_SECONDS: Final = 60.0
OWNED: Final = re.compile(r'^seamline_stitcher_records_total\{partition="(\d+)"\}', re.MULTILINE)
GATHER_SECONDS_MAX: Final = 30.0
UNREACHABLE: Final = 3
"""Exit code of a worker that finds no broker when it starts: it is just started again."""
SEAMLINE: Final = (str(Path(sys.executable).with_name("seamline")),)


class Worker:
    """One place in the crew: a process, or none; its folder and its log outlive it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.is_wanted = False
        self.is_stopped = False
        self.ends: list[int] = []
        self.began = 0.0
        self._command = list(command)
        self._folder = folder
        self._port = free_port()
        self._environment = {
            **environment,
            "SEAMLINE_WORKER__WEB_PORT": str(self._port),
            "SEAMLINE_WORKER__STATE_FOLDER": str(folder / "state"),
        }
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    @property
    def is_alive(self) -> bool:
        """Tell whether its process runs, or stands still."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run it, unless it runs."""
        self.is_wanted = True
        if self.is_alive:
            return
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.began = time.monotonic()
        self.is_stopped = False

    def kill(self) -> None:
        """End it on the spot."""
        self.is_wanted = False
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def wipe(self) -> None:
        """Lose its folder."""
        shutil.rmtree(self._folder / "state", ignore_errors=True)

    def freeze(self) -> None:
        """Let it stand still."""
        self._signal(signal.SIGSTOP)
        self.is_stopped = True

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        self._signal(signal.SIGCONT)
        self.is_stopped = False

    async def send_away(self) -> float:
        """Ask it to end, and wait; how many seconds it took. After a minute it is killed."""
        self.is_wanted = False
        process, began = self._process, time.monotonic()
        self._signal(signal.SIGTERM)
        while process is not None and process.poll() is None:
            await asyncio.sleep(LOOK_SECONDS)
            if time.monotonic() - began > PATIENCE_SECONDS:
                self.kill()
        return time.monotonic() - began

    async def owned(self) -> frozenset[int]:
        """Ask it which partitions of the stitcher it has; none where it does not answer."""
        with contextlib.suppress(OSError):
            return await asyncio.to_thread(self._owned)
        return frozenset()

    def note_end(self) -> None:
        """Count that it ended by itself."""
        if self._process is not None:
            self.ends.append(self._process.returncode)

    def _owned(self) -> frozenset[int]:
        with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=1) as page:
            return frozenset(int(number) for number in OWNED.findall(page.read().decode()))

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


class Crew:
    """All workers of a round, one more who may join, and, last, the one with the warehouse role.

    Of the others those beyond `at_first` begin when they are started.
    """

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *, workers: int, at_first: int, partitions: int
    ) -> None:
        command = [*SEAMLINE, "worker", "--roles"]
        self.workers = [
            Worker([*command, "intake,stitcher"], environment, folder / f"worker-{number}")
            for number in range(workers + 1)
        ]
        self.workers.append(Worker([*command, "warehouse"], environment, folder / "warehouse"))
        self._at_first = at_first
        self._partitions = partitions
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for worker in (*self.workers[: self._at_first], self.workers[SINK]):
            worker.start()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        for worker in self.workers:
            worker.kill()

    @property
    def ends(self) -> list[int]:
        """Exit codes of those that ended by themselves, finding no broker apart."""
        return [code for worker in self.workers for code in worker.ends if code != UNREACHABLE]

    async def owned(self) -> list[frozenset[int]]:
        """Ask all which partitions of the stitcher they have."""
        return list(await asyncio.gather(*(worker.owned() for worker in self.workers)))

    async def gather(self) -> None:
        """Wait until everyone who should run does, and has all partitions among them; half a minute at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_SECONDS_MAX):
                while True:
                    owned = [one for one in await self.owned() if one]
                    if len(owned) >= min(self._at_first, self._partitions) and sum(map(len, owned)) >= self._partitions:
                        return
                    await asyncio.sleep(LOOK_SECONDS)

    async def _keep(self) -> None:
        """Start again whoever should run and does not."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for worker in self.workers:
                if worker.is_wanted and not worker.is_alive:
                    worker.note_end()
                    worker.start()
