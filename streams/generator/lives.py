"""The lives of a world: who begins which story when, told in the order the stories begin.

A heap holds everybody's next story; nothing else is kept of the past, so a world of any length runs in the memory of
its people and of the events still on their way.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heapreplace
from typing import Final, TypeAlias

from streams.generator import pharmacy, restaurant, shop, tangles
from streams.generator.brands import BRANDS
from streams.generator.cast import Person, off_clock
from streams.generator.dice import Dice
from streams.generator.letters import newsletter
from streams.generator.rules import DAY_MS, HOUR_MS, PHARMACY, RESTAURANT, SHOP, WorldRules
from streams.generator.scene import Scene

Story: TypeAlias = Callable[[Scene], None]
"""Something that happens to the scene's person; told into the scene."""

_LIFE_STREAM: Final = 2
_CLOCK_STREAM: Final = 3
_NIGHT_HOURS: Final = 7
_REPERTOIRE: Final[dict[str, tuple[tuple[float, Story], ...]]] = {
    RESTAURANT: (
        (0.30, restaurant.menu_then_kiosk),
        (0.55, restaurant.delivered_home),
        (0.75, restaurant.coupon_lunch),
        (0.90, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
    PHARMACY: (
        (0.45, pharmacy.refill),
        (0.53, pharmacy.see_doctor),
        (0.63, pharmacy.medication_question),
        (0.75, pharmacy.counter_visit),
        (0.90, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
    SHOP: (
        (0.25, shop.look_around),
        (0.60, shop.buy),
        (0.70, shop.ask_first),
        (0.85, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
}
"""Each story with the share of luck up to which it is told."""


def lives(rules: WorldRules, people: list[Person]) -> Iterator[Scene]:
    """Tell every story of these people, in the order the stories begin."""
    dice = Dice()
    clocks = kiosk_clocks(rules)
    until = rules.start_ms + int(rules.days * DAY_MS)
    ahead = [(_first_story(rules, dice, person), index, 0) for index, person in enumerate(people)]
    heapify(ahead)
    while ahead and ahead[0][0] < until:
        begins, index, number = ahead[0]
        person = people[index]
        dice.restart(rules.seed, _LIFE_STREAM, person.number, number + 1)
        heapreplace(ahead, (_next_story(rules, dice, begins), index, number + 1))
        scene = Scene(rules, dice, person, begins, _others(people, index, dice), clocks)
        _tell(scene)
        yield scene


def kiosk_clocks(rules: WorldRules) -> dict[str, int]:
    """Draw how far each kiosk's clock is off, by the source it reports as; right ones are left out."""
    dice = Dice(rules.seed, _CLOCK_STREAM)
    clocks: dict[str, int] = {}
    for brand in BRANDS.values():
        for place in brand.places:
            for terminal in place.terminals:
                off = off_clock(rules, dice)
                if off:
                    clocks[f"/kiosk/{place.location_id}/{terminal}"] = off
    return clocks


def _first_story(rules: WorldRules, dice: Dice, person: Person) -> int:
    dice.restart(rules.seed, _LIFE_STREAM, person.number, 0)
    return rules.start_ms + int(dice.roll() * DAY_MS / rules.stories_per_day)


def _next_story(rules: WorldRules, dice: Dice, begins: int) -> int:
    """Draw a gap of 0.2 to 1.8 times the mean; what would fall into the night waits for the morning."""
    at = begins + int((0.2 + 1.6 * dice.roll()) * DAY_MS / rules.stories_per_day)
    hour = at % DAY_MS // HOUR_MS
    return at + _NIGHT_HOURS * HOUR_MS if hour < _NIGHT_HOURS else at


def _others(people: list[Person], index: int, dice: Dice) -> tuple[Person, ...]:
    person = people[index]
    near = people[max(0, index - 3) : index + 4]
    family = [one for one in near if one.circle == person.circle and one is not person]
    stranger = people[int(dice.roll() * len(people))]
    return (*family, stranger) if stranger is not person and stranger not in family else tuple(family)


def _tell(scene: Scene) -> None:
    person = scene.person
    dice = scene.dice
    rules = scene.rules
    if dice.chance(rules.bots):
        tangles.crawl(scene)
    elif dice.chance(rules.bots / 5):
        tangles.crawl(scene, test=True)
    if person.new_card and not person.renewed and scene.now >= person.new_card_at:
        person.renewed = True
        tangles.renew_card(scene)
    elif person.account_at(scene.now) and dice.chance(0.05 if person.introduced else 0.8):
        person.introduced = True
        tangles.introduce(scene)
    elif person.card and not person.account_at(scene.now) and not person.enrolled and dice.chance(0.6):
        person.enrolled = True
        tangles.enrol(scene)
    elif person.tablet and tangles.is_household(person, scene.others) and dice.chance(0.2):
        tangles.tablet_evening(scene) if dice.chance(0.8) else tangles.wrong_account(scene)
    else:
        _choose(dice.roll(), scene.brand.industry)(scene)


def _choose(luck: float, industry: str) -> Story:
    for share, story in _REPERTOIRE[industry]:
        if luck < share:
            return story
    return newsletter
