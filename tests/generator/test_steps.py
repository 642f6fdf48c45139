"""Ordinary lives tell how far somebody got, and what came along when a channel changed."""

from collections import Counter

import pytest

from streams.generator.scene import Event
from streams.generator.world import WorldRules, written

RULES = WorldRules(seed=3, people=300, days=4.0)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return list({str(event["event_id"]): event for event in written(RULES)}.values())


def _steps(events: list[Event], task: str) -> Counter[str]:
    told = (event["step"] for event in events if event.get("task") == task and "step" in event)
    return Counter(str(step["name"]) for step in told if isinstance(step, dict))


def test_fewer_customers_reach_each_further_step_of_a_checkout(events: list[Event]) -> None:
    steps = _steps(events, "checkout")
    assert steps["cart"] > steps["address"] > steps["payment"] > steps["review"] > 20


def test_refills_and_deliveries_tell_their_steps(events: list[Event]) -> None:
    assert {"overview", "details", "confirm"} <= set(_steps(events, "refill"))
    assert set(_steps(events, "delivery")) == {"cart", "address", "payment", "review"}


@pytest.mark.parametrize("channel", ["pos", "store", "support"])
def test_some_but_not_all_who_change_to_a_channel_bring_their_context(events: list[Event], channel: str) -> None:
    names = {"pos": "order.picked_up", "store": "refill.picked_up", "support": "contact.started"}
    there = [event for event in events if (event["channel"], event["name"]) == (channel, names[channel])]
    carried = [event for event in there if event.get("context_carried")]
    assert 0 < len(carried) < len(there)
    assert {event["outcome"] for event in carried} <= {"progressed", "completed"}
