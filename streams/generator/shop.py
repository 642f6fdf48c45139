"""Stories of the shop: days of looking around without a name, a cart, paying, parcels that slip, returns."""

from streams.generator.basket import Basket, bring, confirm, fill, money, pay, slip
from streams.generator.cast import Person
from streams.generator.contact import ask_for_help, complain_in_public, survey, write_ticket
from streams.generator.names import account_of, phone_of
from streams.generator.places import backend, courier, web
from streams.generator.rules import DAY_MS, MINUTE_MS
from streams.generator.scene import Scene, Visit


def look_around(scene: Scene) -> None:
    """Browse on a cookie for one to three days, put something in the cart and leave it there."""
    person = scene.person
    scene.begin("browse")
    for _ in range(scene.dice.between(1, 3)):
        visit = web(scene, person)
        visit.tell("page.viewed", "started")
        visit.tell("search.performed", after=20)
        for _ in range(scene.dice.between(1, 3)):
            ware = scene.dice.pick(scene.brand.wares)
            visit.tell("item.viewed", "progressed", 25, items=[{"sku": ware.sku, "price_minor": ware.price_minor}])
        scene.wait(2_000, 90_000)
    if scene.dice.chance(0.4):
        cart = scene.dice.token("cart-")
        visit.about(cart_id=cart)
        visit.tell("item.added", "progressed", 15, items=fill(scene).items)
        backend(scene, person, cart_id=cart).tell("cart.restored", after=2_000)


def buy(
    scene: Scene,
    *,
    payment_failures: int | None = None,
    gives_up: bool | None = None,
    slips: bool | None = None,
    silent: bool | None = None,
) -> None:
    """Find, sign in, pay (perhaps again and again), wait for the parcel, keep it or send it back."""
    person = scene.person
    scene.begin("checkout")
    visit = web(scene, person)
    basket = _fill_cart(scene, visit)
    visit.know(*account_of(scene, person))
    if scene.dice.chance(0.3):
        visit.know(phone_of(scene, person))
    visit.tell("checkout.started", "progressed", 20, step={"name": "address", "index": 1, "total": 3})
    failures = payment_failures
    if failures is None:
        failures = scene.dice.between(1, 4) if scene.dice.chance(scene.rules.friction) else 0
    stops = failures > 0 and (scene.dice.chance(0.3) if gives_up is None else gives_up)
    payment = pay(scene, visit, basket.total_minor, failures=failures, gives_up=stops)
    if not payment.paid:
        visit.tell("checkout.abandoned", "abandoned", 60, outcome_reason="card_declined")
        scene.end("abandoned")
        if scene.dice.chance(0.6):
            scene.wait(120, 5_000)
            contact = ask_for_help(scene, person, "payment_problem", cart_id=visit.threads["cart_id"])
            scene.friction("X01", "high", [*payment.failures, contact], cart_id=visit.threads["cart_id"])
        return
    order = scene.dice.token("F-")
    visit.about(order_id=order)
    visit.tell("order.placed", "completed", 5, items=basket.items, value=money(scene, basket.total_minor))
    scene.end("completed")
    confirm(scene, person, order)
    if scene.dice.chance(0.4):
        backend(scene, person, order_id=order, cart_id=visit.threads["cart_id"]).tell("order.confirmed", after=90)
    _parcel(scene, person, order, basket, slips=slips, silent=silent)


def ask_first(scene: Scene) -> None:
    """Look at one thing and ask about it before buying."""
    person = scene.person
    scene.begin("get_help")
    visit = web(scene, person, signed_in=scene.dice.chance(0.5))
    visit.tell("page.viewed", "started")
    visit.tell("help.viewed", "progressed", 40)
    scene.wait(60, 1_000)
    ask_for_help(scene, person, "size_advice")


def _fill_cart(scene: Scene, visit: Visit) -> Basket:
    visit.tell("page.viewed", "started")
    visit.tell("item.viewed", "progressed", 30)
    basket = fill(scene)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("item.added", "progressed", 15, items=basket.items)
    visit.tell("cart.viewed", "progressed", 20, items=basket.items)
    return basket


def _parcel(
    scene: Scene, person: Person, order: str, basket: Basket, *, slips: bool | None, silent: bool | None
) -> None:
    """Follow the parcel: shipped, perhaps moved by days with or without a word, brought by a courier."""
    scene.begin("track_order")
    due_at = scene.now + scene.dice.between(40, 90) * 60 * MINUTE_MS
    carrier = courier(scene, person, order)
    carrier.tell("order.shipped", "started", 20_000)
    moved = scene.dice.chance(scene.rules.friction) if slips is None else slips
    if moved:
        quiet = scene.dice.chance(0.5) if silent is None else silent
        due_at = slip(scene, person, order, max(due_at, scene.now + 26 * 60 * MINUTE_MS), silent=quiet)
        scene.wait(2_000, 20_000)
        look = web(scene, person, signed_in=scene.dice.chance(0.6))
        look.about(order_id=order)
        for _ in range(scene.dice.between(1, 4)):
            look.tell("status.viewed", "progressed", 900)
        if scene.dice.chance(0.5):
            scene.wait(60, 5_000)
            ask_for_help(scene, person, "order_status", order_id=order)
        elif scene.dice.chance(0.2):
            complain_in_public(scene, person)
    scene.now = max(scene.now + MINUTE_MS, due_at - scene.dice.between(1, 300) * MINUTE_MS)
    bring(scene, person, carrier)
    scene.end("completed")
    if scene.dice.chance(0.15):
        _send_back(scene, person, order, basket)
    elif scene.dice.chance(0.25):
        survey(scene, person)


def _send_back(scene: Scene, person: Person, order: str, basket: Basket) -> None:
    scene.begin("return")
    scene.wait(20_000, 2 * DAY_MS / 1000)
    visit = web(scene, person, signed_in=True)
    visit.about(order_id=order)
    visit.tell("return.started", "started")
    if scene.dice.chance(scene.rules.friction):
        error = {"code": "label_error", "class": "system", "http_status": 500}
        failure = visit.tell("page.failed", "failed", 20, error=error)
        contact = write_ticket(scene, person, "return_question", order_id=order)
        scene.friction("X01", "high", [failure, contact], order_id=order)
    shop = backend(scene, person, order_id=order)
    shop.tell("return.accepted", "progressed", 90_000)
    shop.tell("order.refunded", "completed", 9_000, value=money(scene, basket.total_minor, "refund"))
    scene.end("completed")
