"""Where planted friction happens: the customer is known at once, and what matters comes half a minute apart.

A slow transmission may shift an event by some twenty seconds; what must come before something else does so by more.
"""

from typing import Final

from streams.generator.basket import fill, money
from streams.generator.contact import call, chat, write_ticket
from streams.generator.names import ident
from streams.generator.places import app, counter, kiosk, web
from streams.generator.scene import Event, Scene, Visit

PACE_SECONDS: Final = 30
BROKEN: Final = {"code": "upstream_error", "class": "system", "http_status": 500}
JAMMED: Final = {"code": "card_reader_jammed", "class": "system"}


def browser(scene: Scene) -> Visit:
    """Open a browser, signed in."""
    return web(scene, scene.person, signed_in=True, tablet=False)


def handset(scene: Scene) -> Visit:
    """Open the app, signed in."""
    return app(scene, scene.person)


def terminal(scene: Scene) -> Visit:
    """Step up to a kiosk and show the app's code to it."""
    return _shown(scene, kiosk(scene, scene.person))


def till(scene: Scene, channel: str = "pos") -> Visit:
    """Step up to the till or the counter and show the app's code."""
    return _shown(scene, counter(scene, scene.person, channel=channel))


def do(visit: Visit, name: str, outcome: str = "progressed", **fields: object) -> str:
    """Let something happen, half a minute to a minute and a half after what came before."""
    return visit.tell(name, outcome, PACE_SECONDS, PACE_SECONDS, **fields)


def fill_basket(scene: Scene, visit: Visit, *, cart: bool = True) -> Event:
    """Put something into a basket and answer what it is worth, as an amount at risk."""
    basket = fill(scene)
    if cart:
        visit.about(cart_id=scene.dice.token("cart-"))
    at_risk = money(scene, basket.total_minor, "at_risk")
    do(visit, "item.added", items=basket.items, value=at_risk)
    return at_risk


def reach(scene: Scene, intent: str, **threads: str) -> str:
    """Contact support, which knows who it is, and answer the contact; a ticket stays unsolved."""
    scene.now += PACE_SECONDS * 1000
    how = scene.dice.between(1, 3)
    if how == 1:
        return call(scene, scene.person, intent, known=True, **threads)
    if how == 2:  # noqa: PLR2004
        return chat(scene, scene.person, intent, known=True, **threads)
    return write_ticket(scene, scene.person, intent, known=True, solved=False, **threads)


def _shown(scene: Scene, visit: Visit) -> Visit:
    account = scene.person.account_at(scene.now)
    visit.identifiers = []
    visit.know(ident("account_id", account, "authenticated") if account else ident("email", scene.person.email))
    return visit
