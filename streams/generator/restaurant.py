"""Stories of the restaurant chain: a look at the menu, the kiosk, delivery to the door, a coupon by mail."""

from streams.generator.basket import bring, confirm, fill, money, pay, slip
from streams.generator.cast import Person
from streams.generator.contact import ask_for_help, call, survey
from streams.generator.letters import coupon
from streams.generator.names import account_of, ident
from streams.generator.places import app, counter, courier, kiosk, sign_in, web
from streams.generator.rules import HOUR_MS, MINUTE_MS
from streams.generator.scene import Scene


def menu_then_kiosk(scene: Scene, *, trouble: bool | None = None) -> None:
    """Look at the menu in the app, order at a kiosk with the card; if paying fails, give up and call."""
    person = scene.person
    if trouble or scene.dice.chance(0.7):
        look_at_menu(scene, person)
        scene.wait(300, 4_000)
    scene.begin("kiosk_order")
    wrong = scene.dice.chance(scene.rules.friction) if trouble is None else trouble
    visit = kiosk(scene, person)
    visit.tell("session.started", "started")
    visit.tell("menu.browsed", after=20)
    card = person.card_at(scene.now)
    if card and (wrong or scene.dice.chance(0.8)):
        visit.know(ident("loyalty_id", card))
        visit.tell("loyalty.scanned", after=8)
    basket = fill(scene)
    visit.tell("item.added", "progressed", 15, items=basket.items)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("checkout.started", "progressed", 10, value=money(scene, basket.total_minor, "at_risk"))
    failures = scene.dice.between(2 if trouble else 1, 3) if wrong else 0
    payment = pay(scene, visit, basket.total_minor, failures=failures, gives_up=wrong)
    if payment.paid:
        order = scene.dice.token("R-")
        visit.about(order_id=order)
        visit.tell("order.placed", "completed", 5, items=basket.items, value=money(scene, basket.total_minor))
        visit.tell("session.ended", after=4)
        scene.end("completed")
        _pick_up(scene, person, order)
        return
    visit.tell("session.timed_out", "abandoned", 60, outcome_reason="technical")
    scene.end("failed")
    scene.wait(60, 5_000)
    contact = call(scene, person, "payment_problem")
    scene.friction("X01", "high", [*payment.failures, contact], task="kiosk_order")


def look_at_menu(scene: Scene, person: Person) -> None:
    """Browse the menu in the app."""
    scene.begin("browse")
    visit = app(scene, person)
    visit.tell("app.opened", "started")
    visit.tell("menu.browsed", after=20)
    for _ in range(scene.dice.between(1, 3)):
        ware = scene.dice.pick(scene.brand.wares)
        visit.tell("item.viewed", "progressed", 15, items=[{"sku": ware.sku, "price_minor": ware.price_minor}])
    visit.tell("app.backgrounded", after=10)


def delivered_home(scene: Scene, *, trouble: bool | None = None, silent: bool | None = None) -> None:
    """Order in the app or on the web; the courier may be late, with or without a word; then help, or a survey."""
    person = scene.person
    scene.begin("delivery")
    visit = app(scene, person) if person.account_at(scene.now) else web(scene, person)
    visit.tell("menu.browsed")
    basket = fill(scene)
    visit.about(cart_id=scene.dice.token("cart-"))
    visit.tell("item.added", "progressed", 20, items=basket.items)
    visit.know(*account_of(scene, person))
    visit.tell("checkout.started", "progressed", 15)
    wrong = scene.dice.chance(scene.rules.friction) if trouble is None else trouble
    failures = scene.dice.between(1, 3) if wrong and scene.dice.chance(0.3) else 0
    payment = pay(scene, visit, basket.total_minor, failures=failures)
    order = scene.dice.token("R-")
    visit.about(order_id=order)
    visit.tell("order.placed", "progressed", 4, items=basket.items, value=money(scene, basket.total_minor))
    due_at = scene.now + 40 * MINUTE_MS
    confirm(scene, person, order)
    carrier = courier(scene, person, order)
    carrier.tell("courier.assigned", after=300)
    if wrong:
        due_at = slip(scene, person, order, due_at, silent=scene.dice.chance(0.5) if silent is None else silent)
        _look_at_status(scene, person, order)
    scene.now = max(scene.now + MINUTE_MS, due_at - 5 * MINUTE_MS)
    bring(scene, person, carrier)
    scene.end("completed")
    if wrong and scene.dice.chance(0.6):
        scene.wait(300, 7_000)
        contact = ask_for_help(scene, person, "order_status", order_id=order)
        if payment.failures:
            scene.friction("X01", "high", [*payment.failures, contact], order_id=order)
    elif scene.dice.chance(0.3):
        survey(scene, person)


def coupon_lunch(scene: Scene, campaign: str = "", *, clicked: bool | None = None) -> None:
    """Mail a coupon that is clicked by a browser nobody knows, who then signs in and orders to pick up."""
    person = scene.person
    visit = coupon(scene, person, campaign, clicked=clicked)
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
    pay(scene, visit, basket.total_minor, failures=0)
    visit.tell("order.placed", "progressed", 6, items=basket.items, value=money(scene, basket.total_minor))
    confirm(scene, person, order)
    _pick_up(scene, person, order)
    scene.end("completed")


def _pick_up(scene: Scene, person: Person, order: str) -> None:
    scene.wait(240, 1_500)
    till = counter(scene, person)
    till.about(order_id=order)
    till.tell("order.ready", "progressed", direction="internal")
    till.tell("order.picked_up", "completed", 300)


def _look_at_status(scene: Scene, person: Person, order: str) -> None:
    visit = app(scene, person) if person.account_at(scene.now) else web(scene, person)
    visit.about(order_id=order)
    for _ in range(scene.dice.between(1, 3)):
        visit.tell("status.viewed", after=HOUR_MS // 12_000)
