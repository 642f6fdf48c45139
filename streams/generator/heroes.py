"""Three named customers whose days cross every channel, for demonstrations: one for each business.

Mara's card is declined at a kiosk, and after a chat the till takes it; the link in the mail that says sorry is broken,
and her dinner comes late without a word. Jonas's refill portal refuses and he calls before he can fetch it; he asks
again and again, and is told a time that does not hold. Ines hops from web to app to the till until she gets what she
wants, and then keeps looking where her parcel is.
"""

from collections.abc import Callable
from typing import Final

from msgspec import structs

from streams.generator import (
    pharmacy,
    plots_channels,
    plots_contact,
    plots_orders,
    plots_tills,
    restaurant,
    shop,
    tangles,
)
from streams.generator.brands import FOLD, KETTLE, LINDEN
from streams.generator.cast import Person
from streams.generator.dice import Dice
from streams.generator.rules import HOUR_MS, WorldRules
from streams.generator.scene import Scene

_HERO_STREAM: Final = 5

MARA: Final = "mara.lindqvist@example.com"
JONAS: Final = "jonas.okafor@example.com"
INES: Final = "ines.duarte@example.org"


def heroes_of(rules: WorldRules) -> list[Person]:
    """Make up the heroes, if the world has them; made anew for each telling, as people change while told."""
    if not rules.heroes:
        return []
    return [
        _mara(rules.people + 1),
        _jonas(rules.people + 2),
        _ines(rules.people + 3, rules.start_ms + 8 * HOUR_MS),
    ]


def hero_scenes(rules: WorldRules) -> list[Scene]:
    """Tell everything the heroes live through, in the order the stories begin.

    Their events arrive in time and under their own names, so that the stories can be shown.
    """
    if not rules.heroes:
        return []
    mara, jonas, ines = heroes_of(rules)
    calm = structs.replace(rules, delayed=0.0, late=0.0, reidentified=0.0, resent=0.0, junk=0.0, observed=0.0)
    plot: list[tuple[Person, float, Callable[[Scene], None]]] = [
        (mara, 7.5, _introduce),
        (mara, 8.5, lambda scene: restaurant.look_at_menu(scene, mara)),
        (mara, 9.0, plots_contact.kiosk_then_till),
        (mara, 34.0, lambda scene: plots_tills.link_broken(scene, "ck-we-are-sorry")),
        (mara, 42.5, plots_orders.slip_in_silence),
        (jonas, 7.0, _introduce),
        (jonas, 8.0, lambda scene: plots_contact.refill_then_ask(scene, calls=True, fetched=True)),
        (jonas, 38.0, plots_contact.ask_again),
        (jonas, 50.0, pharmacy.medication_question),
        (jonas, 58.0, plots_orders.refill_not_ready),
        (ines, 7.0, shop.look_around),
        (ines, 8.5, _introduce),
        (ines, 9.0, lambda scene: plots_channels.hop_with_failure(scene, arrives=True, to_till=True)),
        (ines, 36.0, lambda scene: plots_orders.look_and_look(scene, asks=True)),
    ]
    scenes = []
    for number, (person, hours, story) in enumerate(sorted(plot, key=lambda one: one[1])):
        scene = Scene(calm, Dice(rules.seed, _HERO_STREAM, number), person, rules.start_ms + int(hours * HOUR_MS))
        story(scene)
        scenes.append(scene)
    return scenes


def _introduce(scene: Scene) -> None:
    """Link everything a hero is known by."""
    tangles.introduce(scene, fully=True)


def _mara(number: int) -> Person:
    return Person(
        customer="hero-mara",
        hero="Mara Lindqvist",
        host=True,
        talks=True,
        number=number,
        circle=-1,
        brands=(KETTLE,),
        email=MARA,
        phone="+19175550101",
        account="acct-mara-0001",
        card="card-mara-0001",
        requester="rq-mara-0001",
        device="inst-mara-0001",
        push="apns-mara-0001",
        cookie="ck-mara-0001",
    )


def _jonas(number: int) -> Person:
    return Person(
        customer="hero-jonas",
        hero="Jonas Okafor",
        host=True,
        talks=True,
        number=number,
        circle=-2,
        brands=(LINDEN,),
        email=JONAS,
        phone="+19175550102",
        account="acct-jonas-0001",
        card="card-jonas-0001",
        requester="rq-jonas-0001",
        device="inst-jonas-0001",
        cookie="ck-jonas-0001",
        patients=("pt-jonas-0001", "pt-jonas-mother"),
    )


def _ines(number: int, joins_at: int) -> Person:
    return Person(
        customer="hero-ines",
        hero="Ines Duarte",
        host=True,
        talks=True,
        number=number,
        circle=-3,
        brands=(FOLD,),
        email=INES,
        phone="+19175550103",
        account="acct-ines-0001",
        joins_at=joins_at,
        requester="rq-ines-0001",
        device="inst-ines-0001",
        cookie="ck-ines-0001",
    )
