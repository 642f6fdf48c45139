"""The world of a round: what is loaded, and what the oracle says of it. Made in a process of its own."""

from collections import deque
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

import msgspec

from schemas.evidence import Decision
from streams.generator.world import WorldRules, arrivals, chapters, decisions, oracle_world
from tests.oracle.__main__ import by_batch
from tests.oracle.evidence import rulings
from tests.oracle.shape import Tables
from tests.oracle.tables import Oracle

REPEATS: Final = 0.02
"""This share of the records is loaded once more, a little later; redeliveries of the world itself come on top."""
REPEATED_AMONG: Final = 50
CHANNELS: Final = ("web", "app", "kiosk", "support", "email")
AFTERWARDS_MS: Final = 365 * 24 * 3_600_000
"""So long after the newest event log time has passed everything that is awaited."""
KEY_BYTES: Final = slice(20, 30)


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """An event as it is loaded: its channel, the key it travels with, its bytes, when it was received (ms)."""

    channel: str
    key: bytes
    value: bytes
    received_at: int


class World(msgspec.Struct, frozen=True):
    """Deliveries in order of receipt, operators' decisions, and the tables that must come of them."""

    deliveries: list[Delivery]
    decisions: list[Decision]
    tables: Tables

    @property
    def drained_at(self) -> int:
        """The log time (ms) that has passed whatever is awaited."""
        return max(delivery.received_at for delivery in self.deliveries) + AFTERWARDS_MS

    @property
    def rows(self) -> int:
        """How many rows there are to compare."""
        return sum(map(len, self.tables.values()))


def make_world(events: int, seed: int) -> World:
    """Tell a world of so many events, as written, and ask the oracle what must come of it."""
    rules = oracle_world(events, seed)
    return World(list(_repeated(_deliveries(rules), Random(seed))), list(_decisions(rules)), by_batch(rules))


def _deliveries(rules: WorldRules) -> Iterator[Delivery]:
    for event, received_at in arrivals(chapters(rules)):
        told = str(event["channel"])
        channel = told if told in CHANNELS else "support"
        value = msgspec.json.encode(event)
        yield Delivery(channel, told.encode() + value[KEY_BYTES], value, received_at)


def _repeated(deliveries: Iterable[Delivery], draw: Random) -> Iterator[Delivery]:
    recent: deque[Delivery] = deque(maxlen=REPEATED_AMONG)
    for delivery in deliveries:
        yield delivery
        recent.append(delivery)
        if draw.random() < REPEATS:
            yield draw.choice(recent)


def _decisions(rules: WorldRules) -> Iterator[Decision]:
    for ruling in rulings([msgspec.to_builtins(verdict) for verdict in decisions(rules)], Oracle().reader):
        verdict = "split" if ruling.split else "allow"
        yield Decision(ruling.pair, ruling.decided_at, ruling.decision_id, verdict, "", "")
