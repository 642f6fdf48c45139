"""One person in the cells: how many of its touchpoints, hits or changes of channel stand in each.

Distinct people are 0 or 1 per person and cell: a person enters a cell with the first and leaves it with the last.
"""

from typing import Final

from streams.rollups.tables import CellName, ends_at

PRUNED_EVERY_MS: Final = 86_400_000
"""How often, in time of floors, the counts of a person are cleared of sealed cells: each time looks at all of them."""


class Presence:
    """How much of one person stands in each cell that is not sealed."""

    __slots__ = ("_counts", "_pruned", "_sealed")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[CellName, int] = {}
        self._sealed = 0
        self._pruned = 0

    def enter(self, cell: CellName) -> int:
        """Count one more; by how much the people of the cell change."""
        count = self._counts.get(cell, 0)
        self._counts[cell] = count + 1
        return 0 if count else 1

    def leave(self, cell: CellName) -> int | None:
        """Count one less; by how much the people of the cell change. KeyError if nothing was there.

        Of a sealed cell nothing is taken back: None.
        """
        count = self._counts.get(cell)
        if count is None:
            if ends_at(cell) <= self._sealed:
                return None
            raise KeyError(cell)
        if count > 1:
            self._counts[cell] = count - 1
            return 0
        del self._counts[cell]
        return -1

    def forget(self, floor: int) -> None:
        """Drop cells whose window ended at or before `floor`: what is in them stays as it is.

        Once a day of floors is enough: until then `Cells` leave their changes out.
        """
        self._sealed = max(self._sealed, floor)
        if floor < self._pruned + PRUNED_EVERY_MS:
            return
        self._pruned = floor
        self._counts = {cell: count for cell, count in self._counts.items() if ends_at(cell) > floor}

    def __len__(self) -> int:
        return len(self._counts)
