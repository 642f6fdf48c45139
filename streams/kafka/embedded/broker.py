"""A broker that is started here, killed, restarted and stopped: for the command line, the demo and tests."""

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from streams.kafka.embedded import listening
from streams.kafka.embedded.failures import BrokerDied, FolderRefused
from streams.kafka.embedded.folder import (
    Marker,
    Standing,
    alone,
    claim,
    cluster_of,
    configure,
    last_error,
    last_standing,
    record,
    remove_temporary,
    standing,
)
from streams.kafka.embedded.listening import HOST
from streams.kafka.embedded.process import ProcessMark, end, is_alive, mark_of
from streams.kafka.embedded.runtime import ENVIRONMENT, Runtime, settings

START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 30.0
USUAL_PORT: Final = 9092


class EmbeddedBroker:
    """A running broker of one node on 127.0.0.1. It dies with this process, however that ends, unless it `outlives`.

    Use it as a context manager, or call `stop`. Methods raise EmbeddedBrokerError, and OSError where the folder can not
    be written. A process forked from this one (not a program it starts) keeps the broker alive too.
    """

    def __init__(self, folder: Path, runtime: Runtime, properties: Mapping[str, str], *, outlives: bool) -> None:
        """Take what `start` was told; nothing runs yet."""
        self.folder = folder
        self.runtime = runtime
        self.port = 0
        self._properties = dict(properties)
        self._outlives = outlives
        self._controller_port = 0
        self._mark: ProcessMark | None = None
        self._leash: tuple[int, int] | None = None

    @classmethod
    def start(
        cls,
        folder: Path,
        port: int | None = None,
        *,
        runtime: Runtime,
        properties: Mapping[str, str] | None = None,
        outlives: bool = False,
        temporary: bool = False,
        training: Path | None = None,
    ) -> Self:
        """Start a broker on the data of a folder, made if need be, and return once it answers.

        `port`: None means the one it had before, else 9092, else a free one. `properties` are added to the broker's
        settings. `temporary` data go when it is stopped. `training` makes it write its loaded classes there at its end.
        """
        self = cls(folder.absolute(), runtime, properties or {}, outlives=outlives)
        self.folder.mkdir(parents=True, exist_ok=True)
        with alone(self.folder):
            if standing(self.folder) is not None:
                raise FolderRefused(
                    f"a broker runs in {folder} already", "", f"seamline kafka status --folder {folder}"
                )
            claim(self.folder, Marker(runtime.lock.kafka_version, temporary))
            last = last_standing(self.folder)
            self.port = port or listening.free_port(*([last.port] if last else []), USUAL_PORT)
            self._launch(training)
        return self

    @property
    def address(self) -> str:
        """Where clients reach it: host:port."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Number of its process; None while it does not run."""
        return self._mark.pid if self._mark and is_alive(self._mark) else None

    def restart(self) -> None:
        """Start it again on the same port and data; stop it first if it runs. Returns once it answers."""
        with alone(self.folder):
            self._end()
            self._launch()

    def stop(self) -> None:
        """Stop it cleanly, by force after half a minute; nothing happens when it does not run."""
        with alone(self.folder):
            self._end()
            remove_temporary(self.folder)

    def kill(self) -> None:
        """Kill it on the spot, as a crash would; returns once it is gone."""
        if self._mark is not None:
            end(self._mark, patience_seconds=STOP_SECONDS, first=signal.SIGKILL)
            self._ended(self._mark.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, training: Path | None = None) -> None:
        listening.demand(self.port)
        self._controller_port = listening.free_port(self._controller_port or self.port + 1)
        data = self.folder / "data"
        if not data.is_dir():
            self.runtime.format(data)
        properties = configure(self.folder, settings(data, self.port, self._controller_port, self._properties))
        command = self.runtime.command(self.folder, properties, training=training)
        pid = _spawn(command, self.folder / "output.log")
        mark = mark_of(pid)
        if mark is None:
            self._ended(pid)
            raise BrokerDied("the broker ended at once", last_error(self.folder))
        self._mark = mark
        if not self._outlives:
            self._leash = _leashed(mark)
        java = self.runtime.java.major
        record(self.folder, Standing(mark, self.port, self._controller_port, self.runtime.lock.kafka_version, java))
        try:
            listening.await_answer(self.port, mark, cluster_of(self.folder), limit_seconds=START_SECONDS)
        except BaseException as error:
            self.kill()
            if isinstance(error, BrokerDied):
                raise BrokerDied(error.problem, last_error(self.folder), f"less {self.folder}/broker.log") from None
            raise

    def _end(self) -> None:
        if self._mark is not None:
            end(self._mark, patience_seconds=STOP_SECONDS)
            self._ended(self._mark.pid)

    def _ended(self, pid: int) -> None:
        """Reap the process and its watcher, which ends by itself once the broker has."""
        self._mark = None
        _reap(pid)
        if self._leash is not None:
            watcher, pipe = self._leash
            self._leash = None
            os.close(pipe)
            _reap(watcher)


def stop_broker(folder: Path) -> Standing | None:
    """Stop the broker of a folder, whoever started it; says which one it was, None when none ran."""
    with alone(folder):
        found = standing(folder)
        if found is not None:
            end(found.mark, patience_seconds=STOP_SECONDS)
        remove_temporary(folder)
        return found


def keep_archive(runtime: Runtime) -> bool:
    """Keep an archive of the classes a broker loads, so that later ones start in half the time; False if Java can not.

    It costs one start and stop, about ten seconds, and 50 MB of the cache. Archives of another Java or other jars go.
    """
    if runtime.archive.is_file():
        return True
    with tempfile.TemporaryDirectory(dir=runtime.folder, prefix=".training-") as scratch:
        part = Path(scratch) / "classes.jsa"
        EmbeddedBroker.start(Path(scratch) / "kafka", listening.free_port(), runtime=runtime, training=part).stop()
        if not part.is_file():
            return False
        for old in runtime.folder.glob("classes-*.jsa"):
            old.unlink(missing_ok=True)
        part.replace(runtime.archive)
    return True


def _spawn(command: list[str], output: Path) -> int:
    """Start a program in a session of its own, so that Ctrl-C in the terminal does not reach it."""
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=files, setsid=True)


def _leashed(mark: ProcessMark) -> tuple[int, int]:
    """Start the watcher that stops the broker when this process is gone; returns its number and the pipe to hold."""
    reading, writing = os.pipe()
    command = [sys.executable, "-I", "-m", "streams.kafka.embedded.watch"]
    command += [str(mark.pid), str(mark.began_ticks), mark.boot]
    files = [
        (os.POSIX_SPAWN_DUP2, reading, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=files, setsid=True), writing
    finally:
        os.close(reading)


def _reap(pid: int) -> None:
    """Take leave of a child that has ended or is about to; others are not ours to reap."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
