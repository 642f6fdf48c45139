"""Sessions: one source, one device, no gap longer than the channel's (rules.md 6)."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

from schemas.identifiers import PersonId, derived_id
from tests.oracle.shape import Rows
from tests.oracle.wire import Event

MINUTE = 60_000
GAPS = {
    "web": 30 * MINUTE,
    "app": 5 * MINUTE,
    "kiosk": 90_000,
    "email": 7 * 1_440 * MINUTE,
    "sms": 7 * 1_440 * MINUTE,
    "push": 7 * 1_440 * MINUTE,
    "survey": 1_440 * MINUTE,
    "social": 1_440 * MINUTE,
    "delivery": 1_440 * MINUTE,
}
SUPPORT_GAPS = {
    "phone": 10 * MINUTE,
    "ivr": 10 * MINUTE,
    "callback": 10 * MINUTE,
    "video": 10 * MINUTE,
    "chat": 15 * MINUTE,
    "bot": 15 * MINUTE,
}
ENDS = ("session.ended", "session.timed_out", "contact.ended")


def gap(touchpoint: Event) -> int:
    """Give the longest pause before this touchpoint that is still inside its session, ms."""
    if touchpoint.channel == "support":
        return SUPPORT_GAPS.get(touchpoint.sub_channel, 72 * 60 * MINUTE)
    return GAPS.get(touchpoint.channel, 30 * MINUTE)


def failed(touchpoint: Event) -> bool:
    """Tell whether a touchpoint counts as an error (7.5)."""
    return touchpoint.has_error or touchpoint.outcome == "failed"


def sessions(by_person: Mapping[PersonId, list[Event]]) -> Rows:
    """Cut each lane of each person."""
    rows: Rows = {}
    for person_id, held in by_person.items():
        lanes: dict[object, list[Event]] = defaultdict(list)
        for one in held:
            if one.direction == "inbound":
                lanes[(one.source, one.devices[:1])].append(one)
        for lane in lanes.values():
            for session in _cut(lane):
                rows[(person_id, derived_id(session[0].key))] = _row(session)
    return rows


def _cut(lane: list[Event]) -> list[list[Event]]:
    found = [[lane[0]]]
    for previous, one in pairwise(lane):
        if previous.name in ENDS or one.event_time - previous.event_time > gap(one):
            found.append([])
        found[-1].append(one)
    return found


def _row(session: list[Event]) -> tuple[object, ...]:
    first, last = session[0], session[-1]
    return (
        first.source, first.channel, first.sub_channel, first.brand, first.location_id, first.event_time,
        last.event_time, len(session), sum(map(failed, session)), last.name in ENDS,
    )  # fmt: skip
