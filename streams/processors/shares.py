"""What one person adds to the aggregates of a partition, so that it can be taken back when the person moves."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from schemas.identifiers import NOBODY, PersonId
from schemas.rows import FrictionRow, JourneyRow, RowKey
from schemas.touchpoint import Touchpoint
from streams.journeys.measures import Transition
from streams.patterns.pattern import MEMORY_MS
from streams.rollups.cells import Cells
from streams.rollups.contributions import Contribution, of_hit, of_hit_at_location, of_journey, of_touchpoint
from streams.rollups.dimensions import Dimensions
from streams.rollups.people import Presence
from streams.rollups.tables import COUNTED_AGAIN


class Till:
    """The cells of a partition; `muted` while it is rebuilt, but for cells that only touchpoints bring back."""

    __slots__ = ("cells", "dimensions", "muted")

    def __init__(self, partition: int, generation: int, dimensions: Dimensions) -> None:
        self.cells = Cells(partition, generation)
        self.dimensions = dimensions
        self.muted = False

    def give(self, contribution: Contribution, people: int) -> None:
        """Add a contribution to its cell, and so many people."""
        if not self.muted or contribution.cell[0] in COUNTED_AGAIN:
            self.cells.add(contribution, people)

    def take_back(self, contribution: Contribution, people: int | None) -> None:
        """Take a contribution back, and so many people (0 or -1); None: it is sealed, and stays."""
        if people is not None and (not self.muted or contribution.cell[0] in COUNTED_AGAIN):
            self.cells.take_back(contribution, people)


class Shares:
    """The shares of one person. Nobody has shares too, but is not a person to count."""

    __slots__ = ("_hits", "_in_hits", "_in_traffic", "_is_somebody", "_journeys", "_places", "_till")

    def __init__(self, till: Till, person: PersonId) -> None:
        self._till = till
        self._is_somebody = person != NOBODY
        self._in_traffic = Presence()
        self._in_hits = Presence()
        self._hits: dict[RowKey, Contribution] = {}
        self._places: dict[RowKey, Contribution] = {}
        self._journeys: dict[str, tuple[Contribution, ...]] = {}

    def show(self, touchpoint: Touchpoint) -> None:
        """Count a touchpoint that is shown from now on."""
        for share in of_touchpoint(touchpoint, self._till.dimensions, is_somebody=self._is_somebody):
            self._till.give(share, self._in_traffic.enter(share.cell) if self._is_somebody else 0)

    def hide(self, touchpoint: Touchpoint) -> None:
        """Take back a touchpoint that is not shown any more."""
        for share in of_touchpoint(touchpoint, self._till.dimensions, is_somebody=self._is_somebody):
            self._till.take_back(share, self._in_traffic.leave(share.cell) if self._is_somebody else 0)

    def hit(self, key: RowKey, row: FrictionRow | None) -> None:
        """Count a hit as it is now, by pattern and at its location; None: there is none under this key."""
        before, now = self._hits.get(key), None
        if row is not None:
            now = self._hits[key] = of_hit(row, self._till.dimensions)
        elif before is not None:
            del self._hits[key]
        if now != before:
            self._exchange((before,) if before is not None else (), (now,) if now is not None else ())
        self._hit_at_location(key, row)

    def _hit_at_location(self, key: RowKey, row: FrictionRow | None) -> None:
        before = self._places.pop(key, None)
        now = of_hit_at_location(row, self._till.dimensions) if row is not None else None
        if now is not None:
            self._places[key] = now
        if now != before:
            if before is not None:
                self._till.take_back(before, 0)
            if now is not None:
                self._till.give(now, 0)

    def journey(self, row: JourneyRow, transitions: Sequence[Transition]) -> None:
        """Count the changes of channel of a journey as it is now."""
        before = self._journeys.get(row.journey_id, ())
        now = of_journey(row, transitions, self._till.dimensions) if transitions else ()
        if now == before:
            return
        if now:
            self._journeys[row.journey_id] = now
        else:
            del self._journeys[row.journey_id]
        self._exchange(before, now)

    def only_journeys(self, journey_ids: AbstractSet[str]) -> None:
        """Take back what journeys contributed that are none any more: all but these and those that are sealed."""
        for journey_id in sorted(self._journeys.keys() - journey_ids):
            self._exchange(self._journeys.pop(journey_id), ())

    def seal_journey(self, journey_id: str) -> None:
        """A journey that is forgotten stays counted as it is."""
        self._journeys.pop(journey_id, None)

    def seal_hit(self, key: RowKey) -> None:
        """A hit that can no longer change stays counted where it is."""
        self._hits.pop(key, None)
        self._places.pop(key, None)

    def withdraw(self) -> None:
        """Take back every hit and journey that is not sealed."""
        for key in list(self._hits):
            self.hit(key, None)
        self.only_journeys(frozenset())

    def forget(self, before: int) -> None:
        """What stands in windows that ended before this stays as it is."""
        self._in_traffic.forget(before)
        self._in_hits.forget(before - MEMORY_MS)

    def _exchange(self, before: Iterable[Contribution], now: Iterable[Contribution]) -> None:
        for share in before:
            self._till.take_back(share, self._in_hits.leave(share.cell))
        for share in now:
            self._till.give(share, self._in_hits.enter(share.cell))
