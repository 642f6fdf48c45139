"""Where the time of a run goes, by room: the stack is looked at every few milliseconds of CPU time.

Sampling costs well under one percent and treats all rooms alike, which timers around small functions do not.
"""

import signal
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

INTERVAL_SECONDS = 0.002
CHANGELOG = "changelog"
ASKED_BY_ALL = ""
"""What several rooms call belongs to the room that called it."""
ROOMS = (
    ("streams/journeys/", "journeys"),
    ("streams/processors/resident", "journeys"),
    ("streams/patterns/reading", ASKED_BY_ALL),
    ("streams/patterns/", "friction"),
    ("streams/rollups/", "rollups"),
    ("streams/processors/shares", "rollups"),
    ("streams/processors/press", "publishing"),
    ("streams/processors/household", "publishing"),
    ("streams/identity/", "identity"),
    ("streams/processors/stitcher", "identity"),
    ("streams/local/", "identity"),
)


def sampled(run: Callable[[], T]) -> tuple[T, Counter[str]]:
    """Run it, and count samples by stage; only in the main thread, with nobody else using the profiling timer."""
    counts: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        counts[_stage_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
    try:
        result = run()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return result, counts


def _stage_of(frame: FrameType | None) -> str:
    """Name the innermost room on the stack; whatever is done to write the changelog belongs to the changelog."""
    found = ""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "_log_changes":
            return CHANGELOG
        if not found:
            found = next((stage for path, stage in ROOMS if path in code.co_filename), "")
        frame = frame.f_back
    return found or "identity"
