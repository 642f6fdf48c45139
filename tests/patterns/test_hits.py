"""What a hit says: its key, its evidence, its severity and what it is worth (docs/rules.md §8)."""

import pytest

from schemas.identifiers import derived_id
from schemas.rows import FrictionRow
from schemas.touchpoint import Touchpoint
from streams.patterns.loader import load_pattern
from streams.patterns.matches import EVIDENCE_MAX
from tests.patterns.test_loader import GOOD
from tests.support import rows
from tests.support.touchpoints import DAY, HOUR, MINUTE, at_time, event, thread

CART = ("cart_id:C1",)
FAILED = event("10:00", "web", "checkout.failed", outcome="failed", task="checkout", threads=CART, location="L1")
CALL = event("11:00", "support", "contact.started", sub_channel="phone", task="checkout")


def hits_of(pattern: str, *touchpoints: Touchpoint, as_of: str | int = "400d") -> list[FrictionRow]:
    return [hit for hit in rows.hits_of(*touchpoints, as_of=as_of) if hit.pattern == pattern]


def test_a_hit_carries_its_evidence():
    again = event("10:05", "web", "checkout.failed", outcome="failed", task="checkout", threads=CART, revenue=1900)
    (hit,) = hits_of("X01", CALL, again, FAILED, as_of="12:00")
    assert hit.evidence == (FAILED.key.hex(), again.key.hex(), CALL.key.hex())
    assert hit.path == "web:checkout.failed ×2 › support:contact.started"  # noqa: RUF001
    assert (hit.severity, hit.confidence, hit.score) == ("high", 0.9, 36.0)
    assert (hit.channel_from, hit.channel_to, hit.location_id, hit.task) == ("web", "support", "L1", "checkout")
    assert (hit.first_at, hit.last_at, hit.detected_at) == (at_time("10:00"), at_time("11:00"), at_time("11:00"))
    assert (hit.value_at_risk_minor, hit.currency) == (1900, "EUR")
    assert hit.parameters == {"window": "24h"}
    assert hit.journey_id == derived_id(FAILED.key, b"checkout")


def test_a_hit_is_keyed_by_its_thread_and_its_incident_is_free_of_the_person():
    (hit,) = hits_of("X01", FAILED, CALL, as_of="12:00")
    key = thread(CART[0]).hex()
    assert hit.hit_key == key
    assert hit.hit_id == derived_id(b"p", b"X01", key.encode())
    assert hit.incident_key == derived_id(b"X01", key.encode())


def test_failures_of_a_task_without_a_thread_are_one_hit_while_they_come_within_the_window():
    told = [event(at, "web", "search.failed", outcome="failed", task="search") for at in (0, HOUR, 3 * HOUR, 6 * HOUR)]
    calls = [event(at + MINUTE, "support", "contact.started") for at in (0, HOUR, 3 * HOUR, 6 * HOUR)]
    first, second = hits_of("X01", *told, *calls)
    assert first.hit_key == told[0].key.hex()
    assert second.hit_key == told[3].key.hex()
    assert len(first.evidence) == 6


def test_a_hit_names_at_most_twenty_touchpoints_the_first_and_the_last_ten():
    told = [event(n * MINUTE, "web", "a.failed", outcome="failed", task="checkout", threads=CART) for n in range(30)]
    call = event(HOUR, "support", "contact.started", task="checkout")
    (hit,) = hits_of("X01", *told, call)
    expected = [*told[:10], *told[21:], call]
    assert len(expected) == EVIDENCE_MAX
    assert hit.evidence == tuple(one.key.hex() for one in expected)


def test_a_contact_at_the_instant_of_the_failure_does_not_follow_it():
    assert hits_of("X01", FAILED, event("10:00", "support", "contact.started", task="checkout"), as_of="12:00") == []


@pytest.mark.parametrize(
    ("task", "hours", "hit"), [("login", 2, 1), ("login", 3, 0), ("refill", 24, 1), ("refill", 25, 0)]
)
def test_how_long_a_contact_may_take_depends_on_the_task(task: str, hours: int, hit: int):
    failed = event(0, "web", "a.failed", outcome="failed", task=task)
    done = event(1, "web", "a.done", outcome="completed", task=task)
    assert len(hits_of("X01", failed, done, event(hours * HOUR, "support", "contact.started"))) == hit


def test_a_journey_given_up_is_a_failure_at_its_timeout():
    looked = event(0, "kiosk", "menu.browsed", task="kiosk_order", location="L1")
    too_early = event(10 * MINUTE, "support", "contact.started", sub_channel="chat")
    assert hits_of("X01", looked, too_early) == []
    (hit,) = hits_of("X01", looked, event(10 * MINUTE + 1, "support", "contact.started", sub_channel="chat"))
    assert (hit.task, hit.channel_from, hit.severity) == ("kiosk_order", "kiosk", "medium")
    assert hit.evidence[0] == looked.key.hex()


def test_a_journey_that_was_left_to_a_person_is_not_given_up():
    told = [event(0, "web", task="search"), event(1, "store", task="search")]
    assert hits_of("X01", *told, event(HOUR, "support", "contact.started")) == []


def test_a_hit_grows_by_a_journey_that_is_given_up_later():
    browsing = event("10:10", "app", "item.viewed", task="checkout", threads=CART)
    (hit,) = hits_of("X01", FAILED, CALL, browsing, as_of="20:00")
    assert browsing.key.hex() not in hit.evidence
    told = [FAILED, CALL, event("11:10", "app", "item.viewed", task="checkout", threads=CART)]
    assert len(hits_of("X01", *told, as_of="20:00")[0].evidence) == 2
    assert len(hits_of("X01", *told, as_of=3 * DAY)[0].evidence) == 3


def test_declines_of_every_run_are_evidence_and_the_first_run_decides_the_wait():
    ats = (0, MINUTE, HOUR, HOUR + MINUTE, 5 * HOUR)
    declines = [event(at, "web", "payment.failed", error="third_party", threads=CART) for at in ats]
    paid = event(10 * MINUTE, "web", "payment.succeeded", threads=CART)
    (hit,) = hits_of("U13", *declines, paid, as_of=6 * HOUR)
    assert hit.severity == "medium"
    assert hit.evidence == tuple(one.key.hex() for one in declines[:4])
    assert hit.detected_at == at_time(MINUTE)


def test_one_decline_that_is_not_the_customers_raises_a_loop_from_low():
    declines = [event(n * MINUTE, "web", "payment.failed", error="user", threads=CART) for n in range(3)]
    assert [hit.severity for hit in hits_of("U13", *declines)] == ["low"]
    worse = event(3 * MINUTE, "web", "payment.failed", error="system", threads=CART)
    assert [hit.severity for hit in hits_of("U13", *declines, worse)] == ["high"]


def test_a_decline_with_cart_and_order_counts_for_its_cart():
    declines = [
        event(0, "web", "payment.failed", threads=("cart_id:C1", "order_id:O1")),
        event(MINUTE, "web", "payment.failed", threads=("cart_id:C1",)),
        event(2 * MINUTE, "web", "payment.failed", threads=("order_id:O1",)),
    ]
    (hit,) = hits_of("U13", *declines)
    assert hit.hit_key == thread("cart_id:C1").hex()
    assert len(hit.evidence) == 2


def test_a_message_at_the_instant_of_the_slip_has_told_the_customer():
    slip = event(0, "delivery", "order.eta_changed", threads=("order_id:O1",), eta=("3h", "6h"))
    told = event(0, "email", "message.sent", direction="outbound", threads=("order_id:O1",))
    assert hits_of("X23", slip, told) == []
    assert hits_of("X23", slip, event(0, "app", "message.sent", direction="outbound", threads=("order_id:O1",))) == []


def test_only_silent_slips_are_evidence_and_the_first_of_them_dates_the_hit():
    slips = [
        event(
            at, "delivery", "order.eta_changed", threads=("order_id:O1",), eta=(f"{at + HOUR}ms", f"{at + 3 * HOUR}ms")
        )
        for at in (0, 2 * HOUR, 4 * HOUR)
    ]
    told = event(MINUTE, "sms", "message.sent", direction="outbound", threads=("order_id:O1",))
    (hit,) = hits_of("X23", *slips, told)
    assert hit.evidence == (slips[1].key.hex(), slips[2].key.hex())
    assert hit.detected_at == at_time(2 * HOUR + 45 * MINUTE)


def test_parameters_of_a_slice_hold_for_it_alone():
    text = GOOD.replace("[items]", '[[overrides]]\ntask = ["refill"]\nparameters = { window = "4h" }\n[items]')
    pattern = load_pattern(text, "X99.toml")
    assert pattern.values_of("main", "web", "refill") == {"window": 4 * HOUR}
    assert pattern.values_of("main", "web", "search") == {"window": 2 * HOUR}
    assert pattern.texts_of("main", "web", "refill") == {"window": "4h"}


def test_the_item_at_which_it_first_fires_says_where_it_led():
    told = [
        event(0, "web", "task.started", task="refill"),
        event(MINUTE, "app", "info.provided", task="refill"),
        event(2 * MINUTE, "web", "task.started", task="refill"),
        event(3 * MINUTE, "app", "task.started", task="refill"),
        event(4 * MINUTE, "kiosk", "item.viewed", task="refill"),
    ]
    (hit,) = hits_of("X06", *told)
    assert (hit.channel_from, hit.channel_to, hit.detected_at) == ("web", "app", at_time(3 * MINUTE))


def test_hopping_that_fails_says_where_it_led_though_it_was_found_by_what_was_missing():
    told = [event(n * HOUR, channel, "a.b", task="refill") for n, channel in enumerate(("web", "app", "store"))]
    late = event(25 * HOUR, "kiosk", "a.b", task="refill", outcome="failed")
    (hit,) = hits_of("X03", *told)
    assert (hit.channel_to, hit.detected_at) == ("store", at_time(2 * HOUR + 24 * HOUR + 15 * MINUTE))
    (hit,) = hits_of("X03", *told, late)
    assert (hit.channel_to, hit.detected_at) == ("kiosk", at_time(25 * HOUR))


def test_a_kiosk_session_that_ends_at_the_instant_of_the_last_item_has_not_ended_after_it():
    chosen = [event(at, "kiosk", "item.added", source="/k3") for at in (0, MINUTE)]
    assert hits_of("U14", *chosen, event(MINUTE, "kiosk", "session.timed_out", source="/k3", event_id="z")) == []
    (hit,) = hits_of("U14", *chosen, event(MINUTE + 1, "kiosk", "session.timed_out", source="/k3"))
    assert (hit.severity, hit.channel_to, len(hit.evidence)) == ("medium", "", 3)
