"""Write a world to files: what arrives, what was written, what operators decided, and the truth beside them.

One JSON object per line, UTF-8. `events.jsonl` stands in the order of arrival, so redelivered and shuffled events carry
an older `received_at` than their neighbours; the moment they reached the log is not in the file.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from streams.generator.cast import people_of
from streams.generator.heroes import heroes_of
from streams.generator.rules import WorldRules
from streams.generator.truth import chapter_facts, customer_fact
from streams.generator.world import Chapter, arrivals, chapters, decisions

_GZIP_LEVEL: Final = 3
_LINES_PER_WRITE: Final = 1_000


class Exported(msgspec.Struct, frozen=True):
    """How many lines each file of a world holds."""

    delivered: int
    written: int
    decisions: int
    facts: int


class _Lines:
    """A file of JSON lines and how many it holds."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        self._pending: list[bytes] = []
        self.count = 0

    def add(self, value: object) -> None:
        self._pending.append(self._encode(value))
        self.count += 1
        if len(self._pending) == _LINES_PER_WRITE:
            self.flush()

    def flush(self) -> None:
        if self._pending:
            self._file.write(b"\n".join(self._pending) + b"\n")
            self._pending.clear()


def write(rules: WorldRules, folder: Path, *, compressed: bool = False) -> Exported:
    """Write `events`, `written`, `decisions` and `truth` as `.jsonl` (`events.jsonl.gz` if compressed) into the folder.

    The folder is made if it is missing; files in it are replaced. OSError as the file system says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:

        def lines(name: str) -> _Lines:
            made = _Lines(open_files.enter_context(_file(folder / name)))
            open_files.callback(made.flush)
            return made

        events, told = lines("events.jsonl.gz" if compressed else "events.jsonl"), lines("written.jsonl")
        decided, facts = lines("decisions.jsonl"), lines("truth.jsonl")
        for fact in map(customer_fact, chain(people_of(rules), heroes_of(rules))):
            facts.add(fact)
        for verdict in decisions(rules):
            decided.add(verdict)
        for delivered in arrivals(_noted(chapters(rules), told, facts)):
            events.add(delivered.event)
        return Exported(events.count, told.count, decided.count, facts.count)


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as plain:
        if path.suffix != ".gz":
            yield plain
            return
        # Without name and time in its header, equal worlds are equal files.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, plain, mtime=0) as packed:
            yield cast("IO[bytes]", packed)


def _noted(told: Iterable[Chapter], written: _Lines, facts: _Lines) -> Iterator[Chapter]:
    """Pass chapters on, noting what was written and the truth of each as it goes by."""
    for chapter in told:
        for one in chapter.written:
            written.add(one.event)
        for fact in chapter_facts(chapter.scene, chapter.written):
            facts.add(fact)
        yield chapter
