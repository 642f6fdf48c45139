"""The cells of one partition: sums of what its people contribute, published as absolute values with a revision."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

import msgspec

from schemas.rows import ChannelCell, FrictionCell, KeyPart, Row, RowKey, Table, Upsert
from streams.rollups.contributions import DURATIONS, MEASURES, WINDOWS_MS, Contribution

FORMAT: Final = 1
REVISION_BITS: Final = 40
"""A revision is generation << 40 | how often the cell was published: a rebuild in a new generation stands above."""

_FORMAT_BYTE: Final = bytes((FORMAT,))
_CHANNEL_ROW: Final[Callable[..., Row]] = ChannelCell
_FRICTION_ROW: Final[Callable[..., Row]] = FrictionCell
_CHANNEL_TABLE: Final = Table.AGG_CHANNEL_1M


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
        self._cells: dict[tuple[Table, RowKey], Cell] = {}
        self._by_end: dict[Table, dict[int, list[RowKey]]] = {table: {} for table in WINDOWS_MS}
        self._ends: dict[Table, list[int]] = {table: [] for table in WINDOWS_MS}
        self._dirty: dict[tuple[Table, RowKey], None] = {}
        self._changed: dict[tuple[Table, RowKey], None] = {}

    def shift(self, change: Contribution) -> None:
        """Add a change of measures (negative ones take back) to a cell; `change.key` is without the partition."""
        table, key = name = (change.table, change.key)
        ends = int(key[0]) + WINDOWS_MS[table]
        if ends <= self._sealed[table]:
            return
        cell = self._cells.get(name)
        if cell is None:
            cell = self._cells[name] = Cell([0] * MEASURES[table])
            self._remember(table, key, ends)
        measures = cell.measures
        for position, amount in change.shift:
            measures[position] += amount
        self._dirty[name] = None

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
            row = self._row(table, key, cell.measures) if counts else None
            upserts.append(Upsert(table, (self._partition, *key), revision, row))
            self._changed[name] = None
        self._dirty = {}
        return upserts

    def forget(self, floor: int, friction_floor: int | None = None) -> int:
        """Seal and drop the cells whose window ended by `floor` (of hits: `friction_floor`); how many. Settle first."""
        return self._seal(Table.AGG_CHANNEL_1M, floor) + self._seal(
            Table.AGG_FRICTION_5M, floor if friction_floor is None else friction_floor
        )

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
            self._remember(name.table, name.key, int(name.key[0]) + WINDOWS_MS[name.table])
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
                self._remember(table, key, int(key[0]) + WINDOWS_MS[table])
            elif self._cells.pop(name, None) is not None:
                self._changed[name] = None
                gone += 1
        return gone

    def _remember(self, table: Table, key: RowKey, ends: int) -> None:
        """Note when a cell can be forgotten, so that forgetting need not look at all the others."""
        keys = self._by_end[table].get(ends)
        if keys is None:
            keys = self._by_end[table][ends] = []
            heappush(self._ends[table], ends)
        keys.append(key)

    def _row(self, table: Table, key: RowKey, measures: list[int]) -> Row:
        if table is _CHANNEL_TABLE:
            return _CHANNEL_ROW(self._partition, *key, *measures[:DURATIONS], tuple(measures[DURATIONS:]))
        return _FRICTION_ROW(self._partition, *key, *measures)
