"""Stories of failures and where they led: X01 digital_failure_to_contact, X18 refill_portal_to_pharmacy_call."""

from tests.worlds.story import Hit, World, app, decision, kiosk, support, tell, web

FAILED = {"outcome": "failed", "error": {"code": "E1", "class": "system"}}
REFUSED = {"name": "refill.rejected", "task": "refill", "outcome": "failed"}
PHARMACY = {"location": {"location_id": "ph-1", "type": "pharmacy"}, "name": "visit.started"}

WORLDS = [
    World(
        name="two failures of one order and two calls about it are one hit",
        events=[
            app("p1", "d0 10:00", "acc:ann order:O1", task="pickup", name="order.confirmed", **FAILED),
            app("p2", "d0 11:00", "acc:ann order:O1", name="checkout.failed", **FAILED)
            | {"value": {"amount_minor": 4_200, "currency": "CHF"}},
            support("s1", "d0 12:30", "acc:ann", intent="opening_hours"),
            support("s2", "d1 9:30", "acc:ann order:O1"),
        ],
        people={"ann": "p1 p2 s1 s2"},
        hits=[
            Hit(
                "ann",
                "X01",
                "high",
                "p1 p2 s1 s2",
                at="d0 12:30",
                channel_to="support",
                confidence=0.9,
                at_risk=(4_200, "CHF"),
            )
        ],
    ),
    World(
        name="given up, called about, begun again and bought: the call was about what had been given up",
        events=[
            web("c1", "d0 10:00", "acc:ann", task="checkout", name="checkout.started"),
            support("s1", "d1 11:00", "acc:ann", task="checkout", intent="payment"),
            web("c2", "d1 12:00", "acc:ann", task="checkout", name="order.placed", outcome="completed"),
        ],
        people={"ann": "c1 s1 c2"},
        hits=[Hit("ann", "X01", "high", "c1 s1", at="d1 11:00")],
    ),
    World(
        name="a call while the checkout is still open makes it no digital failure",
        events=[
            web("c1", "d0 10:00", "acc:ann", task="checkout", name="checkout.started"),
            support("s1", "d1 9:00", "acc:ann", task="checkout"),
            support("s2", "d2 9:30", "acc:ann", intent="opening_hours"),
        ],
        people={"ann": "c1 s1 s2"},
        hits=[],
    ),
    World(
        name="a call at the very instant of the failure does not follow it",
        events=[
            kiosk("k1", "10:00", "card:L1", task="kiosk_order", name="checkout.failed", **FAILED),
            support("s1", "10:00", "card:L1", task="kiosk_order"),
        ],
        people={"L1": "k1 s1"},
        hits=[],
    ),
    World(
        name="a refill refused on the web, and a walk to the pharmacy with two days of supply left",
        events=[
            web("w1", "10:00", "acc:ann rx:R1", rx={"days_supply_left": 2}, **REFUSED),
            web("w2", "10:05", "acc:ann rx:R1", **REFUSED),
            tell("store", "v1", "14:00", "acc:ann", **PHARMACY),
        ],
        people={"ann": "w1 w2 v1"},
        hits=[Hit("ann", "X18", "critical", "w1 w2 v1", at="14:00", channel_to="store", confidence=0.9)],
    ),
    World(
        name="a refill refused because the prescription is over is medium, where every refusal says so",
        events=[
            web("w1", "10:00", "acc:ann rx:R1", outcome_reason="not_eligible", **REFUSED),
            web("w2", "10:00", "acc:bob rx:R2", outcome_reason="not_eligible", **REFUSED),
            app("p2", "10:10", "acc:bob rx:R2", outcome_reason="timeout", **REFUSED),
            tell("store", "v1", "12:00", "acc:ann", **PHARMACY),
            tell("store", "v2", "12:00", "acc:bob", **PHARMACY),
        ],
        people={"ann": "w1 v1", "bob": "w2 p2 v2"},
        hits=[Hit("ann", "X18", "medium", "w1 v1"), Hit("bob", "X18", "high", "w2 p2 v2")],
    ),
    World(
        name="a call more than four hours after the refill failed is X01's, and no longer X18's",
        events=[
            web("w1", "10:00", "acc:ann rx:R1", **REFUSED),
            support("s1", "14:00:00.001", "acc:ann", task="refill"),
        ],
        people={"ann": "w1 s1"},
        hits=[Hit("ann", "X01", "high", "w1 s1")],
    ),
    World(
        name="a walk to a shop that is no pharmacy, and one of another household member",
        events=[
            web("w1", "10:00", "acc:ann rx:R1 tel:+41446681800", **REFUSED),
            tell("store", "v1", "11:00", "acc:ann", location={"location_id": "s-1", "type": "store"}),
            tell("store", "v2", "11:30", "acc:bob tel:+41446681800", **PHARMACY),
        ],
        decisions=[decision("1", "d1 9:00", "split", "acc:bob", "tel:+41446681800")],
        people={"ann": "w1 v1", "bob": "v2"},
        hits=[],
    ),
]
