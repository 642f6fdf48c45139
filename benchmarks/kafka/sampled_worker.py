"""A worker that also says where its CPU goes. `python -m benchmarks.kafka.sampled_worker FILE ROLES`.

Twenty-five times a second each thread's CPU time since the last look is booked to what the thread is doing now. What
was booked so far is written to FILE every quarter of a second, one JSON line with the machine's steady clock.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Final

from streams.commands.worker import worker

LOOK_SECONDS: Final = 0.04
WRITE_SECONDS: Final = 0.25
OTHER: Final = "client"
STAGES: Final = ("intake", "take", "settle", "encode", OTHER)
"""Events to evidence; letters to their holders; working out; writing records; the broker's client and the event loop.

Client and loop are one, because they wait most of the time, and are hardly ever seen at what they did before.
"""
PLACES: Final = (
    ("streams/kafka/clients/batches.py", "", "encode"),
    ("streams/kafka/stitcher/checkpoint.py", "outgoing", "encode"),
    ("streams/kafka/records.py", "evidence_of", "take"),
    ("streams/kafka/records.py", "handoff_of", "take"),
    ("streams/kafka/records.py", "", "encode"),
    ("streams/processors/intake.py", "", "intake"),
    ("streams/kafka/intake/lane.py", "", "intake"),
    ("streams/kafka/intake/member.py", "_write", "encode"),
    ("streams/processors/stitcher.py", "take_all", "take"),
    ("streams/processors/stitcher.py", "", "settle"),
    ("streams/kafka/stitcher/partition.py", "take", "take"),
    ("streams/kafka/stitcher/partition.py", "_settle", "settle"),
    ("streams/kafka/stitcher/partition.py", "prepare", "encode"),
)
"""The innermost frame that is named here says the stage: part of a file's name, function (empty: any), stage."""


def stage_of(frame: FrameType | None) -> str:
    """Name the stage a stack is in."""
    while frame is not None:
        path, function = frame.f_code.co_filename, frame.f_code.co_name
        for part, only, stage in PLACES:
            if part in path and only in ("", function):
                return stage
        frame = frame.f_back
    return OTHER


class Sampler:
    """Books CPU seconds by stage, in a thread of its own, until the process ends."""

    def __init__(self, told: Path) -> None:
        self._told = told
        self._spent: dict[int, float] = {}
        self._booked: dict[str, float] = defaultdict(float)

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, daemon=True, name="sampler").start()

    def _run(self) -> None:
        written = 0.0
        with self._told.open("w", encoding="ascii") as told:
            while True:
                time.sleep(LOOK_SECONDS)
                self._look()
                now = time.monotonic()
                if now - written >= WRITE_SECONDS:
                    written = now
                    told.write(json.dumps({"at": now, "seconds": self._booked}) + "\n")
                    told.flush()

    def _look(self) -> None:
        for thread, frame in sys._current_frames().items():  # noqa: SLF001 - the only way to see all threads
            spent = time.clock_gettime(time.pthread_getcpuclockid(thread))
            self._booked[stage_of(frame)] += spent - self._spent.get(thread, spent)
            self._spent[thread] = spent


if __name__ == "__main__":
    Sampler(Path(sys.argv[1])).start()
    worker(sys.argv[2])
