"""What one person adds to the aggregates of a partition, so that it can be taken back when the person moves."""

from schemas.identifiers import NOBODY, PersonId
from schemas.rows import FrictionRow, RowKey
from schemas.touchpoint import Touchpoint
from streams.patterns.pattern import MEMORY_MS
from streams.rollups.cells import Cells
from streams.rollups.contributions import Contribution, Contributions, channel_cell, friction_cell, negative
from streams.rollups.dimensions import Dimensions


class Till:
    """The cells of a partition; `muted` while it is rebuilt from what it had already counted."""

    __slots__ = ("cells", "dimensions", "muted")

    def __init__(self, partition: int, generation: int, dimensions: Dimensions) -> None:
        self.cells = Cells(partition, generation)
        self.dimensions = dimensions
        self.muted = False

    def shift(self, change: Contribution) -> None:
        """Add a change to its cell."""
        if not self.muted:
            self.cells.shift(change)


class Shares:
    """The shares of one person. Nobody has shares too, but is not a person to count."""

    __slots__ = ("_hits", "_in_friction", "_in_traffic", "_is_somebody", "_till")

    def __init__(self, till: Till, person: PersonId) -> None:
        self._till = till
        self._is_somebody = person != NOBODY
        self._in_traffic = Contributions()
        self._in_friction = Contributions()
        self._hits: dict[RowKey, Contribution] = {}

    def show(self, touchpoint: Touchpoint) -> None:
        """Count a touchpoint that is shown from now on."""
        share = channel_cell(touchpoint, self._till.dimensions)
        if share is not None:
            self._till.shift(self._in_traffic.add(share) if self._is_somebody else share)

    def hide(self, touchpoint: Touchpoint) -> None:
        """Take back a touchpoint that is not shown any more."""
        share = channel_cell(touchpoint, self._till.dimensions)
        if share is not None:
            self._till.shift(self._in_traffic.remove(share) if self._is_somebody else negative(share))

    def hit(self, key: RowKey, row: FrictionRow | None) -> None:
        """Count a hit as it is now; None: there is none under this key."""
        before = self._hits.pop(key, None)
        now = friction_cell(row, self._till.dimensions) if row is not None else None
        if now is not None:
            self._hits[key] = now
        if now != before:
            if before is not None:
                self._till.shift(self._in_friction.remove(before))
            if now is not None:
                self._till.shift(self._in_friction.add(now))

    def seal_hit(self, key: RowKey) -> None:
        """A hit that can no longer change stays counted where it is."""
        self._hits.pop(key, None)

    def withdraw_hits(self) -> None:
        """Take back every hit that is not sealed."""
        for key in list(self._hits):
            self.hit(key, None)

    def forget(self, before: int) -> None:
        """What stands in windows that ended before this stays as it is."""
        self._in_traffic.forget(before)
        self._in_friction.forget(before - MEMORY_MS)
