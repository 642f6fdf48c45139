"""Twins of what comes again and of what fails to come: X04, X22, X23, X25, X29, U14."""

import pytest

from schemas.touchpoint import Channel, Contact, Eta, Promise, Touchpoint
from sinks.clickhouse.client import Client
from tests.clickhouse.telling import (
    CASE,
    DAY,
    HOUR,
    MS,
    ORDER,
    OTHER_ORDER,
    RX,
    TICKET,
    Cases,
    contact,
    hits,
    hits_of_each,
    instant,
    sent,
    step,
)

WEEK = 7 * DAY
AT_KIOSK = {"channel": Channel.KIOSK, "source": "kiosk-1"}


X04_CASES: Cases = [
    ([contact(letter, at, CASE, ORDER) for letter, at in zip("abcd", minutes, strict=False)], expected)
    for minutes, expected in [
        ((0, WEEK), [("case", "high", WEEK, "ab")]),
        ((0, WEEK + MS), []),
        ((0, 1, 2, 3), [("case", "critical", 1.0, "abcd")]),
        ((0, 1, 2 * WEEK, 3 * WEEK), [("case", "high", 1.0, "abcd")]),
        ((0, 2 * WEEK, 3 * WEEK), [("case", "high", 3 * WEEK, "bc")]),
    ]
]


def test_a_contact_within_a_week_of_one_about_the_same_case_is_a_repeat(client: Client) -> None:
    stories, expected = zip(*X04_CASES, strict=True)
    assert hits_of_each(client, "X04", stories) == list(expected)


def test_a_dropped_call_dialled_again_is_no_contact_of_its_own(client: Client) -> None:
    dropped = contact("a", 0, ORDER, contact=Contact(dropped=True))
    found = hits_of_each(client, "X04", [[dropped, contact("b", minutes, ORDER)] for minutes in (5, 5 + MS)])
    assert [len(one) for one in found] == [0, 1]


def test_a_contact_that_an_agent_asked_for_is_no_repeat(client: Client) -> None:
    asked = contact("b", 9, ORDER, contact=Contact(requested_by_agent=True))
    assert hits(client, "X04", contact("a", 0, ORDER), asked) == []


def test_contacts_without_a_thread_are_lines_of_an_intent_or_else_of_a_task(client: Client) -> None:
    story = (
        contact("a", 0, intent="refund", task="return"),
        contact("b", 1, task="return"),
        contact("c", 2, intent="refund", task="checkout"),
        contact("d", 3, task="return"),
        contact("e", 4),
        contact("f", 5),
        contact("g", 6, intent="refund", brand="other"),
    )
    assert hits(client, "X04", *story) == [("a", "high", 2.0, "ac"), ("b", "high", 3.0, "bd")]


def looked(*minutes: float) -> list[Touchpoint]:
    return [step(letter, at, "status.viewed", ORDER) for letter, at in zip("abcdefgh", minutes, strict=False)]


def slipped(letter: str, minutes: float, by: float, ahead: float = 2 * DAY) -> Touchpoint:
    due = instant(minutes + ahead)
    return step(letter, minutes, "order.eta_changed", ORDER, eta=Eta(due + round(by * 60_000), due))


X22_CASES: Cases = [
    (looked(0, 60, 120, DAY), [("order", "medium", DAY, "abcd")]),
    (looked(0, 60, 120, DAY + MS), []),
    (looked(0, 10, 20, 30, 40), []),
    (looked(0, 10, 10 + MS, 20, 20 + 2 * MS, 31, 99), [("order", "medium", 31.0, "acefg")]),
    ([*looked(0, 60, 120), slipped("x", -1, 1)], [("order", "medium", 120.0, "abc")]),
    ([*looked(0, 60, 120), slipped("x", 0, 1)], []),
    ([*looked(0, 60, 120), slipped("x", -1, -1)], []),
    ([*looked(0, 60, DAY), slipped("x", -1, 1)], []),
]


def test_four_looks_in_a_day_or_three_after_a_delay_are_anxiety(client: Client) -> None:
    stories, expected = zip(*X22_CASES, strict=True)
    assert hits_of_each(client, "X22", stories) == list(expected)


ASKING = [
    (contact("x", 190, ORDER, intent="order_status"), ("high", "abcdx")),
    (contact("x", 180 + 2 * DAY, intent="order_status"), ("high", "abcdx")),
    (contact("x", 180 + 2 * DAY + MS, intent="order_status"), ("medium", "abcd")),
    (contact("x", 180, intent="order_status"), ("medium", "abcd")),
    (contact("x", 190, OTHER_ORDER, intent="order_status"), ("medium", "abcd")),
    (contact("x", 190, ORDER), ("medium", "abcd")),
]


def test_who_then_asks_about_that_order_or_about_none_was_anxious_indeed(client: Client) -> None:
    found = hits_of_each(client, "X22", [[*looked(0, 60, 120, 180), asking] for asking, _ in ASKING])
    assert [(hit[1], hit[3]) for (hit,) in found] == [expected for _, expected in ASKING]


def test_how_far_an_order_may_slip_depends_on_how_soon_it_was_due(client: Client) -> None:
    slips = [(HOUR, DAY), (HOUR - MS, DAY), (HOUR, DAY + MS), (DAY, DAY + MS), (DAY - MS, DAY + MS)]
    found = hits_of_each(client, "X23", [[slipped("a", 0, by, ahead)] for by, ahead in slips])
    hit = [("order", "high", 45.0, "a")]
    assert found == [hit, [], [], hit, []]


@pytest.mark.parametrize(
    ("word_at", "as_of", "found"), [(0, 99, 0), (30, 99, 0), (30 + MS, 99, 1), (99, 45, 1), (99, 45 - MS, 0)]
)
def test_a_message_within_half_an_hour_makes_the_slip_known(
    client: Client, word_at: float, as_of: float, found: int
) -> None:
    story = slipped("a", 0, DAY), sent("b", word_at, "message.sent", ORDER)
    assert len(hits(client, "X23", *story, as_of=as_of)) == found


def test_only_silent_slips_are_evidence_and_the_first_of_them_dates_the_hit(client: Client) -> None:
    story = slipped("a", 0, DAY), sent("b", 1, "message.sent", ORDER), slipped("c", 90, DAY), slipped("d", 200, DAY)
    assert hits(client, "X23", *story) == [("order", "high", 135.0, "cd")]


def promised(letter: str, minutes: float, due: float, kind: str = "refill_ready") -> Touchpoint:
    return step(letter, minutes, "promise.made", RX, TICKET, promise=Promise(kind, instant(due)))


def test_a_promise_must_be_kept_between_its_making_and_fifteen_minutes_after_it_was_due(client: Client) -> None:
    cases = [
        *((60, 75, 0), (60, 75 + MS, 1), (60, 0, 0), (60, -MS, 1)),
        *((-60, 15, 0), (-60, 15 + MS, 1), (14 * DAY, 99, 0), (14 * DAY, -1, 1), (14 * DAY + MS, -1, 0)),
    ]
    stories = [[promised("a", 0, due), step("b", kept_at, "refill.ready", TICKET)] for due, kept_at, _ in cases]
    expected = [[("ticket", "high", max(due, 0) + 30, "a")] * broken for due, _, broken in cases]
    assert hits_of_each(client, "X25", stories) == expected


def test_a_promise_is_kept_on_the_thread_of_its_key_only(client: Client) -> None:
    story = promised("a", 0, 60), step("b", 61, "refill.ready", RX), step("c", 61, "order.refunded", TICKET)
    assert hits(client, "X25", *story) == [("ticket", "high", 90.0, "a")]


def test_two_broken_promises_are_critical_and_one_still_to_be_kept_is_none(client: Client) -> None:
    story = promised("a", 0, 60), promised("b", 1, 50, "callback"), promised("c", 2, 500)
    assert hits(client, "X25", *story, as_of=90) == [("ticket", "critical", 80.0, "ab")]
    assert hits(client, "X25", *story, as_of=89) == [("ticket", "high", 80.0, "b")]


FOLLOWERS = [
    (step("b", WEEK, "ticket.reopened", TICKET), True),
    (step("b", WEEK + MS, "ticket.reopened", TICKET), False),
    (step("b", 0, "ticket.reopened", TICKET), False),
    (step("b", 9, "ticket.reopened", ORDER), False),
    (contact("b", 9, ORDER), True),
    (contact("b", 9, intent="refund"), True),
    (contact("b", 9, intent="refund", brand="other"), False),
    (contact("b", 9, intent="refund", contact=Contact(requested_by_agent=True)), False),
]


def test_what_follows_a_resolution_within_a_week_reopens_it(client: Client) -> None:
    resolved = step("a", 0, "ticket.resolved", TICKET, ORDER, intent="refund")
    found = hits_of_each(client, "X29", [[resolved, follower] for follower, _ in FOLLOWERS])
    assert [bool(one) for one in found] == [follows for _, follows in FOLLOWERS]
    assert {(key, evidence) for one in found for key, _, _, evidence in one} == {("ticket", "ab")}


def test_resolutions_without_case_or_ticket_are_lines_of_an_intent(client: Client) -> None:
    story = (
        step("a", 0, "case.resolved", intent="refund"),
        step("b", WEEK, "case.resolved", intent="refund"),
        contact("c", WEEK + 1, intent="refund"),
        step("d", 2 * WEEK + MS, "case.resolved", intent="refund"),
        step("e", 2 * WEEK + 1, "case.resolved"),
    )
    assert hits(client, "X29", *story) == [("a", "high", WEEK + 1, "abc")]


def at_kiosk(*told: tuple[float, str]) -> list[Touchpoint]:
    return [step(letter, at, name, **AT_KIOSK) for letter, (at, name) in zip("abcdefgh", told, strict=False)]


ADDED, CUSTOMIZED, TIMED_OUT, PLACED = "item.added", "item.customized", "session.timed_out", "order.placed"
BROKEN = "peripheral.failed"


U14_CASES: Cases = [
    (at_kiosk((0, ADDED), (30, CUSTOMIZED), (60, TIMED_OUT)), [("a", "medium", 60.0, "abc")]),
    (at_kiosk((0, ADDED), (30 + MS, TIMED_OUT)), []),
    (at_kiosk((0, ADDED), (0, TIMED_OUT)), []),
    (at_kiosk((0, ADDED), (1, PLACED), (2, TIMED_OUT)), []),
    (at_kiosk((0, ADDED), (1, PLACED), (2, ADDED), (3, "session.ended")), [("c", "medium", 3.0, "cd")]),
    (at_kiosk((0, ADDED), (31, ADDED), (32, TIMED_OUT)), [("b", "medium", 32.0, "bc")]),
    (
        at_kiosk((0, ADDED), (1, TIMED_OUT), (2, ADDED), (3, TIMED_OUT)),
        [("a", "medium", 1.0, "ab"), ("c", "medium", 3.0, "cd")],
    ),
    (at_kiosk((0, ADDED), (1, TIMED_OUT), (2, TIMED_OUT)), [("a", "medium", 1.0, "ab")]),
    (at_kiosk((0, ADDED), (0, BROKEN), (1, TIMED_OUT)), [("a", "high", 1.0, "abc")]),
    (at_kiosk((0, BROKEN), (0, ADDED), (1, TIMED_OUT), (1, BROKEN)), [("b", "medium", 1.0, "bc")]),
]


def test_a_basket_left_at_a_kiosk_is_a_walkaway_unless_it_was_ordered(client: Client) -> None:
    stories, expected = zip(*U14_CASES, strict=True)
    assert hits_of_each(client, "U14", stories) == list(expected)


def test_another_kiosks_end_is_none_of_this_ones(client: Client) -> None:
    story = at_kiosk((0, ADDED)), step("x", 1, TIMED_OUT, channel=Channel.KIOSK, source="kiosk-2")
    assert hits(client, "U14", *story[0], story[1]) == []
