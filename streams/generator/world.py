"""A generated world: customers of three businesses over five channels and more, told honestly and then mistreated.

`written` is what producers wrote, `generate` the order in which it arrives, `truth` who and what was behind it; all
three tell the same world for the same rules. Times are integer milliseconds since 1970 UTC, as everywhere.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, merge
from itertools import chain, count
from typing import NamedTuple

from streams.generator.cast import people_of
from streams.generator.heroes import hero_scenes, heroes_of
from streams.generator.lives import lives
from streams.generator.past import Past
from streams.generator.plants import happened
from streams.generator.rules import WorldRules, demo_world, load_world, oracle_world, tiny_world
from streams.generator.scene import Event, Scene
from streams.generator.transit import LATE, ORIGINAL, Written, send
from streams.generator.truth import chapter_facts, customer_fact
from streams.generator.verdicts import Verdict, verdicts

__all__ = [
    "Chapter",
    "Delivered",
    "WorldRules",
    "arrivals",
    "chapters",
    "decisions",
    "demo_world",
    "generate",
    "load_world",
    "oracle_world",
    "tiny_world",
    "truth",
    "written",
]


class Delivered(NamedTuple):
    """One delivery. `received_at` is when it reached the log: the event's stamp, or later if shuffled or repeated."""

    event: Event
    received_at: int


class Chapter(NamedTuple):
    """One story and what was written of it; nothing in it, nor in any later chapter, arrives before `scene.begins`."""

    scene: Scene
    written: list[Written]


def generate(rules: WorldRules) -> Iterator[Delivered]:
    """Deliver every event in the order of arrival; a redelivery is the very same event again."""
    return arrivals(chapters(rules))


def arrivals(told: Iterable[Chapter]) -> Iterator[Delivered]:
    """Put the deliveries of these chapters in the order of arrival; holds only those still on their way."""
    waiting: list[tuple[int, int, Event]] = []
    serial = count()
    for chapter in told:
        while waiting and waiting[0][0] <= chapter.scene.begins:
            yield _arrive(waiting)
        for one in chapter.written:
            for at in one.delivered_at:
                heappush(waiting, (at, next(serial), one.event))
    while waiting:
        yield _arrive(waiting)


def written(rules: WorldRules) -> Iterator[Event]:
    """List every event as written, story by story: copies under other identifiers and resent ones, not redeliveries."""
    for chapter in chapters(rules):
        for one in chapter.written:
            yield one.event


def truth(rules: WorldRules) -> Iterator[Event]:
    """Tell facts about customers, then story by story about events, journeys and the friction that was meant."""
    yield from map(customer_fact, chain(people_of(rules), heroes_of(rules)))
    for chapter in chapters(rules):
        yield from chapter_facts(chapter.scene, chapter.written)


def decisions(rules: WorldRules) -> Iterator[Verdict]:
    """List what operators decided in this world, by pair; not events, and to be fed beside them."""
    return verdicts(rules, people_of(rules))


def chapters(rules: WorldRules) -> Iterator[Chapter]:
    """Tell the world story by story, in the order stories begin, until its days or its `events_max` are over."""
    told = 0
    past = Past()
    for scene in merge(hero_scenes(rules), lives(rules, people_of(rules), past), key=lambda one: one.begins):
        copies = list(send(scene))
        told += len(copies)
        if rules.events_max and told >= rules.events_max:
            yield _cut(scene, copies[: len(copies) - (told - rules.events_max)])
            return
        lost = _lost(copies)
        scene.plants = happened(scene.plants, {str(one.event["event_id"]) for one in copies}, lost)
        past.note(scene, trusted=scene.person.host and not lost)
        yield Chapter(scene, copies)


def _arrive(waiting: list[tuple[int, int, Event]]) -> Delivered:
    at, _, event = heappop(waiting)
    return Delivered(event, at)


def _cut(scene: Scene, copies: list[Written]) -> Chapter:
    """Close a world that ends by count: the rest of the story never happened."""
    scene.drafts = scene.drafts[: sum(one.copy == ORIGINAL for one in copies)]
    scene.plants = happened(scene.plants, {str(draft.event["event_id"]) for draft in scene.drafts}, _lost(copies))
    return Chapter(scene, copies)


def _lost(copies: list[Written]) -> set[str]:
    """List the events that come too late to be touchpoints."""
    return {str(one.event["event_id"]) for one in copies if one.fate == LATE}
