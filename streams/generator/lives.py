"""The lives of a world: who begins which story when, told in the order the stories begin.

A heap holds everybody's next story; nothing else is kept of the past, so a world of any length runs in the memory of
its people and of the events still on their way.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heapreplace
from typing import Final, TypeAlias

from streams.generator import pharmacy, plots, questions, restaurant, shop, tangles
from streams.generator.brands import BRANDS
from streams.generator.cast import Person, off_clock
from streams.generator.dice import Dice
from streams.generator.letters import newsletter
from streams.generator.past import Past
from streams.generator.rules import DAY_MS, HOUR_MS, PHARMACY, RESTAURANT, SHOP, WorldRules
from streams.generator.scene import Scene

Story: TypeAlias = Callable[[Scene], None]
"""Something that happens to the scene's person; told into the scene."""

_LIFE_STREAM: Final = 2
_CLOCK_STREAM: Final = 3
_NIGHT_HOURS: Final = 7
_REPERTOIRE: Final[dict[str, tuple[tuple[float, Story], ...]]] = {
    RESTAURANT: (
        (0.27, restaurant.menu_then_kiosk),
        (0.50, restaurant.delivered_home),
        (0.67, restaurant.coupon_lunch),
        (0.75, questions.ask),
        (0.90, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
    PHARMACY: (
        (0.40, pharmacy.refill),
        (0.47, pharmacy.see_doctor),
        (0.57, pharmacy.medication_question),
        (0.66, questions.ask),
        (0.77, pharmacy.counter_visit),
        (0.90, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
    SHOP: (
        (0.25, shop.look_around),
        (0.57, shop.buy),
        (0.72, questions.ask),
        (0.87, tangles.signed_in_visit),
        (1.00, newsletter),
    ),
}
"""Each story with the share of luck up to which it is told."""


def lives(rules: WorldRules, people: list[Person], past: Past) -> Iterator[Scene]:
    """Tell every story of these people, in the order the stories begin; each is to be noted in the past."""
    dice = Dice()
    clocks = kiosk_clocks(rules)
    until = rules.start_ms + int(rules.days * DAY_MS)
    ahead = [(_first_story(rules, dice, person), index, 0) for index, person in enumerate(people)]
    heapify(ahead)
    strangers = [person for person in people if not person.talks]
    while ahead and ahead[0][0] < until:
        begins, index, number = ahead[0]
        person = people[index]
        dice.restart(rules.seed, _LIFE_STREAM, person.number, number + 1)
        heapreplace(ahead, (_next_story(rules, dice, begins), index, number + 1))
        scene = Scene(rules, dice, person, begins, _others(people, index, strangers, dice), clocks)
        _tell(scene, past)
        if scene.drafts:
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


def _others(people: list[Person], index: int, strangers: list[Person], dice: Dice) -> tuple[Person, ...]:
    """Gather the household, and for those who never ask support one stranger of the same kind.

    Nobody is mistaken for somebody with friction of their own, or the truth about it would be anybody's guess.
    """
    person = people[index]
    near = people[max(0, index - 3) : index + 4]
    family = [one for one in near if one.circle == person.circle and one is not person]
    if person.talks:
        return tuple(family)
    stranger = dice.pick(strangers)
    return (*family, stranger) if stranger is not person and stranger not in family else tuple(family)


def _tell(scene: Scene, past: Past) -> None:
    person = scene.person
    dice = scene.dice
    rules = scene.rules
    if past.is_busy(person.circle, scene.now):
        return
    if dice.chance(rules.bots):
        tangles.crawl(scene)
    elif dice.chance(rules.bots / 5):
        tangles.crawl(scene, test=True)
    if (person.host or rules.rough) and dice.chance(rules.friction):
        fitting = plots.plots_for(scene, past)
        if fitting:
            plots.play(dice.pick(fitting), scene, past)
            return
    quiet = past.is_quiet(person.circle, scene.now, scene.now + HOUR_MS)
    if person.new_card and not person.renewed and scene.now >= person.new_card_at and quiet:
        person.renewed = True
        tangles.renew_card(scene)
    elif person.account_at(scene.now) and dice.chance(0.05 if person.introduced else 0.8):
        person.introduced = True
        tangles.introduce(scene)
    elif person.card and not person.account_at(scene.now) and not person.enrolled and quiet and dice.chance(0.6):
        person.enrolled = True
        tangles.enrol(scene)
    elif person.tablet and tangles.is_household(person, scene.others) and dice.chance(0.2):
        tangles.tablet_evening(scene) if dice.chance(0.8) else tangles.wrong_account(scene)
    else:
        story = _choose(dice.roll(), scene.brand.industry)
        if story is questions.ask and not questions.may_ask(scene, past):
            story = newsletter
        if story is pharmacy.refill and past.is_left(person.circle, scene.brand.name, "refill", scene.now):
            story = pharmacy.counter_visit
        story(scene)


def _choose(luck: float, industry: str) -> Story:
    for share, story in _REPERTOIRE[industry]:
        if luck < share:
            return story
    return newsletter
