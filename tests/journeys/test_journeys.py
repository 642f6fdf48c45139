"""Journeys: which touchpoints belong together, and how a journey ends (docs/rules.md §7)."""

import pytest

from schemas.identifiers import derived_id
from tests.support.rows import journeys_of
from tests.support.touchpoints import DAY, HOUR, MINUTE, event


def test_an_order_joins_touchpoints_of_all_channels_and_directions():
    told = [
        event("10:00", "web", "order.placed", task="checkout", threads=("order_id:O1",)),
        event("10:05", "email", "message.sent", direction="outbound", threads=("order_id:O1",)),
        event("10:30", "support", "contact.started", sub_channel="phone", threads=("order_id:O1",), task="get_help"),
    ]
    (journey,) = journeys_of(*told)
    assert journey.channels == ("email", "support", "web")
    assert (journey.touchpoints, journey.touches, journey.contacts, journey.switches) == (3, 2, 1, 1)
    assert (journey.entry_channel, journey.exit_channel) == ("web", "support")


def test_a_stronger_key_that_matches_nothing_is_adopted_by_the_journey_of_the_weaker():
    told = [
        event("10:00", threads=("cart_id:C1",), task="checkout"),
        event("10:05", threads=("cart_id:C1", "order_id:O1"), task="checkout"),
        event("11:00", "support", "contact.started", threads=("order_id:O1",)),
    ]
    assert len(journeys_of(*told)) == 1


def test_a_second_order_from_one_cart_is_a_second_journey():
    told = [
        event("10:00", threads=("cart_id:C1", "order_id:O1"), task="checkout"),
        event("10:05", threads=("cart_id:C1", "order_id:O2"), task="checkout"),
    ]
    assert len(journeys_of(*told)) == 2


def test_a_message_of_no_known_thread_joins_no_journey():
    assert journeys_of(event("10:00", "email", "message.sent", direction="outbound", threads=("order_id:O1",))) == []


def test_a_task_goes_on_in_another_channel():
    told = [event("10:00", "web", task="checkout"), event("12:00", "app", task="checkout")]
    (journey,) = journeys_of(*told)
    assert journey.channels == ("app", "web")
    assert journey.switches == 0


def test_brands_do_not_share_journeys():
    assert len(journeys_of(event("10:00", brand="a", task="checkout"), event("10:01", brand="b", task="checkout"))) == 2


def test_a_touchpoint_without_task_joins_what_is_going_on_at_its_place_else_browsing():
    told = [
        event("10:00", "kiosk", task="kiosk_order", location="L1"),
        event("10:05", "kiosk", location="L1"),
        event("10:06", "kiosk", location="L2"),
        event("11:00", "web"),
    ]
    assert [(one.task, one.touchpoints) for one in journeys_of(*told)] == [("kiosk_order", 2), ("browse", 2)]


def test_a_journey_ends_after_its_timeout_without_activity():
    told = [event(0, task="search"), event(30 * MINUTE, task="search")]
    assert len(journeys_of(*told)) == 1
    assert len(journeys_of(told[0], event(30 * MINUTE + 1, task="search"))) == 2


def test_after_its_goal_a_journey_stays_open_for_a_day():
    goal = event(0, name="order.placed", task="checkout")
    assert len(journeys_of(goal, event(DAY, task="checkout"))) == 1
    assert len(journeys_of(goal, event(DAY + 1, task="checkout"))) == 2


def test_no_journey_is_longer_than_two_weeks_and_its_successor_says_so():
    told = [event(day * DAY, task="return") for day in range(16)]
    first, second = journeys_of(*told)
    assert first.touchpoints == 15
    assert (second.touchpoints, second.continues) == (1, first.journey_id)


def test_a_journey_that_begins_anew_after_its_timeout_continues_nothing():
    assert [one.continues for one in journeys_of(event(0, task="search"), event(DAY, task="search"))] == ["", ""]


@pytest.mark.parametrize(
    ("name", "outcome", "as_of", "end_state"),
    [
        ("checkout.started", "none", 24 * HOUR, "open"),
        ("checkout.started", "none", 24 * HOUR + 1, "abandoned"),
        ("order.placed", "none", 0, "completed"),
        ("checkout.step_completed", "completed", 0, "completed"),
        ("order.cancelled", "none", 0, "failed_final"),
    ],
)
def test_end_states(name: str, outcome: str, as_of: int, end_state: str):
    (journey,) = journeys_of(event(0, name=name, outcome=outcome, task="checkout"), as_of=as_of)
    assert journey.end_state == end_state


def test_an_abandoned_task_that_is_done_within_a_week_was_superseded():
    given_up = event(0, task="search")
    done = event(6 * DAY, name="item.viewed", task="search")
    assert [one.end_state for one in journeys_of(given_up, done)] == ["superseded", "completed"]
    too_late = event(8 * DAY, name="item.viewed", task="search")
    assert [one.end_state for one in journeys_of(given_up, too_late)] == ["abandoned", "completed"]


def test_a_journey_is_closed_when_nothing_can_be_delivered_for_it_any_more():
    (journey,) = journeys_of(event(0, task="search"), as_of=78 * HOUR)
    assert not journey.closed
    (journey,) = journeys_of(event(0, task="search"), as_of=78 * HOUR + 1)
    assert journey.closed
    (journey,) = journeys_of(event(0, name="item.viewed", task="search"), as_of=102 * HOUR)
    assert not journey.closed


def test_value_is_the_revenue_in_the_currency_first_met():
    told = [
        event(0, revenue=500, value_kind="refund", task="checkout"),
        event(1, revenue=1200, task="checkout"),
        event(2, revenue=100, currency="CHF", task="checkout"),
        event(3, revenue=300, task="checkout"),
    ]
    (journey,) = journeys_of(*told)
    assert (journey.value_minor, journey.currency) == (1500, "EUR")


def test_a_switch_passes_over_messages_and_channels_without_class():
    told = [
        event(0, "web", task="checkout"),
        event(1, "partner", task="checkout"),
        event(2, "email", direction="inbound", task="checkout"),
        event(3, "support", task="checkout"),
        event(4, "store", task="checkout"),
    ]
    (journey,) = journeys_of(*told)
    assert journey.switches == 2


def test_a_journey_is_named_by_its_first_touchpoint_and_its_task():
    first = event(0, task="checkout")
    (journey,) = journeys_of(first, event(1, task="checkout"))
    assert journey.journey_id == derived_id(first.key, b"checkout")
