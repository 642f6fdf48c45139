"""Plots of single steps: offers refused (X13), broken links (X15), paying in vain (U13), walking away (U14)."""

from typing import Final

from streams.generator.basket import fill, money, pay
from streams.generator.places import mailing
from streams.generator.rules import DAY_MS, HOUR_MS, RESTAURANT
from streams.generator.scene import Event, Scene
from streams.generator.stage import JAMMED, PACE_SECONDS, browser, do, fill_basket, handset, terminal, till

_GONE: Final[tuple[Event, ...]] = (
    {"code": "not_found", "class": "system", "http_status": 404},
    {"code": "not_found", "class": "system", "http_status": 410},
    {"code": "upstream_error", "class": "system", "http_status": 503},
    {"code": "token_expired", "class": "user"},
)


def offer_refused(scene: Scene) -> None:
    """X13: what the app or a mail offered is refused at the kiosk, the till or the web shop."""
    dice = scene.dice
    scene.begin("loyalty_redeem")
    offer: Event = {"offer_id": dice.token("offer-"), "expires_at": scene.now + 14 * DAY_MS}
    if dice.chance(0.5):
        offered = mailing(scene, scene.person, "marketing").tell("promo.shown", offer=offer)
    else:
        offered = handset(scene).tell("reward.offered", offer=offer)
    scene.now += dice.between(HOUR_MS, 5 * DAY_MS)
    way = dice.between(1, 3 if scene.brand.industry == RESTAURANT else 2)
    visit = (browser, till, terminal)[way - 1](scene)
    name = "loyalty.scan_failed" if visit.common["channel"] == "kiosk" and dice.chance(0.5) else "reward.rejected"
    unmet = dice.chance(0.3)
    reason = "not_eligible" if unmet else "technical"
    refused = visit.tell(name, "abandoned", offer={"offer_id": offer["offer_id"]}, outcome_reason=reason)
    key = {"brand": scene.brand.name, "offer_id": str(offer["offer_id"])}
    scene.plant("X13", "medium" if unmet else "high", [offered, refused], key)


def link_broken(scene: Scene, campaign: str = "") -> None:
    """X15: a link of a mail is clicked, and what it leads to is not there."""
    scene.begin("browse", told=False)
    mail = mailing(scene, scene.person, "marketing")
    mail.about(campaign_id=campaign or scene.dice.pick(scene.brand.campaigns))
    mail.tell("message.sent")
    mail.tell("message.delivered", after=8)
    scene.wait(60, 9_000)
    clicked = mail.tell("message.clicked", "started", direction="inbound", least=PACE_SECONDS)
    visit = browser(scene)
    broken = visit.tell("page.failed", "failed", after=3, least=24, error=scene.dice.pick(_GONE))
    scene.plant("X15", "low", [clicked, broken], {"message_id": mail.threads["message_id"]})


def pay_again_and_again(scene: Scene) -> None:
    """U13: the card fails two to four times; it works in the end, or the customer gives up."""
    dice = scene.dice
    shop = scene.brand.industry != RESTAURANT
    scene.begin("checkout" if shop else "kiosk_order")
    visit = browser(scene) if shop else terminal(scene)
    basket = fill(scene)
    visit.about(cart_id=dice.token("cart-"))
    do(visit, "checkout.started", "started", value=money(scene, basket.total_minor, "at_risk"))
    paid = pay(scene, visit, basket.total_minor, failures=dice.between(2, 4), gives_up=dice.chance(0.4))
    if paid:
        visit.about(order_id=dice.token("F-" if shop else "R-"))
        do(visit, "order.placed", "completed", items=basket.items, value=money(scene, basket.total_minor))
        scene.end("completed")
    elif shop:
        do(visit, "checkout.abandoned", "abandoned", outcome_reason="card_declined")


def walk_away(scene: Scene) -> None:
    """U14: something is put into the basket at a kiosk, and nobody orders it; at times the card reader is to blame."""
    scene.begin("kiosk_order")
    visit = terminal(scene)
    visit.tell("session.started", "started")
    at_risk = fill_basket(scene, visit)
    proof = [scene.last_event_id()]
    if scene.dice.chance(0.4):
        proof.append(do(visit, "item.customized", value=at_risk))
    jammed = scene.dice.chance(0.4)
    if jammed:
        proof.append(do(visit, "peripheral.failed", "none", error=JAMMED))
    ended = scene.dice.pick(("session.timed_out", "session.ended"))
    proof.append(do(visit, ended, "abandoned", outcome_reason="technical" if jammed else "customer_left"))
    scene.plant("U14", "high" if jammed else "medium", proof, {"source": str(visit.common["source"])})
