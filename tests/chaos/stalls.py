"""How long others stand still when a worker dies: the longest time without a commit while something waits."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from streams.kafka.names import Place
from tests.chaos.gauge import Sight

WATCHED_SECONDS: Final = 12.0


class Death(msgspec.Struct, frozen=True):
    """A worker died at an instant (seconds of the loop's clock), owning these partitions of the stitcher."""

    at: float
    owned: frozenset[int]


def worst_stall(death: Death, sights: Sequence[Sight], evidence: Collection[Place]) -> float:
    """Seconds without progress of some partition of evidence, owned by another, after a death while records waited."""
    seen = [sight for sight in sights if death.at - 1 <= sight.at <= death.at + WATCHED_SECONDS]
    return max((_stall(place, seen) for place in evidence if place[1] not in death.owned), default=0.0)


def _stall(place: Place, sights: Sequence[Sight]) -> float:
    worst, since = 0.0, None
    for before, now in pairwise(sights):
        moved = now.committed.get(place, 0) > before.committed.get(place, 0)
        waits = before.ends[place] > before.committed.get(place, 0)
        if moved or not waits:
            since = None
        else:
            since = before.at if since is None else since
            worst = max(worst, now.at - since)
    return worst
