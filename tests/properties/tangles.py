"""Small stories in which everybody is in everybody's way: few identifiers, devices, threads and instants, so that ties,
shared contacts and copies abound.

Events are written as producers write them, in order of receipt. Two copies of one event never have one received time,
for which of two contents then counts is a matter of the engine's own hash.
"""

from operator import itemgetter
from typing import Any

import msgspec
from hypothesis import strategies as st

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_772_409_600_000
"""A Monday's midnight."""

Written = dict[str, Any]

STRONG = (
    "account_id:ada", "account_id:bob", "account_id:eve", "loyalty_id:one", "loyalty_id:two", "email:x@example.org",
    "email:y@example.org", "phone:+41791234567", "patient_ref:r",
)  # fmt: skip
DEVICES = ("device_id:tablet", "anonymous_id:browser", "push_token:app")
THREADS = ("order_id:o", "order_id:oo", "ticket_id:t", "call_id:c", "cart_id:k", "message_id:m")
ASSURANCES = ("authenticated", "authenticated", "asserted", "observed", "inferred", "")
MINUTES = (0, 0, 1, 10, 30, 31, 60, 95)
DAYS = (0, 1, 2, 4, 9, 16, 18, 21, 25, 32, 40)
DELAYS = (0, 0, 0, 0, 1_000, 5 * HOUR, 71 * HOUR, 72 * HOUR, 72 * HOUR + 1, 10 * DAY, 18 * DAY)
WHATS: tuple[tuple[str, str, Written], ...] = (
    ("web", "page.viewed", {}),
    ("web", "page.viewed", {}),
    ("app", "identity.reset", {}),
    ("web", "checkout.failed", {"outcome": "failed", "task": "checkout"}),
    ("app", "payment.failed", {"error": {"code": "x", "class": "third_party"}}),
    ("web", "order.placed", {"value": {"amount_minor": 1200, "currency": "EUR", "kind": "revenue"}}),
    ("support", "contact.started", {"sub_channel": "phone"}),
    ("kiosk", "session.ended", {"location": {"location_id": "L1"}}),
    ("email", "message.sent", {"direction": "outbound"}),
)


class Ruled(msgspec.Struct, frozen=True):
    """What an operator decides of two identifiers."""

    decision_id: str
    decided_at: int
    verdict: str
    left: str
    right: str

    @property
    def written(self) -> Written:
        """The decision as the oracle reads it."""
        ends = {"left": _identifier(self.left), "right": _identifier(self.right)}
        return {"decision_id": self.decision_id, "decided_at": self.decided_at, "verdict": self.verdict, **ends}


class Tangle(msgspec.Struct, frozen=True):
    """A story: its events in order of receipt, and what was decided."""

    events: tuple[Written, ...]
    ruled: tuple[Ruled, ...] = ()

    @property
    def newest(self) -> int:
        """The newest received time."""
        return max(event["received_at"] for event in self.events)


_TEN = st.integers(0, 9)
_WHAT = st.sampled_from(WHATS)
_SOMEBODY = st.lists(
    st.tuples(st.sampled_from(STRONG), st.sampled_from(ASSURANCES)), max_size=3, unique_by=itemgetter(0)
)
_SOME_DEVICES = st.lists(st.sampled_from(DEVICES), max_size=2, unique=True)
_SOME_THREADS = st.lists(st.sampled_from(THREADS), max_size=2, unique=True)
_SOON = st.sampled_from(MINUTES)
_DELAY = st.sampled_from(DELAYS)
_SKEW = st.sampled_from((0, 0, MINUTE))
_ODD: st.SearchStrategy[Written] = st.sampled_from(
    (*[{}] * 8, {"is_bot": {"flag": True}}, {"consent": {"analytics": False}}, {"session_id": "s"})
)
_RULING = st.tuples(
    st.sampled_from((0, 1, 20)),
    st.sampled_from(("split", "split", "allow")),
    st.lists(st.sampled_from(STRONG), min_size=2, max_size=2, unique=True),
)


def _event(draw: st.DrawFn, number: int, day: st.SearchStrategy[int], told: list[Written], copies: int) -> Written:
    """One event, or (`copies` of ten times) another copy of an earlier one."""
    original = told[draw(_TEN) % len(told)] if told and draw(_TEN) >= 10 - copies else None
    channel, name, more = draw(_WHAT)
    somebody, devices, threads = draw(_SOMEBODY), draw(_SOME_DEVICES), draw(_SOME_THREADS)
    event: Written = {"event_id": f"e{number}", "source": f"/{channel}", "channel": channel, "name": name, **more}
    if original is None:
        event["occurred_at"] = START + draw(day) * DAY + draw(_SOON) * MINUTE
    else:
        event |= {"event_id": original["event_id"], "source": original["source"]}
        event["occurred_at"] = original["occurred_at"] + draw(_SKEW)
    event["brand"] = "main"
    event["identifiers"] = [_identifier(one) for one in devices]
    event["identifiers"] += [
        _identifier(one) | ({"assurance": assurance} if assurance else {}) for one, assurance in somebody
    ]
    event["correlation"] = dict(one.split(":") for one in threads)
    event["received_at"] = event["occurred_at"] + draw(_DELAY)
    while any(_is_copy(one, event) and one["received_at"] == event["received_at"] for one in told):
        event["received_at"] += 1
    return event | draw(_ODD)


@st.composite
def tangles(
    draw: st.DrawFn, *, days: tuple[int, ...] = (0,), events: int = 10, copies: int = 1, rulings: int = 2
) -> Tangle:
    """Stories of up to this many events on some of these days, `copies` of ten under other identifiers."""
    told: list[Written] = []
    day = st.sampled_from(days)
    for number in range(draw(st.integers(1, events))):
        told.append(_event(draw, number, day, told, copies))
    told.sort(key=itemgetter("received_at"))
    ruled = []
    for number in range(draw(st.integers(0, rulings))):
        after, verdict, (left, right) = draw(_RULING)
        ruled.append(Ruled(f"d{number}", START + after * DAY, verdict, left, right))
    return Tangle(tuple(told), tuple(ruled))


def strangers(tangle: Tangle) -> Tangle:
    """The same story of other people: every identifier, thread and event is another."""
    events = tuple(
        event
        | {
            "event_id": f"{event['event_id']}-strange",
            "identifiers": [one | {"value": _strange(one["value"])} for one in event["identifiers"]],
            "correlation": {kind: _strange(value) for kind, value in event["correlation"].items()},
        }
        | ({"session_id": "strange"} if "session_id" in event else {})
        for event in tangle.events
    )
    ruled = tuple(
        msgspec.structs.replace(
            one, decision_id=f"{one.decision_id}-strange", left=_strange(one.left), right=_strange(one.right)
        )
        for one in tangle.ruled
    )
    return Tangle(events, ruled)


def _strange(value: str) -> str:
    return value[:-1] + "8" if value[-1].isdigit() else value + "z" if "@" not in value else value[:-3] + "com"


def _identifier(told: str) -> Written:
    kind, _, value = told.partition(":")
    return {"kind": kind, "value": value}


def _is_copy(one: Written, other: Written) -> bool:
    return (one["source"], one["event_id"]) == (other["source"], other["event_id"])
