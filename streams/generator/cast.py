"""The people of a world and what they are known by: accounts, cards, addresses, telephones, devices.

People come in circles: alone, or as households of two to four whose members share a tablet and, some of them, an
e-mail address, a telephone or somebody who refills for all. Addresses use reserved example domains and telephone
numbers the 555 exchange, so that nobody real is among them. The true name of a customer is `customer`; no event
carries it.
"""

from typing import Final

import msgspec

from streams.generator.brands import BRANDS, Brand
from streams.generator.dice import Dice
from streams.generator.rules import DAY_MS, HOUR_MS, MINUTE_MS, PHARMACY, WorldRules

_CAST_STREAM: Final = 1
_VERDICT_STREAM: Final = 4
_FIRST_NAMES: Final = ("ada", "bo", "cleo", "dara", "eli", "fay", "gus", "hana", "ivo", "june", "kai", "lena", "milo")
_LAST_NAMES: Final = (
    "abara",
    "brandt",
    "costa",
    "dubois",
    "eriksen",
    "farah",
    "greco",
    "hall",
    "ito",
    "jansen",
    "kaya",
)
_MAIL_DOMAINS: Final = ("example.com", "example.org", "example.net", "mail.example.com")
_AREA_CODES: Final = tuple(
    code for code in (*range(202, 210), *range(212, 220), *range(301, 310), *range(312, 322), *range(401, 411))
)
_LINES: Final = 10_000
_SILENT_CIRCLES: Final = 3
"""Every so many-th circle of people who are hard to tell apart never asks support."""
_CARD_ONLY: Final = 0.5
"""Share of guests who hold a loyalty card nevertheless."""


class Person(msgspec.Struct):
    """One customer. An empty string means: does not have one."""

    customer: str
    number: int
    circle: int
    brands: tuple[Brand, ...]
    email: str
    phone: str
    account: str = ""
    joins_at: int = 0
    """When the account is opened; before that the person is known by e-mail only."""
    card: str = ""
    new_card: str = ""
    new_card_at: int = 0
    requester: str = ""
    device: str = ""
    push: str = ""
    cookie: str = ""
    tablet: str = ""
    """The cookie of the household's tablet."""
    patients: tuple[str, ...] = ()
    analytics: bool = True
    clock_ms: int = 0
    """How far the person's own devices are ahead of the true time (behind: negative)."""
    hero: str = ""
    shares_email: bool = False
    shares_phone: bool = False
    introduced: bool = False
    enrolled: bool = False
    renewed: bool = False
    """Whether the stories of the account, of the card without one and of the new card have been told."""
    host: bool = False
    """Whether what happens to this person can be told from anybody else's, so that friction can be planted."""
    talks: bool = False
    """Whether this person ever asks support; others are the ones whom mails are forwarded to by mistake."""

    def account_at(self, now: int) -> str:
        """Answer the account, if it is open by then."""
        return self.account if now >= self.joins_at else ""

    def card_at(self, now: int) -> str:
        """Answer the loyalty card in use then."""
        return self.new_card if self.new_card and now >= self.new_card_at else self.card


def people_of(rules: WorldRules) -> list[Person]:
    """Make up everybody but the heroes, circle by circle; a circle depends on the seed and its own number only."""
    dice = Dice()
    people: list[Person] = []
    circle = 0
    household_share = _household_share(rules.shared_devices)
    while len(people) < rules.people:
        dice.restart(rules.seed, _CAST_STREAM, circle)
        size = dice.between(2, 4) if dice.chance(household_share) else 1
        members = [_person(rules, dice, rules.first_person + len(people) + offset, circle) for offset in range(size)]
        if size > 1:
            _share(rules, dice, members)
        for member in members:
            member.host = size == 1 and _is_clear(member) and not is_decided(rules, dice, member.number)
            member.talks = member.host or circle % _SILENT_CIRCLES > 0
        people.extend(members)
        circle += 1
    return people[: rules.people]


def is_decided(rules: WorldRules, dice: Dice, number: int) -> bool:
    """Draw whether operators decide about this person; the dice go on to say what."""
    dice.restart(rules.seed, _VERDICT_STREAM, number)
    return dice.chance(rules.splits)


def off_clock(rules: WorldRules, dice: Dice) -> int:
    """Draw how far a device's clock is off: for most not at all, for some three minutes to three days either way."""
    if not dice.chance(rules.bad_clocks):
        return 0
    return dice.spread(3 * MINUTE_MS, 3 * DAY_MS) * (1 if dice.chance(0.5) else -1)


def _is_clear(person: Person) -> bool:
    """Tell whether an account names this person from the first day on."""
    return bool(person.account) and not person.joins_at and person.analytics


def _household_share(shared_devices: float) -> float:
    """Work out the share of circles that are households, so that tablets are this share of devices.

    A household has three members on average, each with two devices of their own, and one tablet.
    """
    members = min(0.95, 6 * shared_devices)
    return members / (3 - 2 * members)


def _person(rules: WorldRules, dice: Dice, number: int, circle: int) -> Person:
    first, last = dice.pick(_FIRST_NAMES), dice.pick(_LAST_NAMES)
    span = int(rules.days * DAY_MS)
    person = Person(
        customer=f"customer-{number:06d}",
        number=number,
        circle=circle,
        brands=_brands(rules, dice),
        email=f"{first}.{last}{number}@{dice.pick(_MAIL_DOMAINS)}",
        phone=_phone(number),
        account=dice.token("acct-"),
        requester=dice.token("rq-"),
        device=dice.token("inst-"),
        push=dice.token("apns-") if dice.chance(0.4) else "",
        cookie=dice.token("ck-"),
        analytics=not dice.chance(rules.no_consent),
        clock_ms=off_clock(rules, dice),
    )
    fate = dice.roll()
    if fate < rules.guests:
        person.account = person.device = person.push = ""
    elif fate < rules.guests + rules.joins:
        person.joins_at = rules.start_ms + int(span * (0.1 + 0.8 * dice.roll()))
    _give_card(rules, dice, person, span)
    if any(brand.industry == PHARMACY for brand in person.brands):
        person.patients = (dice.token("pt-"),)
    return person


def _brands(rules: WorldRules, dice: Dice) -> tuple[Brand, ...]:
    first = dice.pick(rules.industries)
    second = dice.pick(rules.industries) if dice.chance(0.25) else first
    return tuple(BRANDS[industry] for industry in dict.fromkeys((first, second)))


def _phone(number: int) -> str:
    area = _AREA_CODES[number % len(_AREA_CODES)]
    line = (number // len(_AREA_CODES) * 7919 + 143) % _LINES
    return f"+1{area}555{line:04d}"


def _give_card(rules: WorldRules, dice: Dice, person: Person, span: int) -> None:
    if not dice.chance(0.6 if person.account else _CARD_ONLY):
        return
    person.card = dice.token("card-")
    if dice.chance(rules.reissued_cards):
        person.new_card = dice.token("card-")
        person.new_card_at = rules.start_ms + int(span * dice.roll()) + HOUR_MS


def _share(rules: WorldRules, dice: Dice, members: list[Person]) -> None:
    tablet = dice.token("tab-")
    for member in members:
        member.tablet = tablet
    first = members[0]
    if dice.chance(rules.households):
        for member in members[: dice.between(2, len(members))]:
            member.email, member.shares_email = first.email, True
    if dice.chance(rules.households):
        for member in members[: dice.between(2, len(members))]:
            member.phone, member.shares_phone = first.phone, True
    if first.patients and dice.chance(rules.caregivers):
        others = tuple(patient for member in members[1:] for patient in (member.patients or (dice.token("pt-"),)))
        first.patients += others
