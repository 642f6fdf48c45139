"""What touchpoints, hits and journeys contribute to cells (docs/rules.md §9).

Measures add up, so that a person who moves to another partition is subtracted here and added there. People are counted
apart (`people`), since of one person many may contribute to a cell.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from schemas.rows import FrictionRow, JourneyRow, RowKey, Table
from schemas.touchpoint import Outcome, Touchpoint, is_counted_only
from streams.journeys.measures import Transition
from streams.patterns.durations import DAY, HOUR, MINUTE
from streams.patterns.reading import CHANNEL_NAMES, INBOUND, OUTCOME_NAMES, has_error, location_id
from streams.rollups.dimensions import Dimensions, kept
from streams.rollups.tables import FORMS, WINDOWS_MS, CellName, bucket

Shift: TypeAlias = tuple[tuple[int, int], ...]
"""Changes of measures, (position, by how much): those that change only, since most of a cell's twenty never do."""

_CHANNEL: Final = Table.AGG_CHANNEL_1M
_FUNNEL: Final = Table.AGG_TASK_FUNNEL_5M
_TRANSITION: Final = Table.AGG_CHANNEL_TRANSITION_15M
_FRICTION: Final = Table.AGG_FRICTION_5M
_LOCATION: Final = Table.AGG_LOCATION_15M
_CHANNEL_MS: Final = WINDOWS_MS[_CHANNEL]
_FUNNEL_MS: Final = WINDOWS_MS[_FUNNEL]
_TRANSITION_MS: Final = WINDOWS_MS[_TRANSITION]
_FRICTION_MS: Final = WINDOWS_MS[_FRICTION]
_LOCATION_MS: Final = WINDOWS_MS[_LOCATION]

# Where the measures stand, in the order of the rows' fields.
_ONE: Final = ((0, 1),)
_ONE_ERROR: Final = ((0, 1), (2, 1))
_VALUE: Final = 3
_CHANNEL_BUCKETS: Final = 4
_FUNNEL_BUCKETS: Final = 7
_WAIT_BUCKETS: Final = 5
_VALUE_AT_RISK: Final = 2
_SEAMLESS: Final = (2, 1)
_CONVERTED: Final = (3, 1)
_WITH_FRICTION: Final = (4, 1)
_HIT: Final = ((FORMS[_LOCATION].measures - 1, 1),)

_FUNNEL_SHIFTS: Final[dict[Outcome, Shift]] = {
    Outcome.STARTED: ((0, 1), (2, 1)),
    Outcome.PROGRESSED: ((0, 1), (3, 1)),
    Outcome.COMPLETED: ((0, 1), (4, 1)),
    Outcome.FAILED: ((0, 1), (5, 1)),
    Outcome.ABANDONED: ((0, 1), (6, 1)),
}
_LOCATION_SHIFTS: Final[dict[Outcome, Shift]] = {
    Outcome.COMPLETED: ((0, 1), (2, 1)),
    Outcome.FAILED: ((0, 1), (3, 1)),
    Outcome.ABANDONED: ((0, 1), (4, 1)),
}
_LAGS: Final = ((MINUTE, "1m"), (10 * MINUTE, "10m"), (HOUR, "1h"), (DAY, "24h"))
_LONGER: Final = "more"


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """What one touchpoint, hit or change of channel adds to one cell, people left out. `since`: its window begins."""

    cell: CellName
    since: int
    shift: Shift


def of_touchpoint(touchpoint: Touchpoint, dimensions: Dimensions, *, is_somebody: bool) -> list[Contribution]:
    """Place a touchpoint in its cells, up to three. Bots and tests are no customers; nobody counts by channel only."""
    if is_counted_only(touchpoint):
        return []
    brand, task, place = touchpoint.brand, touchpoint.task, location_id(touchpoint)
    channel = CHANNEL_NAMES[touchpoint.channel]
    if not dimensions.keep_all:
        brand, task = kept(brand, dimensions.brands), kept(task, dimensions.tasks)
        place = kept(place, dimensions.location_ids)
    placed = [_by_channel(touchpoint, dimensions, brand, channel, place)]
    if is_somebody:
        if task and touchpoint.direction is INBOUND:
            placed.append(_by_step(touchpoint, dimensions, brand, task, channel))
        if place:
            placed.append(_by_place(touchpoint, brand, place, channel, task))
    return placed


def of_hit(hit: FrictionRow, dimensions: Dimensions) -> Contribution:
    """Place a hit in the five minutes of its detection."""
    since = hit.detected_at // _FRICTION_MS * _FRICTION_MS
    key = (
        since,
        hit.pattern,
        hit.severity,
        kept(hit.brand, dimensions.brands),
        hit.channel_from,
        hit.channel_to,
        kept(hit.task, dimensions.tasks),
        kept(hit.location_id, dimensions.location_ids),
    )
    return Contribution((_FRICTION, key), since, ((0, 1), (_VALUE_AT_RISK, hit.value_at_risk_minor)))


def of_hit_at_location(hit: FrictionRow, dimensions: Dimensions) -> Contribution | None:
    """Place a hit at its location; None where it has none. Nobody is counted for it there."""
    if not hit.location_id:
        return None
    since = hit.detected_at // _LOCATION_MS * _LOCATION_MS
    key = (
        since,
        kept(hit.brand, dimensions.brands),
        kept(hit.location_id, dimensions.location_ids),
        hit.channel_from,
        kept(hit.task, dimensions.tasks),
    )
    return Contribution((_LOCATION, key), since, _HIT)


def of_journey(
    journey: JourneyRow, transitions: Iterable[Transition], dimensions: Dimensions
) -> tuple[Contribution, ...]:
    """Place a journey's changes of channel, each at the time of the later touchpoint."""
    brand, task = kept(journey.brand, dimensions.brands), kept(journey.task, dimensions.tasks)
    completed_at = journey.completed_at
    placed = []
    for told in transitions:
        since = told.time // _TRANSITION_MS * _TRANSITION_MS
        key: RowKey = (since, brand, told.channel_from, told.channel_to, task, _lag(told.lag_ms))
        shift: Shift = _ONE
        if told.is_seamless:
            shift += (_SEAMLESS,)
        if completed_at is not None and completed_at >= told.time:
            shift += (_CONVERTED,)
        if journey.hits:
            shift += (_WITH_FRICTION,)
        placed.append(Contribution((_TRANSITION, key), since, shift))
    return tuple(placed)


def _by_channel(touchpoint: Touchpoint, dimensions: Dimensions, brand: str, channel: str, place: str) -> Contribution:
    value, sub_channel, name = touchpoint.value, touchpoint.sub_channel, touchpoint.name
    if not dimensions.keep_all:
        sub_channel, name = kept(sub_channel, dimensions.sub_channels), kept(name, dimensions.names)
    since = touchpoint.event_time // _CHANNEL_MS * _CHANNEL_MS
    key = (since, brand, channel, sub_channel, place, name, OUTCOME_NAMES[touchpoint.outcome])
    shift: Shift = _ONE_ERROR if has_error(touchpoint) else _ONE
    if value is not None and value.kind == "revenue" and value.amount_minor:
        shift += ((_VALUE, value.amount_minor),)
    if touchpoint.duration_ms is not None:
        shift = _with_bucket(shift, _CHANNEL_BUCKETS, touchpoint.duration_ms)
    return Contribution((_CHANNEL, key), since, shift)


def _by_place(touchpoint: Touchpoint, brand: str, place: str, channel: str, task: str) -> Contribution:
    since = touchpoint.event_time // _LOCATION_MS * _LOCATION_MS
    shift = _LOCATION_SHIFTS.get(touchpoint.outcome, _ONE)
    if touchpoint.wait_ms is not None:
        shift = _with_bucket(shift, _WAIT_BUCKETS, touchpoint.wait_ms)
    return Contribution((_LOCATION, (since, brand, place, channel, task)), since, shift)


def _by_step(touchpoint: Touchpoint, dimensions: Dimensions, brand: str, task: str, channel: str) -> Contribution:
    step = touchpoint.step.name if touchpoint.step is not None else ""
    if not dimensions.keep_all:
        step = kept(step, dimensions.step_names)
    variant = _variant(touchpoint, dimensions.experiments) if dimensions.experiments else ""
    since = touchpoint.event_time // _FUNNEL_MS * _FUNNEL_MS
    shift = _FUNNEL_SHIFTS.get(touchpoint.outcome, _ONE)
    if touchpoint.duration_ms is not None:
        shift = _with_bucket(shift, _FUNNEL_BUCKETS, touchpoint.duration_ms)
    return Contribution((_FUNNEL, (since, brand, task, step, channel, variant)), since, shift)


def _variant(touchpoint: Touchpoint, experiments: frozenset[str]) -> str:
    """Name the first experiment that is looked at, with its variant."""
    listed = (one for one in touchpoint.experiments if one.experiment_id in experiments)
    first = next(listed, None)
    return f"{first.experiment_id}:{first.variant}" if first is not None else ""


def _with_bucket(shift: Shift, buckets_at: int, duration_ms: int) -> Shift:
    return (*shift, (buckets_at + bucket(duration_ms), 1))


def _lag(lag_ms: int) -> str:
    return next((name for at_most, name in _LAGS if lag_ms <= at_most), _LONGER)
