"""Measures of a journey: what it was like for the customer (docs/rules.md §7.6)."""

from math import exp
from typing import Any

import msgspec
import pytest

from schemas.blocks import Experiment, Sentiment, Step, Survey
from schemas.rows import JourneyRow
from schemas.touchpoint import Touchpoint
from streams.journeys.measures import LISTED_MAX
from tests.support.rows import journeys_of
from tests.support.touchpoints import HOUR, MINUTE, SECOND, T0, event, thread


def told(
    at: str | int, *args: Any, task: str = "checkout", more: dict[str, Any] | None = None, **given: Any
) -> Touchpoint:
    """Build a touchpoint of one task, with further fields of it."""
    return msgspec.structs.replace(event(at, *args, task=task, **given), **(more or {}))


def step(at: int, name: str = "checkout.step_viewed", *args: Any, index: int | None = None, total: int | None = None,
         step_name: str = "", **given: Any) -> Touchpoint:  # fmt: skip
    return told(at, "web", name, *args, more={"step": Step(step_name, index, total)}, **given)


def felt(at: int, score: float) -> Touchpoint:
    return told(at, more={"sentiment": Sentiment(score)})


def journey(*touchpoints: Touchpoint, as_of: str | int = "400d") -> JourneyRow:
    (row,) = journeys_of(*touchpoints, as_of=as_of)
    return row


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("checkout.started", "checkout"),
        ("refill.requested", "refill"),
        ("return.started", "return"),
        ("search.performed", "search"),
        ("auth.failed", "login"),
        ("reward.offered", "loyalty_redeem"),
        ("appointment.booked", "telehealth_visit"),
        ("survey.responded", "give_feedback"),
        ("status.viewed", "track_order"),
        ("contact.started", "get_help"),
        ("ticket.created", "get_help"),
        ("case.opened", "get_help"),
        ("callback.requested", "get_help"),
        ("page.viewed", "browse"),
        ("checkoutless.started", "browse"),
    ],
)
def test_a_task_that_is_not_told_is_inferred_from_the_first_part_of_the_name(name: str, task: str):
    assert journey(event(0, name=name)).task == task


def test_a_touchpoint_without_task_goes_on_with_the_journey_of_its_inferred_task():
    first = event(0, "web", "checkout.started", task="checkout")
    assert journey(first, event(2 * HOUR, "app", "checkout.step_viewed")).touchpoints == 2
    assert len(journeys_of(first, event(2 * HOUR, "app", "page.viewed"))) == 2


@pytest.mark.parametrize(
    ("task", "stage"),
    [("search", "consideration"), ("kiosk_order", "purchase"), ("refill", "fulfilment"), ("login", "post_purchase"),
     ("onboarding", "onboarding"), ("loyalty_redeem", "loyalty"), ("give_feedback", "advocacy"), ("dance", "")],
)  # fmt: skip
def test_a_stage_goes_by_the_task(task: str, stage: str):
    assert journey(event(0, task=task)).stage == stage


def test_a_journey_with_a_case_that_nobody_resolved_is_escalated():
    ticket = event(0, "support", "ticket.created", task="get_help", threads=("ticket_id:T1",))
    assert journey(ticket).end_state == "escalated_open"
    assert journey(ticket, as_of=7 * 24 * HOUR).end_state == "open"
    for name in ("ticket.resolved", "case.resolved"):
        answered = event(HOUR, "support", name, task="complaint", direction="outbound", threads=("ticket_id:T1",))
        assert journey(ticket, answered).end_state == ("abandoned" if name == "ticket.resolved" else "completed")


def test_what_is_superseded_is_not_escalated():
    ticket = event(0, "support", "contact.started", task="search", threads=("case_id:1",))
    done = event(2 * HOUR, name="item.viewed", task="search")
    assert [one.end_state for one in journeys_of(ticket, done)] == ["superseded", "completed"]


def test_the_location_is_the_first_that_was_told():
    assert journey(told(0), told(1, location="L1"), told(2, location="L2")).location_id == "L1"


def test_time_is_active_where_a_pause_is_no_longer_than_the_gap_of_the_later_channel():
    row = journey(told(0), told(30 * MINUTE, "web"), told(40 * MINUTE, "app"), told(42 * MINUTE, "web"))
    assert (row.duration_ms, row.active_ms) == (42 * MINUTE, 32 * MINUTE)


def test_waiting_is_what_was_told_and_being_on_hold():
    row = journey(
        told(0, more={"wait_ms": 90 * SECOND}),
        told(1, "support", "contact.held", duration_ms=60_000),
        told(2, "support", "contact.ended", duration_ms=500_000),
    )
    assert row.wait_ms == 150 * SECOND


def test_touchpoints_from_the_brand_are_counted_apart():
    order = ("order_id:O1",)
    row = journey(
        told(0, threads=order),
        told(1, "email", "message.sent", direction="outbound", threads=order),
        told(2, "delivery", "order.packed", direction="internal", threads=order),
    )
    assert (row.touchpoints, row.touches, row.outbound_touches) == (3, 1, 1)


def test_a_visit_is_a_run_at_one_place_with_pauses_of_half_an_hour_at_most():
    row = journey(
        told(0, "kiosk", location="L1"),
        told(30 * MINUTE, "pos", location="L1"),
        told(60 * MINUTE + 1, "pos", location="L1"),
        told(61 * MINUTE, "pos", location="L2"),
        told(62 * MINUTE, "web"),
    )
    assert row.visits == 4


def test_a_backtrack_is_a_step_before_the_newest_one():
    row = journey(
        step(0, index=1), step(1, index=3), told(2), step(3, index=2), step(4, step_name="x"), step(5, index=2)
    )
    assert row.backtracks == 1


def test_a_restart_is_what_was_started_before_without_an_outcome_between():
    names = ["checkout.started", "checkout.started", "payment.started", "checkout.started"]
    assert journey(*(told(n, "web", name) for n, name in enumerate(names))).restarts == 2
    for outcome, restarts in (("failed", 0), ("abandoned", 0), ("completed", 0), ("progressed", 1), ("started", 1)):
        over = told(1, "web", "checkout.step_viewed", outcome=outcome)
        assert (
            journey(told(0, "web", "checkout.started"), over, told(2, "web", "checkout.started")).restarts == restarts
        )
    failing = [told(n, "web", "checkout.started", outcome="failed") for n in range(3)]
    assert journey(*failing).restarts == 0


def test_an_error_is_retried_once_at_most_and_by_a_name_that_begins_alike():
    failed = told(0, "web", "payment.failed", error="system")
    again = [told(n, "app", "payment.started") for n in (2, 3)]
    assert journey(failed, told(1, "web", "page.viewed"), *again).retries == 1
    assert journey(failed, told(1, "web", "page.failed", outcome="failed"), *again).retries == 0
    assert journey(failed, told(1, "web", "payment.failed", outcome="failed"), *again).retries == 2
    assert journey(failed, told(1, "web", "payment.sent", direction="outbound", threads=("cart_id:1",))).retries == 0


def test_contacts_after_the_first_are_repeats_and_what_happens_in_them_is_counted():
    order = ("order_id:O1",)
    names = [
        "contact.started",
        "contact.transferred",
        "contact.transferred",
        "contact.reauthenticated",
        "contact.started",
    ]
    row = journey(*(told(n, "support", name, threads=order) for n, name in enumerate(names)))
    assert (row.contacts, row.repeat_contacts, row.transfers, row.reauths) == (2, 1, 2, 1)
    assert journey(told(0)).repeat_contacts == 0


@pytest.mark.parametrize(
    ("channel", "sub_channel", "self_service"),
    [
        ("web", "", True),
        ("kiosk", "", True),
        ("support", "bot", True),
        ("store", "", False),
        ("support", "phone", False),
    ],
)
def test_self_service_is_digital_or_at_a_kiosk(channel: str, sub_channel: str, self_service: bool):
    row = journey(told(0, channel, sub_channel=sub_channel))
    assert (row.self_service, row.contained) == (self_service, self_service)


def test_self_service_that_ends_in_a_contact_was_not_contained():
    row = journey(told(0, "web"), told(1, "support", "contact.started", sub_channel="phone"))
    assert (row.self_service, row.contained) == (True, False)


def test_steps_are_done_by_their_name_or_by_their_outcome():
    row = journey(
        step(0, "checkout.step_completed", step_name="address", total=3),
        step(1, "checkout.step_completed", step_name="address", total=5),
        step(2, "checkout.step_viewed", step_name="payment", total=4),
        step(3, "checkout.step_viewed", step_name="review", outcome="progressed"),
        step(4, "checkout.step_completed", index=3),
    )
    assert (row.steps_done, row.steps_total) == (2, 5)


def test_completed_at_is_when_the_goal_was_met():
    assert journey(told(0)).completed_at is None
    assert journey(told(0), told(5, name="order.placed"), told(9, name="order.placed")).completed_at == T0 + 5


def test_at_risk_is_the_greatest_amount_in_the_currency_of_the_journey_until_it_is_completed():
    at_risk = told(0, revenue=900, value_kind="at_risk", currency="CHF")
    earned = told(1, revenue=500)
    assert journey(at_risk).value_at_risk_minor == 900
    assert journey(at_risk, earned, told(2, revenue=700, value_kind="at_risk")).value_at_risk_minor == 700
    assert journey(at_risk, told(1, revenue=9_999, value_kind="refund")).value_at_risk_minor == 900
    assert journey(at_risk, earned, told(2, name="order.placed")).value_at_risk_minor == 0


def test_a_switch_is_seamless_where_what_was_known_came_along_and_the_task_went_on():
    carried = {"context_carried": True}
    seamless = told(1, "support", sub_channel="phone", outcome="progressed", more=carried)
    assert journey(told(0), seamless).seamless_switches == 1
    assert journey(told(0), told(1, "support", outcome="failed", more=carried)).seamless_switches == 0
    assert journey(told(0), told(1, "support", outcome="progressed")).seamless_switches == 0
    assert journey(told(0), told(1, "app", outcome="progressed", more=carried)).seamless_switches == 0


def test_sentiment_is_the_first_last_and_least_score_and_their_slope():
    row = journey(felt(0, 0.5), told(1), felt(2, -0.5), felt(3, 0.0), felt(4, -0.25))
    assert (row.sentiment_first, row.sentiment_last, row.sentiment_min) == (0.5, -0.25, -0.5)
    assert row.sentiment_slope == -0.175
    assert journey(felt(0, 0.5), felt(1, -0.5)).sentiment_slope is None
    assert journey(told(0)).sentiment_first is None


def test_survey_scores_are_listed_in_order_with_their_instrument():
    scores = [("nps", 9.0), ("ces", 4.5), ("nps", 9.0)]
    answers = [told(n, more={"survey": Survey(*one, 0, 10)}) for n, one in enumerate(scores)]
    assert journey(*answers).survey == ("nps:9", "ces:4.5", "nps:9")


def test_variants_are_distinct_and_sorted():
    both = (Experiment("pay", "b"), Experiment("nav", "a"))
    row = journey(told(0, more={"experiments": both}), told(1, more={"experiments": both[:1]}))
    assert row.variants == ("nav:a", "pay:b")


def test_of_what_is_listed_the_first_sixty_four_count():
    many = range(LISTED_MAX + 5)
    row = journey(
        *(
            told(n, more={"survey": Survey("nps", n, 0, 100), "experiments": (Experiment("e", f"{n:03}"),),
                          "step": Step(f"s{n}")}, name="checkout.step_completed")
            for n in many
        )
    )  # fmt: skip
    assert row.survey == tuple(f"nps:{n}" for n in range(LISTED_MAX))
    assert row.variants == tuple(f"e:{n:03}" for n in range(LISTED_MAX))
    assert row.steps_done == LISTED_MAX


def test_cases_are_its_cases_and_tickets():
    row = journey(told(0, threads=("order_id:O1", "case_id:C1")), told(1, threads=("order_id:O1", "ticket_id:T1")))
    assert row.cases == (thread("ticket_id:T1").hex(), thread("case_id:C1").hex())


def test_effort_grows_with_everything_the_customer_had_to_do_and_never_reaches_a_hundred():
    carried = {"context_carried": True, "wait_ms": 10 * MINUTE}
    row = journey(
        told(0, "web", "checkout.started"),
        told(1, "web", "payment.failed", error="system"),
        told(2, "web", "payment.started"),
        told(3, "web", "checkout.started"),
        told(4, "support", "contact.started", sub_channel="phone", outcome="progressed", more=carried),
        told(5, "support", "contact.transferred", sub_channel="phone"),
        told(6, "web"),
        told(7, "support", "ticket.created", sub_channel="phone"),
    )
    assert (row.switches, row.seamless_switches, row.retries, row.restarts) == (3, 1, 1, 1)
    amount = 2 * 0.10 + 0.02 + 0.08 + 0.12 + 0.20 + 0.35 + 0.20 + 0.10 * 2 + 0.10
    assert row.effort == pytest.approx(100 * (1 - exp(-amount)), abs=1e-6)
    assert journey(told(0)).effort == 0
