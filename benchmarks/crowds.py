"""Few people and many: the same events of the same customers, among nobody else and among a crowd that is at rest.

Everybody was invited to a survey in the day before, those whose events are measured too; that is not timed. Then the
events of one busy day of the few come in, by turns into a cluster that knows the few only and into one that knows the
many. What differs is how much state there is around what is touched.
"""

import gc
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import msgspec

from benchmarks.measures import Rounds
from benchmarks.stages import deliver, forgetful, new_cluster, taken, unread
from benchmarks.workload import INPUT, records_of
from streams.generator.cast import Person, people_of
from streams.generator.rules import DAY_MS, WorldRules
from streams.generator.world import generate, load_world
from streams.local.cluster import Cluster
from streams.local.process import calm_collector
from streams.local.replay import TICK
from streams.processor import InputRecord

TIMES = 50
"""So many times the few are the many: 500,000 of 10,000."""
EVENTS_PER_PERSON = 6
"""The events of the few that are timed."""
TURNS = 3

_encode_json = msgspec.json.Encoder().encode


def measure_crowds(few: int, seed: int, costs: Rounds) -> int:
    """Measure `few` and `many`, what the same events cost among few people and among many; gives how many are many."""
    many = few * TIMES
    _take_turns(few, many, seed, costs)
    gc.unfreeze()
    calm_collector()
    return many


def _take_turns(few: int, many: int, seed: int, costs: Rounds) -> None:
    world = load_world(few, seed)
    day = islice(generate(world), few * EVENTS_PER_PERSON)
    records = records_of([_encode_json(delivered.event) for delivered in day])
    among_few, among_many = _peopled(world, few), _peopled(world, many)
    print(f"{few:,} people, and {many:,}, are there", flush=True)
    gc.freeze()  # what is at rest need not be walked when garbage is collected before each turn
    size = -(-len(records) // TURNS)
    for turn in range(TURNS):
        part = records[turn * size : (turn + 1) * size]
        costs.measure("few", len(part), lambda part=part: _take(among_few, part))  # type: ignore[misc]
        costs.measure("many", len(part), lambda part=part: _take(among_many, part))  # type: ignore[misc]


def _peopled(world: WorldRules, people: int) -> Cluster:
    """Make a cluster that has heard once of this world's customers, and of strangers up to so many people."""
    cluster = new_cluster(unread, forgetful)
    _take(cluster, _invitations(world, people))
    cluster.tick(TICK, world.start_ms)
    cluster.drain()
    return cluster


def _take(cluster: Cluster, records: Iterable[InputRecord]) -> None:
    for batch in taken(records):
        deliver(cluster, batch)


def _invitations(world: WorldRules, people: int) -> Iterator[InputRecord]:
    """Invite everybody once, evenly over the day before the world begins."""
    known = (_known_by(person) for person in people_of(world))
    strangers = (("account_id", f"stranger-{number}") for number in range(people - world.people))
    for number, (kind, value) in enumerate(chain(known, strangers)):
        at = world.start_ms - DAY_MS + number * DAY_MS // people
        invitation = {
            "event_id": f"invitation-{number}",
            "source": "/survey/copper-kettle",
            "channel": "survey",
            "direction": "outbound",
            "brand": "copper-kettle",
            "name": "survey.invited",
            "identifiers": [{"kind": kind, "value": value, "assurance": "asserted"}],
            "occurred_at": at,
            "received_at": at,
        }
        yield InputRecord(INPUT, number, _encode_json(invitation))


def _known_by(person: Person) -> tuple[str, str]:
    return ("account_id", person.account) if person.account and not person.joins_at else ("email", person.email)
