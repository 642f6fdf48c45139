"""Tangles: events drawn blindly over a handful of identifiers, so that everything meets everything.

Unlike the generator's customers nobody here makes sense: cards meet cards, contacts hang on contacts, threads chain,
evidence comes weeks late and decisions are made before and after. Same seed, same tangle.
"""

from random import Random
from typing import Any

Wire = dict[str, Any]
DAY = 86_400_000
START = 1_772_409_600_000
STRONG = {
    "account_id": 4, "loyalty_id": 4, "email": 4, "phone": 3, "patient_ref": 2, "ticket_requester_id": 2,
}  # fmt: skip
DEVICES = {"device_id": 2, "anonymous_id": 2}
THREADS = {"order_id": 4, "cart_id": 3, "ticket_id": 3, "message_id": 2}
PHONES = ("+41446681800", "+41446681801", "+41446681802")
NAMES = (
    "page.viewed", "page.viewed", "order.placed", "payment.failed", "payment.failed", "payment.succeeded",
    "contact.started", "order.eta_changed", "message.sent", "identity.reset", "order.cancelled", "session.ended",
)  # fmt: skip
TASKS = ("", "", "checkout", "kiosk_order", "login", "browse")
CHANNELS = ("web", "app", "kiosk", "support", "email", "delivery")


def tangle(seed: int) -> tuple[list[Wire], list[Wire]]:
    """Draw events, in the order they are received, and decisions."""
    dice = Random(seed)
    span = dice.choice((2 * 3_600_000, DAY, 20 * DAY, 50 * DAY))
    events = [_event(dice, number, span) for number in range(dice.randrange(4, 60))]
    events += [_again(dice, event) for event in dice.sample(events, len(events) // 6)]
    events.sort(key=lambda event: int(event["received_at"]))
    return events, [_decision(dice, number, span) for number in range(dice.randrange(4))]


def _event(dice: Random, number: int, span: int) -> Wire:
    at = START + int(span * dice.random()) // 300_000 * 300_000 * (dice.random() < 0.5) or START + dice.randrange(span)
    channel, name = dice.choice(CHANNELS), dice.choice(NAMES)
    wire: Wire = {
        "event_id": f"e{number}",
        "source": f"/{channel}/{dice.randrange(2)}",
        "channel": channel,
        "name": name,
        "occurred_at": at,
        "received_at": at + _delay(dice),
        "direction": "outbound" if name == "message.sent" else "inbound",
        "task": dice.choice(TASKS),
        "outcome": dice.choice(("none", "none", "failed", "completed")),
        "identifiers": _identifiers(dice),
        "correlation": {kind: f"{kind}{dice.randrange(THREADS[kind])}" for kind in _some(dice, tuple(THREADS), 0.25)},
    }
    if dice.random() < 0.3:
        wire["session_id"] = f"s{dice.randrange(3)}"
    if name == "order.eta_changed":
        wire["eta"] = {"previous_due_at": at + 3_600_000, "due_at": at + dice.randrange(4) * 3_600_000}
    return wire


def _delay(dice: Random) -> int:
    luck = dice.random()
    if luck < 0.7:
        return dice.randrange(5_000)
    return dice.randrange(3 * DAY) if luck < 0.85 else dice.randrange(3 * DAY, 25 * DAY)


def _identifiers(dice: Random) -> list[Wire]:
    found: list[Wire] = []
    if dice.random() < 0.6:
        for kind in _some(dice, tuple(STRONG), 0.3):
            sure = dice.choice(("authenticated", "asserted", "asserted", "observed"))
            found.append(_one(kind, dice.randrange(STRONG[kind])) | {"assurance": sure})
    if dice.random() < 0.6:
        found += [_one(kind, dice.randrange(DEVICES[kind])) for kind in _some(dice, tuple(DEVICES), 0.5)]
    return found


def _one(kind: str, number: int) -> Wire:
    values = {"email": f"m{number}@x.example", "phone": PHONES[number % len(PHONES)]}
    return {"kind": kind, "value": values.get(kind, f"{kind}-{number}")}


def _some(dice: Random, kinds: tuple[str, ...], share: float) -> list[str]:
    return [kind for kind in kinds if dice.random() < share]


def _again(dice: Random, event: Wire) -> Wire:
    """Write an event again: the very same, later, or under other identifiers."""
    luck = dice.random()
    if luck < 0.3:
        return dict(event)
    later = dict(event, received_at=event["received_at"] + dice.randrange(1, 4 * DAY))
    return later if luck < 0.5 else later | {"identifiers": _identifiers(dice)}


def _decision(dice: Random, number: int, span: int) -> Wire:
    kinds = tuple(STRONG)
    pair = [_one(kind, dice.randrange(STRONG[kind])) for kind in dice.choices(kinds, k=2)]
    return {
        "decision_id": f"d{number}",
        "decided_at": START + dice.randrange(span + 20 * DAY),
        "verdict": dice.choice(("split", "split", "allow")),
        "pair": pair,
    }
