"""Plots that end at support: what failed before (X01, X18), what is asked again (X04), what comes back (X29)."""

from typing import Final

from streams.generator.basket import DECLINED, fill, money
from streams.generator.contact import chat, desk
from streams.generator.names import ident
from streams.generator.pharmacy import CONFIRM
from streams.generator.places import backend
from streams.generator.plants import UNLINKED
from streams.generator.rules import DAY_MS, HOUR_MS, MINUTE_MS, RESTAURANT
from streams.generator.scene import Scene
from streams.generator.stage import BROKEN, browser, do, fill_basket, handset, reach, terminal, till

_BORROWED: Final = 0.04
"""Share of calls that somebody makes from another telephone."""
_AGAIN_SECONDS: Final = (2_000, 60_000)
POINTS_INTENT: Final = "loyalty_points_missing"
ADDRESS_INTENT: Final = "address_change"


def kiosk_then_ask(scene: Scene) -> None:
    """X01: paying fails once at a kiosk; the customer leaves and asks support about it."""
    failed, cart, _ = _declined_at_kiosk(scene)
    scene.wait(120, 12_000)
    borrowed = scene.dice.chance(_BORROWED)
    contact = _call_from_elsewhere(scene, cart) if borrowed else reach(scene, "payment_problem", cart_id=cart)
    scene.plant("X01", "high", [failed, contact], {"cart_id": cart})
    if borrowed:
        scene.plants[-1].ambiguous = UNLINKED


def kiosk_then_till(scene: Scene) -> None:
    """X01: paying fails at a kiosk, a chat with support follows at once, and the till takes the order in the end."""
    failed, cart, amount_minor = _declined_at_kiosk(scene)
    scene.wait(60, 120)
    contact = chat(scene, scene.person, "payment_problem", known=True, cart_id=cart)
    scene.plant("X01", "high", [failed, contact], {"cart_id": cart})
    visit = till(scene)
    visit.about(cart_id=cart, order_id=scene.dice.token("R-"))
    do(visit, "order.placed", "completed", value=money(scene, amount_minor))
    scene.end("completed")


def _declined_at_kiosk(scene: Scene) -> tuple[str, str, int]:
    """Fill a basket and be declined; answer the failure, the cart and the amount."""
    scene.begin("kiosk_order")
    visit = terminal(scene)
    visit.tell("menu.browsed", "started")
    basket = fill(scene)
    at_risk = money(scene, basket.total_minor, "at_risk")
    visit.about(cart_id=scene.dice.token("cart-"))
    do(visit, "item.added", items=basket.items, value=at_risk)
    failed = do(visit, "payment.failed", "failed", error=DECLINED, outcome_reason="card_declined", value=at_risk)
    return failed, visit.threads["cart_id"], basket.total_minor


def _call_from_elsewhere(scene: Scene, cart: str) -> str:
    """Call from a telephone that nobody ever told: the contact is there, and cannot be linked to the customer."""
    visit = desk(scene, scene.person, "phone", {"call_id": scene.dice.token("call-"), "cart_id": cart})
    visit.identifiers = [ident("phone", f"+1917555{scene.dice.between(1_000, 9_999)}")]
    contact = visit.tell("contact.started", "started", intent="payment_problem")
    visit.tell("contact.ended", "progressed", 150, intent="payment_problem")
    return contact


def checkout_then_contact(scene: Scene) -> None:
    """X01: the checkout breaks down, on the web or in the app, and the customer asks, at times of something else."""
    scene.begin("checkout")
    visit = browser(scene) if scene.dice.chance(0.7) else handset(scene)
    at_risk = fill_basket(scene, visit)
    cart = visit.threads["cart_id"]
    failed = [
        do(visit, "checkout.failed", "failed", error=BROKEN, outcome_reason="technical", value=at_risk)
        for _ in range(scene.dice.between(1, 2))
    ]
    scene.wait(120, 40_000)
    if scene.dice.chance(0.7):
        contact = reach(scene, "payment_problem", cart_id=cart)
        scene.plant("X01", "high", [*failed, contact], {"cart_id": cart})
        return
    scene.begin("get_help")
    contact = reach(scene, scene.dice.pick(scene.brand.intents[-1:]))
    scene.plant("X01", "medium", [*failed, contact], {"cart_id": cart})


def cart_left_then_contact(scene: Scene) -> None:
    """X01: a checkout is begun and left; a day later it has lapsed, and the customer asks about it."""
    scene.begin("checkout")
    visit = browser(scene)
    at_risk = fill_basket(scene, visit)
    cart = visit.threads["cart_id"]
    left = do(visit, "checkout.started", value=at_risk)
    scene.now += DAY_MS + scene.dice.between(20, 20 * 60) * MINUTE_MS
    contact = reach(scene, "payment_problem", cart_id=cart)
    scene.plant("X01", "high", [left, contact], {"cart_id": cart})


def page_then_contact(scene: Scene) -> None:
    """X01 by a line: a page of the account breaks down, with no thread to name it, and the customer asks soon."""
    scene.begin("account_change")
    visit = browser(scene)
    visit.tell("page.viewed", "started")
    failed = do(visit, "page.failed", "failed", error=BROKEN)
    scene.wait(120, 5_000)
    contact = reach(scene, POINTS_INTENT + "_page")
    scene.plant("X01", "high", [failed, contact], {"brand": scene.brand.name, "task": "account_change"})


def refill_then_ask(scene: Scene, *, calls: bool | None = None, fetched: bool = False) -> None:
    """X18: the refill portal refuses; the customer asks support (an X01 as well) or at the counter.

    It is sent home in the end, or, where `fetched` is asked for, fetched from the counter.
    """
    person, dice = scene.person, scene.dice
    prescription = dice.token("rx-")
    scene.begin("refill")
    visit = browser(scene) if dice.chance(0.6) else handset(scene)
    visit.common["sensitivity"] = "health"
    visit.about(rx_id=prescription)
    supply = {"days_supply_left": dice.between(0, 9)}
    at_risk = money(scene, dice.pick(scene.brand.wares).price_minor, "at_risk")
    scarce = supply["days_supply_left"] <= 2  # noqa: PLR2004
    refused = dice.chance(0.2)
    reason = "not_eligible" if refused else "technical"
    failed = [
        do(
            visit,
            "refill.requested",
            "failed",
            error=BROKEN,
            outcome_reason=reason,
            rx=supply,
            step=CONFIRM,
            value=at_risk,
        )
        for _ in range(dice.between(1, 2))
    ]
    severity = "critical" if scarce else "medium" if refused else "high"
    scene.wait(120, 8_000)
    if dice.chance(0.5) if calls is None else calls:
        asked = reach(scene, "refill_problem", rx_id=prescription)
        scene.plant("X01", "high", [*failed, asked], {"rx_id": prescription})
    else:
        counter = till(scene, "store")
        counter.about(rx_id=prescription)
        asked = do(counter, "help.asked")
    scene.plant("X18", severity, [*failed, asked], {"rx_id": prescription})
    pharmacy = backend(scene, person, rx_id=prescription)
    pharmacy.tell("refill.accepted", "progressed", 600, 600)
    if fetched:
        scene.now += 5 * HOUR_MS
        pharmacy.tell("refill.ready", "progressed")
        counter = till(scene, "store")
        counter.about(rx_id=prescription)
        counter.tell("refill.picked_up", "completed", 900)
    else:
        pharmacy.tell("refill.delivered", "completed", 9_000)
    scene.end("completed")


def ask_again(scene: Scene) -> None:
    """X04: ask twice or more about one case, one order, or, with neither, with one intent."""
    dice = scene.dice
    scene.begin("get_help")
    times = 4 if dice.chance(0.25) else dice.between(2, 3)
    if dice.chance(0.5):
        key = {"case_id": dice.token("case-")}
        intent = dice.pick([one for one in scene.brand.intents if one != "order_status"])
        threads = key
    elif dice.chance(0.5):
        key = {"order_id": dice.token("R-" if scene.brand.industry == RESTAURANT else "F-")}
        intent, threads = "order_status", {**key, "case_id": ""}
    else:
        intent, threads = POINTS_INTENT, {"case_id": ""}
        key = {"brand": scene.brand.name, "intent": intent}
    contacts = []
    for _ in range(times):
        contacts.append(reach(scene, intent, **threads))
        scene.wait(*_AGAIN_SECONDS)
    scene.plant("X04", "critical" if times == 4 else "high", contacts, key)  # noqa: PLR2004


def come_back(scene: Scene) -> None:
    """X29: a ticket is resolved and opened again, or asked about once more, or another comes with the same intent."""
    dice = scene.dice
    scene.begin("complaint")
    ticket = dice.token("t-")
    by_intent = dice.chance(0.3)
    intent = ADDRESS_INTENT if by_intent else dice.pick(scene.brand.intents[:1])
    visit = desk(scene, scene.person, "ticket", {"ticket_id": ticket}, known=True)
    visit.tell("ticket.created", "started", intent=ADDRESS_INTENT + "_first")
    scene.wait(2_000, 20_000)
    solved = visit.tell("ticket.resolved", "progressed", direction="outbound", intent=intent if by_intent else None)
    scene.now += dice.between(2 * HOUR_MS, 3 * DAY_MS)
    if by_intent:
        back = reach(scene, intent)
    elif dice.chance(0.6):
        back = visit.tell("ticket.reopened", "progressed")
    else:
        back = reach(scene, intent, ticket_id=ticket)
    scene.plant("X29", "high", [solved, back], {"case_id": visit.threads["case_id"]})
