"""Stories of the shop: days of looking around without a name, a cart, paying, parcels that slip, returns."""

from streams.generator.basket import (
    ADDRESS,
    CART,
    PAYMENT,
    REVIEW,
    Basket,
    bring,
    confirm,
    fill,
    money,
    pay,
    promise_eta,
    slip,
)
from streams.generator.cast import Person
from streams.generator.contact import complain_in_public, survey
from streams.generator.names import account_of, phone_of
from streams.generator.places import backend, courier, web
from streams.generator.rules import DAY_MS, MINUTE_MS
from streams.generator.scene import Scene, Visit


def look_around(scene: Scene) -> None:
    """Browse on a cookie for one to three days, put something in the cart and leave it there."""
    person = scene.person
    scene.begin("browse", told=False)
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


def buy(scene: Scene) -> None:
    """Find, sign in, pay, at times at the second attempt, wait for the parcel, keep it or send it back."""
    person = scene.person
    if scene.dice.chance(0.15):
        leave_checkout(scene)
        return
    order, basket = order_parcel(scene, failures=int(person.host and scene.dice.chance(0.1)))
    _parcel(scene, order)
    if scene.dice.chance(0.15):
        _send_back(scene, person, order, basket)
    elif scene.dice.chance(0.25):
        survey(scene, person)


def leave_checkout(scene: Scene) -> None:
    """Begin to check out and leave: with the cart, where the address is asked, or where it comes to paying."""
    scene.begin("checkout")
    visit = web(scene, scene.person)
    fill_cart(scene, visit)
    steps = scene.dice.between(0, 2)
    if steps:
        visit.know(*account_of(scene, scene.person))
        visit.tell("checkout.started", "progressed", 20, step=ADDRESS)
    if steps > 1:
        visit.tell("checkout.step_viewed", after=40, step=PAYMENT)
    scene.end("abandoned")


def order_parcel(scene: Scene, *, failures: int = 0) -> tuple[str, Basket]:
    """Fill a cart, sign in and pay; answer the order and what is in it."""
    person = scene.person
    scene.begin("checkout")
    visit = web(scene, person)
    basket = fill_cart(scene, visit)
    visit.know(*account_of(scene, person))
    if scene.dice.chance(0.3):
        visit.know(phone_of(scene, person))
    visit.tell("checkout.started", "progressed", 20, step=ADDRESS)
    pay(scene, visit, basket.total_minor, failures=failures, step=PAYMENT)
    order = scene.dice.token("F-")
    visit.about(order_id=order)
    visit.tell("order.placed", "completed", 5, items=basket.items, value=money(scene, basket.total_minor), step=REVIEW)
    scene.end("completed")
    confirm(scene, person, order)
    if scene.dice.chance(0.4):
        backend(scene, person, order_id=order, cart_id=visit.threads["cart_id"]).tell("order.confirmed", after=90)
    return order, basket


def fill_cart(scene: Scene, visit: Visit) -> Basket:
    """Find something and put it in a cart."""
    visit.tell("page.viewed", "started")
    visit.tell("item.viewed", "progressed", 30)
    basket = fill(scene)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("item.added", "progressed", 15, items=basket.items)
    visit.tell("cart.viewed", "progressed", 20, items=basket.items, step=CART)
    return basket


def _parcel(scene: Scene, order: str) -> None:
    """Follow the parcel: shipped, perhaps moved by days, which is told, looked after, brought by a courier."""
    person = scene.person
    scene.begin("track_order")
    due_at = scene.now + scene.dice.between(40, 90) * 60 * MINUTE_MS
    carrier = courier(scene, person, order)
    carrier.tell("order.shipped", "started", 20_000)
    promised = ""
    if person.host and scene.dice.chance(0.3):
        promised = promise_eta(scene, person, order, due_at)
    elif person.host and scene.dice.chance(0.15):
        due_at, promised = slip(scene, person, order, max(due_at, scene.now + 26 * 60 * MINUTE_MS), silent=False)
    if scene.dice.chance(0.4):
        scene.wait(2_000, 20_000)
        look = web(scene, person, signed_in=scene.dice.chance(0.6))
        look.about(order_id=order)
        for _ in range(scene.dice.between(1, 2)):
            look.tell("status.viewed", "progressed", 900)
        if scene.dice.chance(0.1):
            complain_in_public(scene, person)
    scene.now = max(scene.now + MINUTE_MS, due_at - scene.dice.between(3, 300) * MINUTE_MS)
    brought = bring(scene, person, carrier)
    scene.end("completed")
    if promised:
        scene.plant("X25", "high", [promised], {"order_id": order}, due_at + 30 * MINUTE_MS, (brought,))


def _send_back(scene: Scene, person: Person, order: str, basket: Basket) -> None:
    scene.begin("return")
    scene.wait(20_000, 2 * DAY_MS / 1000)
    visit = web(scene, person, signed_in=True)
    visit.about(order_id=order)
    visit.tell("return.started", "started")
    shop = backend(scene, person, order_id=order)
    shop.tell("return.accepted", "progressed", 90_000)
    shop.tell("order.refunded", "completed", 9_000, value=money(scene, basket.total_minor, "refund"))
    scene.end("completed")
