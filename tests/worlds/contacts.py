"""Stories of addresses, phones and cards, and whose they are."""

from tests.worlds.story import World, decision, email, kiosk, support, tell, web

WORLDS = [
    World(
        name="a caregiver with two patients",
        events=[
            web("c1", "10:00", "acc:carer pat:P1", name="refill.requested"),
            web("c2", "10:10", "acc:carer pat:P2", name="refill.requested"),
            support("s1", "d1 10:00", "pat:P1"),
            support("s2", "d1 11:00", "pat:P2"),
        ],
        people={"carer": "c1 c2 s1 s2"},
        verdicts={"acc:carer pat:P1": "joined", "acc:carer pat:P2": "joined"},
    ),
    World(
        name="two caregivers of one patient",
        events=[
            web("c1", "10:00", "acc:carer pat:P1"),
            support("s1", "12:00", "pat:P1"),
            web("c2", "d1 10:00", "acc:son pat:P1"),
            support("s2", "d2 10:00", "pat:P1"),
        ],
        people={"carer": "c1 s1", "son": "c2 s2"},
        verdicts={"acc:carer pat:P1": "joined", "acc:son pat:P1": "shared"},
    ),
    World(
        name="a family's e-mail between two accounts follows its last binding",
        events=[
            email("m0", "d-1 9:00", "mail:fam@x.example"),
            web("a1", "d0 10:00", "acc:ann mail:fam@x.example"),
            email("m1", "d1 9:00", "mail:fam@x.example"),
            web("b1", "d2 10:00", "acc:bob mail:fam@x.example"),
            email("m2", "d3 9:00", "mail:fam@x.example"),
            web("a2", "d4 10:00", "acc:ann mail:fam@x.example"),
            email("m3", "d5 9:00", "mail:fam@x.example"),
        ],
        people={"ann": "m0 a1 m1 a2 m3", "bob": "b1 m2"},
        verdicts={"acc:ann mail:fam@x.example": "joined", "acc:bob mail:fam@x.example": "shared"},
        aliases={
            "mail:fam@x.example": [("always", "ann"), ("d2 10:00", "bob"), ("d4 10:00", "ann")],
            "acc:ann": [("always", "ann")],
            "acc:bob": [("always", "bob")],
        },
    ),
    World(
        name="a phone known only through a shared e-mail goes where the e-mail goes",
        events=[
            web("a1", "d0 10:00", "acc:ann mail:fam@x.example"),
            web("p1", "d1 10:00", "mail:fam@x.example tel:+41446681800"),
            support("t1", "d1 12:00", "tel:+41446681800"),
            web("b1", "d2 10:00", "acc:bob mail:fam@x.example"),
            support("t2", "d3 12:00", "tel:0041446681800"),
        ],
        people={"ann": "a1 p1 t1", "bob": "b1 t2"},
        aliases={"tel:+41446681800": [("always", "ann"), ("d2 10:00", "bob")]},
    ),
    World(
        name="a stranger who signs in later with a shared address cannot take the earlier history",
        events=[
            web("a1", "d0 10:00", "acc:ann mail:ann@x.example"),
            email("e1", "d0 12:00", "mail:ann@x.example"),
            web("z1", "d10 10:00", "acc:zed mail:ann@x.example"),
            email("e2", "d11 12:00", "mail:ann@x.example"),
        ],
        people={"ann": "a1 e1", "zed": "z1 e2"},
    ),
    World(
        name="an address written in another case is the same address",
        events=[web("a1", "10:00", "acc:ann mail:Ann@X.Example"), email("e1", "12:00", "mail:ann@x.example")],
        people={"ann": "a1 e1"},
    ),
    World(
        name="a chain: card and phone, phone and mail, mail and account",
        events=[
            kiosk("k1", "d0 10:00", "card:L1 tel:+41446681800"),
            support("s1", "d1 10:00", "mail:ann@x.example tel:+41446681800"),
            web("a1", "d2 10:00", "acc:ann mail:ann@x.example"),
            kiosk("k2", "d-2 10:00", "card:L1"),
        ],
        people={"ann": "k1 s1 a1 k2"},
    ),
    World(
        name="a re-issued loyalty card is the same customer through the account",
        events=[
            web("a1", "d0 10:00", "acc:ann card:L1"),
            kiosk("k1", "d1 10:00", "card:L1"),
            web("a2", "d5 10:00", "acc:ann card:L2"),
            kiosk("k2", "d6 10:00", "card:L2"),
        ],
        people={"ann": "a1 k1 a2 k2"},
        verdicts={"acc:ann card:L1": "joined", "acc:ann card:L2": "joined"},
    ),
    World(
        name="two cards that share a phone, without an account",
        events=[
            support("t0", "d-1 10:00", "tel:+41446681800"),
            kiosk("k1", "d0 10:00", "card:L1 tel:+41446681800"),
            support("t1", "d1 10:00", "tel:+41446681800"),
            kiosk("k2", "d2 10:00", "card:L2 tel:+41446681800"),
            support("t2", "d3 10:00", "tel:+41446681800"),
        ],
        people={"L1": "t0 k1 t1", "L2": "k2 t2"},
        verdicts={"card:L1 tel:+41446681800": "joined", "card:L2 tel:+41446681800": "shared"},
    ),
    World(
        name="one card on two accounts follows its last binding",
        events=[
            web("a1", "d0 10:00", "acc:ann card:L1"),
            web("b1", "d2 10:00", "acc:bob card:L1"),
            kiosk("k1", "d1 10:00", "card:L1"),
            kiosk("k2", "d3 10:00", "card:L1"),
        ],
        people={"ann": "a1 k1", "bob": "b1 k2"},
    ),
    World(
        name="the shop's own card scanned for everybody",
        events=[
            *[kiosk(f"c{i}", f"d{i} 10:00", f"acc:customer{i} card:SHOP") for i in range(26)],
            kiosk("own", "d26 10:00", "card:SHOP"),
        ],
        people={f"customer{i}": f"c{i}" for i in range(26)} | {"the shop": "own"},
        verdicts={"acc:customer0 card:SHOP": "junk", "acc:customer25 card:SHOP": "junk"},
    ),
    World(
        name="an e-mail bound to 26 accounts is junk",
        events=[
            *[web(f"c{i}", f"d{i} 10:00", f"acc:customer{i} mail:info@shop.example") for i in range(26)],
            email("m1", "d26 10:00", "mail:info@shop.example"),
        ],
        people={f"customer{i}": f"c{i}" for i in range(26)} | {"the address": "m1"},
        verdicts={"acc:customer3 mail:info@shop.example": "junk"},
    ),
    World(
        name="an e-mail bound to 25 accounts is only shared",
        events=[
            *[web(f"c{i}", f"d{i} 10:00", f"acc:customer{i} mail:info@shop.example") for i in range(25)],
            email("m1", "d26 10:00", "mail:info@shop.example"),
        ],
        people={f"customer{i}": f"c{i}" for i in range(24)} | {"customer24": "c24 m1"},
        verdicts={
            "acc:customer0 mail:info@shop.example": "joined",
            "acc:customer24 mail:info@shop.example": "shared",
        },
    ),
    World(
        name="a person has at most 64 identifiers",
        events=[
            *[web(f"a{i}", f"d{i // 60} 10:{i % 60:02}", f"acc:ann mail:m{i}@x.example") for i in range(65)],
            email("m62", "d3 10:00", "mail:m62@x.example"),
            email("m63", "d3 10:01", "mail:m63@x.example"),
        ],
        people={"ann": " ".join(f"a{i}" for i in range(65)) + " m62", "beyond": "m63"},
        verdicts={
            "acc:ann mail:m62@x.example": "joined",
            "acc:ann mail:m63@x.example": "limited",
            "acc:ann mail:m64@x.example": "limited",
        },
    ),
    World(
        name="un-merged before they ever merged",
        events=[web("a1", "d1 10:00", "acc:ann mail:fam@x.example"), email("m1", "d2 10:00", "mail:fam@x.example")],
        decisions=[decision("1", "d0 9:00", "split", "acc:ann", "mail:fam@x.example")],
        people={"ann": "a1", "the mail's": "m1"},
        verdicts={"acc:ann mail:fam@x.example": "split"},
    ),
    World(
        name="split, unsplit, split again; told out of order",
        events=[web("a1", "d0 10:00", "acc:ann mail:x@x.example"), email("m1", "d5 10:00", "mail:x@x.example")],
        decisions=[
            decision("3", "d4 9:00", "split", "acc:ann", "mail:x@x.example"),
            decision("1", "d2 9:00", "split", "mail:x@x.example", "acc:ann"),
            decision("2", "d3 9:00", "allow", "acc:ann", "mail:x@x.example"),
        ],
        people={"ann": "a1", "the mail's": "m1"},
    ),
    World(
        name="split and allowed again",
        events=[web("a1", "d0 10:00", "acc:ann mail:x@x.example"), email("m1", "d5 10:00", "mail:x@x.example")],
        decisions=[
            decision("2", "d3 9:00", "allow", "acc:ann", "mail:x@x.example"),
            decision("1", "d2 9:00", "split", "acc:ann", "mail:x@x.example"),
        ],
        people={"ann": "a1 m1"},
    ),
    World(
        name="split across a chain: the newer pair of the two gives way",
        events=[
            web("a1", "d0 10:00", "acc:ann mail:x@x.example"),
            support("s1", "d1 10:00", "mail:x@x.example tel:+41446681800"),
            support("t1", "d2 10:00", "tel:+41446681800"),
        ],
        decisions=[decision("1", "d3 9:00", "split", "acc:ann", "tel:+41446681800")],
        people={"ann": "a1 s1", "the phone's": "t1"},
        verdicts={"acc:ann mail:x@x.example": "joined", "mail:x@x.example tel:+41446681800": "split"},
    ),
    World(
        name="a decision beyond the cut splits later days only",
        events=[
            web("a1", "d0 10:00", "acc:ann mail:x@x.example"),
            email("m1", "d1 10:00", "mail:x@x.example"),
            email("m2", "d8 10:00", "mail:x@x.example"),
        ],
        decisions=[decision("1", "d20 9:00", "split", "acc:ann", "mail:x@x.example")],
        people={"ann": "a1 m1", "the mail's": "m2"},
    ),
    World(
        name="a late event is no touchpoint, but what it says of who is who counts",
        events=[
            web("l1", "d0 10:00", "acc:ann mail:x@x.example", received="d10 10:00"),
            email("m1", "d5 10:00", "mail:x@x.example"),
            web("a1", "d6 10:00", "acc:ann"),
        ],
        people={"ann": "m1 a1"},
        late="l1",
        verdicts={"acc:ann mail:x@x.example": "joined"},
    ),
    World(
        name="a ticket's requester and a partner's customer, joined by a mail",
        events=[
            support("s1", "d0 10:00", "mail:x@x.example req:R1", sub_channel="ticket", name="ticket.created"),
            tell("partner", "p1", "d1 10:00", "mail:x@x.example"),
            support("s2", "d2 10:00", "req:R1", sub_channel="ticket", name="ticket.replied"),
        ],
        people={"x": "s1 p1 s2"},
    ),
]
