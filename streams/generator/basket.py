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
UNPAID_MS: Final = 45 * MINUTE_MS
"""After the second failure; if nothing is paid by then, nothing will be."""
_SILENCE_MS: Final = 45 * MINUTE_MS
_CAUSES: Final = (DECLINED, TIMED_OUT, WRONG_PIN)
CART: Final[Event] = {"name": "cart", "index": 1, "total": 4}
ADDRESS: Final[Event] = {"name": "address", "index": 2, "total": 4}
PAYMENT: Final[Event] = {"name": "payment", "index": 3, "total": 4}
REVIEW: Final[Event] = {"name": "review", "index": 4, "total": 4}
"""The steps of a checkout at a screen at home."""


class Basket(NamedTuple):
    """Some wares and what they cost."""

    items: list[Event]
    total_minor: int


class Slip(NamedTuple):
    """A time that was moved: the new one, and the mail that said so, if any."""

    due_at: int
    told: str


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


def pay(
    scene: Scene, visit: Visit, minor: int, *, failures: int = 0, gives_up: bool = False, step: Event | None = None
) -> bool:
    """Try to pay and answer whether it is paid: so many failures, a minute or two apart, then success or giving up.

    Two failures on one cart or order are a payment retry loop (U13): high without success, low if every time the
    customer erred, else medium.
    """
    cause = scene.dice.pick(_CAUSES)
    at_risk = money(scene, minor, "at_risk")
    failed: list[str] = []
    second_at = 0
    for number in range(failures):
        visit.tell("payment.submitted", "progressed", 12)
        reason = "card_declined"
        failed.append(visit.tell("payment.failed", "failed", 30, 25, error=cause, outcome_reason=reason, value=at_risk))
        second_at = scene.now if number == LOOP_FAILURES - 1 else second_at
    paid = () if gives_up else (visit.tell("payment.succeeded", "progressed", 20, 25, step=step),)
    if failures >= LOOP_FAILURES:
        severity = "low" if cause is WRONG_PIN else "high" if gives_up else "medium"
        scene.plant("U13", severity, failed, _thread(visit), second_at + UNPAID_MS, needs=paid)
    return not gives_up


def confirm(scene: Scene, person: Person, order: str) -> None:
    """Mail the receipt."""
    mail = mailing(scene, person)
    mail.about(order_id=order)
    mail.tell("message.sent", "progressed", 20)
    if scene.dice.chance(0.7):
        mail.tell("message.delivered", after=5)
    if scene.dice.chance(0.4):
        mail.tell("message.opened", after=900, direction="inbound")


def bring(scene: Scene, person: Person, carrier: Visit) -> str:
    """Bring the order to the door and answer the event.

    The partner may know the customer by a reference of its own, which nobody else can tell whose it is.
    """
    if not person.host and scene.dice.chance(0.05):
        carrier.know(partner_ref_of(scene, person))
    carrier.tell("courier.arrived", after=60)
    return carrier.tell("order.delivered", "completed", 60)


def promise_eta(scene: Scene, person: Person, order: str, due_at: int) -> str:
    """Mail when the order will be there, and answer the event."""
    mail = mailing(scene, person)
    mail.about(order_id=order)
    return mail.tell("message.sent", after=5, least=60, promise={"kind": "eta", "due_at": due_at, "ref": order})


def slip(scene: Scene, person: Person, order: str, due_at: int, *, silent: bool) -> Slip:
    """Move the promised time: by an hour or more if it was near, else by days; tell the customer or stay silent (X23).

    Who is told is told by a mail that promises the new time; the silence is friction all the same if it is lost.
    """
    near = due_at - scene.now <= DAY_MS - HOUR_MS
    later = due_at + (scene.dice.between(61, 150) * MINUTE_MS if near else scene.dice.between(25, 60) * HOUR_MS)
    carrier = courier(scene, person, order)
    slipped = carrier.tell("order.eta_changed", after=60, least=60, eta={"due_at": later, "previous_due_at": due_at})
    complete_at = scene.now + _SILENCE_MS
    told = "" if silent else promise_eta(scene, person, order, later)
    scene.plant("X23", "high", [slipped], {"order_id": order}, complete_at, (told,) if told else ())
    return Slip(later, told)


def _thread(visit: Visit) -> dict[str, str]:
    for kind in ("cart_id", "order_id"):
        if kind in visit.threads:
            return {kind: visit.threads[kind]}
    return {}
