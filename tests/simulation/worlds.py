"""Small generated worlds, and what must come of them: by the oracle, and by the driver without a broker."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from schemas.evidence import Decision
from streams.generator.world import WorldRules, arrivals, chapters, decisions, oracle_world, tiny_world
from streams.kafka.loading import Loaded
from streams.settings_kafka import KafkaSettings
from tests.oracle.__main__ import by_batch
from tests.oracle.compare import Difference, compare
from tests.oracle.evidence import rulings
from tests.oracle.published import published
from tests.oracle.shape import Tables
from tests.oracle.tables import Oracle
from tests.support.engine import run_engine

WORLDS: Final = 40
EVENTS: Final = (120, 220, 420)
AFTERWARDS_MS: Final = 365 * 24 * 3_600_000
INPUTS: Final = KafkaSettings().inputs


class World(msgspec.Struct, frozen=True):
    """Events in order of arrival, operators' decisions, what the oracle says, and where the local driver differs."""

    events: list[Loaded]
    decisions: list[Decision]
    tables: Tables
    apart: list[Difference]

    @property
    def drained_at(self) -> int:
        """The log time (ms) that has passed whatever is awaited."""
        return max(event.received_at for event in self.events) + AFTERWARDS_MS


@lru_cache(maxsize=WORLDS)
def world_of(number: int) -> World:
    """Tell a world: of three one of everyday trouble, else one where everybody is in each other's way."""
    seed, everyday = divmod(number % WORLDS, 3)
    rules = oracle_world(EVENTS[seed % 3], seed + 1) if everyday == 0 else tiny_world(number % WORLDS)
    events = list(loaded(rules))
    ruled = list(decided(rules))
    tables = by_batch(rules)
    local = published(run_engine([event.value for event in events], ruled).tables)
    return World(events, ruled, tables, compare(local, tables))


def loaded(rules: WorldRules) -> Iterator[Loaded]:
    """Tell the events of a world as they are loaded, in order of arrival."""
    for event, received_at in arrivals(chapters(rules)):
        topic = f"{event['channel']}.events"
        value = msgspec.json.encode(event)
        yield Loaded(topic if topic in INPUTS else "support.events", value[20:30], value, received_at)


def decided(rules: WorldRules) -> Iterator[Decision]:
    """Tell what operators decided, as evidence."""
    for one in rulings([msgspec.to_builtins(verdict) for verdict in decisions(rules)], Oracle().reader):
        yield Decision(one.pair, one.decided_at, one.decision_id, "split" if one.split else "allow", "", "")
