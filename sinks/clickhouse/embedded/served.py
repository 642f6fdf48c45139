"""The mark in a data folder: which process serves it, and where. Locked for as long as that process lives.

The lock is the kernel's, so that a process that was killed is never taken for one that serves, whatever number the
next process has.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Final, Self

import msgspec

MARK: Final = "seamline-server.json"
LOG: Final = "seamline-server.log"


class Served(msgspec.Struct, frozen=True):
    """A folder that is being served. `since` is in seconds since 1970; `user` is empty where no password is asked."""

    folder: str
    address: str
    pid: int
    since: int
    user: str = ""


def find(folder: Path) -> Served | None:
    """Tell who serves a folder; None where nobody does, or it has only begun to start."""
    try:
        descriptor = os.open(folder / MARK, os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    try:
        if _lock(descriptor):
            return None
        return msgspec.json.decode(os.pread(descriptor, 65_536, 0), type=Served)
    except msgspec.DecodeError:
        return None
    finally:
        os.close(descriptor)


class Mark:
    """The lock on a folder, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self | None:
        """Take the folder for this process; None where another one serves it."""
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / MARK, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        return cls(descriptor)

    def write(self, served: Served) -> None:
        """Say where the folder is served."""
        os.pwrite(self._descriptor, json.dumps(msgspec.to_builtins(served)).encode(), 0)

    def release(self) -> None:
        """Say that it is served no more."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
