"""One process of this machine, told from any later one with the same number (Linux: /proc and pidfd).

A number alone is not enough: after a crash or a restart of the machine it may belong to somebody else. With the
instant the process began, in ticks since the machine started, and the machine's start itself, it is one of a kind.
"""

import contextlib
import os
import select
import signal
from pathlib import Path
from typing import Final

import msgspec

PROC: Final = Path("/proc")
BEGAN_FIELD: Final = 19
"""Of /proc/N/stat behind the closing bracket of the name: when the process began, in ticks."""


class ProcessMark(msgspec.Struct, frozen=True):
    """What names a process for good: its number, when it began (ticks), and which run of the machine it is of."""

    pid: int
    began_ticks: int
    boot: str


def mark_of(pid: int) -> ProcessMark | None:
    """Name the process that has this number now; None when there is none, or it only waits to be reaped."""
    began = _began(pid)
    return None if began is None else ProcessMark(pid, began, _boot())


def is_alive(mark: ProcessMark) -> bool:
    """Tell whether exactly this process still runs."""
    return mark_of(mark.pid) == mark


def age_seconds(mark: ProcessMark) -> float:
    """Say for how long the process has run; it must be alive."""
    up = float((PROC / "uptime").read_text().split()[0])
    return max(0.0, up - mark.began_ticks / os.sysconf("SC_CLK_TCK"))


def end(mark: ProcessMark, *, patience_seconds: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Signal the process, wait, then kill it; returns once it is gone. Nothing happens to any other process."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(mark.pid)
        try:
            # Looked at after the handle was opened: from here on the number can not change hands.
            if not is_alive(mark):
                return
            signal.pidfd_send_signal(handle, first)
            if not _is_gone(handle, patience_seconds):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                _is_gone(handle, patience_seconds)
        finally:
            os.close(handle)


def _is_gone(handle: int, patience_seconds: float) -> bool:
    """Wait for the end of a process. `poll`, since `select` knows no handle above 1,023."""
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(patience_seconds * 1000))


def _began(pid: int) -> int | None:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return None
    return None if fields[0] in {"Z", "X"} else int(fields[BEGAN_FIELD])


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()
