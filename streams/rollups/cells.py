"""The cells of one partition: sums of what its people contribute, published as absolute values with a revision."""

from heapq import heappop, heappush
from typing import Final

import msgspec

from schemas.rows import KeyPart, RowKey, Table, Upsert
from streams.rollups.contributions import Contribution
from streams.rollups.tables import FORMS, PEOPLE, WINDOWS_MS, WITH_HITS, CellName, cell_row, ends_at

FORMAT: Final = 1
REVISION_BITS: Final = 40
"""A revision is generation << 40 | how often the cell was published: a rebuild in a new generation stands above."""

_FORMAT_BYTE: Final = bytes((FORMAT,))


class FormatError(Exception):
    """A stored cell has a format this version can not read; rebuild from retained evidence."""


class Cell(msgspec.Struct, array_like=True, gc=False):
    """Sums of one cell, and how often it was published."""

    measures: list[int]
    published: int = 0


class _Name(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A cell's key in the changelog; with an empty key, the floor before which the table's cells are sealed."""

    table: Table
    key: tuple[KeyPart, ...]


_ENCODER: Final = msgspec.msgpack.Encoder()
_NAMES: Final = msgspec.msgpack.Decoder(_Name)
_CELLS: Final = msgspec.msgpack.Decoder(Cell)


class Cells:
    """Every cell of one partition that is not forgotten.

    A forgotten cell is sealed: it would begin again at zero, so a change of it is left out, and what was published
    stands. Give `forget` a floor before which no touchpoint and no hit can change any more.
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
        "_sealed",
    )

    def __init__(self, partition: int, generation: int) -> None:
        """Begin empty; `restore` brings back what `changes` gave away."""
        self._partition = partition
        self._generation = generation
        self._newly_sealed: dict[Table, int] = {}
        self._sealed = dict.fromkeys(WINDOWS_MS, 0)
        self._cells: dict[CellName, Cell] = {}
        self._by_end: dict[Table, dict[int, list[RowKey]]] = {table: {} for table in WINDOWS_MS}
        self._ends: dict[Table, list[int]] = {table: [] for table in WINDOWS_MS}
        self._dirty: dict[CellName, None] = {}
        self._changed: dict[CellName, None] = {}

    def add(self, contribution: Contribution, people: int = 0) -> None:
        """Add a contribution to its cell, and so many people."""
        measures = self._measures(contribution.cell)
        if measures is not None:
            for position, amount in contribution.shift:
                measures[position] += amount
            measures[PEOPLE] += people

    def take_back(self, contribution: Contribution, people: int = 0) -> None:
        """Take a contribution back; `people` is 0, or -1 where somebody leaves the cell."""
        measures = self._measures(contribution.cell)
        if measures is not None:
            for position, amount in contribution.shift:
                measures[position] -= amount
            measures[PEOPLE] += people

    def _measures(self, name: CellName) -> list[int] | None:
        """Find or begin what is about to change; None for a sealed cell."""
        ends = ends_at(name)
        if ends <= self._sealed[name[0]]:
            return None
        cell = self._cells.get(name)
        if cell is None:
            cell = self._cells[name] = Cell([0] * FORMS[name[0]].measures)
            self._remember(name, ends)
        self._dirty[name] = None
        return cell.measures

    def settle(self) -> list[Upsert]:
        """Publish the cells shifted since the last settle, in absolute values; zero ones are retracted."""
        upserts = []
        for name in self._dirty:
            cell = self._cells[name]
            table, key = name
            counts = any(cell.measures)
            if not cell.published and not counts:
                del self._cells[name]
                continue
            cell.published += 1
            revision = (self._generation << REVISION_BITS) + cell.published
            row = cell_row(self._partition, name, cell.measures) if counts else None
            upserts.append(Upsert(table, (self._partition, *key), revision, row))
            self._changed[name] = None
        self._dirty = {}
        return upserts

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
            cell = self._cells.get((table, key))
            value = _FORMAT_BYTE + _ENCODER.encode(cell) if cell is not None else None
            records.append((_ENCODER.encode(_Name(table, key)), value))
        self._changed = {}
        for table, floor in self._newly_sealed.items():
            records.append((_ENCODER.encode(_Name(table, ())), _FORMAT_BYTE + _ENCODER.encode(Cell([floor]))))
        self._newly_sealed = {}
        return records

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take back a changelog record, in the order they were written; FormatError for another format."""
        name = _NAMES.decode(key)
        if value is None:
            self._cells.pop((name.table, name.key), None)
            return
        if value[:1] != _FORMAT_BYTE:
            raise FormatError(f"stored cell has format {value[:1].hex() or 'none'}, this version reads {FORMAT}")
        cell = _CELLS.decode(memoryview(value)[1:])
        if name.key:
            self._cells[(name.table, name.key)] = cell
            restored = (name.table, name.key)
            self._remember(restored, ends_at(restored))
        else:
            self._sealed[name.table] = cell.measures[0]

    def __len__(self) -> int:
        return len(self._cells)

    def _seal(self, table: Table, floor: int) -> int:
        """Seal what ended by `floor`; cells that are shifted but not settled stay until the next time."""
        if floor <= self._sealed[table]:
            return 0
        self._sealed[table] = self._newly_sealed[table] = floor
        ended: list[RowKey] = []
        while self._ends[table] and self._ends[table][0] <= floor:
            ended += self._by_end[table].pop(heappop(self._ends[table]))
        gone = 0
        for key in ended:
            name = (table, key)
            if name in self._dirty:
                self._remember(name, ends_at(name))
            elif self._cells.pop(name, None) is not None:
                self._changed[name] = None
                gone += 1
        return gone

    def _remember(self, name: CellName, ends: int) -> None:
        """Note when a cell can be forgotten, so that forgetting need not look at all the others."""
        table, key = name
        keys = self._by_end[table].get(ends)
        if keys is None:
            keys = self._by_end[table][ends] = []
            heappush(self._ends[table], ends)
        keys.append(key)
