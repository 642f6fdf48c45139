"""Stories of orders, tickets, carts and sittings at a kiosk: things that belong to one person."""

from tests.worlds.story import World, courier, email, kiosk, support, tell, web

WORLDS = [
    World(
        name="a courier who knows only the order",
        events=[
            courier("c0", "9:00", "order:O1", name="courier.assigned"),
            web("o1", "10:00", "acc:ann order:O1", name="order.placed"),
            courier("c1", "18:00", "order:O1"),
        ],
        people={"ann": "c0 o1 c1"},
    ),
    World(
        name="an order that two people touch belongs to the first",
        events=[
            web("o1", "10:00", "acc:ann order:O1", name="order.placed"),
            support("b1", "12:00", "acc:bob order:O1"),
            courier("c1", "18:00", "order:O1"),
        ],
        people={"ann": "o1 c1", "bob": "b1"},
    ),
    World(
        name="an order nobody is known for is one person",
        events=[
            courier("c1", "9:00", "order:O1"),
            courier("c2", "10:00", "order:O1"),
            courier("d1", "9:30", "order:O2"),
        ],
        people={"somebody": "c1 c2", "somebody else": "d1"},
    ),
    World(
        name="a kiosk visit with an order, then the card in the same visit, then the courier",
        events=[
            kiosk("k1", "10:00", "order:O1 sess:s9"),
            kiosk("k2", "10:01", "card:L1 sess:s9", name="loyalty.scanned"),
            courier("c1", "19:00", "order:O1"),
        ],
        people={"L1": "k1 k2 c1"},
    ),
    World(
        name="the same session id at two kiosks is two visits",
        events=[
            kiosk("k1", "10:00", "sess:s9", source="/kiosk/1"),
            kiosk("k2", "10:01", "card:L1 sess:s9", source="/kiosk/2"),
        ],
        people={"somebody": "k1", "L1": "k2"},
    ),
    World(
        name="a chain of things: cart, order, ticket, and at last a mail",
        events=[
            tell("pos", "t1", "10:00", "cart:C1 order:O1", name="order.placed"),
            tell("pos", "t2", "9:50", "cart:C1", name="item.added"),
            courier("t3", "18:00", "order:O1 ticket:T1", name="delivery.failed"),
            support("t4", "d1 9:00", "ticket:T1 mail:ann@x.example", sub_channel="ticket", name="ticket.created"),
        ],
        people={"ann": "t1 t2 t3 t4"},
    ),
    World(
        name="a device stands in for the owner of an order",
        events=[
            web("w1", "10:00", "ck:c1 order:O1", name="order.placed"),
            courier("c1", "18:00", "order:O1"),
            web("w2", "d2 10:00", "ck:c1"),
        ],
        people={"visitor": "w1 c1 w2"},
    ),
    World(
        name="an order that fell to a device follows who used it then",
        events=[
            web("w1", "10:00", "ck:c1 order:O1", name="order.placed"),
            courier("c1", "18:00", "order:O1"),
            web("a1", "18:10", "acc:ann ck:c1"),
        ],
        people={"visitor": "w1", "ann": "c1 a1"},
    ),
    World(
        name="the order is stronger than the device it is followed on",
        events=[
            web("o1", "10:00", "acc:ann ck:c1 order:O1", name="order.placed"),
            web("b1", "11:00", "acc:bob dev:shared"),
            web("s1", "11:05", "dev:shared order:O1", name="status.viewed"),
        ],
        people={"ann": "o1 s1", "bob": "b1"},
    ),
    World(
        name="a signed-in owner of an order beats an earlier observed one",
        events=[
            email("m1", "9:00", "mail:bob@x.example? order:O1", name="message.clicked"),
            web("o1", "10:00", "acc:ann order:O1"),
            courier("c1", "18:00", "order:O1"),
        ],
        people={"ann": "m1 o1 c1"},
    ),
    World(
        name="a session counts for nothing where there is a device",
        events=[
            web("w1", "10:00", "ck:c1 sess:s1"),
            web("w2", "10:05", "ck:c2 sess:s1"),
        ],
        people={"one": "w1", "two": "w2"},
    ),
    World(
        name="a message without a device belongs to who answered it",
        events=[
            email("m1", "10:00", "message:M1", name="message.delivered", direction="outbound"),
            email("m2", "11:00", "message:M1 mail:ann@x.example", name="message.replied"),
        ],
        people={"ann": "m1 m2"},
    ),
    World(
        name="a thread's late claim still owns it",
        events=[
            courier("c1", "d1 9:00", "order:O1"),
            web("l1", "d0 10:00", "acc:ann order:O1", received="d6 10:00"),
            web("b1", "d0 12:00", "acc:bob order:O1"),
            web("a1", "d1 10:00", "acc:ann"),
        ],
        people={"ann": "c1 a1", "bob": "b1"},
        late="l1",
    ),
    World(
        name="two orders linked by a ticket that neither owner wrote",
        events=[
            web("o1", "10:00", "acc:ann order:O1"),
            web("o2", "11:00", "acc:bob order:O2"),
            support("s1", "12:00", "order:O2 ticket:T1"),
            support("s2", "13:00", "order:O1 ticket:T1"),
        ],
        people={"ann": "o1 s1 s2", "bob": "o2"},
    ),
]
