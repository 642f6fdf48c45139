"""The traffic: seeded touchpoints of many customers, in the native contract, in the order in which they arrive.

Twenty events a second of event time; six hundred visits at once, eight events long on average, of customers of whom
some come often. Three in a hundred occurred up to a minute before their place, one in a hundred is a repeat of an
earlier one. Only Python's own library is needed, since the baselines' environment has no other of ours.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final, NamedTuple

CHANNELS: Final = ("web", "app", "kiosk", "support", "email")
NAMES: Final = (
    "page.viewed", "element.clicked", "form.started", "form.submitted", "form.failed", "search.performed",
    "cart.item_added", "checkout.started", "checkout.failed", "order.placed", "ticket.opened", "ticket.replied",
    "ticket.closed", "message.sent", "message.opened", "message.clicked", "kiosk.idle", "kiosk.ordered", "app.crashed",
    "survey.responded",
)  # fmt: skip
OUTCOMES: Final = ("progressed", "failed", "abandoned", "unknown")
TASKS: Final = {"form": "refill", "checkout": "checkout", "cart": "checkout", "ticket": "get_help", "search": "find"}
BEGINS: Final = 1_767_225_600_000
"""Event time of the first event, milliseconds."""
STEP_MS: Final = 50
VISITS: Final = 600
CUSTOMERS: Final = 20_000
DEVICES: Final = 9_000
RECENT: Final = 500
"""Of so many events one may be repeated."""

Event = dict[str, Any]


class Arrival(NamedTuple):
    """An event, the customer it is keyed by, and when it arrives (ms)."""

    customer: str
    event: Event
    received_at: int


def arrivals(count: int, seed: int = 7) -> Iterator[Arrival]:
    """Tell the first so many arrivals; more of them begin with the same ones."""
    dice = Random(seed)
    visits = [_visit(dice) for _ in range(VISITS)]
    recent: list[Arrival] = []
    for number in range(count):
        if recent and dice.random() < 0.01:
            yield recent[dice.randrange(len(recent))]
            continue
        slot = dice.randrange(VISITS)
        if dice.random() < 0.125:
            visits[slot] = _visit(dice)
        arrival = _arrival(dice, number, *visits[slot])
        if len(recent) < RECENT:
            recent.append(arrival)
        else:
            recent[dice.randrange(RECENT)] = arrival
        yield arrival


def _visit(dice: Random) -> tuple[int, int]:
    """Draw who comes, and the number of the visit; low numbers of customers come more often."""
    return int(CUSTOMERS * dice.random() ** 1.5), dice.randrange(1 << 30)


def _arrival(dice: Random, number: int, customer: int, visit: int) -> Arrival:
    name, channel = NAMES[dice.randrange(20)], CHANNELS[dice.randrange(5)]
    outcome = OUTCOMES[0] if dice.random() < 0.86 else OUTCOMES[1 + dice.randrange(3)]
    place = BEGINS + number * STEP_MS
    occurred_at = place - (dice.randrange(60_000) if dice.random() < 0.03 else 0)
    known_as = f"c{customer:07d}"
    event: Event = {
        "event_id": f"{dice.getrandbits(64):016x}{number:016x}",
        "source": "/bench/acme",
        "schema_version": "3",
        "channel": channel,
        "name": name,
        "occurred_at": occurred_at,
        "received_at": place + 40,
        "identifiers": [
            {"kind": "account_id", "value": known_as, "assurance": "authenticated"},
            {"kind": "device_id", "value": f"d{customer % DEVICES:06d}"},
        ],
        "session_id": f"s{visit:08x}",
        "brand": "acme",
        "step": {"index": dice.randrange(6)},
        "outcome": outcome,
    }
    if task := TASKS.get(name.partition(".")[0]):
        event["task"] = task
    if outcome != OUTCOMES[0]:
        event["error"] = {"code": f"E{dice.randrange(80):03d}"}
    event["duration_ms"] = dice.randrange(30_000)
    event["attributes"] = {"page": f"/p/{dice.randrange(500)}"}
    event["locale"], event["region"] = "en-GB", "GB"
    event["value"] = {"amount_minor": round(dice.random() * 9_000), "currency": "GBP"}
    return Arrival(known_as, event, place + 40)
