"""The words a story is told with: `web("a1", "10:00", "acc:ann dev:tablet")`, and the form of its answers.

Times are "10:00", "10:00:30.250" or with a day before it, "d3 10:00" (day 0 is 2 March 2026, UTC). Who is told in one
line: `kind:value`, a trailing `?` for observed. Labels name events in the answers; they travel as `visit_id`, which
nothing looks at.
"""

import json
import re
from typing import Any

import msgspec

DAY_0 = 1_772_409_600_000
DAY = 86_400_000
BRAND = "acme"
KINDS = {
    "acc": "account_id", "card": "loyalty_id", "mail": "email", "tel": "phone", "pat": "patient_ref",
    "req": "ticket_requester_id", "dev": "device_id", "push": "push_token", "ck": "anonymous_id",
    "link": "message_link_token",
}  # fmt: skip
THREADS = {
    "order": "order_id", "rx": "rx_id", "ticket": "ticket_id", "case": "case_id", "call": "call_id",
    "appointment": "appointment_id", "payment": "payment_id", "cart": "cart_id", "message": "message_id",
}  # fmt: skip
Wire = dict[str, Any]


def moment(told: str) -> int:
    """Read "d3 10:00:00.001" as milliseconds."""
    found = re.fullmatch(r"(?:d(-?\d+) )?(\d+):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?", told)
    if found is None:
        raise ValueError(f"no time of a story: {told!r}")
    day, hours, minutes, seconds, millis = (int(part or 0) for part in found.groups())
    return DAY_0 + day * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis


def tell(channel: str, label: str, at: str, who: str = "", **more: Any) -> Wire:
    """Say that something happened. `id` and `received` speak for themselves; the rest are fields of the envelope."""
    time = moment(at)
    wire: Wire = {
        "event_id": more.pop("id", label),
        "source": more.pop("source", f"/{channel}/main"),
        "channel": channel,
        "name": more.pop("name", "page.viewed"),
        "occurred_at": time,
        "received_at": moment(more.pop("received")) if "received" in more else time,
        "visit_id": label,
        "brand": BRAND,
        "identifiers": [],
    }
    for word in who.split():
        kind, _, value = word.partition(":")
        if kind in KINDS:
            wire["identifiers"].append(identifier(kind, value))
        elif kind in THREADS:
            wire.setdefault("correlation", {})[THREADS[kind]] = value
        elif kind == "sess":
            wire["session_id"] = value
        else:
            raise ValueError(f"no kind of a story: {word!r}")
    return wire | more


def identifier(kind: str, value: str) -> dict[str, str]:
    """Name an identifier as the wire does; accounts are signed in, the rest is asserted, `?` is observed."""
    sure = "authenticated" if kind == "acc" else "asserted"
    return {
        "kind": KINDS[kind],
        "value": value.removesuffix("?"),
        "assurance": "observed" if value.endswith("?") else sure,
    }


def web(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("web", label, at, who, **more)


def app(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("app", label, at, who, **{"name": "screen.viewed"} | more)


def kiosk(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("kiosk", label, at, who, **{"name": "menu.browsed"} | more)


def support(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("support", label, at, who, **{"name": "contact.started", "sub_channel": "phone"} | more)


def email(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("email", label, at, who, **{"name": "message.opened"} | more)


def courier(label: str, at: str, who: str = "", **more: Any) -> Wire:
    return tell("delivery", label, at, who, **{"name": "courier.arrived"} | more)


def decision(name: str, at: str, verdict: str, left: str, right: str) -> Wire:
    """An operator's word on two identifiers: `split` or `allow`."""
    ends = []
    for end in (left, right):
        kind, _, value = end.partition(":")
        ends.append({"kind": KINDS[kind], "value": value})
    return {"decision_id": name, "decided_at": moment(at), "verdict": verdict, "left": ends[0], "right": ends[1]}


def raw(wire: Wire) -> bytes:
    """As a line of JSON, escapes and all."""
    return json.dumps(wire).encode()


class Session(msgspec.Struct, frozen=True):
    person: str
    begins: str
    ends: str
    touchpoints: int


class Journey(msgspec.Struct, frozen=True):
    person: str
    task: str
    begins: str
    ends: str
    state: str
    touchpoints: int
    continues: bool = False
    measures: dict[str, object] = {}
    """Columns that the story asks for beside these, by name."""


class Hit(msgspec.Struct, frozen=True):
    """A hit; what is None is not asked. `evidence` are labels in order, `at` is when it was detected."""

    person: str
    pattern: str
    severity: str
    evidence: str | None = None
    at: str | None = None
    channel_to: str | None = None
    confidence: float | None = None
    at_risk: tuple[int, str] | None = None


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A story and its answers. `people` are groups of labels, one for each person, anonymous ones too; what is in no
    group and not in `nobody` is not shown. None: the story does not ask."""

    name: str
    events: list[Wire | bytes]
    decisions: list[Wire] = []
    as_of: str = ""
    """Seen up to when; empty: until everything that can end has ended."""
    people: dict[str, str] = {}
    nobody: str = ""
    late: str = ""
    dead: int = 0
    times: dict[str, str] = {}
    verdicts: dict[str, str] = {}
    """ "acc:ann mail:a@x.example" -> joined, shared, split, limited, junk, or none where there is no such link."""
    aliases: dict[str, list[tuple[str, str]]] = {}
    """ Identifier -> [(valid from: "always" or a time, person)]."""
    sessions: list[Session] | None = None
    journeys: list[Journey] | None = None
    hits: list[Hit] | None = None
