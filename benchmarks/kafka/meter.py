"""What a run of the small job is told, and what it says of itself at the end: for baselines and for ours alike."""

import json
import sys
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

REPORT: Final = "REPORT "
COMMIT_SECONDS: Final = 1.0
"""How often everybody commits."""


class Order(NamedTuple):
    """One run: where to read, how many events, what the run is called, and a folder that is its own."""

    broker: str
    prefix: str
    topic: str
    partitions: int
    events: int
    application: str
    folder: str

    def output(self, name: str) -> str:
        """Name the output topic of this kind of record."""
        return f"{self.prefix}{name}"


def order_of(argument: str) -> Order:
    """Read an order from the command line."""
    return Order(**json.loads(argument))


class Meter:
    """A clock from the first record to the last; CPU is that of the whole process, all threads."""

    def __init__(self, events: int) -> None:
        self.events = events
        self.sessions = 0
        self.hits = 0
        self._seen = 0
        self._began: tuple[float, float] | None = None
        self._ended: tuple[float, float] | None = None

    def see(self, records: int = 1) -> bool:
        """Note records before they are handled; tells whether they are the last ones."""
        if self._began is None:
            self._began = _now()
        self._seen += records
        return self._seen >= self.events

    def count(self, session: object, hits: list[Any]) -> None:
        """Note what the job gave."""
        self.sessions += session is not None
        self.hits += len(hits)

    def end(self) -> None:
        """Note that the last record is handled; what follows is closing work."""
        self._ended = self._ended or _now()

    def report(self) -> None:
        """Print the one line that the runner reads."""
        # Faust redirects what is printed.
        print(REPORT + json.dumps(self.told()), file=sys.__stdout__, flush=True)

    def told(self) -> dict[str, float]:
        """Say what was measured; RuntimeError when nothing was read."""
        self.end()
        if self._began is None or self._ended is None:
            raise RuntimeError("nothing was read")
        return {
            "events": self._seen,
            "wall": self._ended[0] - self._began[0],
            "cpu": self._ended[1] - self._began[1],
            "rss_mb": peak_rss_mb("self"),
            "sessions": self.sessions,
            "hits": self.hits,
        }


def peak_rss_mb(process: int | str) -> float:
    """Tell the most memory a process has had, mebibytes; what `getrusage` tells includes the parent's."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
