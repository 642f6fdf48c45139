"""Stories of how hard a journey was: its measures worked out by hand."""

from math import exp
from typing import Any

from tests.worlds.story import Journey, World, app, email, kiosk, support, web

CHECKOUT = {"task": "checkout"}
CART = {"name": "cart", "index": 1, "total": 3}
PAY = {"name": "pay", "index": 3, "total": 4}


def scored(score: float) -> dict[str, Any]:
    """A sentiment told."""
    return {"sentiment": {"score": score}}


MANY = [
    web(f"w{number}", f"10:{number:02}", "acc:ann", name=f"n{number}.started", outcome="progressed", **CHECKOUT,
        step={"name": f"s{number}"}, experiment=[{"experiment_id": f"e{99 - number}", "variant": "a"}],
        survey={"instrument": "star", "score": number, "scale_min": 0, "scale_max": 70})
    for number in range(60)
]  # fmt: skip
MORE = [
    web(f"x{number}", f"11:{number:02}", "acc:ann", name=f"m{number}.started", outcome="progressed", **CHECKOUT,
        step={"name": f"t{number}"}, experiment=[{"experiment_id": f"f{number}", "variant": "a"}])
    for number in range(10)
]  # fmt: skip
AGAIN = [web(f"y{number}", f"11:2{number}", "acc:ann", name=f"m{number}.started", **CHECKOUT) for number in (3, 4)]

WORLDS = [
    World(
        name="tried on the web, begun again, asked twice, bought at the kiosk: what it cost",
        events=[
            web("w1", "10:00", "acc:ann cart:C1", name="checkout.started", step=CART, outcome="started",
                value={"amount_minor": 5_000, "currency": "CHF"}, **CHECKOUT),
            web("w2", "10:05", "acc:ann cart:C1", name="payment.failed", step=PAY, outcome="failed", **CHECKOUT),
            web("w3", "10:06", "acc:ann cart:C1", name="payment.submitted", step=PAY, **CHECKOUT),
            web("w4", "10:07", "acc:ann cart:C1", name="checkout.started", step=CART, **CHECKOUT),
            support("s1", "11:00", "acc:ann cart:C1 case:K1", wait_ms=120_000, **CHECKOUT),
            support("s2", "11:05", "acc:ann cart:C1", name="contact.held", duration_ms=180_000, **CHECKOUT),
            support("s3", "11:30", "acc:ann cart:C1 case:K1", **CHECKOUT),
            kiosk("k1", "12:00", "acc:ann cart:C1 order:O1", name="order.placed", step=PAY, context_carried=True,
                  location={"location_id": "r-1"}, outcome="completed", **CHECKOUT),
        ],
        people={"ann": "w1 w2 w3 w4 s1 s2 s3 k1"},
        journeys=[
            Journey(
                "ann", "checkout", "10:00", "12:00", "completed", 8,
                measures={
                    "stage": "purchase", "location_id": "r-1", "duration_ms": 7_200_000,
                    # w4 begins again what had failed, s3 what had not
                    "restarts": 1,
                    # 5, 1 and 1 minutes on the web, 5 on the telephone (the gap of a call is 10)
                    "active_ms": 720_000, "wait_ms": 300_000, "visits": 3, "switches": 2, "seamless_switches": 1,
                    "backtracks": 1, "retries": 1, "contacts": 2, "repeat_contacts": 1,
                    "self_service": True, "contained": False, "steps_done": 1, "steps_total": 4, "errors": 1,
                    "value_minor": 5_000, "value_at_risk_minor": 0,
                    "effort": 100 * (1 - exp(-(0.10 + 0.02 + 0.05 + 0.08 + 0.12 + 0.20 + 0.35 + 0.10 + 0.10))),
                },
            )
        ],
    ),
    World(
        name="begun twice without an end between is a restart; contained where nobody was asked",
        events=[
            app("p1", "10:00", "acc:ann", name="checkout.started", **CHECKOUT),
            app("p2", "10:10", "acc:ann", name="checkout.started", **CHECKOUT),
            email("m1", "10:15", "acc:ann", direction="outbound", name="message.sent", task="checkout"),
            app("p3", "11:00", "acc:ann cart:C1", name="checkout.started", outcome="abandoned",
                experiment=[{"experiment_id": "pay", "variant": "b"}, {"experiment_id": "hero", "variant": "a"}],
                value={"amount_minor": 900, "currency": "CHF", "kind": "at_risk"}, **CHECKOUT),
            app("p4", "11:01", "acc:ann cart:C1", name="checkout.started", **CHECKOUT),
            email("m2", "11:15", "acc:ann cart:C1", direction="outbound", name="message.sent"),
        ],
        people={"ann": "p1 p2 m1 p3 p4 m2"},
        journeys=[
            Journey(
                "ann", "checkout", "10:00", "11:15", "abandoned", 5,
                measures={
                    "restarts": 2, "outbound_touches": 1, "visits": 2, "contained": True, "steps_done": 0,
                    "variants": ("hero:a", "pay:b"), "value_at_risk_minor": 900, "currency": "", "touches": 4,
                    "effort": 100 * (1 - exp(-0.24)),
                },
            )
        ],
    ),
    World(
        name="a case that nobody resolves stays escalated, its mood falls, and its surveys are told",
        events=[
            support("s1", "d0 10:00", "acc:ann case:K1", task="complaint", **scored(0.5)),
            support("s2", "d1 10:00", "acc:ann case:K1 ticket:T1", name="contact.transferred", **scored(0)),
            support("s3", "d2 10:00", "acc:ann case:K1", name="contact.reauthenticated", **scored(-1)),
            web("v1", "d3 10:00", "acc:ann case:K1", name="survey.responded",
                survey={"instrument": "nps", "score": 3, "scale_min": 0, "scale_max": 10}),
            web("v2", "d3 10:01", "acc:ann case:K1", name="survey.responded",
                survey={"instrument": "ces", "score": 5.5, "scale_min": 1, "scale_max": 7}),
        ],
        people={"ann": "s1 s2 s3 v1 v2"},
        journeys=[
            Journey(
                "ann", "complaint", "d0 10:00", "d3 10:01", "escalated_open", 5,
                measures={
                    "transfers": 1, "reauths": 1, "sentiment_first": 0.5, "sentiment_last": -1.0, "sentiment_min": -1.0,
                    "sentiment_slope": -0.75, "survey": ("nps:3", "ces:5.5"), "contacts": 1, "self_service": True,
                    "completed_at": None, "effort": 100 * (1 - exp(-(0.10 + 0.20 + 0.20 + 0.20))),
                },
            )
        ],
    ),
    World(
        name="of seventy steps, variants, surveys and beginnings of one journey sixty-four count",
        events=[*MANY, *MORE, *AGAIN],
        people={"ann": " ".join(str(one["visit_id"]) for one in (*MANY, *MORE, *AGAIN))},
        journeys=[
            Journey(
                "ann", "checkout", "10:00", "11:24", "abandoned", 72,
                measures={
                    # the sixty-fourth name begun is m3, of x3; f0 to f3 are the last variants
                    "steps_done": 64, "restarts": 1, "survey": tuple(f"star:{number}" for number in range(60)),
                    "variants": ("e40:a", *(f"e{n}:a" for n in range(41, 100)), *(f"f{n}:a" for n in range(4))),
                },
            )
        ],
    ),
    World(
        name="what is not told is inferred: looking for it, then calling about it",
        events=[
            web("w1", "10:00", "acc:ann", name="search.performed"),
            web("w2", "10:10", "acc:ann", name="item.viewed"),
            web("w3", "12:00", "acc:ann", name="status.viewed"),
            support("s1", "12:05", "acc:ann"),
            support("s2", "12:06", "acc:ann", name="case.resolved"),
        ],
        people={"ann": "w1 w2 w3 s1 s2"},
        journeys=[
            Journey("ann", "search", "10:00", "10:10", "completed", 2, measures={"stage": "consideration"}),
            Journey("ann", "track_order", "12:00", "12:00", "abandoned", 1, measures={"stage": "fulfilment"}),
            Journey("ann", "get_help", "12:05", "12:06", "completed", 2, measures={"stage": "post_purchase"}),
        ],
    ),
]  # fmt: skip
