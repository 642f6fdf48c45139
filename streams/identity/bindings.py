"""Bindings: when two strong identifiers were seen together on one event, and when each sighting was received.

Edges are never forgotten. They are a set; of one pair seen twice at one time the least received time is kept.
"""

from collections.abc import Iterable, Iterator

from schemas.identifiers import Ident
from streams.identity.rules import HOUR_MS

Pair = tuple[Ident, Ident]
"""Two identifiers, the smaller (stronger) first."""


class Bindings:
    """All pairs of one cluster, each with the times at which it was bound: {pair: {hour: {time: least received}}}."""

    __slots__ = ("_steps", "hours")

    def __init__(self) -> None:
        self.hours: dict[Pair, dict[int, dict[int, int]]] = {}
        self._steps: dict[Pair, tuple[tuple[int, int], ...]] = {}

    def sightings(self, pair: Pair) -> Iterator[tuple[int, int]]:
        """Every (time, least received) of a pair."""
        for times in self.hours[pair].values():
            yield from times.items()

    def add(self, pair: Pair, time: int, received: int) -> bool | None:
        """Add one sighting. None: nothing new; True: the pair is new or is now seen first at another time."""
        hours = self.hours.get(pair)
        if hours is None:
            self.hours[pair] = {time // HOUR_MS: {time: received}}
            return True
        times = hours.setdefault(time // HOUR_MS, {})
        known = times.get(time)
        if known is not None and known <= received:
            return None
        times[time] = received
        steps = self._steps.get(pair)
        if steps is not None and _is_dominated(steps, time, received):
            return False
        self._steps.pop(pair, None)
        return steps is None or self.steps(pair) != steps

    def steps(self, pair: Pair) -> tuple[tuple[int, int], ...]:
        """How the first sighting improves with what has been received.

        ((received, first seen), ...), both ends improving.

        Seen from a cut in received time, the pair exists from the first step on, and is first seen at the last step
        before.
        """
        steps = self._steps.get(pair)
        if steps is None:
            steps = self._steps[pair] = tuple(_improvements(self.sightings(pair)))
        return steps

    def first_seen(self, pair: Pair, cut: int | None) -> int | None:
        """When the pair was first seen, going by what was received up to `cut` (None: all); None if not at all."""
        steps = self.steps(pair)
        if cut is None:
            return steps[-1][1]
        seen: int | None = None
        for received, time in steps:
            if received > cut:
                break
            seen = time
        return seen

    def latest_step(self) -> int:
        """The received time after which no first sighting changed any more."""
        return max((self.steps(pair)[-1][0] for pair in self.hours), default=-1)


def _improvements(items: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    best: int | None = None
    for received, time in sorted((received, time) for time, received in items):
        if best is None or time < best:
            best = time
            yield received, time


def _is_dominated(steps: tuple[tuple[int, int], ...], time: int, received: int) -> bool:
    return any(r <= received and t <= time for r, t in steps)
