"""Stories of waiting: X22 order_status_anxiety, X23 eta_slip_silence, X25 promise_broken."""

from typing import Any

from tests.worlds.story import Hit, World, courier, email, moment, support, web

PLACED = {"name": "order.placed", "task": "checkout"}
CHECKED = {"name": "status.viewed"}
SENT = {"name": "message.sent", "direction": "outbound"}
CALLED_BACK = {"sub_channel": "callback", "name": "callback.completed", "direction": "outbound"}


def slip(before: str, now: str) -> dict[str, Any]:
    """An estimate of arrival that changed."""
    return {"name": "order.eta_changed", "eta": {"previous_due_at": moment(before), "due_at": moment(now)}}


def promised(kind: str, due: str) -> dict[str, Any]:
    """A promise made on the telephone, by the brand."""
    return {"name": "promise.made", "direction": "outbound", "promise": {"kind": kind, "due_at": moment(due)}}


WORLDS = [
    World(
        name="an order looked at four times in a day, and then asked about",
        events=[
            web("o1", "d0 9:00", "acc:ann order:O1", **PLACED),
            web("v1", "d0 10:00", "acc:ann order:O1", **CHECKED),
            web("v2", "d0 14:00", "acc:ann order:O1", **CHECKED),
            web("v3", "d0 18:00", "acc:ann order:O1", **CHECKED),
            web("v4", "d1 10:00", "acc:ann order:O1", **CHECKED),
            support("s1", "d3 10:00", "acc:ann", intent="order_status"),
        ],
        people={"ann": "o1 v1 v2 v3 v4 s1"},
        hits=[Hit("ann", "X22", "high", "v1 v2 v3 v4 s1", at="d1 10:00", channel_to="support", confidence=0.9)],
    ),
    World(
        name="asked about another order, or too late: the anxiety stays medium",
        events=[
            *[web(f"v{hour}", f"d0 {hour}:00", "acc:ann order:O1", **CHECKED) for hour in (10, 11, 12, 13)],
            support("s1", "d1 10:00", "acc:ann order:O2", intent="order_status"),
            support("s2", "d2 13:00:00.001", "acc:ann order:O1", intent="order_status"),
        ],
        people={"ann": "v10 v11 v12 v13 s1 s2"},
        hits=[Hit("ann", "X22", "medium", "v10 v11 v12 v13", at="d0 13:00", channel_to="", confidence=0.7)],
    ),
    World(
        name="a live map asks every five minutes for half an hour: three checks",
        events=[web(f"v{minute}", f"10:{minute:02}", "acc:ann order:O1", **CHECKED) for minute in range(0, 35, 5)],
        people={"ann": "v0 v5 v10 v15 v20 v25 v30"},
        hits=[],
    ),
    World(
        name="three checks after the arrival slipped by ten minutes; one at that instant is not after it",
        events=[
            courier("e1", "10:00", "acc:ann order:O1", **slip("18:00", "18:10")),
            web("v1", "10:00", "acc:ann order:O1", **CHECKED),
            web("v2", "10:10:00.001", "acc:ann order:O1", **CHECKED),
            web("v3", "11:00", "acc:ann order:O1", **CHECKED),
        ],
        people={"ann": "e1 v1 v2 v3"},
        hits=[],
    ),
    World(
        name="three checks after the arrival slipped by ten minutes are anxiety, of which is heard late",
        events=[
            web("v2", "10:10:00.001", "acc:ann order:O1", **CHECKED),
            web("v3", "11:00", "acc:ann order:O1", **CHECKED),
            web("v4", "12:00", "acc:ann order:O1", **CHECKED),
            web("v5", "d1 11:00", "acc:ann order:O1", **CHECKED),
            courier("e1", "10:00", "acc:ann order:O1", received="d2 10:00", **slip("18:00", "18:10")),
        ],
        people={"ann": "e1 v2 v3 v4 v5"},
        hits=[Hit("ann", "X22", "medium", "v2 v3 v4 v5", at="12:00")],
    ),
    World(
        name="of two slips one is told at its very instant, the other after half an hour and a bit",
        events=[
            courier("e1", "10:00", "acc:ann order:O1", **slip("18:00", "20:00")),
            email("m1", "10:00", "acc:ann order:O1", **SENT),
            courier("e2", "12:00", "acc:ann order:O1", **slip("20:00", "21:00")),
            email("m2", "12:30:00.001", "acc:ann order:O1", **SENT),
        ],
        people={"ann": "e1 m1 e2 m2"},
        hits=[Hit("ann", "X23", "high", "e2", at="12:45", confidence=0.9)],
    ),
    World(
        name="what is promised for the day after tomorrow may slip by hours, but not by a day",
        events=[
            courier("e1", "d0 10:00", "acc:ann order:O1", **slip("d2 10:00", "d3 9:59")),
            courier("e2", "d0 10:00", "acc:ann order:O2", **slip("d2 10:00", "d3 10:00")),
        ],
        people={"ann": "e1 e2"},
        hits=[Hit("ann", "X23", "high", "e2", at="d0 10:45")],
    ),
    World(
        name="a callback that never came, a quarter of an hour after its quarter of an hour",
        events=[
            support("s1", "10:00", "acc:ann case:C1"),
            support("s2", "10:05", "acc:ann case:C1", **promised("callback", "12:00")),
        ],
        as_of="12:30",
        people={"ann": "s1 s2"},
        hits=[Hit("ann", "X25", "high", "s2", at="12:30", confidence=0.9)],
    ),
    World(
        name="a callback that never came is not certain before",
        events=[
            support("s1", "10:00", "acc:ann case:C1"),
            support("s2", "10:05", "acc:ann case:C1", **promised("callback", "12:00")),
        ],
        as_of="12:29:59.999",
        people={"ann": "s1 s2"},
        hits=[],
    ),
    World(
        name="called back in the last minute of grace, of which is heard days later",
        events=[
            support("s2", "d0 10:05", "acc:ann case:C1", **promised("callback", "d0 12:00")),
            web("b1", "d1 10:00", "acc:bob"),
            support("s3", "d0 12:15", "acc:ann case:C1", received="d2 10:00", **CALLED_BACK),
        ],
        people={"ann": "s2 s3", "bob": "b1"},
        hits=[],
    ),
    World(
        name="two promises broken on one case are critical; one for the month after next is none",
        events=[
            support("s1", "d0 10:00", "acc:ann case:C1 order:O1", **promised("refund", "d3 10:00")),
            support("s2", "d0 11:00", "acc:ann case:C1", **promised("callback", "d0 9:00")),
            support("s3", "d0 12:00", "acc:ann case:C1", **promised("callback", "d14 12:00:00.001")),
            support("s4", "d1 10:00", "acc:ann order:O1", name="order.refunded", direction="outbound"),
        ],
        people={"ann": "s1 s2 s3 s4"},
        hits=[Hit("ann", "X25", "critical", "s1 s2", at="d0 11:30")],
    ),
]
