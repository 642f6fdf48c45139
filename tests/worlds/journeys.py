"""Stories of sessions and journeys."""

from tests.worlds.story import Journey, Session, World, app, courier, kiosk, support, web

WORLDS = [
    World(
        name="thirty minutes are one session, a millisecond more are two",
        events=[
            web("w1", "10:00", "acc:ann ck:c1"),
            web("w2", "10:30", "acc:ann ck:c1"),
            web("w3", "11:00:00.001", "acc:ann ck:c1"),
        ],
        people={"ann": "w1 w2 w3"},
        sessions=[Session("ann", "10:00", "10:30", 2), Session("ann", "11:00:00.001", "11:00:00.001", 1)],
    ),
    World(
        name="two devices at once are two sessions",
        events=[
            web("w1", "10:00", "acc:ann ck:c1"),
            app("p1", "10:01", "acc:ann dev:phone"),
            web("w2", "10:02", "acc:ann ck:c1"),
            app("p2", "10:07", "acc:ann dev:phone"),
        ],
        people={"ann": "w1 p1 w2 p2"},
        sessions=[
            Session("ann", "10:00", "10:02", 2),
            Session("ann", "10:01", "10:01", 1),
            Session("ann", "10:07", "10:07", 1),
        ],
    ),
    World(
        name="a kiosk session ends when it says so; nobody's forms none",
        events=[
            kiosk("k1", "10:00", "card:L1", name="session.started"),
            kiosk("k2", "10:01", "card:L1", name="session.ended"),
            kiosk("k3", "10:01:30", "card:L1", name="session.started"),
            kiosk("k4", "10:01:40", ""),
        ],
        people={"L1": "k1 k2 k3"},
        nobody="k4",
        sessions=[Session("L1", "10:00", "10:01", 2), Session("L1", "10:01:30", "10:01:30", 1)],
    ),
    World(
        name="what the brand sends is in no session",
        events=[
            web("w1", "10:00", "acc:ann", task="checkout", name="checkout.started"),
            web("m1", "10:05", "acc:ann", name="message.sent", direction="outbound"),
        ],
        people={"ann": "w1 m1"},
        sessions=[Session("ann", "10:00", "10:00", 1)],
        journeys=[Journey("ann", "checkout", "10:00", "10:00", "abandoned", 1)],
    ),
    World(
        name="a second order is a second journey",
        events=[
            web("o1", "10:00", "acc:ann order:O1", task="checkout", name="order.placed"),
            web("o2", "10:30", "acc:ann order:O2", task="checkout", name="order.placed"),
        ],
        people={"ann": "o1 o2"},
        journeys=[
            Journey("ann", "checkout", "10:00", "10:00", "completed", 1),
            Journey("ann", "checkout", "10:30", "10:30", "completed", 1),
        ],
    ),
    World(
        name="a cart becomes an order and is delivered: one journey",
        events=[
            web("c1", "10:00", "acc:ann cart:C1", task="checkout", name="item.added"),
            web("c2", "10:05", "acc:ann cart:C1 order:O1", task="checkout", name="order.placed"),
            courier("c3", "12:00", "order:O1", name="order.delivered"),
        ],
        people={"ann": "c1 c2 c3"},
        journeys=[Journey("ann", "checkout", "10:00", "12:00", "completed", 3)],
    ),
    World(
        name="the second order of one cart is a second journey",
        events=[
            web("c1", "10:00", "acc:ann cart:C1 order:O1", task="checkout", name="order.placed"),
            web("c2", "10:05", "acc:ann cart:C1 order:O2", task="checkout", name="order.placed"),
        ],
        people={"ann": "c1 c2"},
        journeys=[
            Journey("ann", "checkout", "10:00", "10:00", "completed", 1),
            Journey("ann", "checkout", "10:05", "10:05", "completed", 1),
        ],
    ),
    World(
        name="no journey is longer than fourteen days; its successor continues it",
        events=[
            web("t1", "d0 10:00", "acc:ann", task="track_order", name="status.viewed"),
            web("t2", "d10 10:00", "acc:ann", task="track_order", name="status.viewed"),
            web("t3", "d14 10:00", "acc:ann", task="track_order", name="status.viewed"),
            web("t4", "d15 10:00", "acc:ann", task="track_order", name="status.viewed"),
        ],
        people={"ann": "t1 t2 t3 t4"},
        journeys=[
            Journey("ann", "track_order", "d0 10:00", "d14 10:00", "abandoned", 3),
            Journey("ann", "track_order", "d15 10:00", "d15 10:00", "abandoned", 1, continues=True),
        ],
    ),
    World(
        name="given up, begun again and completed within seven days: superseded",
        events=[
            web("c1", "d0 10:00", "acc:ann", task="checkout", name="checkout.started"),
            web("c2", "d3 10:00", "acc:ann", task="checkout", name="checkout.started"),
            web("c3", "d3 10:05", "acc:ann", task="checkout", name="order.placed"),
        ],
        people={"ann": "c1 c2 c3"},
        journeys=[
            Journey("ann", "checkout", "d0 10:00", "d0 10:00", "superseded", 1),
            Journey("ann", "checkout", "d3 10:00", "d3 10:05", "completed", 2),
        ],
    ),
    World(
        name="begun on the web, finished at the kiosk, complained about by phone: one journey by its order",
        events=[
            web("w1", "10:00", "acc:ann order:O1", task="pickup", name="order.confirmed"),
            kiosk("k1", "11:00", "order:O1", name="order.picked_up"),
            support("s1", "13:00", "acc:ann order:O1", task="complaint"),
        ],
        people={"ann": "w1 k1 s1"},
        journeys=[Journey("ann", "pickup", "10:00", "13:00", "completed", 3)],
    ),
    World(
        name="a cancelled order has finally failed",
        events=[
            web("w1", "10:00", "acc:ann order:O1", task="pickup", name="order.confirmed"),
            web("w2", "10:10", "acc:ann order:O1", name="order.cancelled"),
        ],
        people={"ann": "w1 w2"},
        journeys=[Journey("ann", "pickup", "10:00", "10:10", "failed_final", 2)],
    ),
    World(
        name="a page without a task joins the journey of the same visit, else begins to browse",
        events=[
            web("w1", "10:00", "acc:ann", task="checkout", name="checkout.started"),
            web("w2", "10:20", "acc:ann"),
            web("w3", "11:00", "acc:ann"),
        ],
        people={"ann": "w1 w2 w3"},
        journeys=[
            Journey("ann", "checkout", "10:00", "10:20", "abandoned", 2),
            Journey("ann", "browse", "11:00", "11:00", "abandoned", 1),
        ],
    ),
    World(
        name="a checkout is open for a day",
        events=[web("c1", "10:00", "acc:ann", task="checkout", name="checkout.started")],
        as_of="d1 10:00",
        people={"ann": "c1"},
        journeys=[Journey("ann", "checkout", "10:00", "10:00", "open", 1)],
    ),
    World(
        name="and given up a millisecond later",
        events=[web("c1", "10:00", "acc:ann", task="checkout", name="checkout.started")],
        as_of="d1 10:00:00.001",
        people={"ann": "c1"},
        journeys=[Journey("ann", "checkout", "10:00", "10:00", "abandoned", 1)],
    ),
    World(
        name="journeys of two halves become one when the halves are one person",
        events=[
            web("w1", "10:00", "ck:c1", task="checkout", name="checkout.started"),
            app("p1", "10:10", "acc:ann dev:phone", task="checkout", name="checkout.started"),
            app("p2", "10:15", "acc:ann dev:phone", task="checkout", name="order.placed"),
            web("w2", "10:20", "acc:ann ck:c1"),
        ],
        people={"ann": "w1 p1 p2 w2"},
        journeys=[Journey("ann", "checkout", "10:00", "10:20", "completed", 4)],
    ),
]
