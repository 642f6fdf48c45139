"""Stories of what was not settled the first time: X04 repeat_contact, X29 reopened_resolution."""

from tests.worlds.story import Hit, World, decision, support, web

BILL = {"intent": "billing"}
DROPPED = {"intent": "billing", "contact": {"dropped": True}}
ASKED = {"intent": "billing", "contact": {"requested_by_agent": True}}
TICKET = {"sub_channel": "ticket"}
RESOLVED = {"sub_channel": "ticket", "name": "ticket.resolved", "direction": "internal"}
REOPENED = {"sub_channel": "ticket", "name": "ticket.reopened"}

WORLDS = [
    World(
        name="two calls about one thing within a week, for all that was between",
        events=[
            support("s1", "d0 10:00", "acc:ann", **BILL),
            support("s2", "d3 10:00", "acc:ann", intent="opening_hours"),
            support("s3", "d7 10:00", "acc:ann", **BILL),
        ],
        people={"ann": "s1 s2 s3"},
        hits=[Hit("ann", "X04", "high", "s1 s3", at="d7 10:00", channel_to="support", confidence=0.9)],
    ),
    World(
        name="two calls about one thing, a millisecond more than a week apart",
        events=[support("s1", "d0 10:00", "acc:ann", **BILL), support("s2", "d7 10:00:00.001", "acc:ann", **BILL)],
        people={"ann": "s1 s2"},
        hits=[],
    ),
    World(
        name="a call cut off and dialled again is one call",
        events=[
            support("s1", "10:00", "acc:ann", **DROPPED),
            support("s2", "10:05", "acc:ann", **BILL),
            support("s3", "12:00", "acc:ann", **ASKED),
        ],
        people={"ann": "s1 s2 s3"},
        hits=[],
    ),
    World(
        name="a call cut off and dialled again is one call, but a later one is another",
        events=[
            support("s1", "10:00", "acc:ann", **DROPPED),
            support("s2", "10:05", "acc:ann", **BILL),
            support("s3", "10:05:00.001", "acc:ann", **BILL),
        ],
        people={"ann": "s1 s2 s3"},
        hits=[Hit("ann", "X04", "high", "s1 s3", at="10:05:00.001")],
    ),
    World(
        name="four calls in a row are critical once the telephone is known to be hers",
        events=[
            support("s1", "d0 10:00", "acc:ann", **BILL),
            support("s2", "d1 10:00", "tel:+41446681800", **BILL),
            support("s3", "d2 10:00", "acc:ann", **BILL),
            support("s4", "d3 10:00", "tel:+41446681800", **BILL),
            web("a1", "d4 10:00", "acc:ann tel:+41446681800"),
        ],
        people={"ann": "s1 s2 s3 s4 a1"},
        hits=[Hit("ann", "X04", "critical", "s1 s2 s3 s4", at="d1 10:00")],
    ),
    World(
        name="and two times two once it is known not to be",
        events=[
            support("s1", "d0 10:00", "acc:ann", **BILL),
            support("s2", "d1 10:00", "tel:+41446681800", **BILL),
            support("s3", "d2 10:00", "acc:ann", **BILL),
            support("s4", "d3 10:00", "tel:+41446681800", **BILL),
            web("a1", "d4 10:00", "acc:ann tel:+41446681800"),
        ],
        decisions=[decision("1", "d5 9:00", "split", "acc:ann", "tel:+41446681800")],
        people={"ann": "s1 s3 a1", "the caller": "s2 s4"},
        hits=[
            Hit("ann", "X04", "high", "s1 s3", at="d2 10:00"),
            Hit("the caller", "X04", "high", "s2 s4", at="d3 10:00"),
        ],
    ),
    World(
        name="one case called about with two intents, and one intent with two orders",
        events=[
            support("s1", "d0 10:00", "acc:ann case:C1", **BILL),
            support("s2", "d1 10:00", "acc:ann case:C1 order:O1", intent="delivery"),
            support("s3", "d2 10:00", "acc:ann order:O2", **BILL),
            support("s4", "d3 10:00", "acc:ann order:O3", **BILL),
        ],
        people={"ann": "s1 s2 s3 s4"},
        hits=[Hit("ann", "X04", "high", "s1 s2")],
    ),
    World(
        name="a ticket resolved and opened again within the week",
        events=[
            support("t1", "d0 10:00", "acc:ann ticket:T1", name="ticket.created", **TICKET),
            support("t2", "d1 10:00", "acc:ann ticket:T1", **RESOLVED),
            support("t3", "d8 10:00", "acc:ann ticket:T1", **REOPENED),
        ],
        people={"ann": "t1 t2 t3"},
        hits=[Hit("ann", "X29", "high", "t2 t3", at="d8 10:00", channel_to="support", confidence=0.9)],
    ),
    World(
        name="a ticket opened again a millisecond after the week",
        events=[
            support("t1", "d0 10:00", "acc:ann ticket:T1", name="ticket.created", **TICKET),
            support("t2", "d1 10:00", "acc:ann ticket:T1", **RESOLVED),
            support("t3", "d8 10:00:00.001", "acc:ann ticket:T1", **REOPENED),
        ],
        people={"ann": "t1 t2 t3"},
        hits=[],
    ),
    World(
        name="resolved, and asked to come back for it: not reopened, nor by another ticket",
        events=[
            support("t2", "d1 10:00", "acc:ann ticket:T1", intent="billing", **RESOLVED),
            support("s1", "d2 10:00", "acc:ann", **ASKED),
            support("t3", "d2 11:00", "acc:ann ticket:T2", intent="billing", **REOPENED),
        ],
        people={"ann": "t2 s1 t3"},
        hits=[],
    ),
    World(
        name="resolved without a ticket, and called about again",
        events=[
            support("t2", "d1 10:00", "acc:ann", intent="billing", **RESOLVED),
            support("s1", "d2 10:00", "acc:ann", **BILL),
            support("t4", "d2 11:00", "acc:ann", intent="billing", **RESOLVED),
        ],
        people={"ann": "t2 s1 t4"},
        hits=[Hit("ann", "X29", "high", "t2 s1 t4", at="d2 10:00")],
    ),
]
