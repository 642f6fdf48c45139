"""Stories of trouble where one pays or orders: U13 payment_retry_loop, U14 kiosk_walkaway."""

from tests.worlds.story import Hit, Journey, World, kiosk, web

DECLINED = {"name": "payment.failed", "task": "checkout", "outcome": "failed"}
PAID = {"name": "payment.succeeded", "task": "checkout"}
ADDED = {"name": "item.added"}
TIMED_OUT = {"name": "session.timed_out"}
READER = {"name": "peripheral.failed", "error": {"code": "reader", "class": "system"}}

WORLDS = [
    World(
        name="two tries too far apart become a loop with the one between, of which is heard late",
        events=[
            web("p1", "10:00", "acc:ann cart:C1", **DECLINED),
            web("p3", "10:20", "acc:ann cart:C1", **DECLINED),
            web("b1", "12:00", "acc:bob"),
            web("p2", "10:10", "acc:ann cart:C1", received="d1 10:00", **DECLINED),
        ],
        people={"ann": "p1 p2 p3", "bob": "b1"},
        hits=[Hit("ann", "U13", "high", "p1 p2 p3", at="10:10", channel_to="", confidence=0.9)],
    ),
    World(
        name="one order in two carts: each cart has one try",
        events=[
            web("p1", "10:00", "acc:ann cart:C1 order:O1", **DECLINED),
            web("p2", "10:10", "acc:ann cart:C2 order:O1", **DECLINED),
            web("p3", "10:20", "acc:ann order:O1", **DECLINED),
        ],
        people={"ann": "p1 p2 p3"},
        hits=[],
    ),
    World(
        name="two loops of one cart: the first one's second try is what half an hour counts from",
        events=[
            web("p1", "10:00", "acc:ann cart:C1", **DECLINED),
            web("p2", "10:10", "acc:ann cart:C1", **DECLINED | {"error": {"class": "user"}}),
            web("p3", "11:00", "acc:ann cart:C1", **DECLINED),
            web("p4", "11:10", "acc:ann cart:C1", **DECLINED),
            web("p5", "10:40", "acc:ann cart:C1", received="12:00", **PAID),
        ],
        people={"ann": "p1 p2 p3 p4 p5"},
        hits=[Hit("ann", "U13", "medium", "p1 p2 p3 p4", at="10:10")],
    ),
    World(
        name="a full tray and nobody there: walked away, and a card reader that had failed",
        events=[
            kiosk("r0", "9:59", "card:L1", **READER),
            kiosk("k1", "10:00", "card:L1", **ADDED),
            kiosk("k2", "10:01", "card:L1", name="item.customized"),
            kiosk("k3", "10:03", "card:L1", **TIMED_OUT),
            kiosk("k4", "11:00", "card:L1", **ADDED),
            kiosk("k5", "11:01", "card:L1", **READER),
            kiosk("k6", "11:02", "card:L1", name="session.ended"),
        ],
        people={"L1": "r0 k1 k2 k3 k4 k5 k6"},
        hits=[
            Hit("L1", "U14", "medium", "k1 k2 k3", at="10:03", channel_to="", confidence=0.8),
            Hit("L1", "U14", "high", "k4 k5 k6", at="11:02", confidence=0.8),
        ],
    ),
    World(
        name="who ordered has not walked away, though it is heard of late; nor who sits at another kiosk",
        events=[
            kiosk("k1", "10:00", "card:L1", **ADDED),
            kiosk("k3", "10:03", "card:L1", **TIMED_OUT),
            kiosk("k4", "11:00", "card:L1", **ADDED),
            kiosk("k5", "11:01", "card:L1", source="/kiosk/other", **TIMED_OUT),
            web("b1", "12:00", "acc:bob"),
            kiosk("k2", "10:02", "card:L1", name="order.placed", received="d1 10:00"),
        ],
        people={"L1": "k1 k2 k3 k4 k5", "bob": "b1"},
        hits=[],
    ),
    World(
        name="an end more than half an hour after the last item, or at its instant, ends nothing",
        events=[
            kiosk("k1", "10:00", "card:L1", **ADDED),
            kiosk("k2", "10:00", "card:L1", **TIMED_OUT),
            kiosk("k3", "10:30:00.001", "card:L1", **TIMED_OUT),
        ],
        people={"L1": "k1 k2 k3"},
        hits=[],
    ),
    World(
        name="who adds something at the very instant of the end has not walked away",
        events=[
            kiosk("k1", "10:00", "card:L1", **ADDED),
            kiosk("k2", "10:01", "card:L1", **ADDED),
            kiosk("k3", "10:01", "card:L1", **TIMED_OUT),
        ],
        people={"L1": "k1 k2 k3"},
        hits=[],
    ),
    World(
        name="hits of one pattern weigh half as much each time",
        events=[
            kiosk("k1", "10:00", "card:L1", name="item.added"),
            kiosk("k2", "10:01", "card:L1", name="session.timed_out"),
            kiosk("k3", "10:02", "card:L1", name="item.added"),
            kiosk("k4", "10:03", "card:L1", name="session.timed_out"),
        ],
        people={"L1": "k1 k2 k3 k4"},
        journeys=[
            Journey(
                "L1",
                "browse",
                "10:00",
                "10:03",
                "completed",
                4,
                measures={"hits": 2, "friction_score": 100 * (1 - (1 - 0.16) * (1 - 0.08)), "top_pattern": "U14"},
            )
        ],
    ),
]
