"""Plots about what was promised: looking after an order (X22), slips in silence (X23), promises not kept (X25)."""

from typing import Final

from streams.generator.basket import bring, money, promise_eta, slip
from streams.generator.contact import desk
from streams.generator.names import account_of
from streams.generator.places import backend, courier, mailing, texting
from streams.generator.restaurant import order_delivery
from streams.generator.rules import HOUR_MS, MINUTE_MS, RESTAURANT
from streams.generator.scene import Scene, Visit
from streams.generator.shop import order_parcel
from streams.generator.stage import PACE_SECONDS, browser, handset, reach

_LATE_MS: Final = 30 * MINUTE_MS
"""A promise that much overdue, and that much after an order was due, counts as broken for good."""


def look_and_look(scene: Scene, *, asks: bool | None = None) -> None:
    """X22: look after an order four times in a day, or three times after it slipped; some then ask."""
    dice = scene.dice
    order, due_at = _order(scene)
    slipped = dice.chance(0.4)
    slips = (_slip(scene, order, due_at),) if slipped else ()
    visit = handset(scene) if scene.brand.industry == RESTAURANT else browser(scene)
    visit.about(order_id=order)
    checks = []
    for _ in range(3 if slipped else dice.between(4, 5)):
        scene.now += dice.between(12, 90) * MINUTE_MS
        checks.append(visit.tell("status.viewed", after=5))
    severity, complete_at = "medium", scene.now
    if dice.chance(0.4) if asks is None else asks:
        scene.now += dice.between(2, 600) * MINUTE_MS
        checks.append(reach(scene, "order_status", order_id=order))
        severity, complete_at = "high", scene.now
    scene.plant("X22", severity, checks, {"order_id": order}, complete_at, needs=slips)
    _deliver(scene, order, scene.now + HOUR_MS)


def slip_in_silence(scene: Scene) -> None:
    """X23: what was ordered comes later, and nobody says so."""
    order, due_at = _order(scene)
    scene.now += PACE_SECONDS * 1000
    slip(scene, scene.person, order, due_at, silent=True)
    _deliver(scene, order, scene.now + 2 * HOUR_MS)


def promise_missed(scene: Scene) -> None:
    """X25: an order comes later than promised, once or twice."""
    order, due_at = _order(scene)
    promises = [promise_eta(scene, scene.person, order, due_at)]
    if scene.dice.chance(0.3):
        scene.now = due_at + scene.dice.between(20, 60) * MINUTE_MS
        due_at = scene.now + scene.dice.between(30, 120) * MINUTE_MS
        promises.append(promise_eta(scene, scene.person, order, due_at))
    severity = "critical" if len(promises) > 1 else "high"
    scene.plant("X25", severity, promises, {"order_id": order}, due_at + _LATE_MS)
    _deliver(scene, order, due_at + _LATE_MS + scene.dice.between(1, 300) * MINUTE_MS)


def nobody_calls_back(scene: Scene) -> None:
    """X25: support promises to call back about a case, and does so too late or never."""
    scene.begin("get_help")
    visit = desk(scene, scene.person, "phone", {"call_id": scene.dice.token("call-")}, known=True)
    visit.tell("contact.started", "started", intent=scene.brand.intents[0] + "_callback")
    due_at = scene.now + scene.dice.between(30, 300) * MINUTE_MS
    said = visit.tell("callback.promised", after=60, least=60, promise={"kind": "callback", "due_at": due_at})
    visit.tell("contact.ended", "progressed", 60)
    case = visit.threads["case_id"]
    scene.plant("X25", "high", [said], {"case_id": case}, due_at + _LATE_MS)
    if scene.dice.chance(0.5):
        scene.now = due_at + _LATE_MS
        visit.tell("callback.completed", "progressed", 900, 60, direction="outbound")


def refill_not_ready(scene: Scene) -> None:
    """X25: the pharmacy names a time, and the medicine is ready hours after it."""
    scene.begin("refill")
    prescription = scene.dice.token("rx-")
    visit = browser(scene)
    visit.about(rx_id=prescription)
    visit.tell("refill.requested", "progressed", 30)
    notice = texting(scene, scene.person) if scene.dice.chance(0.3) else mailing(scene, scene.person)
    notice.about(rx_id=prescription)
    notice.know(*account_of(scene, scene.person))
    due_at = scene.now + scene.dice.between(60, 600) * MINUTE_MS
    promise = {"kind": "refill_ready", "due_at": due_at}
    said = notice.tell("message.sent", after=60, least=PACE_SECONDS, promise=promise)
    scene.now = due_at + _LATE_MS
    pharmacy = backend(scene, scene.person, rx_id=prescription)
    pharmacy.tell("refill.ready", "progressed", 3_000, 60)
    pharmacy.tell("refill.delivered", "completed", 9_000)
    scene.end("completed")
    scene.plant("X25", "high", [said], {"rx_id": prescription}, due_at + _LATE_MS)


def refund_missed(scene: Scene) -> None:
    """X25: the money back by tomorrow comes days later."""
    order, basket = order_parcel(scene)
    scene.begin("return")
    visit = browser(scene)
    visit.about(order_id=order)
    scene.now += scene.dice.between(30, 60) * HOUR_MS
    visit.tell("return.started", "started")
    due_at = scene.now + scene.dice.between(20, 40) * HOUR_MS
    mail = mailing(scene, scene.person)
    mail.about(order_id=order)
    said = mail.tell("message.sent", after=60, least=PACE_SECONDS, promise={"kind": "refund", "due_at": due_at})
    scene.plant("X25", "high", [said], {"order_id": order}, due_at + _LATE_MS)
    scene.now = due_at + _LATE_MS
    value = money(scene, basket.total_minor, "refund")
    backend(scene, scene.person, order_id=order).tell("order.refunded", "completed", 40_000, value=value)
    scene.end("completed")


def _order(scene: Scene) -> tuple[str, int]:
    """Order something that will be brought; answer the order and when it is due."""
    if scene.brand.industry == RESTAURANT:
        order, _, due_at = order_delivery(scene)
        return order, due_at
    order, _ = order_parcel(scene)
    scene.begin("track_order")
    _carrier(scene, order).tell("order.shipped", "started", 2_000)
    return order, scene.now + scene.dice.between(30, 60) * HOUR_MS


def _slip(scene: Scene, order: str, due_at: int) -> str:
    """Let the order slip by so little that it need not be told, and answer the event."""
    eta = {"due_at": due_at + 30 * MINUTE_MS, "previous_due_at": due_at}
    return _carrier(scene, order).tell("order.eta_changed", after=60, least=60, eta=eta)


def _deliver(scene: Scene, order: str, at: int) -> None:
    scene.now = max(scene.now, at)
    bring(scene, scene.person, _carrier(scene, order))
    scene.end("completed")


def _carrier(scene: Scene, order: str) -> Visit:
    return courier(scene, scene.person, order)
