"""Worker processes: started, asked how they are, and measured from outside by what the system says of them."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.kafka.meter import peak_rss_mb
from streams.kafka.embedded.listening import free_port
from streams.settings_kafka import KafkaSettings

SEAMLINE: Final = str(Path(sys.executable).with_name("seamline"))
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.05
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_VALUE: Final = re.compile(r"^(seamline_\w+?)(?:\{.*\})? (\S+)$", re.MULTILINE)


class WorkerFailed(Exception):
    """A worker did not get ready, or ended by itself; the message has the end of its log."""


def environment_of(settings: KafkaSettings, folder: Path, port: int, dsn: str = "") -> dict[str, str]:
    """Say by the environment what a worker is to do."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SEAMLINE_TENANT": "bench",
        "SEAMLINE_IDENTITY__KEY": "k" * 32,
        "SEAMLINE_DEAD_LETTERS__KEY": "d" * 32,
        "SEAMLINE_KAFKA__BROKERS": settings.brokers,
        "SEAMLINE_KAFKA__APPLICATION": settings.application,
        "SEAMLINE_KAFKA__PREFIX": settings.prefix,
        "SEAMLINE_KAFKA__INPUTS": f'["{settings.inputs[0]}"]',
        "SEAMLINE_KAFKA__PARTITIONS": str(settings.partitions),
        "SEAMLINE_KAFKA__CLOCK": settings.clock,
        "SEAMLINE_KAFKA__SESSION_TIMEOUT_MS": str(settings.session_timeout_ms),
        "SEAMLINE_CLICKHOUSE__DSN": dsn or f"chdb://{folder / 'warehouse'}",
        "SEAMLINE_WORKER__STATE_FOLDER": str(folder / "state"),
        "SEAMLINE_WORKER__WEB_PORT": str(port),
    }


class Worker:
    """A worker process; as a context manager it is started, waited for, and stopped at the end."""

    def __init__(
        self, settings: KafkaSettings, folder: Path, roles: str, *, dsn: str = "", sampled: bool = False
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._port = free_port()
        self._environment: Mapping[str, str] = environment_of(settings, folder, self._port, dsn)
        self._command: Sequence[str] = [SEAMLINE, "worker", "--roles", roles]
        self.samples = folder / "samples.jsonl"
        if sampled:
            module = "benchmarks.kafka.sampled_worker"
            self._command = [sys.executable, "-m", module, str(self.samples), roles]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=dict(self._environment),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._await_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def cpu_seconds(self) -> float:
        """CPU it has taken so far, all threads."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    @property
    def peak_rss_mb(self) -> float:
        """The most memory it has had, mebibytes."""
        return peak_rss_mb(self._pid)

    def metrics(self) -> dict[str, float]:
        """Ask for its metrics, each summed over its labels."""
        with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as page:
            text = page.read().decode()
        sums: dict[str, float] = {}
        for name, value in _VALUE.findall(text):
            sums[name] = sums.get(name, 0.0) + float(value)
        return sums

    def check(self) -> None:
        """See that it runs; raises WorkerFailed."""
        if self._process is None or self._process.poll() is not None:
            raise WorkerFailed(f"the worker ended: {self._last_words()}")

    @property
    def _pid(self) -> int:
        self.check()
        return self._process.pid if self._process is not None else 0

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.check()
            with contextlib.suppress(URLError, OSError):
                urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=5).close()
                return
            time.sleep(LOOK_SECONDS)
        raise WorkerFailed(f"the worker did not get ready: {self._last_words()}")

    def _last_words(self) -> str:
        return (self._folder / "log").read_text(errors="replace")[-2_000:]
