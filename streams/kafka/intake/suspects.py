"""Records that kill the process that reads them: recognised after the restart, and set aside undecoded.

Before a batch is read, a mark says which; it outlives the process. Who finds such a mark reads those records one at a
time, each with a mark of its own, and so learns which one it is. One that has been there at `deaths_max` deaths is
set aside. The mark need not survive the machine, so nothing waits for the disk.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from streams.kafka.names import Place

NAME: Final = "reading.mark"
_WIDTH: Final = 512


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """These offsets of an input were being read; `deaths` is how many processes died before over just these."""

    place: Place
    first: int
    last: int
    deaths: int = 0


class Suspects:
    """The mark of one process, and the one its predecessor left in `folder`. OSError where it can not be written."""

    def __init__(self, folder: Path, deaths_max: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._deaths_max = deaths_max
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        self._left = _decoded(os.pread(self._file, _WIDTH, 0))

    def is_suspect(self, place: Place, offset: int) -> bool:
        """Tell whether a record was among those that were being read when a process died."""
        left = self._left
        return left is not None and left.place == place and left.first <= offset <= left.last

    def is_guilty(self, place: Place, offset: int) -> bool:
        """Tell whether a record has been read alone at the last of so many deaths."""
        left = self._left
        if left is None or not self.is_suspect(place, offset):
            return False
        return left.first == left.last and left.deaths + 1 >= self._deaths_max

    def reading(self, place: Place, first: int, last: int) -> None:
        """Mark that these are being read now."""
        left, deaths = self._left, 0
        if left is not None and left.place == place and first == last and left.first <= first <= left.last:
            deaths = left.deaths + 1
        mark = msgspec.json.encode(Mark(place, first, last, deaths))
        os.pwrite(self._file, mark.ljust(_WIDTH), 0)

    def close(self) -> None:
        """The process ends in peace: no mark is left."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def _decoded(mark: bytes) -> Mark | None:
    """Read a mark; one that was cut short by the death itself tells nothing."""
    try:
        return msgspec.json.decode(mark, type=Mark)
    except msgspec.DecodeError:
        return None
