"""The floor: nothing that is still on its way to a partition, within so many hops, is older than what it forgets by."""

from collections import deque
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.evidence import Progress
from streams.kafka.stitcher.floors import GRAIN_MS, HOPS, Floors

HOUR_MS = 3_600_000
Letter = tuple[int, int]
"""The log time of the evidence that caused it, and how many hops it will have made when it is read."""


class Place:
    """A partition: its evidence, the letters others wrote for it, how far it is, and what it heard."""

    def __init__(self, number: int, partitions: int, evidence: list[int]) -> None:
        self.floors = Floors(number, partitions)
        self.evidence = deque(sorted(evidence))
        self.queue: deque[Letter | Progress] = deque()
        self.log_time = 0


class Town:
    """Partitions that take turns at random, as their transactions do."""

    def __init__(self, seed: int, partitions: int) -> None:
        self.random = Random(seed)
        times = [[self.random.randrange(400) * HOUR_MS for _ in range(12)] for _ in range(partitions)]
        self.places = [Place(number, partitions, times[number]) for number in range(partitions)]

    def checkpoint(self, place: Place) -> None:
        """Read some of everything, write what follows, and then how far this is."""
        caused: list[Letter] = []
        for _ in range(self.random.randint(0, len(place.queue))):
            read = place.queue.popleft()
            if isinstance(read, Progress):
                place.floors.hear(read)
            elif read[1] < HOPS:
                caused += [(read[0], read[1] + 1)] * self.random.choice((0, 1, 1, 2) if read[1] < 3 else (0, 1))
        for _ in range(self.random.randint(0, len(place.evidence))):
            caused.append((place.evidence.popleft(), 1))
        place.log_time = place.evidence[0] if place.evidence else 500 * HOUR_MS
        for letter in caused:
            self.random.choice(self.places).queue.append(letter)
        progress = place.floors.tell(place.log_time)
        for other in self.places:
            if progress is not None:
                other.queue.append(progress)

    def may_still_come(self, place: Place) -> int:
        """The oldest log time of anything that may still reach a partition within `HOPS` hops."""
        coming = [time for each in self.places for time in each.evidence]
        for each in self.places:
            letters = [letter for letter in each.queue if not isinstance(letter, Progress)]
            coming += [time for time, hops in letters if each is place or hops < HOPS]
        return min(coming, default=500 * HOUR_MS)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 5))
def test_the_floor_is_never_above_what_may_still_come(seed: int, partitions: int) -> None:
    town = Town(seed, partitions)
    for _ in range(120):
        town.checkpoint(town.random.choice(town.places))
        for place in town.places:
            assert place.floors.floor <= town.may_still_come(place)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 5))
def test_the_floor_comes_up_to_log_time_once_nobody_has_letters(seed: int, partitions: int) -> None:
    town = Town(seed, partitions)
    for _ in range(100):
        for place in town.places:
            town.checkpoint(place)
    assert {place.floors.floor for place in town.places} == {500 * HOUR_MS // GRAIN_MS * GRAIN_MS}


def test_there_is_no_floor_until_everybody_was_heard_of() -> None:
    floors = Floors(0, 2)
    floors.hear(Progress(0, (HOUR_MS,) * HOPS))
    assert floors.floor == 0
    floors.hear(Progress(1, (9 * HOUR_MS,) * HOPS))
    assert floors.floor == HOUR_MS


def test_what_is_heard_again_or_late_takes_nothing_back() -> None:
    floors = Floors(0, 1)
    floors.hear(Progress(0, (9 * HOUR_MS,) * HOPS))
    floors.hear(Progress(0, (HOUR_MS,) * HOPS))
    assert floors.floor == 9 * HOUR_MS


def test_nothing_is_told_twice() -> None:
    floors = Floors(0, 1)
    assert floors.tell(48 * HOUR_MS) is not None
    assert floors.tell(48 * HOUR_MS) is None


def test_what_was_heard_is_taken_up_by_the_next_owner() -> None:
    floors, next_owner = Floors(0, 2), Floors(0, 2)
    floors.hear(Progress(0, tuple(range(HOPS, 0, -1))))
    floors.hear(Progress(1, tuple(range(20, 20 - HOPS, -1))))
    next_owner.load(floors.dump())
    assert (next_owner.dump(), next_owner.floor) == (floors.dump(), 1)
