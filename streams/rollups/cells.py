"""The cells of one partition: sums of what its people contribute, published as absolute values with a revision."""

from heapq import heappop, heappush
from typing import Final

import msgspec

from schemas.rows import KeyPart, RowKey, Table, Upsert
from streams.rollups.contributions import Contribution
from streams.rollups.tables import COUNTED_AGAIN, FORMS, PEOPLE, WINDOWS_MS, WITH_HITS, CellName, cell_row, ends_at

FORMAT: Final = 1
REVISION_BITS: Final = 40
"""A revision is generation << 40 | how often the partition's cells were published: a new generation stands above."""

_FORMAT_BYTE: Final = bytes((FORMAT,))


class FormatError(Exception):
    """A stored cell has a format this version can not read; rebuild from retained evidence."""


class Cell(msgspec.Struct, gc=False):
    """Sums of one cell, the number it was last published under (0: never), and whether it changed since."""

    measures: list[int]
    published: int = 0
    is_dirty: bool = False


class _Stored(msgspec.Struct, array_like=True, gc=False):
    """A cell in the changelog."""

    measures: list[int]
    published: int


class _Name(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A cell's key in the changelog; with an empty key, the floor before which the table's cells are sealed."""

    table: Table
    key: tuple[KeyPart, ...]


_ENCODER: Final = msgspec.msgpack.Encoder()
_NAMES: Final = msgspec.msgpack.Decoder(_Name)
_CELLS: Final = msgspec.msgpack.Decoder(_Stored)


class Cells:
    """Every cell of one partition that is not forgotten.

    A forgotten cell is sealed: it would begin again at zero, so a change of it is left out, and what was published
    stands. Give `forget` a floor before which no touchpoint and no hit can change any more. `published` is how often
    cells were published; whoever restores them brings it back.
    """

    __slots__ = (
        "_by_end",
        "_cells",
        "_changed",
        "_dirty",
        "_ends",
        "_generation",
        "_newly_sealed",
        "_partition",
        "_sealed_starts",
        "published",
    )

    def __init__(self, partition: int, generation: int) -> None:
        """Begin empty; `restore` brings back what `changes` gave away, and touchpoints the rest."""
        self.published = 0
        self._partition = partition
        self._generation = generation
        self._newly_sealed: dict[Table, int] = {}
        self._sealed_starts = {table: -window_ms for table, window_ms in WINDOWS_MS.items()}
        self._cells: dict[CellName, Cell] = {}
        self._by_end: dict[Table, dict[int, list[RowKey]]] = {table: {} for table in WINDOWS_MS}
        self._ends: dict[Table, list[int]] = {table: [] for table in WINDOWS_MS}
        self._dirty: list[CellName] = []
        self._changed: dict[CellName, None] = {}

    def add(self, contribution: Contribution, people: int = 0) -> None:
        """Add a contribution to its cell, and so many people."""
        name = contribution.cell
        if contribution.since > self._sealed_starts[name[0]]:
            cell = self._cells.get(name) or self._begin(name, contribution.since + WINDOWS_MS[name[0]])
            measures = cell.measures
            for position, amount in contribution.shift:
                measures[position] += amount
            measures[PEOPLE] += people
            if not cell.is_dirty:
                cell.is_dirty = True
                self._dirty.append(name)

    def take_back(self, contribution: Contribution, people: int = 0) -> None:
        """Take a contribution back; `people` is 0, or -1 where somebody leaves the cell."""
        shift = tuple([(position, -amount) for position, amount in contribution.shift])
        self.add(Contribution(contribution.cell, contribution.since, shift), people)

    def _begin(self, name: CellName, ends: int) -> Cell:
        cell = self._cells[name] = Cell([0] * FORMS[name[0]].measures)
        self._remember(name, ends)
        return cell

    def settle(self) -> list[Upsert]:
        """Publish the cells shifted since the last settle, in absolute values; zero ones are retracted."""
        upserts = []
        self.published += 1 if self._dirty else 0
        revision = (self._generation << REVISION_BITS) + self.published
        for name in self._dirty:
            cell = self._cells[name]
            cell.is_dirty = False
            table, key = name
            counts = any(cell.measures)
            if not cell.published and not counts:
                del self._cells[name]
                continue
            cell.published = self.published
            row = cell_row(self._partition, name, cell.measures) if counts else None
            upserts.append(Upsert(table, (self._partition, *key), revision, row))
            if table not in COUNTED_AGAIN:
                self._changed[name] = None
        self._dirty = []
        return upserts

    def rest(self) -> None:
        """What was counted again after a restart had been published before: nothing of it is new."""
        for name in self._dirty:
            cell = self._cells[name]
            cell.is_dirty, cell.published = False, self.published
        self._dirty = []

    def forget(self, floor: int, friction_floor: int | None = None) -> int:
        """Seal and drop the cells whose window ended by `floor`, where hits count by `friction_floor`; how many.

        Settle first.
        """
        for_hits = floor if friction_floor is None else friction_floor
        return sum(self._seal(table, for_hits if table in WITH_HITS else floor) for table in FORMS)

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Changelog records since they were last asked for; None for cells that are gone. Settle first."""
        records: list[tuple[bytes, bytes | None]] = []
        for table, key in self._changed:
            cell = self._cells.get((table, key)) if table not in COUNTED_AGAIN else None
            value = None if cell is None else _encoded(_Stored(cell.measures, cell.published))
            records.append((_ENCODER.encode(_Name(table, key)), value))
        self._changed = {}
        for table, floor in self._newly_sealed.items():
            records.append((_ENCODER.encode(_Name(table, ())), _encoded(_Stored([floor], 0))))
        self._newly_sealed = {}
        return records

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take back a changelog record, in the order they were written; FormatError for another format.

        Cells that touchpoints bring back, which an earlier release wrote too, are outdated: `changes` will say so.
        """
        name = _NAMES.decode(key)
        if value is None:
            self._cells.pop((name.table, name.key), None)
            return
        if value[:1] != _FORMAT_BYTE:
            raise FormatError(f"stored cell has format {value[:1].hex() or 'none'}, this version reads {FORMAT}")
        stored = _CELLS.decode(memoryview(value)[1:])
        self.published = max(self.published, stored.published)
        restored = (name.table, name.key)
        if not name.key:
            self._seal_until(name.table, stored.measures[0])
        elif name.table in COUNTED_AGAIN:
            self._changed[restored] = None
        else:
            self._cells[restored] = Cell(stored.measures, stored.published)
            self._remember(restored, ends_at(restored))

    def __len__(self) -> int:
        return len(self._cells)

    def _seal(self, table: Table, floor: int) -> int:
        """Seal what ended by `floor`; cells that are shifted but not settled stay until the next time."""
        if floor <= self._sealed_starts[table] + WINDOWS_MS[table]:
            return 0
        self._seal_until(table, floor)
        self._newly_sealed[table] = floor
        ended: list[RowKey] = []
        while self._ends[table] and self._ends[table][0] <= floor:
            ended += self._by_end[table].pop(heappop(self._ends[table]))
        gone = 0
        for key in ended:
            name = (table, key)
            cell = self._cells.get(name)
            if cell is None:
                continue
            if cell.is_dirty:
                self._remember(name, ends_at(name))
            else:
                del self._cells[name]
                gone += 1
                if table not in COUNTED_AGAIN:
                    self._changed[name] = None
        return gone

    def _seal_until(self, table: Table, floor: int) -> None:
        self._sealed_starts[table] = floor - WINDOWS_MS[table]

    def _remember(self, name: CellName, ends: int) -> None:
        """Note when a cell can be forgotten, so that forgetting need not look at all the others."""
        table, key = name
        keys = self._by_end[table].get(ends)
        if keys is None:
            keys = self._by_end[table][ends] = []
            heappush(self._ends[table], ends)
        keys.append(key)


def _encoded(stored: _Stored) -> bytes:
    return _FORMAT_BYTE + _ENCODER.encode(stored)
