"""What customers are known by, as it stands on events: typed, scanned, dialled, or left behind by a device.

The same address or number is not always written the same way, and now and then it is the store's own or rubbish.
"""

from typing import Final

from streams.generator.cast import Person
from streams.generator.rules import DAY_MS
from streams.generator.scene import Identifier, Scene

_COOKIE_LIFE_MS: Final = 20 * DAY_MS
_JUNK: Final = ("null", "guest", "00000000", "undefined", "N/A", "-1")


def ident(kind: str, value: str, assurance: str = "asserted") -> Identifier:
    """Write one identifier as it stands on an event."""
    return {"kind": kind, "value": value, "assurance": assurance}


def device(kind: str, value: str) -> Identifier:
    """Name a device: whoever it is, it is this one, so there is nothing to assure."""
    return {"kind": kind, "value": value}


def mail_of(scene: Scene, person: Person, assurance: str = "asserted") -> Identifier:
    """Write the e-mail address as somebody typed it: sometimes in capitals, rarely the store's own or rubbish."""
    value = person.email
    luck = scene.dice.roll()
    if luck < scene.rules.junk:
        value = scene.brand.store_mail if luck < scene.rules.junk / 2 else scene.dice.pick(_JUNK)
    elif luck < scene.rules.untidy:
        value = value.title() if luck < scene.rules.untidy / 2 else f" {value} "
    return ident("email", value, assurance)


def phone_of(scene: Scene, person: Person, assurance: str = "asserted") -> Identifier:
    """Write the telephone number, sometimes with brackets and blanks or with 00 for the plus."""
    value = person.phone
    luck = scene.dice.roll()
    if luck < scene.rules.untidy:
        digits = value[1:]
        value = f"+1 ({digits[1:4]}) {digits[4:7]}-{digits[7:]}" if luck < scene.rules.untidy / 2 else f"00{digits}"
    return ident("phone", value, assurance)


def account_of(scene: Scene, person: Person) -> list[Identifier]:
    """Tell what signing in proves: the account, at times its address; without an account the address typed."""
    account = person.account_at(scene.now)
    if not account:
        return [mail_of(scene, person)]
    known = [ident("account_id", account, "authenticated")]
    if scene.dice.chance(0.4):
        known.append(mail_of(scene, person, "authenticated"))
    return known


def cookie_of(scene: Scene, person: Person, *, tablet: bool = False) -> Identifier:
    """Name the browser's cookie for this brand: cleared every twenty days; a household's tablet keeps one for all."""
    if tablet and person.tablet:
        return device("anonymous_id", f"{person.tablet}-{scene.brand.name[:2]}")
    age = (scene.now - scene.rules.start_ms) // _COOKIE_LIFE_MS
    return device("anonymous_id", f"{person.cookie}-{scene.brand.name[:2]}{age}")


def requester_of(person: Person) -> Identifier:
    """Name the customer as the ticket tool does, unique within that tool."""
    return {**ident("ticket_requester_id", person.requester), "scope": "deskwise"}


def handle_of(person: Person) -> Identifier:
    """Name the customer as a social network does, unique within it."""
    return {**ident("social_handle", f"@{person.email.partition('@')[0]}"), "scope": "square"}


def partner_ref_of(scene: Scene, person: Person) -> Identifier:
    """Name the customer as the delivery partner does, unique within that partner."""
    partner = scene.brand.courier.rpartition("/")[2]
    return {**ident("partner_customer_ref", f"{partner}-{person.requester[3:]}"), "scope": partner}
