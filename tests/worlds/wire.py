"""Stories of what producers get wrong: copies, clocks, junk, consent."""

from tests.worlds.story import World, email, kiosk, raw, support, tell, web

A1 = web("a1", "10:00", "acc:ann")
HURT = web("s2", "10:05", "ck:c1")
HURT["identifiers"].append({"kind": "account_id", "value": "an\ud800n", "assurance": "authenticated"})

WORLDS = [
    World(name="exact duplicates are one", events=[A1, A1, web("a2", "10:01", "acc:ann"), A1], people={"ann": "a1 a2"}),
    World(
        name="of two copies the one received first is told",
        events=[
            web("second", "10:00", "acc:ann", id="e1", received="12:00"),
            web("first", "10:00", "acc:ann", id="e1", received="11:00"),
        ],
        people={"ann": "first"},
    ),
    World(
        name="one event told again with more identifiers, at one person",
        events=[
            web("e1", "10:00", "mail:ann@x.example", id="e"),
            web("e2", "10:00", "acc:ann mail:ann@x.example", id="e", received="10:10"),
        ],
        people={"ann": "e2"},
    ),
    World(
        name="one event id for two people stays two",
        events=[web("e1", "10:00", "acc:ann", id="e"), web("e2", "10:00", "acc:bob", id="e")],
        people={"ann": "e1", "bob": "e2"},
    ),
    World(
        name="one event id from two sources stays two",
        events=[web("e1", "10:00", "acc:ann", id="e"), web("e2", "10:00", "acc:ann", id="e", source="/web/other")],
        people={"ann": "e1 e2"},
    ),
    World(
        name="a copy that was anonymous joins its twin when the device does",
        events=[
            web("e1", "10:00", "ck:c1", id="e"),
            web("e2", "10:00", "acc:ann ck:c1", id="e", received="10:02"),
        ],
        people={"ann": "e2"},
    ),
    World(
        name="a kiosk whose clock is two days ahead",
        events=[
            kiosk("k1", "d2 10:00", "card:L1", sent_at="2026-03-04T10:00:05Z", received="d0 10:00:07"),
            kiosk("k2", "d2 11:00", "card:L1", received="d0 11:00"),
        ],
        people={"L1": "k1 k2"},
        times={"k1": "d0 10:00:02", "k2": "d0 11:00"},
    ),
    World(
        name="a kiosk whose clock is two days behind is put right where it says when it sent",
        events=[kiosk("k1", "d0 10:00", "card:L1", sent_at="2026-03-02T10:00:30+00:00", received="d2 12:00:30")],
        people={"L1": "k1"},
        times={"k1": "d2 12:00"},
    ),
    World(
        name="a skew of two seconds is left alone",
        events=[web("w1", "10:00", "acc:ann", sent_at="2026-03-02T10:00:00Z", received="10:00:02")],
        people={"ann": "w1"},
        times={"w1": "10:00"},
    ),
    World(
        name="the years 1970 and 2100",
        events=[
            web("y1970", "10:00", "acc:ann") | {"occurred_at": 0},
            web("y2100", "10:00", "acc:ann") | {"occurred_at": "2100-01-01T00:00:00Z"},
        ],
        people={"ann": "y2100"},
        late="y1970",
        times={"y2100": "10:00"},
    ),
    World(
        name="exactly the horizon late is not late",
        events=[
            web("in", "d0 10:00", "acc:ann", received="d3 10:00"),
            web("out", "d0 10:00", "acc:ann", received="d3 10:00:00.001"),
        ],
        people={"ann": "in"},
        late="out",
    ),
    World(
        name="values that name nobody are refused",
        events=[
            web("j1", "10:00", "mail:none"),
            web("j2", "10:01", "acc:NULL"),
            web("j3", "10:02", "tel:000000"),
            web("j4", "10:03", "acc:undefined ck:-1"),
            web("j5", "10:04", "acc:0000-0000"),
            web("j6", "10:05", "acc:guest card:L1"),
        ],
        people={"L1": "j6"},
        nobody="j1 j2 j3 j4 j5",
    ),
    World(
        name="no consent: counted, stitched to nobody",
        events=[
            web("n1", "10:00", "acc:ann ck:c1 order:O1", consent={"basis": "opt_in", "analytics": False}),
            web("n2", "10:01", "ck:c1"),
        ],
        people={"visitor": "n2"},
        nobody="unnamed",
    ),
    World(
        name="bots and tests are nobody",
        events=[
            email("b1", "10:00", "mail:ann@x.example message:M1", is_bot={"flag": True, "reason": "scanner"}),
            web("t1", "10:01", "acc:ann", environment="test"),
            web("a1", "10:02", "acc:ann", is_bot={"flag": False}),
        ],
        people={"ann": "a1"},
        nobody="b1 t1",
    ),
    World(
        name="no identifiers at all",
        events=[kiosk("k1", "10:00"), kiosk("k2", "10:01"), web("a1", "10:02", "acc:ann")],
        people={"ann": "a1"},
        nobody="k1 k2",
    ),
    World(
        name="a lone surrogate refuses the identifier, not the event",
        events=[raw(HURT), web("s1", "10:00", "ck:c1")],
        people={"visitor": "s1 s2"},
    ),
    World(
        name="an unknown channel is accepted as unknown",
        events=[tell("carrier_pigeon", "u1", "10:00", "acc:ann", name="message.delivered")],
        people={"ann": "u1"},
    ),
    World(
        name="what cannot be an event is dead, and the run goes on",
        events=[
            b"",
            b"{",
            b"\xff\xfe\x00",
            b"[]",
            b"17",
            raw(web("x1", "10:00", "acc:ann") | {"event_id": ""}),
            raw(web("x2", "10:00", "acc:ann") | {"occurred_at": "yesterday"}),
            raw(web("x3", "10:00", "acc:ann") | {"name": "Page Viewed"}),
            raw({k: v for k, v in web("x4", "10:00", "acc:ann").items() if k != "source"}),
            web("a1", "10:00", "acc:ann"),
        ],
        people={"ann": "a1"},
        dead=9,
    ),
    World(
        name="a sleepy phone line: region, zeros and plus are one number",
        events=[
            support("s1", "10:00", "tel:+41446681800"),
            support("s2", "11:00", "tel:0041446681800"),
        ],
        people={"caller": "s1 s2"},
    ),
]
