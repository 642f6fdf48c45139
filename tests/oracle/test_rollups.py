"""Aggregates small enough to count on one's fingers."""

from tests.oracle.rollups import BUCKET_BOUNDS
from tests.oracle.shape import Rows
from tests.oracle.tables import Oracle
from tests.worlds.story import app, email, kiosk, moment, support, web

CHECKOUT = {"task": "checkout"}
PLACE = {"location": {"location_id": "r-1"}}


def buckets(*filled: int) -> tuple[int, ...]:
    return tuple(filled.count(index) for index in range(len(BUCKET_BOUNDS) + 1))


def table(name: str, *events: dict[str, object]) -> Rows:
    return Oracle().tables(events)[name]


def test_the_funnel_counts_what_customers_did_for_a_task_by_step() -> None:
    pay = {"step": {"name": "pay", "index": 2}, "duration_ms": 100, **CHECKOUT}
    found = table(
        "agg_task_funnel_5m",
        web("w1", "10:00", "acc:ann", outcome="failed", **pay),
        web("w2", "10:04:59.999", "acc:ann", outcome="completed", **pay | {"duration_ms": 101}),
        web("w3", "10:05", "acc:ann", outcome="none", **pay),
        web("w4", "10:00", "acc:bob", outcome="started", **CHECKOUT),
        email("m1", "10:00", "acc:bob", direction="outbound", **CHECKOUT),
        web("w5", "10:00", "acc:bob"),
        web("w6", "10:00", "", **CHECKOUT),
    )
    assert found == {
        (moment("10:00"), "acme", "checkout", "pay", "web", ""): (2, 1, 0, 0, 1, 1, 0, buckets(0, 1)),
        (moment("10:05"), "acme", "checkout", "pay", "web", ""): (1, 1, 0, 0, 0, 0, 0, buckets(0)),
        (moment("10:00"), "acme", "checkout", "", "web", ""): (1, 1, 1, 0, 0, 0, 0, buckets()),
    }


def test_changes_of_channel_are_counted_by_how_long_they_took_and_where_they_led() -> None:
    found = table(
        "agg_channel_transition_15m",
        web("w1", "10:00", "acc:ann", **CHECKOUT),
        email("m1", "10:00:30", "acc:ann", direction="outbound", **CHECKOUT),
        app("p1", "10:01", "acc:ann", context_carried=True, outcome="progressed", **CHECKOUT),
        app("p2", "10:02", "acc:ann", **CHECKOUT),
        web("w2", "11:02:00.001", "acc:ann", name="order.placed", outcome="completed", **CHECKOUT),
        kiosk("k1", "12:00", "acc:ann", **CHECKOUT),
    )
    acme = ("acme", "web", "app", "checkout", "1m")
    assert found == {
        (moment("10:00"), *acme): (1, 1, 1, 1, 0),
        (moment("11:00"), "acme", "app", "web", "checkout", "24h"): (1, 1, 0, 1, 0),
        (moment("12:00"), "acme", "web", "kiosk", "checkout", "1h"): (1, 1, 0, 0, 0),
    }


def test_of_one_journey_sixty_four_changes_count() -> None:
    told = [(web, app)[minute % 2](f"e{minute}", f"10:{minute:02}", "acc:ann", **CHECKOUT) for minute in range(60)]
    told += [(web, app)[minute % 2](f"f{minute}", f"11:{minute:02}", "acc:ann", **CHECKOUT) for minute in range(60)]
    found = table("agg_channel_transition_15m", *told)
    assert sum(int(str(row[0])) for row in found.values()) == 64


def test_a_place_counts_what_happened_there_and_the_hits_that_began_there() -> None:
    found = table(
        "agg_location_15m",
        kiosk("k1", "10:00", "card:L1", name="item.added", wait_ms=1_638_401, outcome="abandoned", **PLACE),
        kiosk("k2", "10:20", "card:L1", name="session.timed_out", **PLACE),
        kiosk("k3", "10:20", "", **PLACE),
        support("s1", "10:30", "card:L1"),
    )
    assert found == {
        (moment("10:00"), "acme", "r-1", "kiosk", ""): (1, 1, 0, 0, 1, buckets(15), 0),
        (moment("10:15"), "acme", "r-1", "kiosk", ""): (1, 1, 0, 0, 0, buckets(), 1),
    }


def test_hits_are_counted_with_what_was_at_risk() -> None:
    worth = {"value": {"amount_minor": 900, "currency": "CHF", "kind": "at_risk"}}
    found = table(
        "agg_friction_5m",
        kiosk("k1", "10:00", "card:L1", name="item.added", **worth, **PLACE),
        kiosk("k2", "10:07", "card:L1", name="session.timed_out"),
        kiosk("k3", "10:00", "card:L2", name="item.added", **worth, **PLACE),
        kiosk("k4", "10:08", "card:L2", name="session.ended"),
    )
    assert found == {(moment("10:05"), "U14", "medium", "acme", "kiosk", "", "", "r-1"): (2, 2, 1_800)}
