"""Stories of the restaurant chain: a look at the menu, the kiosk, delivery to the door, a coupon by mail."""

from streams.generator.basket import ADDRESS, CART, PAYMENT, REVIEW, bring, confirm, fill, money, pay, promise_eta, slip
from streams.generator.cast import Person
from streams.generator.contact import survey
from streams.generator.letters import coupon
from streams.generator.names import account_of, ident
from streams.generator.places import app, counter, courier, kiosk, sign_in, web
from streams.generator.rules import MINUTE_MS
from streams.generator.scene import Scene, Visit


def menu_then_kiosk(scene: Scene) -> None:
    """Look at the menu in the app, order at a kiosk with the card, fetch it from the counter."""
    person = scene.person
    if scene.dice.chance(0.7):
        look_at_menu(scene, person)
        scene.wait(300, 4_000)
    scene.begin("kiosk_order")
    visit = kiosk(scene, person)
    visit.tell("session.started", "started")
    visit.tell("menu.browsed", after=20)
    card = person.card_at(scene.now)
    if card and scene.dice.chance(0.8):
        visit.know(ident("loyalty_id", card))
        visit.tell("loyalty.scanned", after=8)
    basket = fill(scene)
    added = visit.tell("item.added", "progressed", 15, items=basket.items)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("checkout.started", "progressed", 10, value=money(scene, basket.total_minor, "at_risk"))
    pay(scene, visit, basket.total_minor)
    order = scene.dice.token("R-")
    visit.about(order_id=order)
    value = money(scene, basket.total_minor)
    placed = visit.tell("order.placed", "completed", 5, 25, items=basket.items, value=value)
    ended = visit.tell("session.ended", after=10, least=25)
    scene.end("completed")
    # Who leaves a full basket behind has walked away (U14): so it would seem if the order were not heard of.
    scene.plant("U14", "medium", [added, ended], {"source": str(visit.common["source"])}, spared_by=(placed,))
    pick_up(scene, person, order)


def look_at_menu(scene: Scene, person: Person) -> None:
    """Browse the menu in the app."""
    scene.begin("browse", told=False)
    visit = app(scene, person)
    visit.tell("app.opened", "started")
    visit.tell("menu.browsed", after=20)
    for _ in range(scene.dice.between(1, 3)):
        ware = scene.dice.pick(scene.brand.wares)
        visit.tell("item.viewed", "progressed", 15, items=[{"sku": ware.sku, "price_minor": ware.price_minor}])
    visit.tell("app.backgrounded", after=10)


def delivered_home(scene: Scene) -> None:
    """Order in the app or on the web; the courier may be later than promised, but says so; then perhaps a survey."""
    person = scene.person
    order, visit, due_at = order_delivery(scene)
    carrier = courier(scene, person, order)
    carrier.tell("courier.assigned", after=100)
    promised = ""
    if person.host and scene.dice.chance(0.3):
        promised = promise_eta(scene, person, order, due_at)
    elif person.host and scene.dice.chance(0.15):
        due_at, promised = slip(scene, person, order, due_at, silent=False)
    for _ in range(scene.dice.between(0, 2)):
        visit.tell("status.viewed", after=100)
    scene.now = max(scene.now + MINUTE_MS, due_at - scene.dice.between(3, 12) * MINUTE_MS)
    brought = bring(scene, person, carrier)
    scene.end("completed")
    if promised:
        scene.plant("X25", "high", [promised], {"order_id": order}, due_at + 30 * MINUTE_MS, (brought,))
    if scene.dice.chance(0.3):
        survey(scene, person)


def order_delivery(scene: Scene) -> tuple[str, Visit, int]:
    """Order and pay for a delivery; answer the order, the visit and when it is due."""
    person = scene.person
    scene.begin("delivery")
    visit = app(scene, person) if person.account_at(scene.now) else web(scene, person)
    visit.tell("menu.browsed")
    basket = fill(scene)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("item.added", "progressed", 20, items=basket.items, step=CART)
    visit.know(*account_of(scene, person))
    visit.tell("checkout.started", "progressed", 15, step=ADDRESS)
    pay(scene, visit, basket.total_minor, step=PAYMENT)
    order = scene.dice.token("R-")
    visit.about(order_id=order)
    value = money(scene, basket.total_minor)
    visit.tell("order.placed", "progressed", 4, items=basket.items, value=value, step=REVIEW)
    due_at = scene.now + 50 * MINUTE_MS
    confirm(scene, person, order)
    return order, visit, due_at


def coupon_lunch(scene: Scene) -> None:
    """Mail a coupon that is clicked by a browser nobody knows, who then signs in and orders to pick up."""
    person = scene.person
    visit = coupon(scene, person)
    if visit is None:
        return
    scene.begin("pickup")
    visit.tell("menu.browsed")
    if visit.customer == person.customer:
        sign_in(scene, visit, person)
    basket = fill(scene, 2)
    visit.tell("item.added", "progressed", 15, items=basket.items)
    if visit.customer != person.customer or scene.dice.chance(0.3):
        return
    order = scene.dice.token("R-")
    visit.about(order_id=order)
    pay(scene, visit, basket.total_minor)
    visit.tell("order.placed", "progressed", 6, items=basket.items, value=money(scene, basket.total_minor))
    confirm(scene, person, order)
    pick_up(scene, person, order)
    scene.end("completed")


def pick_up(scene: Scene, person: Person, order: str) -> None:
    """Fetch an order from the till, which mostly knows what was ordered elsewhere."""
    scene.wait(240, 1_500)
    till = counter(scene, person)
    till.about(order_id=order)
    till.tell("order.ready", "progressed", direction="internal")
    till.tell("order.picked_up", "completed", 300, context_carried=scene.dice.chance(0.8) or None)
