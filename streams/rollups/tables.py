"""The tables of aggregates: how long their windows are, what their measures are, and how a cell becomes a row.

Measures of a cell are one list of integers, in the order of the row's fields, buckets spread out. In every table the
first counts and the second is people.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from schemas.rows import ChannelCell, FrictionCell, FunnelCell, LocationCell, Row, RowKey, Table, TransitionCell
from streams.patterns.durations import MINUTE

DURATION_BOUNDS_MS: Final = tuple(100 * 2**power for power in range(15))
"""Upper bounds, included, of the duration buckets: 100 ms, doubling to 1,638,400 ms (27 min); one more bucket is open.

Fixed for the life of the tables: counts in them can be retracted, which no sketch can.
"""
DURATION_BUCKETS: Final = len(DURATION_BOUNDS_MS) + 1
PEOPLE: Final = 1
"""Where people stand among the measures, in every table."""

CellName: TypeAlias = tuple[Table, RowKey]
"""A cell: its table, and the key of its row without the partition. The key begins with the window."""


class Form(NamedTuple):
    """How the cells of a table are made: the window's length, how many measures, where buckets begin, and the row."""

    window_ms: int
    measures: int
    buckets_at: int | None
    row: Callable[..., Row]


FORMS: Final[dict[Table, Form]] = {
    Table.AGG_CHANNEL_1M: Form(MINUTE, 4 + DURATION_BUCKETS, 4, ChannelCell),
    Table.AGG_TASK_FUNNEL_5M: Form(5 * MINUTE, 7 + DURATION_BUCKETS, 7, FunnelCell),
    Table.AGG_CHANNEL_TRANSITION_15M: Form(15 * MINUTE, 5, None, TransitionCell),
    Table.AGG_FRICTION_5M: Form(5 * MINUTE, 3, None, FrictionCell),
    Table.AGG_LOCATION_15M: Form(15 * MINUTE, 5 + DURATION_BUCKETS + 1, 5, LocationCell),
}
WINDOWS_MS: Final = {table: form.window_ms for table, form in FORMS.items()}
WITH_HITS: Final = frozenset((Table.AGG_FRICTION_5M, Table.AGG_CHANNEL_TRANSITION_15M))
"""Tables whose cells hits change, and so for as long as patterns remember."""
COUNTED_AGAIN: Final = frozenset((Table.AGG_CHANNEL_1M, Table.AGG_TASK_FUNNEL_5M))
"""Tables whose cells follow from the touchpoints that are remembered: a restored partition counts them again."""


def bucket(duration_ms: int) -> int:
    """Number the bucket of a duration, from 0."""
    return bisect_left(DURATION_BOUNDS_MS, duration_ms)


def ends_at(cell: CellName) -> int:
    """Name the end of a cell's window."""
    return int(cell[1][0]) + WINDOWS_MS[cell[0]]


def cell_row(partition: int, cell: CellName, measures: list[int]) -> Row:
    """Write a cell as a row of its table."""
    table, key = cell
    form = FORMS[table]
    at = form.buckets_at
    if at is None:
        return form.row(partition, *key, *measures)
    after = at + DURATION_BUCKETS
    return form.row(partition, *key, *measures[:at], tuple(measures[at:after]), *measures[after:])
