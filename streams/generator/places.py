"""Where customers are met: the browser, the app, a kiosk, the till, the telephone, the mailbox, the courier.

Each function opens a visit with what such a source really knows. A kiosk knows no device, a courier knows only the
order, a browser knows a cookie until somebody signs in; mail goes out to an address and comes back as a click.
"""

from typing import Final

from streams.generator.brands import Place
from streams.generator.cast import Person
from streams.generator.names import (
    account_of,
    cookie_of,
    device,
    handle_of,
    ident,
    mail_of,
    phone_of,
    requester_of,
)
from streams.generator.scene import Event, Scene, Visit

_CONSENT: Final = {"basis": "consent", "analytics": True, "personalization": True, "alerts": True, "version": "2026-01"}
_NO_CONSENT: Final = {"basis": "consent", "analytics": False, "version": "2026-01"}


def sign_in(scene: Scene, visit: Visit, person: Person) -> None:
    """Sign in on this visit; who has no account tells the address instead."""
    visit.know(*account_of(scene, person))
    visit.tell("auth.succeeded" if person.account_at(scene.now) else "info.provided", "progressed", 20)


def web(scene: Scene, person: Person, *, signed_in: bool = False, tablet: bool | None = None) -> Visit:
    """Open a browser. Unless told, half the visits of a household are made on its tablet."""
    on_tablet = bool(person.tablet) and (scene.dice.chance(0.5) if tablet is None else tablet)
    known = [cookie_of(scene, person, tablet=on_tablet)]
    if scene.dice.chance(0.2):
        known.append(ident("ip", f"203.0.113.{person.circle % 250}", "observed"))
    if signed_in:
        known += account_of(scene, person)
    common = _common(scene, person, scene.brand.web, "web")
    common["locale"] = scene.brand.locale
    common["session_id"] = scene.dice.token("s-")
    return Visit(scene, person.customer, common, known, 0 if on_tablet else person.clock_ms, stamped=True)


def app(scene: Scene, person: Person) -> Visit:
    """Open the brand's app: signed in as soon as there is an account."""
    known = [device("device_id", person.device or f"{person.cookie}-app")]
    if person.push:
        known.append(device("push_token", person.push))
    if person.account_at(scene.now):
        known += account_of(scene, person)
    common = _common(scene, person, scene.brand.app, "app")
    common["sub_channel"] = "ios" if person.number % 2 else "android"
    common["session_id"] = scene.dice.token("s-")
    common["tz_offset_min"] = -300
    return Visit(scene, person.customer, common, known, person.clock_ms, stamped=True)


def kiosk(scene: Scene, person: Person, place: Place | None = None) -> Visit:
    """Step up to a kiosk: no device, only a session; the terminal is context. Its clock may be days off."""
    here = place or scene.dice.pick(scene.brand.places)
    terminal = scene.dice.pick(here.terminals)
    source = f"/kiosk/{here.location_id}/{terminal}"
    common = _common(scene, person, source, "kiosk")
    common["session_id"] = scene.dice.token("ks-")
    common["location"] = {"location_id": here.location_id, "type": here.type, "terminal_id": terminal}
    return Visit(scene, person.customer, common, [], scene.kiosk_clocks.get(source, 0), stamped=True)


def counter(scene: Scene, person: Person, place: Place | None = None, channel: str = "pos") -> Visit:
    """Step up to the till (`pos`) or the counter (`store`) of a branch; knows a card if one was shown."""
    here = place or scene.dice.pick(scene.brand.places)
    common = _common(scene, person, f"/{channel}/{here.location_id}", channel)
    common["location"] = {"location_id": here.location_id, "type": here.type, "terminal_id": f"{channel}1"}
    card = person.card_at(scene.now)
    known = [ident("loyalty_id", card)] if card and scene.dice.chance(0.8) else []
    return Visit(scene, person.customer, common, known, 0, stamped=False)


def helpdesk(scene: Scene, person: Person, sub_channel: str) -> Visit:
    """Reach support by `phone`, `chat` or `ticket`: a caller's number, an address, the ticket tool's requester."""
    common = _common(scene, person, f"{scene.brand.support}/{sub_channel}", "support")
    common["sub_channel"] = sub_channel
    common["agent"] = {"agent_ref": f"agent-{scene.dice.between(1, 40):02d}", "team": scene.brand.industry}
    if sub_channel == "phone":
        known = [phone_of(scene, person)]
    elif sub_channel == "chat":
        known = [cookie_of(scene, person), mail_of(scene, person)]
    else:
        known = [requester_of(person), mail_of(scene, person)]
    return Visit(scene, person.customer, common, known, 0, stamped=False)


def mailing(scene: Scene, person: Person, sub_channel: str = "transactional") -> Visit:
    """Write mail going out to the customer's address: outbound, or the provider's word about it."""
    common = _common(scene, person, scene.brand.mail, "email")
    common["sub_channel"] = sub_channel
    common["direction"] = "outbound"
    known = [ident("email", person.email)]
    if person.account_at(scene.now):
        known.append(ident("account_id", person.account))
    visit = Visit(scene, person.customer, common, known, 0, stamped=False)
    visit.about(message_id=scene.dice.token("m-"))
    return visit


def texting(scene: Scene, person: Person) -> Visit:
    """Send a text message to the telephone number: outbound."""
    common = _common(scene, person, f"/sms/{scene.brand.name}", "sms")
    common["sub_channel"] = "transactional"
    common["direction"] = "outbound"
    visit = Visit(scene, person.customer, common, [ident("phone", person.phone)], 0, stamped=False)
    visit.about(message_id=scene.dice.token("m-"))
    return visit


def consulting_room(scene: Scene, person: Person, appointment: str) -> Visit:
    """Join a telehealth appointment, known by its number and the patient."""
    common = _common(scene, person, "/telehealth/linden", "telehealth")
    common["sensitivity"] = "health"
    known = [ident("patient_ref", patient) for patient in person.patients[:1]]
    visit = Visit(scene, person.customer, common, known, 0, stamped=False)
    visit.about(appointment_id=appointment)
    return visit


def public_square(scene: Scene, person: Person) -> Visit:
    """Post in public under a handle."""
    common = _common(scene, person, "/social/square", "social")
    return Visit(scene, person.customer, common, [handle_of(person)], 0, stamped=False)


def courier(scene: Scene, person: Person, order: str) -> Visit:
    """Meet the delivery partner, who knows the order and nobody's name; some write it among the identifiers."""
    common = _common(scene, person, scene.brand.courier, "delivery")
    common["direction"] = "internal"
    if scene.dice.chance(0.1):
        return Visit(scene, person.customer, common, [{"kind": "order_id", "value": order}], 0, stamped=False)
    visit = Visit(scene, person.customer, common, [], 0, stamped=False)
    visit.about(order_id=order)
    return visit


def backend(scene: Scene, person: Person, **threads: str) -> Visit:
    """Ask the brand's own systems, which know an order, cart or prescription and whom it is for only by that."""
    common = _common(scene, person, f"/systems/{scene.brand.name}", "partner")
    common["direction"] = "internal"
    visit = Visit(scene, person.customer, common, [], 0, stamped=False)
    visit.about(**threads)
    return visit


def _common(scene: Scene, person: Person, source: str, channel: str) -> Event:
    return {
        "schema_version": "1.0",
        "source": source,
        "channel": channel,
        "direction": "inbound",
        "brand": scene.brand.name,
        "region": scene.brand.region,
        "consent": _CONSENT if person.analytics else _NO_CONSENT,
    }
