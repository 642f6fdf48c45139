"""What touchpoints and hits contribute to cells, and what one person contributes in all.

A cell is a window of event time and its dimensions. Measures add up, so that a person who moves to another partition is
subtracted here and added there. Distinct people are 0 or 1 per person and cell: transitions of a count kept per person.
"""

from bisect import bisect_left
from typing import Final, TypeAlias

import msgspec

from schemas.rows import FrictionRow, RowKey, Table
from schemas.touchpoint import Touchpoint, is_counted_only
from streams.patterns.reading import CHANNEL_NAMES, OUTCOME_NAMES, has_error, location_id
from streams.rollups.dimensions import Dimensions, kept

CHANNEL_WINDOW_MS: Final = 60_000
FRICTION_WINDOW_MS: Final = 300_000
WINDOWS_MS: Final = {Table.AGG_CHANNEL_1M: CHANNEL_WINDOW_MS, Table.AGG_FRICTION_5M: FRICTION_WINDOW_MS}

PRUNED_EVERY_MS: Final = 86_400_000
"""How often, in time of floors, the counts of a person are cleared of sealed cells: each time looks at all of them."""

DURATION_BOUNDS_MS: Final = tuple(100 * 2**power for power in range(15))
"""Upper bounds, included, of the duration buckets: 100 ms, doubling to 1,638,400 ms (27 min); one more bucket is open.

Fixed for the life of the tables: counts in them can be retracted, which no sketch can.
"""
DURATION_BUCKETS: Final = len(DURATION_BOUNDS_MS) + 1

Shift: TypeAlias = tuple[tuple[int, int], ...]
"""Changes of measures, (position, by how much): those that change only, since most of a cell's twenty never do.

In channel cells: events, people, errors, value, then each bucket; in friction cells: hits, people, value at risk.
"""
PEOPLE: Final = 1
"""Where people stand among the measures, in both tables."""
VALUE_AT_RISK: Final = 2
ERRORS: Final = 2
VALUE: Final = 3
DURATIONS: Final = 4
"""Where the first bucket stands; of friction cells there are none."""
MEASURES: Final = {Table.AGG_CHANNEL_1M: DURATIONS + DURATION_BUCKETS, Table.AGG_FRICTION_5M: 3}
"""How many measures the cells of a table have."""

_CHANNEL_TABLE: Final = Table.AGG_CHANNEL_1M
_ONE: Final = ((0, 1),)
_ONE_ERROR: Final = ((0, 1), (ERRORS, 1))
_ENTERS: Final = ((PEOPLE, 1),)
_LEAVES: Final = ((PEOPLE, -1),)


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """What one touchpoint or hit adds to one cell, people left out; `key` is the row's key without the partition."""

    table: Table
    key: RowKey
    shift: Shift


def channel_cell(touchpoint: Touchpoint, dimensions: Dimensions) -> Contribution | None:
    """Place a touchpoint in its minute; None for bots and tests, which are no customers."""
    if is_counted_only(touchpoint):
        return None
    value, duration_ms = touchpoint.value, touchpoint.duration_ms
    shift: Shift = _ONE_ERROR if has_error(touchpoint) else _ONE
    if value is not None and value.kind == "revenue" and value.amount_minor:
        shift += ((VALUE, value.amount_minor),)
    if duration_ms is not None:
        shift += ((DURATIONS + bisect_left(DURATION_BOUNDS_MS, duration_ms), 1),)
    return Contribution(_CHANNEL_TABLE, _channel_key(touchpoint, dimensions), shift)


def _channel_key(touchpoint: Touchpoint, dimensions: Dimensions) -> RowKey:
    now = touchpoint.event_time
    since = now - now % CHANNEL_WINDOW_MS
    brand, sub_channel, name = touchpoint.brand, touchpoint.sub_channel, touchpoint.name
    place = location_id(touchpoint)
    if not dimensions.keep_all:
        brand, sub_channel = kept(brand, dimensions.brands), kept(sub_channel, dimensions.sub_channels)
        place, name = kept(place, dimensions.location_ids), kept(name, dimensions.names)
    return (
        since,
        brand,
        CHANNEL_NAMES[touchpoint.channel],
        sub_channel,
        place,
        name,
        OUTCOME_NAMES[touchpoint.outcome],
    )


def friction_cell(hit: FrictionRow, dimensions: Dimensions) -> Contribution:
    """Place a hit in the five minutes of its detection."""
    key = (
        hit.detected_at // FRICTION_WINDOW_MS * FRICTION_WINDOW_MS,
        hit.pattern,
        hit.severity,
        kept(hit.brand, dimensions.brands),
        hit.channel_from,
        hit.channel_to,
        kept(hit.task, dimensions.tasks),
        kept(hit.location_id, dimensions.location_ids),
    )
    return Contribution(Table.AGG_FRICTION_5M, key, ((0, 1), (VALUE_AT_RISK, hit.value_at_risk_minor)))


class Contributions:
    """How many touchpoints or hits of one person stand in each cell, so that the person counts once per cell."""

    __slots__ = ("_counts", "_pruned", "_sealed")

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: dict[tuple[Table, RowKey], int] = {}
        self._sealed = dict.fromkeys(WINDOWS_MS, 0)
        self._pruned = 0

    def add(self, contribution: Contribution) -> Contribution:
        """Add one; the change of the cell, people included."""
        cell = (contribution.table, contribution.key)
        count = self._counts.get(cell, 0)
        self._counts[cell] = count + 1
        return contribution if count else _with_people(contribution, _ENTERS)

    def remove(self, contribution: Contribution) -> Contribution:
        """Take back one that was added; the change of the cell, people included. KeyError if it was not.

        Of a sealed cell nothing is taken back.
        """
        cell = (contribution.table, contribution.key)
        taken = negative(contribution)
        if cell not in self._counts and _ends(cell) <= self._sealed[contribution.table]:
            return Contribution(contribution.table, contribution.key, ())
        count = self._counts[cell] - 1
        if count:
            self._counts[cell] = count
            return taken
        del self._counts[cell]
        return _with_people(taken, _LEAVES)

    def forget(self, floor: int) -> None:
        """Drop cells whose window ended at or before `floor`: what is in them stays as it is.

        Once a day of floors is enough: until then `Cells` leave their changes out.
        """
        self._sealed = {table: max(sealed, floor) for table, sealed in self._sealed.items()}
        if floor < self._pruned + PRUNED_EVERY_MS:
            return
        self._pruned = floor
        self._counts = {cell: count for cell, count in self._counts.items() if _ends(cell) > floor}

    def __len__(self) -> int:
        return len(self._counts)


def _ends(cell: tuple[Table, RowKey]) -> int:
    table, key = cell
    return int(key[0]) + WINDOWS_MS[table]


def negative(contribution: Contribution) -> Contribution:
    """Take a contribution back."""
    shift = tuple([(position, -amount) for position, amount in contribution.shift])
    return Contribution(contribution.table, contribution.key, shift)


def _with_people(contribution: Contribution, people: Shift) -> Contribution:
    return Contribution(contribution.table, contribution.key, contribution.shift + people)
