"""Stores: where the driver keeps the changelog's newest values, so that a run can stop and go on.

One store holds all partitions of a run. A `write` is applied whole or not at all; it is what a Kafka transaction is
on the broker. Keys are prefixed with the partition by the driver.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from rocksdict import AccessType, Options, Rdict, WriteBatch

from streams.processor import Change


class Store(Protocol):
    """Newest values by key, in key order."""

    def write(self, changes: Iterable[Change]) -> None:
        """Apply all changes, or none."""

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Every key that begins with the prefix, prefix left off, with its value."""

    def close(self) -> None:
        """Let go of files. Writing later is an error."""


class MemoryStore:
    """A store that lives as long as its process."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}

    def write(self, changes: Iterable[Change]) -> None:
        """Apply all changes; they are all made before the first is applied."""
        for change in tuple(changes):
            if change.value is None:
                self._values.pop(change.key, None)
            else:
                self._values[change.key] = change.value

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Every key that begins with the prefix, prefix left off, with its value."""
        for key in sorted(key for key in self._values if key.startswith(prefix)):
            yield key[len(prefix) :], self._values[key]

    def close(self) -> None:
        """Nothing to let go of."""


class RocksStore:
    """A store in a folder, through RocksDB. OSError or RocksDB's own error if the folder cannot be used."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(create_if_missing=True)
        self._rows = Rdict(str(folder), options=options, access_type=AccessType.read_write())

    def write(self, changes: Iterable[Change]) -> None:
        """Apply all changes in one write batch."""
        batch = WriteBatch(raw_mode=True)
        for change in changes:
            if change.value is None:
                batch.delete(change.key)
            else:
                batch.put(change.key, change.value)
        self._rows.write(batch)

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Every key that begins with the prefix, prefix left off, with its value."""
        rows = self._rows.iter()
        rows.seek(prefix)
        while rows.valid() and (key := rows.key()).startswith(prefix):
            yield key[len(prefix) :], rows.value()
            rows.next()

    def close(self) -> None:
        """Flush and let go of the folder."""
        self._rows.close()
