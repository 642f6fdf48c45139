"""Stories of one task on several channels: X03 channel_hopping, X06 bounce_with_reentry."""

from tests.worlds.story import Hit, Journey, Wire, World, app, decision, kiosk, support, web

CHECKOUT = {"task": "checkout"}
STARTED = {"task": "checkout", "name": "checkout.started", "outcome": "started"}
DECLINED = {"task": "checkout", "name": "payment.failed", "outcome": "failed"}
PLACED = {"task": "checkout", "name": "order.placed", "outcome": "completed"}
ADDRESS = {"task": "checkout", "name": "info.provided", "form": {"field_group": "address"}}
PAYMENT = {"task": "checkout", "name": "info.provided", "form": {"field_group": "payment"}}
THREE_CHANNELS: list[Wire | bytes] = [
    web("w1", "d0 10:00", "acc:ann", **STARTED),
    app("p1", "d0 11:00", "acc:ann", **STARTED),
    kiosk("k1", "d0 12:00", "acc:ann", **STARTED),
]

WORLDS = [
    World(
        name="to the app, where paying fails, and back: hopping, at the second change",
        events=[
            web("w1", "10:00", "acc:ann", **STARTED),
            app("p1", "10:30", "acc:ann", **DECLINED),
            web("w2", "11:00", "acc:ann", **STARTED),
            web("w3", "11:10", "acc:ann", **PLACED),
        ],
        people={"ann": "w1 p1 w2 w3"},
        hits=[Hit("ann", "X03", "high", "w1 p1 w2 w3", at="11:00", channel_to="web", confidence=0.8)],
    ),
    World(
        name="to the app, where paying fails, and back to buy: what completes is no change",
        events=[
            web("w1", "10:00", "acc:ann", **STARTED),
            app("p1", "10:30", "acc:ann", **DECLINED),
            web("w2", "11:00", "acc:ann", **PLACED),
        ],
        people={"ann": "w1 p1 w2"},
        hits=[],
    ),
    World(
        name="three channels and no purchase are hopping a day later, and a quarter of an hour",
        events=THREE_CHANNELS,
        as_of="d1 12:15",
        people={"ann": "w1 p1 k1"},
        hits=[Hit("ann", "X03", "high", "w1 p1 k1", at="d1 12:15", channel_to="kiosk")],
    ),
    World(
        name="three channels and no purchase are not certain before that",
        events=THREE_CHANNELS,
        as_of="d1 12:14:59.999",
        people={"ann": "w1 p1 k1"},
        hits=[],
    ),
    World(
        name="three channels, and the purchase is heard of after the hit was shown: taken back",
        events=[
            *THREE_CHANNELS,
            web("b1", "d1 13:00", "acc:bob"),
            web("w2", "d1 11:59", "acc:ann", received="d2 10:00", **PLACED),
        ],
        people={"ann": "w1 p1 k1 w2", "bob": "b1"},
        hits=[],
    ),
    World(
        name="who is handed over with everything known has not hopped",
        events=[
            web("w1", "10:00", "acc:ann", **STARTED),
            app("p1", "10:10", "acc:ann", context_carried=True, **DECLINED),
            kiosk("k1", "10:20", "acc:ann", **STARTED),
        ],
        people={"ann": "w1 p1 k1"},
        hits=[],
        journeys=[
            Journey(
                "ann",
                "checkout",
                "10:00",
                "10:20",
                "abandoned",
                3,
                measures={"switches": 1, "seamless_switches": 0, "restarts": 0},
            )
        ],
    ),
    World(
        name="the address given on the web, on the app and on the web again",
        events=[
            web("w1", "10:00", "acc:ann", **ADDRESS),
            app("p1", "10:10", "acc:ann", **ADDRESS),
            web("w2", "10:20", "acc:ann", **CHECKOUT),
            web("w3", "10:30", "acc:ann", **PLACED),
        ],
        people={"ann": "w1 p1 w2 w3"},
        hits=[Hit("ann", "X06", "high", "w1 p1 w2 w3", at="10:20", channel_to="web", confidence=0.8)],
    ),
    World(
        name="the address here and the payment there, to and fro, is nothing given twice",
        events=[
            web("w1", "10:00", "acc:ann", **ADDRESS, step={"name": "address", "index": 1}),
            app("p1", "10:10", "acc:ann", **PAYMENT, step={"name": "payment", "index": 2}),
            web("w2", "10:20", "acc:ann", **ADDRESS, step={"name": "address", "index": 2}),
        ],
        people={"ann": "w1 p1 w2"},
        hits=[],
    ),
    World(
        name="sent back to the first step by the telephone, bounced only after buying: no bounce",
        events=[
            web("w1", "10:00", "acc:ann", step={"name": "pay", "index": 3}, **STARTED),
            support("s1", "10:10", "acc:ann", step={"name": "cart", "index": 1}, **CHECKOUT),
            support("s2", "10:15", "acc:ann", **PLACED),
            web("w2", "10:20", "acc:ann", **CHECKOUT),
        ],
        people={"ann": "w1 s1 s2 w2"},
        hits=[],
    ),
    World(
        name="as far at the kiosk as on the app, then a step back on the app: it is there that it leads to",
        events=[
            app("p1", "10:00", "acc:ann", step={"name": "pay", "index": 3}, **CHECKOUT),
            kiosk("k1", "10:10", "acc:ann", step={"name": "pay", "index": 3}, **CHECKOUT),
            app("p2", "10:20", "acc:ann", step={"name": "cart", "index": 2}, **CHECKOUT),
            web("w1", "10:30", "acc:ann", step={"name": "start", "index": 1}, **CHECKOUT),
        ],
        people={"ann": "p1 k1 p2 w1"},
        as_of="10:40",
        hits=[Hit("ann", "X06", "high", "p1 k1 p2 w1", at="10:20", channel_to="app")],
    ),
    World(
        name="the bounce over somebody else's kiosk becomes hers when the card is",
        events=[
            web("w1", "10:00", "acc:ann", name="task.started", **CHECKOUT),
            kiosk("k1", "10:10", "card:L1", name="task.started", **CHECKOUT),
            web("w2", "10:20", "acc:ann", **CHECKOUT),
            web("a1", "d2 10:00", "acc:ann card:L1"),
        ],
        people={"ann": "w1 k1 w2 a1"},
        hits=[Hit("ann", "X06", "high", "w1 k1 w2", at="10:20")],
    ),
    World(
        name="and is nobody's once card and account are split",
        events=[
            web("w1", "10:00", "acc:ann", name="task.started", **CHECKOUT),
            kiosk("k1", "10:10", "card:L1", name="task.started", **CHECKOUT),
            web("w2", "10:20", "acc:ann", **CHECKOUT),
            web("a1", "d2 10:00", "acc:ann card:L1"),
        ],
        decisions=[decision("1", "d3 9:00", "split", "acc:ann", "card:L1")],
        people={"ann": "w1 w2 a1", "L1": "k1"},
        hits=[],
    ),
]
