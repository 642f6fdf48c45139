"""Twins of failures and what follows them: X01, X13, X15, X18, U13. Each story ends at, and just beyond, a bound."""

import pytest

from schemas.touchpoint import Channel, Error, ErrorClass, Location, Offer, Rx
from sinks.clickhouse.client import Client
from tests.clickhouse.telling import (
    CART,
    DAY,
    HOUR,
    MESSAGE,
    MS,
    ORDER,
    RX,
    Hit,
    contact,
    failed,
    hits,
    hits_of_each,
    instant,
    journey,
    sent,
    step,
)

USERS_OWN = {"error": Error("card_declined", ErrorClass.USER)}
OFFERED = {"channel": Channel.APP, "offer": Offer("o-1")}
REFUSED = {"channel": Channel.POS, "offer": Offer("o-1")}
REFILL = {"task": "refill"}


def test_a_contact_within_a_day_of_a_failed_checkout_is_friction(client: Client) -> None:
    told = hits(client, "X01", failed("a", 0), contact("b", DAY), contact("c", DAY + MS))
    assert told == [("a", "medium", DAY, "ab")]


def test_other_tasks_are_given_two_hours_and_a_contact_must_be_later(client: Client) -> None:
    search = failed("a", 0, task="search")
    found = hits_of_each(client, "X01", [[search, contact("b", at)] for at in (2 * HOUR, 2 * HOUR + MS, 0, -1)])
    assert [len(one) for one in found] == [1, 0, 0, 0]


def test_what_the_contact_is_about_decides_how_sure_it_is(client: Client) -> None:
    abouts: list[dict[str, str]] = [
        *({"task": "checkout"}, {"intent": "payment"}, {"task": "search", "intent": "other"}, {}),
    ]
    failure = failed("a", 0, intent="payment")
    found = hits_of_each(client, "X01", [[failure, contact("b", 5, **about)] for about in abouts])
    assert [hit[1] for (hit,) in found] == ["high", "high", "medium", "medium"]


def test_failures_with_a_thread_are_kept_by_the_strongest_and_all_of_them_are_evidence(client: Client) -> None:
    story = failed("a", 0, CART, ORDER), failed("b", 3 * DAY, ORDER), contact("c", 3 * DAY + 1, ORDER)
    assert hits(client, "X01", *story) == [("order", "high", 3 * DAY + 1, "abc")]


def test_failures_without_a_thread_are_lines_that_break_after_a_pause(client: Client) -> None:
    story = failed("a", 0), failed("b", DAY), failed("c", 2 * DAY + MS), contact("d", 2 * DAY + 1)
    assert hits(client, "X01", *story) == [("c", "medium", 2 * DAY + 1, "cd")]


@pytest.mark.parametrize(("end_state", "found"), [("abandoned", 1), ("superseded", 1), ("completed", 0)])
def test_a_journey_that_lapsed_is_a_failure_at_the_end_of_its_timeout(
    client: Client, end_state: str, found: int
) -> None:
    story = step("a", 0, "search.started"), contact("b", 30), contact("c", 31)
    lapsed = journey("j", task="search", last=0, end_state=end_state)
    told = hits(client, "X01", *story, journeys=[(lapsed, "a")])
    assert told == [("a", "medium", 31.0, "ac")] * found


def test_a_journey_fails_only_once_its_instant_is_past(client: Client) -> None:
    still_open = [(journey("j", task="search", last=0, end_state="open"), "a")]
    story = step("a", 0, "search.started"), contact("b", 31)
    assert hits(client, "X01", *story, journeys=still_open, as_of=30) == []


def test_a_journey_fails_by_its_last_inbound_touchpoint_and_its_keys_are_those_of_all_of_them(client: Client) -> None:
    story = step("a", 0, "cart.viewed", CART), step("b", 1, "page.viewed"), sent("c", 2, "message.sent", CART)
    lapsed = journey("j", task="checkout", last=2, end_state="escalated_open")
    told = hits(client, "X01", *story, contact("d", DAY + 3), journeys=[(lapsed, "abc")])
    assert told == [("cart", "medium", DAY + 3, "bd")]


def test_two_lines_of_one_name_are_one_hit(client: Client) -> None:
    lapsed = journey("j", task="delivery", last=0, end_state="abandoned")
    story = failed("a", 0, task="delivery"), contact("b", HOUR), contact("c", 3 * DAY - HOUR)
    assert hits(client, "X01", *story, journeys=[(lapsed, "a")]) == [("a", "medium", HOUR, "abc")]


def test_a_reward_refused_within_two_weeks_of_its_offer_is_friction(client: Client) -> None:
    offer = step("a", 0, "reward.offered", **OFFERED)
    bounds = (14 * DAY, 14 * DAY + MS)
    found = hits_of_each(client, "X13", [[offer, step("b", at, "reward.rejected", **REFUSED)] for at in bounds])
    assert found == [[("a", "high", 14 * DAY, "ab")], []]


def test_a_reward_may_be_refused_after_it_has_expired(client: Client) -> None:
    offer = step("a", 0, "promo.shown", channel=Channel.EMAIL, offer=Offer("o-1", instant(60)))
    found = hits_of_each(client, "X13", [[offer, step("b", at, "promo.rejected", **REFUSED)] for at in (60, 60 + MS)])
    assert [len(one) for one in found] == [1, 0]


def test_offerings_of_one_line_are_all_evidence_and_the_first_names_it(client: Client) -> None:
    story = (
        step("a", 0, "reward.offered", **OFFERED),
        step("b", 13 * DAY, "reward.offered", **OFFERED),
        step("c", 20 * DAY, "loyalty.scan_failed", outcome_reason="not_eligible", **REFUSED),
        step("d", 21 * DAY, "loyalty.scan_failed", outcome_reason="not_eligible", **REFUSED),
    )
    assert hits(client, "X13", *story) == [("a", "medium", 20 * DAY, "abcd")]


def test_a_broken_page_within_a_minute_of_the_click_is_friction(client: Client) -> None:
    click = step("a", 10, "message.clicked", MESSAGE, channel=Channel.EMAIL)
    gone = {"error": Error("gone", http_status=404)}
    found = hits_of_each(client, "X15", [[click, step("b", at, "page.failed", **gone)] for at in (11, 11 + MS, 10)])
    assert found == [[("message", "low", 11.0, "ab")], [], []]


def test_a_click_right_after_the_delivery_is_a_scanners(client: Client) -> None:
    click = step("b", 10, "message.clicked", MESSAGE, channel=Channel.EMAIL)
    broken = step("c", 10.5, "page.failed", error=Error("token_expired"))
    delivered = [sent("a", 10 - seconds / 60, "message.delivered", MESSAGE) for seconds in (2, 2.001, 0)]
    found = hits_of_each(client, "X15", [[one, click, broken] for one in delivered])
    assert [len(one) for one in found] == [0, 1, 0]


def test_other_errors_of_a_page_are_no_broken_link(client: Client) -> None:
    click = step("a", 10, "message.clicked", MESSAGE)
    assert hits(client, "X15", click, step("b", 10.5, "page.failed", error=Error("slow", http_status=403))) == []


SUPPLIES: list[tuple[dict[str, object], str]] = [
    ({"rx": Rx(2)}, "critical"),
    ({"rx": Rx(2), "outcome_reason": "not_eligible"}, "critical"),
    ({"rx": Rx(3), "outcome_reason": "not_eligible"}, "medium"),
    ({"rx": Rx(3)}, "high"),
    ({}, "high"),
]


def test_how_bad_a_failed_refill_is_depends_on_the_supply_left_and_on_the_reason(client: Client) -> None:
    call = contact("b", 4 * HOUR)
    found = hits_of_each(client, "X18", [[failed("a", 0, RX, **REFILL, **told), call] for told, _ in SUPPLIES])
    assert found == [[("rx", severity, 4 * HOUR, "ab")] for _, severity in SUPPLIES]


def test_a_visit_to_the_pharmacy_follows_a_refill_and_one_to_another_store_does_not(client: Client) -> None:
    at_pharmacy = {"channel": Channel.STORE, "location": Location("p-1", "pharmacy")}
    elsewhere = {"channel": Channel.STORE, "location": Location("s-1", "store")}
    story = (
        failed("a", 0, **REFILL),
        step("b", 5, "visit.started", **elsewhere),
        step("c", 9, "visit.started", **at_pharmacy),
    )
    assert hits(client, "X18", *story) == [("a", "high", 9.0, "ac")]


def test_a_refill_that_failed_at_the_bot_is_none_of_the_portal(client: Client) -> None:
    at_bot = {"channel": Channel.SUPPORT, "sub_channel": "bot", **REFILL}
    assert hits(client, "X18", failed("a", 0, **at_bot), contact("b", 5)) == []


def test_a_refill_journey_that_lapsed_is_kept_by_its_prescription(client: Client) -> None:
    lapsed = journey("j", task="refill", last=1, end_state="abandoned")
    story = step("a", 0, "refill.started", RX), step("b", 1, "page.viewed", rx=Rx(1)), contact("c", 3 * DAY + 2)
    assert hits(client, "X18", *story, journeys=[(lapsed, "ab")]) == [("rx", "critical", 3 * DAY + 2, "bc")]


def declined(*minutes: float, **told: object) -> list[object]:
    return [step(letter, at, "payment.failed", CART, **told) for letter, at in zip("abcdefg", minutes, strict=False)]


@pytest.mark.parametrize(
    ("story", "as_of", "expected"),
    [
        (declined(0, 15), 60, [("cart", "high", 15.0, "ab")]),
        (declined(0, 15), 60 - MS, [("cart", "medium", 15.0, "ab")]),
        (declined(0, 15 + MS), 99, []),
        (declined(0, 60, 61, 99, 100), 999, [("cart", "high", 61.0, "bcde")]),
        (declined(0, 9, **USERS_OWN), 99, [("cart", "low", 9.0, "ab")]),
        ([*declined(0, 9), step("x", 39, "payment.succeeded", CART)], 99, [("cart", "medium", 9.0, "ab")]),
        ([*declined(0, 9), step("x", 9, "payment.succeeded", CART)], 99, [("cart", "medium", 9.0, "ab")]),
        ([*declined(0, 9), step("x", 39 + MS, "payment.succeeded", CART)], 99, [("cart", "high", 9.0, "ab")]),
        ([*declined(0, 9), step("x", 8, "payment.succeeded", CART)], 99, [("cart", "high", 9.0, "ab")]),
    ],
)
def test_a_payment_declined_twice_is_friction_and_worse_if_it_does_not_go_through(
    client: Client, story: list[object], as_of: float, expected: list[Hit]
) -> None:
    assert hits(client, "U13", *story, as_of=as_of) == expected  # type: ignore[arg-type]


def test_a_decline_with_cart_and_order_is_the_carts(client: Client) -> None:
    story = step("a", 0, "payment.failed", CART, ORDER), step("b", 1, "payment.failed", ORDER)
    assert hits(client, "U13", *story) == []
