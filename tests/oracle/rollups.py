"""Aggregates: what is shown, counted by windows and dimensions (rules.md 9)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice, pairwise

from schemas.identifiers import NOBODY, PersonId
from tests.oracle.hits import Hit
from tests.oracle.identity import Identity
from tests.oracle.journeys import Journey
from tests.oracle.measures import seamless
from tests.oracle.sessions import failed
from tests.oracle.shape import RowKey, Rows
from tests.oracle.wire import Event

MINUTE = 60_000
BUCKET_BOUNDS = tuple(100 << power for power in range(15))
"""Durations in ms, each bound included; one more bucket is open."""
LAGS = {"1m": MINUTE, "10m": 10 * MINUTE, "1h": 60 * MINUTE, "24h": 1_440 * MINUTE}
TRANSITIONS_MAX = 64
"""How many of one journey count."""


class Cell:
    """Counts of one cell: plain ones, distinct people, durations by bucket."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.people: set[PersonId] = set()
        self.buckets = [0] * (len(BUCKET_BOUNDS) + 1)

    def count(self, person_id: PersonId = NOBODY, **more: int) -> None:
        """Add to counts; nobody is no person."""
        for name, number in more.items():
            self.counts[name] += number
        if person_id != NOBODY:
            self.people.add(person_id)

    def last(self, duration_ms: int | None) -> None:
        """Put a duration in its bucket; None: nothing was told."""
        if duration_ms is not None:
            self.buckets[sum(bound < duration_ms for bound in BUCKET_BOUNDS)] += 1

    def row(self, *names: str) -> tuple[object, ...]:
        """List counts by name; `people` and `buckets` are the others."""
        others: dict[str, object] = {"people": len(self.people), "buckets": tuple(self.buckets)}
        return tuple(others[name] if name in others else self.counts[name] for name in names)


def _rows(cells: Mapping[RowKey, Cell], *names: str) -> Rows:
    return {key: cell.row(*names) for key, cell in cells.items()}


def _window(time: int, minutes: int) -> int:
    return time // (minutes * MINUTE) * (minutes * MINUTE)


def channels(identity: Identity) -> Rows:
    """Count touchpoints by minute, channel, place, name and outcome; bots and tests left out, nobody's not."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for key, one in identity.shown.items():
        if one.counted_only:
            continue
        minute = _window(one.event_time, 1)
        cell = cells[(minute, one.brand, one.channel, one.sub_channel, one.location_id, one.name, one.outcome)]
        revenue = one.amount_minor if one.value_kind == "revenue" else 0
        cell.count(identity.person[key], events=1, errors=failed(one), value=revenue)
        cell.last(one.told.duration_ms)
    return _rows(cells, "events", "people", "errors", "value", "buckets")


def funnel(by_person: Mapping[PersonId, list[Event]]) -> Rows:
    """Count what customers did for a task, by step and channel; no experiment is configured."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for person_id, held in by_person.items():
        for one in held:
            if one.direction == "inbound" and one.task:
                step = (one.brand, one.task, one.told.step_name, one.channel, "")
                cell = cells[(_window(one.event_time, 5), *step)]
                cell.count(person_id, events=1, **{one.outcome: 1})
                cell.last(one.told.duration_ms)
    outcomes = ("started", "progressed", "completed", "failed", "abandoned")
    return _rows(cells, "events", "people", *outcomes, "buckets")


def transitions(assigned: Mapping[PersonId, list[Journey]], hits: Mapping[PersonId, list[Hit]]) -> Rows:
    """Count changes of channel within journeys, by how long they took."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for person_id, held in assigned.items():
        hurt = {hit.journey_id for hit in hits.get(person_id, ())}
        for journey in held:
            for one, after in islice(_changes(journey), TRANSITIONS_MAX):
                ways = (journey.brand, one.channel, after.channel, journey.task, _lag(one, after))
                cells[(_window(after.event_time, 15), *ways)].count(
                    person_id,
                    transitions=1,
                    seamless=seamless(after),
                    converted=journey.completed_at is not None and journey.completed_at >= after.event_time,
                    with_friction=journey.journey_id in hurt,
                )
    return _rows(cells, "transitions", "people", "seamless", "converted", "with_friction")


def _changes(journey: Journey) -> Iterator[tuple[Event, Event]]:
    return ((one, after) for one, after in pairwise(journey.inbound) if one.channel != after.channel)


def _lag(one: Event, after: Event) -> str:
    lag = after.event_time - one.event_time
    return next((name for name, longest in LAGS.items() if lag <= longest), "more")


def friction(found: Mapping[PersonId, list[Hit]]) -> Rows:
    """Count hits by five minutes of their detection."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for person_id, held in found.items():
        for hit in held:
            place = (hit.brand, hit.head.channel, hit.channel_to, hit.task, hit.head.location_id)
            cell = cells[(_window(hit.detected_at, 5), hit.pattern, hit.severity, *place)]
            cell.count(person_id, hits=1, at_risk=hit.at_risk[0])
    return _rows(cells, "hits", "people", "at_risk")


def locations(by_person: Mapping[PersonId, list[Event]], found: Mapping[PersonId, list[Hit]]) -> Rows:
    """Count touchpoints and hits by place."""
    cells: dict[RowKey, Cell] = defaultdict(Cell)
    for person_id, held in by_person.items():
        for one in held:
            if one.location_id:
                place = (one.brand, one.location_id, one.channel, one.task)
                cell = cells[(_window(one.event_time, 15), *place)]
                cell.count(person_id, events=1, **{one.outcome: 1})
                cell.last(one.told.wait_ms)
    for hit in (hit for held in found.values() for hit in held if hit.head.location_id):
        place = (hit.brand, hit.head.location_id, hit.head.channel, hit.task)
        cells[(_window(hit.detected_at, 15), *place)].count(hits=1)
    return _rows(cells, "events", "people", "completed", "failed", "abandoned", "buckets", "hits")
