"""Stories of what was sent and did not hold: X13 reward_redemption_failed, X15 email_link_broken."""

from tests.worlds.story import Hit, World, app, email, kiosk, moment, web

HERS = web("a0", "d-1 10:00", "acc:ann card:L1 mail:ann@x.example")
OFFERED = {"name": "reward.offered", "direction": "outbound", "offer": {"offer_id": "coffee"}}
REFUSED = {"name": "reward.rejected", "outcome": "failed", "offer": {"offer_id": "coffee"}}
UNDESERVED = REFUSED | {"outcome_reason": "not_eligible"}
DELIVERED = {"name": "message.delivered", "direction": "outbound"}
CLICKED = {"name": "message.clicked"}
GONE = {"name": "page.failed", "error": {"code": "E404", "class": "system", "http_status": 404}}

WORLDS = [
    World(
        name="a coffee offered by mail and refused at the kiosk a fortnight later",
        events=[
            HERS,
            email("m1", "d0 10:00", "mail:ann@x.example", **OFFERED),
            app("p1", "d7 10:00", "acc:ann", name="promo.shown", offer={"offer_id": "coffee"}),
            kiosk("k1", "d14 10:00", "card:L1", **UNDESERVED),
            kiosk("k2", "d15 10:00", "card:L1", **REFUSED),
        ],
        people={"ann": "a0 m1 p1 k1 k2"},
        hits=[
            Hit("ann", "X13", "high", "m1 p1 k1 k2", at="d14 10:00", channel_to="kiosk", confidence=0.9),
        ],
    ),
    World(
        name="a coffee refused for want of stamps only is medium",
        events=[
            HERS,
            email("m1", "d0 10:00", "mail:ann@x.example", **OFFERED),
            kiosk("k1", "d1 10:00", "card:L1", **UNDESERVED),
        ],
        people={"ann": "a0 m1 k1"},
        hits=[Hit("ann", "X13", "medium", "m1 k1")],
    ),
    World(
        name="an offer refused after it expired, another never made, and one on a poster",
        events=[
            HERS,
            email("m1", "d0 10:00", "mail:ann@x.example", **OFFERED)
            | {"offer": {"offer_id": "coffee", "expires_at": moment("d2 10:00")}},
            kiosk("p1", "d0 10:00", "card:L1", name="promo.shown", offer={"offer_id": "cake"}),
            kiosk("k1", "d2 10:00:00.001", "card:L1", **REFUSED),
            kiosk("k2", "d2 11:00", "card:L1", **REFUSED | {"offer": {"offer_id": "tea"}}),
            kiosk("k3", "d2 11:01", "card:L1", **REFUSED | {"offer": {"offer_id": "cake"}}),
        ],
        people={"ann": "a0 m1 p1 k1 k2 k3"},
        hits=[],
    ),
    World(
        name="a mail clicked on, and a page that is gone",
        events=[
            email("m1", "10:00", "mail:ann@x.example message:M1", **DELIVERED),
            email("m2", "10:10", "mail:ann@x.example message:M1", **CLICKED),
            web("w1", "10:11", "mail:ann@x.example", **GONE),
            web("w2", "10:11:00.001", "mail:ann@x.example", **GONE),
        ],
        people={"ann": "m1 m2 w1 w2"},
        hits=[Hit("ann", "X15", "low", "m2 w1", at="10:11", channel_to="web", confidence=0.7)],
    ),
    World(
        name="a scanner clicks within two seconds of delivery, of which is heard last",
        events=[
            email("m2", "10:00:02", "mail:ann@x.example message:M1", **CLICKED),
            web("w1", "10:00:30", "mail:ann@x.example", **GONE),
            web("b1", "12:00", "acc:bob"),
            email("m1", "10:00", "mail:ann@x.example message:M1", received="d1 10:00", **DELIVERED),
        ],
        people={"ann": "m1 m2 w1", "bob": "b1"},
        hits=[],
    ),
    World(
        name="a page that needs signing in, and one that is moved, are no broken links; a token that is over is",
        events=[
            email("m1", "10:00", "mail:ann@x.example message:M1", **CLICKED),
            web("w1", "10:00:10", "mail:ann@x.example", name="page.failed", error={"http_status": 401}),
            web("w2", "10:00:20", "mail:ann@x.example", name="page.failed", error={"http_status": 499}),
            email("m3", "11:00", "mail:ann@x.example message:M3", **CLICKED),
            web("w3", "11:00:10", "mail:ann@x.example", name="page.failed", error={"code": "token_expired"}),
        ],
        people={"ann": "m1 w1 w2 m3 w3"},
        hits=[Hit("ann", "X15", "low", "m3 w3")],
    ),
]
