"""Identity alone: stitchers whose households only note who is where, so that the cost of identity can be told apart.

Everything that follows from a placement (timelines, friction, rollups, rows, changelog) is left out; holders, letters
between them, timers and forgetting are the real ones.
"""

from collections.abc import Iterable, Iterator, Mapping

from schemas.identifiers import Ident, IdentClass, PersonId, class_of
from schemas.rows import Row
from schemas.touchpoint import Touchpoint
from streams.identity.device import DeviceHolder
from streams.identity.holder import Holder, Marks
from streams.identity.nobody import UNCLAIMED, NobodyHolder
from streams.identity.residence import RowRef
from streams.identity.strong import StrongHolder
from streams.identity.thread import ThreadHolder
from streams.processor import Change
from streams.processors.household import Household
from streams.processors.stitcher import Stitcher


class Register(Household):
    """Notes at which person each touchpoint is, and nothing else."""

    __slots__ = ("where",)

    def __init__(self, stitcher: Stitcher, marks: Marks) -> None:
        super().__init__(stitcher.book, stitcher.till, stitcher.press, marks)
        self.where: dict[bytes, PersonId] = {}

    def place(self, touchpoint: Touchpoint, person: PersonId, epoch: int) -> None:
        """Note where it is."""
        self.where[touchpoint.key] = person

    def remove(self, key: bytes) -> None:
        """Note that it left."""
        self.where.pop(key, None)

    def forget(self, keys: Iterable[bytes], before: int) -> set[PersonId]:
        """Drop these; everyone who has none left is gone."""
        people = {self.where.pop(key) for key in keys if key in self.where}
        return people - set(self.where.values())

    def people(self) -> set[PersonId]:
        """Everyone who has a touchpoint here, or had one that is forgotten."""
        return set(self.where.values()) | self.standing

    def describe(self, rows: Mapping[RowRef, Row]) -> None:
        """Rows of identity are worked out by the holder; nobody is told."""

    def clear(self) -> None:
        """Everybody leaves."""
        self.where.clear()

    def settle(self, as_of: int, due: Iterable[PersonId] = ()) -> int | None:
        """Nothing follows from a placement."""
        return None

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Nothing was published."""
        yield from ()


class PlacingStitcher(Stitcher):
    """A stitcher that stops once everybody is placed."""

    def _open(self, to: Ident) -> Holder:
        kind = class_of(to)
        if kind == IdentClass.NOBODY and UNCLAIMED in self.holders:
            return self.holders[UNCLAIMED]
        marks: Marks = {}
        register = Register(self, marks)
        holder: Holder
        if kind == IdentClass.STRONG:
            holder = StrongHolder(to, register, marks)
        elif kind == IdentClass.DEVICE:
            holder = DeviceHolder(to, register, marks)
        elif kind == IdentClass.THREAD:
            holder = ThreadHolder(to, register, marks)
        else:
            holder = NobodyHolder(register, marks)
        self.holders[holder.ident] = holder
        self.households[holder.ident] = register
        return holder

    def _log_changes(self, settled: Iterable[Ident], changelog: list[Change]) -> None:
        for ident in settled:
            self.holders[ident].marks.clear()
