"""The floor: the log time nobody is behind, and before which nobody has letters on their way.

On a broker nobody sees all queues at once. So each partition tells all others how far it is; then how far the slowest
is that it has heard of; then how far the slowest of those is; and so on, `HOPS` times. What it tells follows its own
letters in the log. When the last of these passes a time, every letter that evidence before it caused within `HOPS` hops
has been read by everybody. Longer chains, of pointers and mergers, are covered by the slack of 6 h.

Not all partitions hear of a floor at once. One that has not heard of it yet may still hand a person over whose oldest
touchpoints another has forgotten. So what they count for is taken until everybody is known to have come to the floor,
and to have handed over what they did before: as many hops again.
"""

from collections.abc import Iterable
from typing import Final

from schemas.evidence import Progress
from streams.identity.rules import HOUR_MS

HOPS: Final = 8
LEVELS: Final = 2 * HOPS
GRAIN_MS: Final = 12 * HOUR_MS
"""What is told moves by so much: who forgets a day's touchpoints in two goes has less to do than in twenty-four."""


class Floors:
    """What one partition has heard of all, itself included."""

    __slots__ = ("_heard", "_partition", "_partitions", "_told")

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition = partition
        self._partitions = partitions
        self._heard: dict[int, tuple[int, ...]] = {}
        self._told: tuple[int, ...] = ()

    def hear(self, progress: Progress) -> None:
        """Take what a partition told; of two words the greater holds."""
        # A release before told fewer levels.
        levels = progress.levels + (0,) * (LEVELS - len(progress.levels))
        self._heard[progress.partition] = tuple(map(max, self._heard.get(progress.partition, levels), levels))

    def tell(self, log_time: int) -> Progress | None:
        """Say what is to be told now; None where nothing is new."""
        level = log_time // GRAIN_MS * GRAIN_MS
        levels = [level]
        for hop in range(LEVELS - 1):
            level = min(level, self._least(hop))
            levels.append(level)
        told = tuple(levels)
        if told == self._told:
            return None
        self._told = told
        return Progress(self._partition, told)

    @property
    def floor(self) -> int:
        """Milliseconds; 0 until everybody has been heard of."""
        return self._least(HOPS - 1)

    @property
    def common_floor(self) -> int:
        """The floor that everybody has come to, and before which nobody hands anything over any more; milliseconds."""
        return self._least(LEVELS - 1)

    def dump(self) -> tuple[Progress, ...]:
        """Everything heard, in order of partition."""
        return tuple(Progress(number, levels) for number, levels in sorted(self._heard.items()))

    def load(self, heard: Iterable[Progress]) -> None:
        """Go on from what was heard before."""
        for progress in heard:
            self.hear(progress)

    def _least(self, hop: int) -> int:
        if len(self._heard) < self._partitions:
            return 0
        return min(levels[hop] for levels in self._heard.values())
