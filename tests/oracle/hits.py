"""What all patterns share: a person's life as they see it, hits, lines, runs and contacts (rules.md 8)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Protocol, TypeVar

import msgspec

from schemas.identifiers import RANKS, Ident, Kind, PersonId, derived_id
from tests.oracle.journeys import Journey, is_contact
from tests.oracle.wire import Event

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
LATENESS = 15 * MINUTE
REDIALLED = 5 * MINUTE
EVIDENCE_END = 10
"""How many of the first and of the last touchpoints are shown where there are more than twice as many."""
WEIGHTS = {"info": 0.03, "low": 0.08, "medium": 0.20, "high": 0.40, "critical": 0.65}
AT_RISK = ("revenue", "at_risk")


class Life(msgspec.Struct, frozen=True):
    """One person's shown touchpoints in order, their journeys, and the instant it is seen from."""

    held: list[Event]
    journeys: list[Journey]
    as_of: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One hit of a key. `head` describes it; brand and task are the head's but where a journey's stand for them."""

    pattern: str
    key: bytes
    severity: str
    confidence: float
    head: Event
    evidence: list[Event]
    detected_at: int
    channel_to: str = ""
    brand: str
    task: str
    journey_id: str = ""

    @property
    def weight(self) -> float:
        """What it weighs in scores."""
        return WEIGHTS[self.severity] * self.confidence

    @property
    def at_risk(self) -> tuple[int, str]:
        """The greatest revenue or amount at risk of its evidence and its currency; of equal ones the first."""
        told = [(-one.amount_minor, one.currency) for one in self.evidence if one.value_kind in AT_RISK]
        amount, currency = min(told, default=(0, ""))
        return -amount, currency

    @property
    def path(self) -> tuple[str, ...]:
        """Its evidence as shown, in hex."""
        keys = tuple(one.key.hex() for one in self.evidence)
        return keys if len(keys) <= 2 * EVIDENCE_END else keys[:EVIDENCE_END] + keys[-EVIDENCE_END:]

    def id_of(self, person_id: PersonId) -> str:
        """Name this hit of a person."""
        return derived_id(person_id.encode(), self.pattern.encode(), self.key.hex().encode())


def in_order(*several: Iterable[Event]) -> list[Event]:
    """Put touchpoints in order, each once."""
    return sorted({one.key: one for held in several for one in held}.values(), key=lambda one: one.order)


class Item(Protocol):
    """What lines are made of: touchpoints, or failures."""

    @property
    def key(self) -> bytes:
        """The touchpoint key that names a line which it begins."""

    @property
    def event_time(self) -> int:
        """When it happened."""


Each = TypeVar("Each", bound=Item)


def gather(
    items: Iterable[Each],
    thread: Callable[[Each], bytes | None],
    share: Callable[[Each], object | None],
    width: Callable[[Each], int],
    ends: Callable[[Each], bool] = lambda _: False,
) -> dict[bytes, list[Each]]:
    """Gather items in order by their thread, else in lines of what they share; what has neither is left out."""
    keyed: dict[bytes, list[Each]] = defaultdict(list)
    lines: dict[object, tuple[bytes, int]] = {}
    for item in items:
        name = thread(item)
        shared = None if name is not None else share(item)
        if name is None and shared is None:
            continue
        if name is None:
            name, newest = lines.pop(shared, (item.key, item.event_time))
            if item.event_time - newest > width(item):
                name = item.key
            if not ends(item):
                lines[shared] = (name, item.event_time)
        keyed[name].append(item)
    return keyed


def threadless(_: Event) -> None:
    """Tell that items of this pattern stand in lines only."""


def thread(one: Event, *kinds: Kind) -> Ident | None:
    """Pick the smallest thread of the first of these kinds that a touchpoint has."""
    for kind in kinds:
        found = [key for key in one.threads if key[0] == RANKS[kind]]
        if found:
            return min(found)
    return None


def runs(items: list[Event], pause: int) -> list[list[Event]]:
    """Cut items in order wherever one comes more than `pause` ms after the one before; runs of two or more."""
    found = [items[:1]]
    for before, one in pairwise(items):
        if one.event_time - before.event_time > pause:
            found.append([])
        found[-1].append(one)
    return [run for run in found if len(run) > 1]


def fails(one: Event) -> bool:
    """Tell whether a touchpoint failed, and not by its user's fault."""
    return one.outcome == "failed" or one.error_class in ("system", "network", "third_party")


def fresh_contacts(held: list[Event]) -> Iterator[Event]:
    """List contacts that nobody asked for and that are not the same call dialled again."""
    dropped_at: int | None = None
    for one in held:
        again = dropped_at is not None and one.event_time - dropped_at <= REDIALLED
        if is_contact(one) and not one.told.requested_by_agent and not again:
            yield one
        if one.told.dropped:
            dropped_at = one.event_time
