"""The plain loop with patterns by hand: small stories, each of which it must count as one pattern or not at all."""

import msgspec
import pytest

from benchmarks.baselines.plain_loop import count_sessions
from benchmarks.baselines.plain_loop_patterns import count_hits
from benchmarks.workload import lines_of

HOUR = 60
DAY = 24 * HOUR


def told(
    name: str, minutes: float, channel: str = "web", *, who: str = "a", direction: str = "inbound", **more
) -> bytes:
    """Tell an event so many minutes after the story began; threads end in `_id` and go to `correlation`."""
    threads = {key: more.pop(key) for key in list(more) if key.endswith("_id")}
    event = {
        "name": name,
        "occurred_at": ms(minutes),
        "channel": channel,
        "direction": direction,
        "brand": "b",
        "source": f"/{channel}/1",
        "identifiers": [{"kind": "account_id", "value": who}] if who else [],
        **({"correlation": threads} if threads else {}),
        **more,
    }
    return msgspec.json.encode(event)


def ms(minutes: float) -> int:
    return int(minutes * 60_000) + 1_772_409_600_000


def call(minutes: float, **more) -> bytes:
    return told("contact.started", minutes, "support", sub_channel="phone", **more)


def hits(*story: bytes) -> dict[str, int]:
    return {pattern: count for pattern, count in count_hits(story)[2].items() if count}


def test_events_and_sessions_are_those_of_the_plain_loop():
    lines = lines_of(500, 3)
    assert count_hits(lines)[:2] == count_sessions(lines)


def test_failure_and_then_a_call_is_x01():
    failed = told("checkout.failed", 0, task="checkout", outcome="failed")
    assert hits(failed, call(23 * HOUR)) == {"X01": 1}
    assert hits(failed, call(49 * HOUR)) == {}
    assert hits(failed, call(1, who="b")) == {}


def test_task_left_lying_and_then_a_call_is_x01():
    started = told("checkout.started", 0, "kiosk", task="kiosk_order")
    placed = told("order.placed", 5, "kiosk", task="kiosk_order", outcome="completed")
    assert hits(started, call(40)) == {"X01": 1}
    assert hits(started, call(5)) == {}
    assert hits(started, placed, call(40)) == {}


def test_three_channels_and_a_failure_are_x03():
    story = [
        told("return.started", number * 30, channel, task="return") for number, channel in enumerate(("web", "app"))
    ]
    failed = told("return.started", 61, "store", task="return", outcome="failed")
    assert hits(*story, failed) == {"X03": 1}


def test_three_channels_without_an_end_are_x03_at_the_next_event_of_the_task():
    story = [
        told("return.started", number * 30, channel, task="return")
        for number, channel in enumerate(("web", "app", "store"))
    ]
    again = told("return.started", 26 * HOUR, "store", task="return")
    done = told("return.accepted", 90, "store", task="return", outcome="completed")
    assert hits(*story, again) == {"X03": 1}
    assert hits(*story, done, again) == {}


@pytest.mark.parametrize(
    ("apart", "more", "expected"),
    [
        (6 * DAY, {"order_id": "O1"}, {"X04": 1}),
        (8 * DAY, {"order_id": "O1"}, {}),
        (DAY, {"intent": "refund"}, {"X04": 1}),
        (DAY, {"order_id": "O1", "contact": {"requested_by_agent": True}}, {}),
    ],
)
def test_second_contact_about_one_thing_within_a_week_is_x04(apart, more, expected):
    assert hits(call(0, **{key: more[key] for key in more if key != "contact"}), call(apart, **more)) == expected


def test_call_dialled_again_after_it_broke_off_is_none():
    assert hits(call(0, intent="refund", contact={"dropped": True}), call(4, intent="refund")) == {}


def test_there_and_back_with_the_same_details_again_is_x06():
    story = [
        told("info.provided", minutes, channel, task="onboarding", form={"field_group": "address"})
        for minutes, channel in ((0, "web"), (10, "app"), (20, "web"))
    ]
    assert hits(*story) == {"X06": 1}
    assert hits(*story[:2]) == {}


def test_there_and_back_with_a_step_back_is_x06():
    story = [
        told("checkout.step_viewed", minutes, channel, task="checkout", step={"index": index})
        for minutes, channel, index in ((0, "web", 3), (10, "app", 1), (20, "web", 3))
    ]
    assert hits(*story) == {"X06": 1}


def test_refused_offer_is_x13():
    offered = told("reward.offered", 0, "app", offer={"offer_id": "5", "expires_at": "2026-03-03T00:00:00+00:00"})
    refused = [told("reward.rejected", at, "pos", offer={"offer_id": "5"}) for at in (HOUR, 2 * DAY)]
    assert hits(offered, refused[0]) == {"X13": 1}
    assert hits(offered, refused[1]) == {}


def test_broken_page_after_a_click_is_x15():
    sent = told("message.delivered", 0, "email", message_id="M1", direction="outbound")
    clicked = [told("message.clicked", at, "email", message_id="M1") for at in (10, 1 / 60)]
    broken = [told("page.failed", at, error={"http_status": 404}) for at in (10.5, 12)]
    assert hits(sent, clicked[0], broken[0]) == {"X15": 1}
    assert hits(sent, clicked[0], broken[1]) == {}
    assert hits(sent, clicked[1], told("page.failed", 0.5, error={"http_status": 404})) == {}


def test_failed_refill_and_then_the_pharmacy_is_x18():
    failed = told("refill.requested", 0, task="refill", outcome="failed", rx_id="R1")
    visits = [told("visit.started", 3 * HOUR, "store", location={"type": kind}) for kind in ("pharmacy", "store")]
    assert hits(failed, visits[0]) == {"X18": 1}
    assert hits(failed, visits[1]) == {}
    assert hits(failed, call(3 * HOUR)) == {"X01": 1, "X18": 1}


def test_four_looks_in_a_day_are_x22():
    def looks(*minutes: int) -> list[bytes]:
        return [told("status.viewed", at, order_id="O1") for at in minutes]

    slip = told("order.eta_changed", 0, who="", order_id="O1", eta={"previous_due_at": ms(0), "due_at": ms(1)})
    assert hits(*looks(0, 60, 120, 180)) == {"X22": 1}
    assert hits(*looks(0, 3, 6, 9)) == {}
    assert hits(slip, *looks(60, 120, 180)) == {"X22": 1}


def test_silent_slip_is_x23_at_the_next_event_of_the_order():
    slip = told(
        "order.eta_changed", 0, "delivery", who="", order_id="O1", eta={"previous_due_at": ms(120), "due_at": ms(240)}
    )
    message = told("message.sent", 20, "email", order_id="O1", direction="outbound")
    later = told("order.delivered", 300, "delivery", who="", order_id="O1", direction="internal")
    assert hits(slip, later) == {"X23": 1}
    assert hits(slip, message, later) == {}
    assert hits(slip) == {}


def test_broken_promise_is_x25_at_the_next_event_of_the_thread():
    promise = told("callback.promised", 0, "support", case_id="C1", promise={"kind": "callback", "due_at": ms(60)})
    kept = told("callback.completed", 75, "support", case_id="C1", direction="outbound")
    later = told("case.closed", DAY, "support", case_id="C1", direction="internal")
    assert hits(promise, later) == {"X25": 1}
    assert hits(promise, kept, later) == {}


def test_reopened_ticket_is_x29():
    resolved = told("ticket.resolved", 0, "support", ticket_id="T1", direction="internal")
    assert hits(resolved, told("ticket.reopened", DAY, "support", ticket_id="T1")) == {"X29": 1}
    assert hits(resolved, told("ticket.reopened", DAY, "support", ticket_id="T2")) == {}
    assert hits(resolved, call(DAY, ticket_id="T1")) == {"X29": 1}
    assert hits(resolved, call(8 * DAY, ticket_id="T1")) == {}


def test_second_decline_within_a_quarter_of_an_hour_is_u13():
    declined = [told("payment.failed", at, cart_id="C1") for at in (0, 15, 31)]
    assert hits(*declined[:2]) == {"U13": 1}
    assert hits(*declined[1:]) == {}


def test_kiosk_left_with_a_basket_is_u14():
    chosen = told("item.added", 0, "kiosk")
    left = told("session.timed_out", 2, "kiosk")
    assert hits(chosen, left) == {"U14": 1}
    assert hits(chosen, told("order.placed", 1, "kiosk"), left) == {}
    assert hits(left) == {}
