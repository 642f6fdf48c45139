"""Sources: where a local run reads records from. Files (plain or gzip), standard input, or a generator."""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from streams.processor import InputRecord

GZIP_MAGIC = b"\x1f\x8b"
WRITTEN_AT_ONCE = frozenset((".json", ".gz"))
LINE_BYTES_MAX = 16 * 1024 * 1024
"""A longer line is cut here; what is left of it is one dead letter, and the run goes on with the next line."""


class SourceError(Exception):
    """A source that cannot be read, or not to its end. Says which, why, and what to do."""

    def __init__(self, name: str, cause: str, remedy: str) -> None:
        super().__init__(f"{name}: {cause}; {remedy}")
        self.name = name
        self.cause = cause
        self.remedy = remedy


class Source(Protocol):
    """Records in the order they stand. `ordered`: by received time (None: not known until it is read once)."""

    name: str
    ordered: bool | None

    def records(self, start: int) -> Iterator[InputRecord]:
        """Records from this position on. SourceError where reading fails."""


class FileSource:
    """One record a line; a `.json` file is one record whole. Gzip is recognised by its first bytes."""

    def __init__(
        self,
        path: Path,
        *,
        adapter: str = "native",
        mapping: str = "",
        source: str = "",
        ordered: bool | None = None,
        name: str = "",
    ) -> None:
        self.path = path
        self.name = name or path.name
        self.adapter = adapter
        self.mapping = mapping
        self.source = source
        self.ordered = ordered

    def records(self, start: int) -> Iterator[InputRecord]:
        """Lines from this number on (0 is the first); empty lines are passed over."""
        try:
            with self._open() as lines:
                for position, line in enumerate(self._pieces(lines)):
                    if position >= start and line.strip():
                        yield InputRecord(
                            self.name,
                            position,
                            line.rstrip(b"\r\n"),
                            adapter=self.adapter,
                            mapping=self.mapping,
                            source=self.source,
                            is_whole=self._is_whole(line),
                        )
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(str(self.path), _cause(error), _remedy(error)) from error

    def _is_whole(self, line: bytes) -> bool:
        """Tell a line from the beginning of one: the last line of a file that is still written to."""
        return line.endswith(b"\n") or len(line) == LINE_BYTES_MAX or self.path.suffix in WRITTEN_AT_ONCE

    def _open(self) -> BinaryIO:
        with self.path.open("rb") as file:
            magic = file.read(2)
        return cast("BinaryIO", gzip.open(self.path, "rb")) if magic == GZIP_MAGIC else self.path.open("rb")

    def _pieces(self, lines: BinaryIO) -> Iterator[bytes]:
        if self.path.suffix == ".json":
            return iter((lines.read(),))
        return bounded_lines(lines)


class StdinSource:
    """Standard input, a record a line. It cannot be read twice, so its order is not known."""

    def __init__(self, *, adapter: str = "native", mapping: str = "", source: str = "", ordered: bool = False) -> None:
        self.name = "stdin"
        self.adapter = adapter
        self.mapping = mapping
        self.source = source
        self.ordered: bool | None = ordered

    def records(self, start: int) -> Iterator[InputRecord]:
        """Lines from this number on."""
        for position, line in enumerate(bounded_lines(sys.stdin.buffer)):
            if position >= start and line.strip():
                value = line.rstrip(b"\r\n")
                yield InputRecord(
                    self.name, position, value, adapter=self.adapter, mapping=self.mapping, source=self.source
                )


class EventSource:
    """Events made by somebody in this process: native JSON, in the order they are delivered."""

    def __init__(self, name: str, events: Iterable[bytes], *, ordered: bool | None = True) -> None:
        self.name = name
        self.events = events
        self.ordered = ordered

    def records(self, start: int) -> Iterator[InputRecord]:
        """Events from this number on."""
        for position, value in enumerate(self.events):
            if position >= start:
                yield InputRecord(self.name, position, value)


def bounded_lines(lines: BinaryIO) -> Iterator[bytes]:
    """Lines of bounded length: what a longer one has beyond the bound is left out."""
    while line := lines.readline(LINE_BYTES_MAX):
        yield line
        while len(line) == LINE_BYTES_MAX and not line.endswith(b"\n"):
            line = lines.readline(LINE_BYTES_MAX)


def _cause(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the gzip stream is broken or cut" if isinstance(error, EOFError | zlib.error | OSError) else str(error)


def _remedy(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the path"
    if isinstance(error, IsADirectoryError):
        return "name the files in it"
    if isinstance(error, PermissionError):
        return "check who may read it"
    return "records before the break were read; get the file again and replay it, repeats do no harm"
