"""What the businesses' stories share: baskets, payments that fail and are tried again, promises that slip."""

from typing import Final, NamedTuple

from streams.generator.cast import Person
from streams.generator.names import partner_ref_of
from streams.generator.places import courier, mailing
from streams.generator.rules import DAY_MS, HOUR_MS, MINUTE_MS
from streams.generator.scene import Event, Scene, Visit

DECLINED: Final = {"code": "card_declined", "class": "third_party"}
TIMED_OUT: Final = {"code": "gateway_timeout", "class": "network", "http_status": 504}
WRONG_PIN: Final = {"code": "wrong_pin", "class": "user"}
LOOP_FAILURES: Final = 2
"""So many failures on one thread are a loop."""
_CAUSES: Final = (DECLINED, TIMED_OUT, WRONG_PIN)


class Basket(NamedTuple):
    """Some wares and what they cost."""

    items: list[Event]
    total_minor: int


class Payment(NamedTuple):
    """How paying went: whether it succeeded and the event ids of the attempts that failed."""

    paid: bool
    failures: list[str]


def fill(scene: Scene, most: int = 3) -> Basket:
    """Pick one to `most` wares of the brand."""
    wares = [scene.dice.pick(scene.brand.wares) for _ in range(scene.dice.between(1, most))]
    items: list[Event] = [
        {"sku": ware.sku, "qty": 1, "price_minor": ware.price_minor, "category": ware.category} for ware in wares
    ]
    return Basket(items, sum(ware.price_minor for ware in wares))


def money(scene: Scene, minor: int, kind: str = "revenue") -> Event:
    """Write an amount as it stands on events."""
    return {"amount_minor": minor, "currency": scene.brand.currency, "kind": kind}


def pay(scene: Scene, visit: Visit, minor: int, *, failures: int, gives_up: bool = False) -> Payment:
    """Try to pay: so many failures, each a minute or two after the one before, then success unless one gives up.

    Two failures on one cart or order are a payment retry loop (U13): high without success, low if every time the
    customer erred, else medium.
    """
    cause = scene.dice.pick(_CAUSES)
    failed: list[str] = []
    for _ in range(failures):
        visit.tell("payment.submitted", "progressed", 12, value=money(scene, minor, "at_risk"))
        failed.append(visit.tell("payment.failed", "failed", 30, error=cause, outcome_reason="card_declined"))
    paid = not gives_up
    if paid:
        visit.tell("payment.succeeded", "progressed", 20, value=money(scene, minor))
    if failures >= LOOP_FAILURES and ("cart_id" in visit.threads or "order_id" in visit.threads):
        severity = "low" if cause is WRONG_PIN else "medium" if paid else "high"
        scene.friction("U13", severity, failed, **_thread(visit))
    return Payment(paid, failed)


def confirm(scene: Scene, person: Person, order: str, task_outcome: str = "progressed") -> None:
    """Mail the receipt."""
    mail = mailing(scene, person)
    mail.about(order_id=order)
    mail.tell("message.sent", task_outcome, 20)
    if scene.dice.chance(0.7):
        mail.tell("message.delivered", after=5)
    if scene.dice.chance(0.4):
        mail.tell("message.opened", after=900, direction="inbound")


def bring(scene: Scene, person: Person, carrier: Visit) -> None:
    """Bring the order to the door; the partner may know the customer by a reference of its own."""
    if scene.dice.chance(0.03):
        carrier.know(partner_ref_of(scene, person))
    carrier.tell("courier.arrived", after=60)
    carrier.tell("order.delivered", "completed", 60)


def slip(scene: Scene, person: Person, order: str, due_at: int, *, silent: bool) -> int:
    """Move the promised time: by an hour or more if it was near, else by days; tell the customer or stay silent (X23).

    Answers the new promise.
    """
    near = due_at - scene.now <= DAY_MS - HOUR_MS
    later = due_at + (scene.dice.between(61, 150) * MINUTE_MS if near else scene.dice.between(25, 60) * HOUR_MS)
    carrier = courier(scene, person, order)
    slipped = carrier.tell("order.eta_changed", after=120, eta={"due_at": later, "previous_due_at": due_at})
    if silent:
        scene.friction("X23", "high", [slipped], order_id=order)
        return later
    mail = mailing(scene, person)
    mail.about(order_id=order)
    scene.wait(60, 1_200)
    mail.tell("message.sent", after=5, promise={"kind": "eta", "due_at": later, "ref": order})
    return later


def _thread(visit: Visit) -> dict[str, str]:
    for kind in ("cart_id", "order_id"):
        if kind in visit.threads:
            return {kind: visit.threads[kind]}
    return {}
