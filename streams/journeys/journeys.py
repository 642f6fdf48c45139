"""Journeys of one person: what one journey remembers, and how a touchpoint changes it. `assign` says which journey."""

from typing import Final

import msgspec

from schemas.identifiers import Ident, derived_id
from schemas.touchpoint import Direction, Touchpoint, Value
from streams.journeys import measures
from streams.journeys.book import TERMINAL_FAILURES, Book
from streams.journeys.measures import Measures
from streams.journeys.weights import Share
from streams.patterns.matches import Sign, sign_of
from streams.patterns.reading import (
    CHANNEL_NAMES,
    COMPLETED,
    INBOUND,
    NO_CLASS,
    business_threads,
    channel_class,
    has_error,
    is_contact,
    location_id,
)

NOT_YET: Final = -1
OUTBOUND: Final = Direction.OUTBOUND
_PLACES_CLEARED_ABOVE: Final = 8


class Journey(msgspec.Struct, array_like=True, gc=False):
    """One journey. `keys` are its threads by rank; `places` the newest time at each (channel class, location).

    `last_sign` is its newest touchpoint from the customer, with `last_class` and `last_intent` of the same.
    `past_shares` are those of its hits that patterns do not remember any more.
    """

    journey_id: str
    task: str
    brand: str
    started_at: int
    last_at: int
    continues: str = ""
    completed_at: int = NOT_YET
    failed_at: int = NOT_YET
    keys: dict[int, list[Ident]] = {}
    places: dict[str, int] = {}
    touchpoints: int = 0
    touches: int = 0
    channels: list[str] = []
    switches: int = 0
    switch_class: str = NO_CLASS
    errors: int = 0
    contacts: int = 0
    entry_channel: str = ""
    exit_channel: str = ""
    value_minor: int = 0
    currency: str = ""
    last_sign: Sign | None = None
    last_class: str = NO_CLASS
    last_intent: str = ""
    measures: Measures = msgspec.field(default_factory=Measures)
    past_shares: list[Share] = []

    def expires_at(self, book: Book) -> int:
        """Name the last instant at which a touchpoint can join it, its age aside."""
        if self.completed_at != NOT_YET:
            return self.completed_at + book.grace_ms
        return self.last_at + book.timeout(self.task)

    def holds_other(self, keys: tuple[Ident, ...], below: int) -> bool:
        """Tell whether, for a kind stronger than rank `below` that `keys` have, it holds only other values."""
        for key in keys:
            held = self.keys.get(key[0])
            if held is not None and key[0] < below and not any(one in held for one in keys):
                return True
        return False


class Journeys(msgspec.Struct, array_like=True, gc=False):
    """Journeys that can still be joined or continued, and ended ones that are not forgotten yet.

    No active journey expires before `next_expiry` (a lower bound), so that most touchpoints need not look.
    """

    active: list[Journey] = []
    ended: list[Journey] = []
    next_expiry: int = 1 << 62

    def all(self) -> list[Journey]:
        """Every journey known, ended ones first."""
        return [*self.ended, *self.active]


def place_of(touchpoint: Touchpoint) -> str:
    """Where it happened, for touchpoints that name neither task nor thread."""
    return f"{channel_class(touchpoint)}|{location_id(touchpoint)}"


def begin(touchpoint: Touchpoint, task: str, continues: str) -> Journey:
    """Begin a journey with its first touchpoint, which is yet to be added."""
    now = touchpoint.event_time
    journey_id = derived_id(touchpoint.key, task.encode("utf-8", "surrogatepass"))
    return Journey(journey_id, task, touchpoint.brand, now, now, continues)


def add(journey: Journey, touchpoint: Touchpoint, book: Book) -> bool:
    """Add a touchpoint to its journey; tell whether it met the goal with it, for the first time."""
    now = touchpoint.event_time
    channel = CHANNEL_NAMES[touchpoint.channel]
    inbound = touchpoint.direction is INBOUND
    if touchpoint.threads:
        _add_keys(journey, touchpoint)
    name = channel_class(touchpoint)
    place = f"{name}|{location_id(touchpoint)}"
    journey.places[place] = now
    if len(journey.places) > _PLACES_CLEARED_ABOVE:
        since = now - book.place_gap_ms
        journey.places = {place: at for place, at in journey.places.items() if at >= since}
    counted, is_error = journey.measures, has_error(touchpoint)
    measures.add(counted, touchpoint, now - journey.last_at, book)
    journey.last_at = now
    journey.touchpoints += 1
    journey.errors += is_error
    if channel not in journey.channels:
        journey.channels.append(channel)
    if journey.touchpoints == 1 or (inbound and not journey.touches):
        journey.entry_channel = channel
    if inbound or not journey.touches:
        journey.exit_channel = channel
    if inbound:
        measures.add_touch(counted, touchpoint, place, name, book)
        _add_touch(journey, touchpoint, name)
    elif touchpoint.direction is OUTBOUND:
        counted.outbound_touches += 1
    measures.note_result(counted, touchpoint, is_error=is_error)
    if touchpoint.value is not None:
        _add_value(journey, touchpoint.value)
    if touchpoint.name in TERMINAL_FAILURES and journey.failed_at == NOT_YET:
        journey.failed_at = now
    if journey.completed_at == NOT_YET and _meets_goal(journey, touchpoint, book):
        journey.completed_at = now
        return True
    return False


def _add_keys(journey: Journey, touchpoint: Touchpoint) -> None:
    for key in business_threads(touchpoint):
        held = journey.keys.setdefault(key[0], [])
        if key not in held:
            held.append(key)


def _add_touch(journey: Journey, touchpoint: Touchpoint, name: str) -> None:
    journey.touches += 1
    journey.contacts += is_contact(touchpoint)
    if name != NO_CLASS:
        if journey.switch_class not in (NO_CLASS, name):
            journey.switches += 1
            journey.measures.seamless_switches += measures.is_seamless(touchpoint)
        journey.switch_class = name
    journey.last_class = name
    journey.last_intent = touchpoint.intent
    journey.last_sign = sign_of(touchpoint, mask=0)


def _add_value(journey: Journey, value: Value) -> None:
    if value.kind != "revenue":
        return
    if not journey.currency:
        journey.currency = value.currency
    if value.currency == journey.currency:
        journey.value_minor += value.amount_minor


def _meets_goal(journey: Journey, touchpoint: Touchpoint, book: Book) -> bool:
    if touchpoint.name == book.goals.get(journey.task):
        return True
    return touchpoint.outcome is COMPLETED and touchpoint.task in ("", journey.task)
