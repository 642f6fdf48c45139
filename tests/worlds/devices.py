"""Stories of devices that people use in turn."""

from tests.worlds.story import World, email, kiosk, web

WORLDS = [
    World(
        name="a tablet with two customers",
        events=[
            web("x0", "9:50", "dev:tablet"),
            web("a1", "10:00", "acc:ann dev:tablet"),
            web("a2", "10:05", "dev:tablet"),
            web("b1", "10:20", "acc:bob dev:tablet"),
            web("b2", "10:25", "dev:tablet"),
        ],
        people={"ann": "a1 a2", "bob": "b1 b2", "anyone": "x0"},
    ),
    World(
        name="sign-out on a shared device, then somebody else without a name",
        events=[
            web("a0", "9:55", "dev:tablet"),
            web("a1", "10:00", "acc:ann dev:tablet"),
            web("a2", "10:10", "acc:ann dev:tablet", name="identity.reset"),
            web("x1", "10:15", "dev:tablet"),
            web("x2", "d1 10:15", "dev:tablet"),
        ],
        people={"ann": "a0 a1 a2", "next": "x1 x2"},
    ),
    World(
        name="a sign-out that only the device tells of is still that customer's",
        events=[
            web("a1", "10:00", "acc:ann dev:tablet"),
            web("r1", "10:10", "dev:tablet", name="identity.reset"),
            web("x1", "10:11", "dev:tablet"),
            web("b1", "10:20", "acc:bob dev:tablet"),
        ],
        people={"ann": "a1 r1", "bob": "x1 b1"},
    ),
    World(
        name="two sign-outs, two strangers",
        events=[
            web("a1", "10:00", "acc:ann dev:tablet"),
            web("a2", "10:10", "acc:ann dev:tablet", name="identity.reset"),
            web("x1", "10:15", "dev:tablet"),
            web("b1", "12:00", "acc:bob dev:tablet"),
            web("b2", "12:10", "acc:bob dev:tablet", name="identity.reset"),
            web("y1", "12:15", "dev:tablet"),
        ],
        people={"ann": "a1 a2", "bob": "b1 b2", "after ann": "x1", "after bob": "y1"},
    ),
    World(
        name="a returning visitor who never signs in is one person",
        events=[web("v1", "10:00", "ck:c1"), web("v2", "d3 18:00", "ck:c1"), web("w1", "d3 18:00", "ck:c2")],
        people={"visitor": "v1 v2", "another": "w1"},
    ),
    World(
        name="anonymous, then signed in, in the same sitting",
        events=[web("v1", "10:00", "ck:c1"), web("v2", "10:10", "acc:ann ck:c1"), web("v3", "10:40", "ck:c1")],
        people={"ann": "v1 v2 v3"},
    ),
    World(
        name="signing in later does not claim an earlier sitting",
        events=[
            web("v1", "10:00", "ck:c1"),
            web("v2", "15:00", "acc:ann ck:c1"),
            web("v3", "d1 10:00", "ck:c1"),
        ],
        people={"before": "v1", "ann": "v2 v3"},
    ),
    World(
        name="a sitting ends after thirty minutes and one millisecond",
        events=[
            web("v1", "10:00", "ck:c1"),
            web("v2", "10:30", "acc:ann ck:c1"),
            web("w1", "10:00", "ck:c2"),
            web("w2", "10:30:00.001", "acc:bob ck:c2"),
        ],
        people={"ann": "v1 v2", "bob": "w2", "before bob": "w1"},
    ),
    World(
        name="ownership of a device ends after thirty days",
        events=[
            web("a1", "10:00", "acc:ann ck:c1"),
            web("v1", "d30 10:00", "ck:c1"),
            web("v2", "d30 10:01", "ck:c1"),
            web("v3", "d40 10:01", "ck:c1"),
        ],
        people={"ann": "a1 v1", "someone": "v2 v3"},
    ),
    World(
        name="mail typed first, then signed in with the account that carries it: one owner",
        events=[
            web("v1", "10:00", "ck:c1"),
            web("v2", "10:05", "mail:ann@x.example ck:c1", name="form.submitted"),
            web("v3", "10:10", "acc:ann mail:ann@x.example ck:c1"),
        ],
        people={"ann": "v1 v2 v3"},
    ),
    World(
        name="a forwarded mail opened by somebody who signs in",
        events=[
            web("a1", "9:00", "acc:ann mail:ann@x.example ck:c1"),
            email("f1", "15:00", "mail:ann@x.example? dev:pc", name="message.clicked"),
            web("f2", "15:05", "dev:pc"),
            web("b1", "15:10", "acc:bob dev:pc"),
        ],
        people={"ann": "a1", "bob": "f1 f2 b1"},
        verdicts={"acc:ann mail:ann@x.example": "joined", "acc:bob mail:ann@x.example": "none"},
    ),
    World(
        name="a mail's link is believed where nobody signs in",
        events=[
            web("a1", "9:00", "acc:ann mail:ann@x.example"),
            email("f1", "15:00", "mail:ann@x.example? dev:pc", name="message.clicked"),
            web("f2", "15:05", "dev:pc"),
        ],
        people={"ann": "a1 f1 f2"},
    ),
    World(
        name="observed, then authenticated, in one sitting of one customer",
        events=[
            email("f1", "10:00", "mail:ann@x.example? ck:c1", name="message.clicked"),
            web("f2", "10:02", "ck:c1"),
            web("a1", "10:05", "acc:ann mail:ann@x.example ck:c1"),
        ],
        people={"ann": "f1 f2 a1"},
    ),
    World(
        name="an address that was only ever observed is a person of its own",
        events=[email("f1", "10:00", "mail:who@x.example? ck:c1"), web("f2", "10:01", "ck:c1")],
        people={"who": "f1 f2"},
        aliases={"mail:who@x.example": [("always", "who")]},
    ),
    World(
        name="a claim received at the cut still re-stitches",
        events=[
            web("v1", "10:00", "ck:c1"),
            web("l1", "10:10", "acc:ann ck:c1", received="d17 10:00"),
            web("a1", "d1 10:00", "acc:ann"),
        ],
        people={"ann": "v1 a1"},
        late="l1",
    ),
    World(
        name="a claim received after the cut does not re-stitch",
        events=[
            web("v1", "10:00", "ck:c1"),
            web("v2", "10:05", "ck:c1"),
            web("l1", "10:10", "acc:ann ck:c1", received="d17 10:02"),
            web("a1", "d1 10:00", "acc:ann"),
        ],
        people={"anyone": "v1", "ann": "v2 a1"},
        late="l1",
    ),
    World(
        name="several devices on one event: the strongest is home, a claim goes to each",
        events=[
            web("v1", "10:00", "dev:phone ck:c1"),
            web("a1", "15:00", "acc:ann dev:phone ck:c1"),
            web("v2", "15:05", "ck:c1"),
            web("v3", "15:06", "dev:phone"),
        ],
        people={"before": "v1", "ann": "a1 v2 v3"},
    ),
    World(
        name="the kiosk itself is nobody: terminal and place join no-one",
        events=[
            kiosk("k1", "10:00", "card:L1", location={"location_id": "s1", "terminal_id": "t1"}),
            kiosk("k2", "10:05", "card:L2", location={"location_id": "s1", "terminal_id": "t1"}),
            kiosk("k3", "10:06", "", location={"location_id": "s1", "terminal_id": "t1"}),
        ],
        people={"L1": "k1", "L2": "k2"},
        nobody="k3",
    ),
]
