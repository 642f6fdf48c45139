"""What an event says of people, and to whom (docs/rules.md 1.5)."""

import msgspec
import pytest

from schemas.evidence import Claim, Edge, Link
from schemas.identifiers import Kind
from tests.intake.builders import HOUR, NOON, RULES, event, named, record, take, who

ACCOUNT, EMAIL = who("account_id", "a7"), who("email", "ada@example.com", "asserted")
SEEN = who("email", "ada@example.com", "observed")
COOKIE, PHONE = who("anonymous_id", "c1"), who("device_id", "d1")
ORDER_AND_CART = {"order_id": "o1", "cart_id": "k1"}


@pytest.mark.parametrize(
    ("identifiers", "more", "said"),
    [
        ([ACCOUNT], {}, ["observe account_id"]),
        ([ACCOUNT, EMAIL], {}, ["link email to account_id", "observe account_id"]),
        (
            [ACCOUNT, EMAIL, COOKIE],
            {"correlation": {"order_id": "o1"}},
            [
                "claim anonymous_id by account_id+email",
                "claim order_id by account_id+email",
                "link email to account_id",
                "observe account_id",
            ],
        ),
        ([SEEN], {}, ["anonymous touchpoint"]),
        (
            [SEEN, COOKIE],
            {"correlation": {"order_id": "o1"}},
            [
                "anonymous order_id",
                "claim anonymous_id by email not firm",
                "claim order_id by anonymous_id",
                "claim order_id by email not firm",
            ],
        ),
        ([ACCOUNT, SEEN, COOKIE], {}, ["claim anonymous_id by account_id", "observe account_id"]),
        ([], {"correlation": ORDER_AND_CART}, ["anonymous order_id", "link cart_id to order_id dated"]),
        ([PHONE, COOKIE], {}, ["anonymous device_id"]),
        ([COOKIE], {"session_id": "s1"}, ["anonymous anonymous_id"]),
        ([], {"session_id": "s1"}, ["anonymous session_id"]),
        ([], {}, ["anonymous touchpoint"]),
        (
            [ACCOUNT],
            {"correlation": ORDER_AND_CART},
            ["claim cart_id by account_id", "claim order_id by account_id", "observe account_id"],
        ),
    ],
)
def test_evidence_of_an_event(identifiers: list, more: dict, said: list[str]):
    assert take(event(identifiers=identifiers, **more)).said == said


@pytest.mark.parametrize(
    ("identifiers", "said"),
    [
        ([ACCOUNT, COOKIE], ["claim anonymous_id by nobody", "claim order_id by account_id", "observe account_id"]),
        (
            [SEEN, COOKIE],
            [
                "anonymous order_id",
                "claim anonymous_id by nobody",
                "claim order_id by anonymous_id",
                "claim order_id by email not firm",
            ],
        ),
        ([COOKIE], ["anonymous order_id", "claim anonymous_id by nobody", "claim order_id by anonymous_id"]),
    ],
)
def test_sign_out_frees_the_devices_and_leaves_the_threads(identifiers: list, said: list[str]):
    told = event(name="identity.reset", identifiers=identifiers, correlation={"order_id": "o1"})
    assert take(told).said == said


def test_late_event_is_no_touchpoint_but_counts_for_identity():
    late = {"occurred_at": NOON - 100 * HOUR, "received_at": NOON}
    taken = take(event(identifiers=[ACCOUNT, EMAIL, COOKIE], correlation={"order_id": "o1"}, **late))
    assert taken.said == [
        "claim anonymous_id by account_id+email",
        "claim order_id by account_id+email",
        "edge account_id account_id+email",
        "link email to account_id",
    ]
    (edge,) = taken.of(Edge)
    assert (edge.time, edge.received_at) == (NOON - 100 * HOUR, NOON)
    assert take(event(correlation=ORDER_AND_CART, **late)).said == ["link cart_id to order_id dated"]
    assert take(event(identifiers=[ACCOUNT], **late)).said == ["edge account_id account_id"]
    assert take(event(identifiers=[COOKIE], **late)).said == []


def test_claims_carry_all_strong_identifiers_and_the_exact_times():
    taken = take(event(identifiers=[ACCOUNT, EMAIL, COOKIE], received_at=NOON + 9))
    (claim,) = taken.of(Claim)
    assert claim.ids == (named(Kind.ACCOUNT, "a7"), named(Kind.EMAIL, "ada@example.com"))
    assert (claim.target, claim.times, claim.received) == (named(Kind.ANONYMOUS, "c1"), (NOON,), (NOON + 9,))


def test_claims_of_one_settle_that_differ_in_time_travel_as_one():
    told = [event(event_id=f"e{n}", occurred_at=NOON + n, identifiers=[ACCOUNT, COOKIE]) for n in range(5)]
    (claim,) = take(*told).of(Claim)
    assert claim.times == tuple(NOON + n for n in range(5))


def test_no_claim_message_grows_beyond_its_limit():
    rules = msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, claim_times=2))
    told = [event(event_id=f"e{n}", occurred_at=NOON + n, identifiers=[ACCOUNT, COOKIE]) for n in range(5)]
    assert [len(claim.times) for claim in take(*told, rules=rules).of(Claim)] == [2, 2, 1]


def test_undated_strong_link_is_sent_once():
    told = [event(event_id=f"e{n}", identifiers=[ACCOUNT, EMAIL]) for n in range(3)]
    assert len(take(*told).of(Link)) == 1


def test_dated_link_of_threads_is_sent_again_only_if_it_was_received_earlier():
    told = [event(event_id=f"e{n}", occurred_at=NOON + n, correlation=ORDER_AND_CART) for n in (2, 3, 1)]
    assert [link.received_at for link in take(*told).of(Link)] == [NOON + 2, NOON + 1]


def test_claim_on_a_thread_is_sent_again_only_if_it_is_earlier():
    told = [
        event(event_id=f"e{n}", occurred_at=NOON + n, identifiers=[ACCOUNT], correlation=ORDER_AND_CART)
        for n in (2, 3, 1)
    ]
    assert [claim.times for claim in take(*told).of(Claim)] == [(NOON + 2, NOON + 1)] * 2


def test_claim_on_a_device_is_sent_every_time():
    told = [event(event_id=f"e{n}", occurred_at=NOON + n, identifiers=[ACCOUNT, COOKIE]) for n in (2, 3, 1)]
    assert [claim.times for claim in take(*told).of(Claim)] == [(NOON + 2, NOON + 3, NOON + 1)]


def test_memory_of_links_is_bounded():
    rules = msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, cached_links=1))
    mails = [who("email", f"m{n % 2}@example.com", "asserted") for n in range(4)]
    told = [event(event_id=f"e{n}", identifiers=[ACCOUNT, mail]) for n, mail in enumerate(mails)]
    assert len(take(*told, rules=rules).of(Link)) == 4


def test_settle_hands_over_once():
    taken = take(event(identifiers=[ACCOUNT]))
    assert taken.intake.settle(0).evidence == []
    taken.intake.take(record(event(event_id="e2")))
    assert len(taken.intake.settle(0).evidence) == 1
