"""Stories of friction between channels."""

from tests.worlds.story import Hit, World, courier, decision, email, kiosk, moment, support, web

FAILED = {"outcome": "failed", "error": {"code": "E1", "class": "system"}}
DECLINED = {"name": "payment.failed", "task": "checkout", "outcome": "failed"}
SLIP = {"name": "order.eta_changed", "eta": {"previous_due_at": moment("18:00"), "due_at": moment("20:00")}}
SENT = {"name": "message.sent", "direction": "outbound"}
PLACED = {"name": "order.placed", "task": "checkout"}

WORLDS = [
    World(
        name="a failure at the kiosk, then a call about the same task",
        events=[
            kiosk("k1", "10:00", "card:L1", task="kiosk_order", name="checkout.failed", **FAILED),
            support("s1", "10:20", "card:L1", task="kiosk_order"),
        ],
        people={"L1": "k1 s1"},
        hits=[Hit("L1", "X01", "high")],
    ),
    World(
        name="a failure to sign in, then a call about something else",
        events=[
            web("w1", "10:00", "acc:ann", task="login", name="auth.failed", **FAILED),
            support("s1", "10:30", "acc:ann", task="get_help"),
        ],
        people={"ann": "w1 s1"},
        hits=[Hit("ann", "X01", "medium")],
    ),
    World(
        name="a call that comes too late",
        events=[
            web("w1", "10:00", "acc:ann", task="login", name="auth.failed", **FAILED),
            support("s1", "12:30", "acc:ann", task="get_help"),
        ],
        people={"ann": "w1 s1"},
        hits=[],
    ),
    World(
        name="a call before the failure is none of its doing",
        events=[
            support("s1", "9:30", "acc:ann", task="login"),
            web("w1", "10:00", "acc:ann", task="login", name="auth.failed", **FAILED),
        ],
        people={"ann": "s1 w1"},
        hits=[],
    ),
    World(
        name="giving up a checkout is a failure, at its timeout",
        events=[
            web("w1", "d0 10:00", "acc:ann", task="checkout", name="checkout.started"),
            support("s1", "d1 11:00", "acc:ann", task="checkout"),
        ],
        people={"ann": "w1 s1"},
        hits=[Hit("ann", "X01", "high")],
    ),
    World(
        name="a customer's own mistake is no failure",
        events=[
            web("w1", "10:00", "acc:ann", task="checkout", name="form.field_error", error={"class": "user"}),
            web("w2", "10:02", "acc:ann", task="checkout", name="order.placed", outcome="completed"),
            support("s1", "10:30", "acc:ann", task="checkout"),
        ],
        people={"ann": "w1 w2 s1"},
        hits=[],
    ),
    World(
        name="cards declined twice and never accepted",
        events=[
            web("p1", "10:00", "acc:ann order:O1", **DECLINED),
            web("p2", "10:10", "acc:ann order:O1", **DECLINED),
        ],
        people={"ann": "p1 p2"},
        hits=[Hit("ann", "U13", "high")],
    ),
    World(
        name="cards declined twice, then accepted",
        events=[
            web("p1", "10:00", "acc:ann order:O1", **DECLINED),
            web("p2", "10:10", "acc:ann order:O1", **DECLINED),
            web("p3", "10:20", "acc:ann order:O1", name="payment.succeeded", task="checkout"),
        ],
        people={"ann": "p1 p2 p3"},
        hits=[Hit("ann", "U13", "medium")],
    ),
    World(
        name="declined for the customer's own typing is low, and stays low",
        events=[
            web("p1", "10:00", "acc:ann order:O1", **DECLINED | {"error": {"class": "user"}}),
            web("p2", "10:10", "acc:ann order:O1", **DECLINED | {"error": {"class": "user"}}),
        ],
        people={"ann": "p1 p2"},
        hits=[Hit("ann", "U13", "low")],
    ),
    World(
        name="declined twice with more than fifteen minutes between",
        events=[
            web("p1", "10:00", "acc:ann order:O1", **DECLINED),
            web("p2", "10:15:00.001", "acc:ann order:O1", **DECLINED),
        ],
        people={"ann": "p1 p2"},
        hits=[],
    ),
    World(
        name="a delivery slips, and nobody tells the customer",
        events=[web("o1", "9:00", "acc:ann order:O1", **PLACED), courier("e1", "10:00", "order:O1", **SLIP)],
        people={"ann": "o1 e1"},
        hits=[Hit("ann", "X23", "high")],
    ),
    World(
        name="a delivery slips, and a message says so",
        events=[
            web("o1", "9:00", "acc:ann order:O1", **PLACED),
            courier("e1", "10:00", "order:O1", **SLIP),
            email("m1", "10:20", "order:O1", **SENT),
        ],
        people={"ann": "o1 e1 m1"},
        hits=[],
    ),
    World(
        name="the message was sent in time and heard of late",
        events=[
            web("o1", "9:00", "acc:ann order:O1", **PLACED),
            courier("e1", "10:00", "order:O1", **SLIP),
            web("b1", "12:00", "acc:bob"),
            email("m1", "10:25", "order:O1", received="d1 13:00", **SENT),
        ],
        people={"ann": "o1 e1 m1", "bob": "b1"},
        hits=[],
    ),
    World(
        name="a message sent after the half hour does not help",
        events=[
            web("o1", "9:00", "acc:ann order:O1", **PLACED),
            courier("e1", "10:00", "order:O1", **SLIP),
            email("m1", "10:31", "order:O1", **SENT),
        ],
        people={"ann": "o1 e1 m1"},
        hits=[Hit("ann", "X23", "high")],
    ),
    World(
        name="silence is not certain before its time",
        events=[web("o1", "9:00", "acc:ann order:O1", **PLACED), courier("e1", "10:00", "order:O1", **SLIP)],
        as_of="10:44:59.999",
        people={"ann": "o1 e1"},
        hits=[],
    ),
    World(
        name="silence is certain a quarter of an hour after the half hour",
        events=[web("o1", "9:00", "acc:ann order:O1", **PLACED), courier("e1", "10:00", "order:O1", **SLIP)],
        as_of="10:45",
        people={"ann": "o1 e1"},
        hits=[Hit("ann", "X23", "high")],
    ),
    World(
        name="declined twice is medium until it is certain that no payment followed",
        events=[
            web("p1", "10:00", "acc:ann order:O1", **DECLINED),
            web("p2", "10:10", "acc:ann order:O1", **DECLINED),
        ],
        as_of="10:54:59.999",
        people={"ann": "p1 p2"},
        hits=[Hit("ann", "U13", "medium")],
    ),
    World(
        name="a stranger's call is no contact of hers",
        events=[
            kiosk("k1", "10:00", "card:L1", task="kiosk_order", name="checkout.failed", **FAILED),
            support("s1", "10:20", "acc:zed", task="kiosk_order"),
        ],
        people={"L1": "k1", "zed": "s1"},
        hits=[],
    ),
    World(
        name="the failure at the kiosk becomes hers when the card is bound to her account",
        events=[
            kiosk("k1", "10:00", "card:L1", task="kiosk_order", name="checkout.failed", **FAILED),
            support("s1", "10:20", "acc:ann", task="kiosk_order"),
            web("a1", "d2 10:00", "acc:ann card:L1"),
        ],
        people={"ann": "k1 s1 a1"},
        hits=[Hit("ann", "X01", "high")],
    ),
    World(
        name="and is taken back when the two are split",
        events=[
            kiosk("k1", "10:00", "card:L1", task="kiosk_order", name="checkout.failed", **FAILED),
            support("s1", "10:20", "acc:ann", task="kiosk_order"),
            web("a1", "d2 10:00", "acc:ann card:L1"),
        ],
        decisions=[decision("1", "d3 9:00", "split", "acc:ann", "card:L1")],
        people={"ann": "s1 a1", "L1": "k1"},
        hits=[],
    ),
    World(
        name="a slip of less than an hour is no slip",
        events=[
            web("o1", "9:00", "acc:ann order:O1", **PLACED),
            courier(
                "e1",
                "10:00",
                "order:O1",
                name="order.eta_changed",
                eta={"previous_due_at": moment("18:00"), "due_at": moment("18:59")},
            ),
        ],
        people={"ann": "o1 e1"},
        hits=[],
    ),
]
