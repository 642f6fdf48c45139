"""Hypothesis strategies: one person's touchpoints over days, dense where rules meet, in touchpoint order."""

from typing import Any

from hypothesis import strategies as st

from schemas.touchpoint import Touchpoint, order_key
from tests.support.touchpoints import DAY, HOUR, MINUTE, event

_STEPS = st.sampled_from(
    [0, 1, MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 40 * MINUTE, 2 * HOUR, 24 * HOUR, 3 * DAY]
)
_THREADS = st.lists(
    st.sampled_from(["order_id:O1", "order_id:O2", "cart_id:C1", "cart_id:C2", "ticket_id:T1"]), max_size=2, unique=True
)
_TASKS = st.sampled_from(["", "", "checkout", "search", "kiosk_order", "return"])
_WHATS: st.SearchStrategy[tuple[str, str, dict[str, Any]]] = st.sampled_from(
    [
        ("web", "page.viewed", {}),
        ("web", "checkout.failed", {"outcome": "failed"}),
        ("app", "payment.failed", {"error": "third_party"}),
        ("app", "payment.failed", {"error": "user"}),
        ("app", "payment.succeeded", {"revenue": 700}),
        ("web", "order.placed", {"revenue": 1200}),
        ("web", "task.completed", {"outcome": "completed"}),
        ("kiosk", "checkout.started", {"location": "L1"}),
        ("kiosk", "session.ended", {"location": "L1"}),
        ("support", "contact.started", {"sub_channel": "phone"}),
        ("support", "ticket.created", {"sub_channel": "ticket"}),
        ("email", "message.sent", {"direction": "outbound"}),
        ("delivery", "order.cancelled", {"direction": "internal"}),
        ("delivery", "order.eta_changed", {"direction": "internal", "slips": True}),
    ]
)


@st.composite
def timelines(draw: st.DrawFn, max_size: int = 40) -> list[Touchpoint]:
    """Touchpoints of one person, in touchpoint order, some of them at one instant."""
    now, told = 0, []
    for number in range(draw(st.integers(1, max_size))):
        now += draw(_STEPS)
        channel, name, more = draw(_WHATS)
        given = dict(more)
        if given.pop("slips", False):
            given["eta"] = (f"{now + HOUR}ms", f"{now + 3 * HOUR}ms")
        threads, task = draw(_THREADS), draw(_TASKS)
        intent, device = draw(st.sampled_from(["", "where"])), draw(st.sampled_from(["", "d1"]))
        told.append(
            event(now, channel, name, event_id=f"e{number}", task=task, intent=intent, threads=tuple(threads),
                  device=device, **given)
        )  # fmt: skip
    return sorted(told, key=order_key)
