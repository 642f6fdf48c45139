"""Hypothesis strategies: one person's touchpoints, few things and instants, so that all thirteen patterns meet."""

from typing import Any, Final

import msgspec
from hypothesis import strategies as st

from schemas.blocks import Contact, Error, ErrorClass, Eta, Form, Location, Offer, Promise, Rx, Step
from schemas.touchpoint import Touchpoint, order_key
from tests.support.touchpoints import DAY, HOUR, MINUTE, SECOND, T0, event

_PAUSES: Final = st.sampled_from(
    (
        *(0, 0, 1, SECOND, 2 * SECOND, MINUTE, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
        *(2 * HOUR, 4 * HOUR, 24 * HOUR, 3 * DAY, 7 * DAY, 15 * DAY),
    )
)
_THREADS: Final = (
    "order_id:O1",
    "order_id:O2",
    "case_id:C1",
    "ticket_id:T1",
    "rx_id:R1",
    "message_id:M1",
    "cart_id:K1",
)
_WHATS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("web", "page.viewed", {}),
    ("web", "checkout.failed", {"outcome": "failed"}),
    ("app", "refill.requested", {"outcome": "failed", "task": "refill"}),
    ("web", "order.placed", {"outcome": "completed"}),
    ("app", "task.started", {}),
    ("web", "info.provided", {}),
    ("kiosk", "item.added", {}),
    ("kiosk", "peripheral.failed", {"direction": "internal"}),
    ("kiosk", "session.ended", {}),
    ("support", "contact.started", {"sub_channel": "phone"}),
    ("support", "contact.ended", {"direction": "internal", "dropped": True}),
    ("support", "ticket.resolved", {"direction": "internal"}),
    ("support", "ticket.reopened", {}),
    ("store", "visit.started", {}),
    ("pos", "reward.rejected", {}),
    ("app", "reward.offered", {"direction": "outbound"}),
    ("email", "message.delivered", {"direction": "outbound"}),
    ("email", "message.clicked", {}),
    ("email", "message.sent", {"direction": "outbound"}),
    ("web", "page.failed", {"status": 404}),
    ("web", "payment.failed", {"error": "user"}),
    ("app", "payment.failed", {"error": "system"}),
    ("app", "payment.succeeded", {}),
    ("app", "status.viewed", {}),
    ("delivery", "order.eta_changed", {"direction": "internal", "slips": True}),
    ("support", "callback.promised", {"direction": "outbound", "promises": True}),
    ("support", "callback.completed", {"direction": "outbound"}),
)


@st.composite
def touchpoints(draw: st.DrawFn, max_size: int = 30) -> list[Touchpoint]:
    """Touchpoints of one person, in touchpoint order, some of them at one instant; of a few of the things at a time."""
    whats = draw(st.lists(st.sampled_from(_WHATS), min_size=1, max_size=6))
    threads = st.lists(st.sampled_from(_THREADS), max_size=2, unique=True)
    now, told = 0, []
    for number in range(draw(st.integers(1, max_size))):
        now += draw(_PAUSES)
        channel, name, more = draw(st.sampled_from(whats))
        given = {key: value for key, value in more.items() if key not in {"dropped", "status", "slips", "promises"}}
        given.setdefault("task", draw(st.sampled_from(("", "refill", "checkout"))))
        plain = event(
            now, channel, name, event_id=f"e{draw(st.integers(0, 9))}{number}", source=f"/{draw(st.integers(0, 1))}",
            intent=draw(st.sampled_from(("", "order_status"))), threads=tuple(draw(threads)), **given,
        )  # fmt: skip
        told.append(msgspec.structs.replace(plain, **_blocks(draw, T0 + now, more)))
    return sorted(told, key=order_key)


def _blocks(draw: st.DrawFn, now: int, more: dict[str, Any]) -> dict[str, Any]:
    due = now + draw(st.sampled_from((-HOUR, 0, 2 * HOUR, 10 * DAY)))
    blocks: dict[str, Any] = {
        "offer": Offer("free", draw(st.sampled_from((None, now, now + DAY)))),
        "form": Form(draw(st.sampled_from(("", "address", "name")))),
        "step": draw(st.sampled_from((None, Step("a", 1), Step("b", 2)))),
        "context_carried": draw(st.sampled_from((None, True))),
        "rx": draw(st.sampled_from((None, Rx(2), Rx(3)))),
        "outcome_reason": draw(st.sampled_from(("", "not_eligible"))),
        "location": draw(st.sampled_from((None, Location("L1", "pharmacy")))),
    }
    if "status" in more:
        blocks["error"] = Error("", ErrorClass.SYSTEM, more["status"])
    if "slips" in more:
        blocks["eta"] = Eta(now + 3 * HOUR, now + HOUR)
    if "promises" in more:
        blocks["promise"] = Promise("callback", due)
    if "dropped" in more or draw(st.integers(0, 9)) == 0:
        blocks["contact"] = Contact(dropped="dropped" in more, requested_by_agent=draw(st.booleans()))
    return blocks
