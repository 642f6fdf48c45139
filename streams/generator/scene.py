"""A scene: one story of a customer being told, visit by visit, event by event, on its own clock.

Stories move `now` forward only, so that whatever a story leads to never comes before the story began. A visit is
somebody being somewhere (a browser, a kiosk, a call): it carries what all its events have in common.
"""

from typing import NamedTuple, TypeAlias

from streams.generator.brands import Brand
from streams.generator.cast import Person
from streams.generator.dice import Dice
from streams.generator.rules import WorldRules

Event: TypeAlias = dict[str, object]
"""A native event with the field names of `schemas.wire`, ready to encode."""
Identifier: TypeAlias = dict[str, str]


class Draft:
    """An event as it happened, before anything befell it on its way."""

    __slots__ = ("at", "event", "identifiers", "journey", "visit")

    def __init__(self, event: Event, at: int, journey: str, visit: "Visit") -> None:
        self.event = event
        self.at = at
        self.journey = journey
        self.visit = visit
        self.identifiers = visit.identifiers


class Journey:
    """What somebody was after; `end` is what the story knows of its end."""

    __slots__ = ("brand", "customer", "end", "journey", "task")

    def __init__(self, journey: str, customer: str, brand: str, task: str) -> None:
        self.journey = journey
        self.customer = customer
        self.brand = brand
        self.task = task
        self.end = "open"


class Friction(NamedTuple):
    """Friction that a story meant: the ids of its events, and the thread or task that names it."""

    pattern: str
    severity: str
    customer: str
    journey: str
    evidence: list[str]
    key: dict[str, str]


class Scene:
    """The story's clock, dice and everything told so far."""

    __slots__ = (
        "begins",
        "brand",
        "dice",
        "drafts",
        "frictions",
        "journeys",
        "kiosk_clocks",
        "now",
        "others",
        "person",
        "rules",
    )

    def __init__(
        self,
        rules: WorldRules,
        dice: Dice,
        person: Person,
        now: int,
        others: tuple[Person, ...] = (),
        kiosk_clocks: dict[str, int] | None = None,
    ) -> None:
        self.rules = rules
        self.dice = dice
        self.person = person
        self.brand: Brand = dice.pick(person.brands)
        self.begins = now
        self.now = now
        self.others = others
        """The rest of the household, then one stranger."""
        self.kiosk_clocks = kiosk_clocks if kiosk_clocks is not None else {}
        self.drafts: list[Draft] = []
        self.journeys: list[Journey] = [Journey("", "", "", "")]
        self.frictions: list[Friction] = []

    def begin(self, task: str) -> None:
        """From here on events belong to a new journey of this task."""
        self.journeys.append(Journey(self.dice.token("j-"), self.person.customer, self.brand.name, task))

    def end(self, state: str) -> None:
        """Let the journey told last end like this: completed, failed or abandoned."""
        self.journeys[-1].end = state

    def wait(self, least_seconds: float, most_seconds: float) -> None:
        """Let time pass, the order of magnitude left to chance."""
        self.now += self.dice.spread(least_seconds * 1000, most_seconds * 1000)

    def friction(self, pattern: str, severity: str, evidence: list[str], **key: str) -> None:
        """Note friction that the story meant: `evidence` are event ids, `key` names its thread."""
        customer, journey = self.person.customer, self.journeys[-1].journey
        self.frictions.append(Friction(pattern, severity, customer, journey, evidence, key))


class Visit:
    """Somebody being somewhere: `common` stands on each event, `identifiers` are what is known of them so far.

    `customer` is who they are. `clock_ms` is how far the producer's clock is ahead, `stamped` whether it writes
    `sent_at`.
    """

    __slots__ = ("_scene", "clock_ms", "common", "customer", "identifiers", "stamped", "threads")

    def __init__(
        self, scene: Scene, customer: str, common: Event, identifiers: list[Identifier], clock_ms: int, stamped: bool
    ) -> None:
        self._scene = scene
        self.customer = customer
        self.common = common
        self.identifiers = identifiers
        self.threads: dict[str, str] = {}
        self.clock_ms = clock_ms
        self.stamped = stamped

    def know(self, *identifiers: Identifier) -> None:
        """From here on the visit's events carry these identifiers too."""
        known = {(one["kind"], one["value"]) for one in self.identifiers}
        self.identifiers = self.identifiers + [one for one in identifiers if (one["kind"], one["value"]) not in known]

    def forget(self) -> None:
        """From here on only devices are known: somebody signed out."""
        self.identifiers = [one for one in self.identifiers if one["kind"] in ("device_id", "anonymous_id")]

    def about(self, **threads: str) -> None:
        """From here on the visit's events are about this order, cart, case too."""
        self.threads = {**self.threads, **threads}

    def tell(self, name: str, outcome: str = "none", after: float = 6.0, **fields: object) -> str:
        """Let something happen, `after` seconds later on average (at most twice that), and answer its event id."""
        scene = self._scene
        dice = scene.dice
        scene.now = now = scene.now + 1 + int(dice.roll() * after * 2000)
        event_id = dice.event_id(now)
        event = self.common.copy()
        event["event_id"] = event_id
        event["name"] = name
        event["outcome"] = outcome
        event["identifiers"] = self.identifiers
        if self.threads:
            event["correlation"] = self.threads
        journey = scene.journeys[-1]
        if journey.task:
            event["task"] = journey.task
        if fields:
            event.update(fields)
        scene.drafts.append(Draft(event, now, journey.journey, self))
        return event_id
