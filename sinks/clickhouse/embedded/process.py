"""Start and stop the embedded ClickHouse: a process of its own that serves one data folder on this machine.

EmbeddedError
|- AlreadyServed    another process serves this folder
|- NotStarted       it did not begin to serve; the message says why
|- NotStopped       it was told to end and did not within the time
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import msgspec

from sinks.clickhouse.embedded.served import LOG, Served, find
from sinks.clickhouse.embedded.server import Order, Outcome

STOP_SECONDS: Final = 30.0
"""How long running inserts may take to finish when it is told to end."""
_LOOK_SECONDS: Final = 0.05


class EmbeddedError(Exception):
    """The embedded ClickHouse did not do as it was told."""


class AlreadyServed(EmbeddedError):
    """Another process serves this folder; `served` says which, where that is known."""

    def __init__(self, message: str, served: Served | None) -> None:
        super().__init__(message)
        self.served = served


class NotStarted(EmbeddedError):
    """It did not begin to serve."""


class NotStopped(EmbeddedError):
    """It was told to end and still runs."""


class EmbeddedClickHouse:
    """One served folder: start it, and stop, kill or restart it; as a context manager it is stopped at the end."""

    def __init__(self, *, user: str = "default", password: str = "") -> None:
        self._user = user
        self._password = password
        self._served: Served | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, folder: Path, port: int | None = None) -> str:
        """Serve a folder, made where it is missing, on this port or a free one; returns the address for clients.

        It answers when this returns. Raises AlreadyServed or NotStarted.
        """
        order = Order(str(folder.absolute()), port or 0, self._user, self._password, detached=True)
        self._served = launch(order)
        return self.dsn

    @property
    def dsn(self) -> str:
        """The address with user and password; raises NotStarted before the first start."""
        return with_login(self._known().address, self._user, self._password)

    @property
    def pid(self) -> int:
        """The number of the process that serves, or served last."""
        return self._known().pid

    def stop(self) -> None:
        """End it cleanly, with everything flushed; harmless when it has ended."""
        if self._served is not None:
            stop(self._served)

    def kill(self) -> None:
        """End it as a crash would; returns when it is gone."""
        served = self._known()
        if find(Path(served.folder)) is not None:
            _signal(served, signal.SIGKILL)
        _wait_until_free(served, STOP_SECONDS)

    def restart(self) -> str:
        """Stop it if it runs, and serve the same folder at the same address again."""
        served = self._known()
        self.stop()
        return self.start(Path(served.folder), int(served.address.rpartition(":")[2]))

    def _known(self) -> Served:
        if self._served is None:
            raise NotStarted("nothing was started yet")
        return self._served


def with_login(address: str, user: str, password: str) -> str:
    """Put user and password into an address; without a password it stays as it is."""
    if not password:
        return address
    return address.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")


def launch(order: Order) -> Served:
    """Start a process that outlives this one and serves as ordered; raises AlreadyServed or NotStarted."""
    folder = Path(order.folder)
    running = find(folder)
    if running is not None:
        raise AlreadyServed(f"{folder} is served at {running.address} by process {running.pid}", running)
    command = [sys.executable, "-m", "sinks.clickhouse.embedded.server"]
    done = subprocess.run(command, input=msgspec.json.encode(order), capture_output=True, check=False)  # noqa: S603 - our own module
    if not done.stdout:
        cause = (done.stderr.decode(errors="replace").strip().splitlines() or [f"see {folder / LOG}"])[-1]
        raise NotStarted(f"the server ended before it served: {cause}")
    outcome = msgspec.json.decode(done.stdout, type=Outcome)
    if outcome.served is None:
        raise NotStarted(outcome.problem)
    return outcome.served


def stop(served: Served, seconds: float = STOP_SECONDS) -> None:
    """End what serves a folder cleanly; raises NotStopped when it takes longer than that."""
    if find(Path(served.folder)) is not None:
        _signal(served, signal.SIGTERM)
    _wait_until_free(served, seconds)


def _signal(served: Served, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(served.pid, number)


def _wait_until_free(served: Served, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (still := find(Path(served.folder))) is not None and still.pid == served.pid:
        if time.monotonic() > deadline:
            raise NotStopped(f"process {served.pid} still serves {served.folder} after {seconds:.0f} s")
        time.sleep(_LOOK_SECONDS)
