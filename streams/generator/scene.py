"""A scene: one story of a customer being told, visit by visit, event by event, on its own clock.

Stories move `now` forward only, so that whatever a story leads to never comes before the story began. A visit is
somebody being somewhere (a browser, a kiosk, a call): it carries what all its events have in common.
"""

from typing import Final, TypeAlias

from streams.generator.brands import Brand
from streams.generator.cast import Person
from streams.generator.dice import Dice
from streams.generator.plants import LINE, TANGLED, Plant
from streams.generator.rules import MINUTE_MS, WorldRules

Event: TypeAlias = dict[str, object]
"""A native event with the field names of `schemas.wire`, ready to encode."""
Identifier: TypeAlias = dict[str, str]
_MAIL: Final = ("email", "sms")
"""What sends and receives there knows of no task."""


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
    """What somebody was after; `end` is what the story knows of its end.

    `told` says whether the events tell the task: whoever looks around tells nobody what for.
    """

    __slots__ = ("brand", "customer", "end", "journey", "task", "told")

    def __init__(self, journey: str, customer: str, brand: str, task: str, *, told: bool = True) -> None:
        self.journey = journey
        self.customer = customer
        self.brand = brand
        self.task = task
        self.told = told
        self.end = "open"


class Scene:
    """The story's clock, dice and everything told so far."""

    __slots__ = (
        "begins",
        "brand",
        "dice",
        "drafts",
        "journeys",
        "kiosk_clocks",
        "now",
        "others",
        "person",
        "plants",
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
        self.plants: list[Plant] = []

    def begin(self, task: str, *, told: bool = True) -> None:
        """From here on events belong to a new journey of this task, and tell it unless `told` is False."""
        name = self.dice.token("j-")
        self.journeys.append(Journey(name, self.person.customer, self.brand.name, task, told=told))

    def end(self, state: str) -> None:
        """Let the journey told last end like this: completed, failed or abandoned."""
        self.journeys[-1].end = state

    def wait(self, least_seconds: float, most_seconds: float) -> None:
        """Let time pass, the order of magnitude left to chance."""
        self.now += self.dice.spread(least_seconds * 1000, most_seconds * 1000)

    def last_event_id(self) -> str:
        """Answer the id of the newest event; there must be one."""
        return str(self.drafts[-1].event["event_id"])

    def plant(
        self,
        pattern: str,
        severity: str,
        evidence: list[str],
        key: dict[str, str],
        complete_at: int = 0,
        spared_by: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
    ) -> None:
        """Note a hit that the story means, see `plants.py`; complete by now unless told.

        A key of one thread is that thread, any other is a line.
        """
        kind = next(iter(key)) if len(key) == 1 else LINE
        self.plants.append(
            Plant(
                pattern=pattern,
                severity=severity,
                customer=self.person.customer,
                journey=self.journeys[-1].journey,
                evidence=evidence,
                key_kind=kind,
                key=key,
                complete_at=(complete_at or self.now) + MINUTE_MS,
                needs=list(needs),
                spared_by=list(spared_by),
                ambiguous="" if self.person.host else TANGLED,
            )
        )


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

    def tell(self, name: str, outcome: str = "none", after: float = 6.0, least: float = 0.0, **fields: object) -> str:
        """Let something happen and answer its event id: `least` seconds later, and `after` on average beyond that.

        Fields that are None are left out.
        """
        scene = self._scene
        dice = scene.dice
        scene.now = now = scene.now + 1 + int((least + dice.roll() * after * 2) * 1000)
        event_id = dice.event_id(now)
        event = self.common.copy()
        event["event_id"] = event_id
        event["name"] = name
        event["outcome"] = outcome
        event["identifiers"] = self.identifiers
        if self.threads:
            event["correlation"] = self.threads
        journey = scene.journeys[-1]
        if journey.task and journey.told and self.common["channel"] not in _MAIL:
            event["task"] = journey.task
        for field, value in fields.items():
            if value is not None:
                event[field] = value
        scene.drafts.append(Draft(event, now, journey.journey, self))
        return event_id
