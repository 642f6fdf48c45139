"""Brinks: short stories drawn at the very bounds of the patterns, so that one bound off by one is seen.

Each takes the events of one or two families of patterns and puts pauses between them that are just what some rule asks
about, or a millisecond more. A few people, some of them one in the end; some events are heard of late. Same seed, same
brink.
"""

from random import Random
from typing import Any

from tests.oracle.tangles import tangle

Wire = dict[str, Any]
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
START = 1_772_409_600_000
PAUSES = (
    0, 0, 1, 2 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY, 14 * DAY,
)  # fmt: skip
LONGEST = {
    "failures": (MINUTE, 4 * HOUR, DAY), "channels": (15 * MINUTE, 12 * HOUR, DAY),
    "repeats": (10 * MINUTE, DAY, 7 * DAY),
    "offers": (HOUR, DAY, 14 * DAY), "links": (2 * SECOND, MINUTE), "orders": (15 * MINUTE, HOUR, 4 * HOUR),
    "promises": (15 * MINUTE, HOUR, 7 * DAY), "tills": (MINUTE, 15 * MINUTE, 30 * MINUTE),
}  # fmt: skip
"""The longest pauses of a family's stories: its patterns live within one of them."""
ERRORS: tuple[Wire, ...] = (
    {"class": "user"}, {"class": "system"}, {"code": "token_expired"}, {"http_status": 404}, {"http_status": 500},
    {"http_status": 403}, {"class": "network"},
)  # fmt: skip


def one(channel: str, *names: str, **fields: Any) -> list[Wire]:
    """Say which events may be drawn at a channel."""
    return [{"channel": channel, "name": name, **fields} for name in names]


CONTACTS = one("support", "contact.started", sub_channel="phone") + one("support", "ticket.created", "message.replied")
OUTBOUND = {"direction": "outbound"}
FAMILIES: dict[str, list[Wire]] = {
    "failures": [
        *one("web", "refill.requested", "refill.rejected", "checkout.started"),
        *one("app", "refill.requested", "refill.rejected"),
        *one("kiosk", "checkout.started"),
        *one("support", "refill.requested", sub_channel="bot"),
        *one("store", "visit.started", location={"location_id": "ph", "type": "pharmacy"}),
        *CONTACTS,
    ],
    "channels": [
        *one("web", "task.started", "info.provided", "checkout.step_completed"),
        *one("app", "task.started", "info.provided", "order.placed"),
        *one("kiosk", "info.provided", "order.placed"),
        *one("support", "contact.started", "contact.transferred", "contact.held"),
    ],
    "repeats": [
        *CONTACTS,
        *one("support", "ticket.resolved", "case.resolved", "ticket.reopened", "case.reopened", sub_channel="ticket"),
        *one("web", "contact.started"),
    ],
    "offers": [
        *one("email", "reward.offered", "promo.shown", **OUTBOUND),
        *one("app", "promo.shown", "reward.rejected"),
        *one("kiosk", "reward.rejected", "loyalty.scan_failed", location={"location_id": "r1"}),
        *one("pos", "promo.rejected"),
    ],
    "links": [
        *one("email", "message.delivered", **OUTBOUND),
        *one("email", "message.clicked", "message.clicked"),
        *one("web", "page.failed", "page.failed"),
        *one("app", "page.failed"),
    ],
    "orders": [
        *one("web", *["status.viewed"] * 8),
        *one("delivery", "order.eta_changed", "order.delivered"),
        *one("email", "message.sent", **OUTBOUND),
        *CONTACTS,
    ],
    "promises": [
        *one("support", "promise.made", "contact.started", "callback.completed"),
        *one("web", "order.refunded", "refill.ready", "promise.made"),
        *one("delivery", "order.delivered", "order.picked_up"),
    ],
    "tills": [
        *one("kiosk", "item.added", "item.added", "item.customized", "session.timed_out", "session.ended"),
        *one("kiosk", "order.placed", "peripheral.failed", "payment.failed"),
        *one("web", "payment.failed", "payment.failed", "payment.succeeded"),
    ],
}
THREADS = {
    "failures": ("rx_id", "order_id"), "channels": ("cart_id",),
    "repeats": ("case_id", "ticket_id", "order_id", "rx_id"),
    "offers": (), "links": ("message_id",), "orders": ("order_id",), "promises": ("case_id", "order_id", "ticket_id"),
    "tills": ("cart_id", "order_id"),
}  # fmt: skip
TASKS = {"failures": ("refill", "refill", "checkout", "login"), "channels": ("checkout",)}


def brink(seed: int) -> tuple[list[Wire], int | None]:
    """Draw events, in the order they are received, and the instant they are seen from (None: drained)."""
    dice = Random(seed)
    family = sorted(FAMILIES)[seed % len(FAMILIES)]
    other = dice.choice((family, family, *FAMILIES))
    longest = dice.choice(LONGEST[family])
    pauses = [pause for pause in PAUSES if pause <= longest]
    at, events = START, []
    for number in range(dice.randrange(3, 20)):
        at += longest if dice.random() < 0.3 else dice.choice(pauses)
        at = max(START, at + dice.choice((0, 0, 0, 0, 1, -1)))
        events.append(_event(dice, family if dice.random() < 0.8 else other, number, at))
    if dice.random() < 0.3:
        events.append(_binding(at + dice.choice(pauses)))
    events.sort(key=lambda event: (int(event["received_at"]), str(event["event_id"])))
    newest = max(int(event["received_at"]) for event in events)
    if dice.random() < 0.5:
        return events, None
    return events, max(newest, int(events[-1]["occurred_at"]) + dice.choice(PAUSES) + dice.choice((0, 15 * MINUTE)))


def _event(dice: Random, family: str, number: int, at: int) -> Wire:
    wire: Wire = {
        "event_id": f"e{dice.randrange(10)}{number:02}",
        "source": f"/{int(dice.random() < 0.2)}",
        "occurred_at": at,
        "received_at": at + (dice.choice((MINUTE, HOUR, DAY, 3 * DAY)) if dice.random() < 0.2 else 0),
        "brand": "acme" if dice.random() < 0.9 else "other",
        "identifiers": [_who(dice)],
        "correlation": {kind: f"{kind}{int(dice.random() < 0.2)}" for kind in THREADS[family] if dice.random() < 0.6},
        "outcome": dice.choice(("none", "none", "failed", "progressed", "completed", "started", "abandoned")),
        **dice.choice(FAMILIES[family]),
    }
    if dice.random() < 0.7:
        wire["task"] = dice.choice(TASKS.get(family, ("get_help", "track_order")))
    return wire | _blocks(dice, family, at)


def troubled(seed: int) -> tuple[list[Wire], list[Wire]]:
    """Draw a tangle in which most events are of one family of patterns; copies of an event stay alike."""
    events, told = tangle(seed)
    family = sorted(FAMILIES)[seed % len(FAMILIES)]
    return [event if event["name"] == "identity.reset" else _trouble(seed, family, event) for event in events], told


def _trouble(seed: int, family: str, event: Wire) -> Wire:
    dice = Random(f"{seed} {event['event_id']}")
    if dice.random() < 0.3:
        return event
    return event | dice.choice(FAMILIES[family]) | _blocks(dice, family, int(event["occurred_at"]))


def _who(dice: Random) -> Wire:
    luck = dice.random()
    if luck < 0.75:
        return {"kind": "account_id", "value": "ann", "assurance": "authenticated"}
    kind = ("email", "ann@x.example") if luck < 0.95 else ("account_id", "bob")
    return {"kind": kind[0], "value": kind[1], "assurance": "asserted"}


def _binding(at: int) -> Wire:
    """Tell that the address is hers."""
    both = [("account_id", "ann"), ("email", "ann@x.example")]
    named = [{"kind": kind, "value": value, "assurance": "authenticated"} for kind, value in both]
    common = {"source": "/0", "channel": "web", "name": "identity.linked", "brand": "acme"}
    return {"event_id": "bind", "occurred_at": at, "received_at": at, "identifiers": named, **common}


def _blocks(dice: Random, family: str, at: int) -> Wire:
    """Draw what else an event of this family may tell, each thing now and then."""
    near = at + dice.choice((-1, 1)) * dice.choice(PAUSES) + dice.choice((0, 1))
    told: dict[str, tuple[float, Any]] = {
        "intent": (0.4, dice.choice(("order_status", "billing"))),
        "error": (0.3, dice.choice(ERRORS)),
        "outcome_reason": (0.3, dice.choice(("not_eligible", "not_eligible", "timeout"))),
        "context_carried": (0.2, True),
        "value": (0.3, _value(dice)),
        "wait_ms": (0.1, dice.randrange(600_000)),
        "duration_ms": (0.2, dice.choice((100, 101, 200, 1_638_400, 1_638_401))),
        "sentiment": (0.1, {"score": dice.choice((-1, -0.5, 0, 0.25, 1))}),
        "location": (0.1, {"location_id": f"s{dice.randrange(2)}", "type": dice.choice(("store", "pharmacy"))}),
    }
    told |= _own_blocks(dice, family, near)
    return {name: block for name, (share, block) in told.items() if dice.random() < share}


def _own_blocks(dice: Random, family: str, near: int) -> dict[str, tuple[float, Any]]:
    offer: Wire = {"offer_id": f"o{int(dice.random() < 0.2)}"}
    if dice.random() < 0.4:
        offer["expires_at"] = near
    kind = dice.choice(("callback", "eta", "refill_ready", "refund"))
    step: Wire = {"name": f"s{dice.randrange(3)}", "index": dice.randrange(1, 4), "total": 4}
    return {
        "failures": {"rx": (0.5, {"days_supply_left": dice.randrange(1, 5)})},
        "channels": {"form": (0.7, {"field_group": dice.choice(("address", "payment"))}), "step": (0.6, step)},
        "repeats": {"contact": (0.4, {dice.choice(("dropped", "requested_by_agent")): True})},
        "offers": {"offer": (0.95, offer)},
        "orders": {"eta": (0.9, {"due_at": near + dice.choice(PAUSES), "previous_due_at": near})},
        "tills": {"error": (0.5, {"class": "user"})},
        "promises": {"promise": (0.5, {"kind": kind, "due_at": near})},
    }.get(family, {})


def _value(dice: Random) -> Wire:
    currency, kind = dice.choice(("CHF", "EUR")), dice.choice(("revenue", "at_risk", "refund"))
    return {"amount_minor": dice.choice((500, 500, 900)), "currency": currency, "kind": kind}
