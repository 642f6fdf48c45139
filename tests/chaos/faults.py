"""Faults, drawn by seed: what happens when, for how long. Pure, so that a schedule can be told again."""

from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import Final

import msgspec

from tests.chaos.proxy import Api


class Kind(StrEnum):
    """Kinds of faults."""

    SIGKILL = "sigkill"
    SIGSTOP = "sigstop"
    BROKER_KILL = "broker_kill"
    JOIN = "join"
    LEAVE = "leave"
    CUT = "cut"
    CUT_ALL = "cut_all"
    HOLD = "hold"
    WAREHOUSE_AWAY = "warehouse_away"


class Fault(msgspec.Struct, frozen=True):
    """One fault, `at` seconds into the round; `seconds` until what was taken comes back, or who joined leaves.

    `worker` counts from 0; one more than there are at first may join.

    `wipes`: the worker's folder is gone when it comes back.
    """

    at: float
    kind: Kind
    worker: int = 0
    seconds: float = 0.0
    api: Api = Api.PRODUCE
    wipes: bool = False


Recipe = Callable[[Random, float, int], list[Fault]]
"""Draws the faults of a round of some length (seconds) with so many workers."""

SINK: Final = -1
"""The worker with the warehouse role."""
SESSION_SECONDS: Final = 6.0
"""After this much silence the others take a worker's partitions: the least a broker allows by default."""
CUTTABLE: Final = (
    *(Api.PRODUCE, Api.PRODUCE, Api.END_TXN, Api.END_TXN, Api.TXN_OFFSET_COMMIT, Api.TXN_OFFSET_COMMIT),
    *(Api.OFFSET_COMMIT, Api.ADD_PARTITIONS_TO_TXN, Api.ADD_OFFSETS_TO_TXN, Api.FETCH, Api.HEARTBEAT),
    *(Api.JOIN_GROUP, Api.SYNC_GROUP, Api.INIT_PRODUCER_ID, Api.OFFSET_FETCH),
)
"""Requests whose answers are lost, the more dangerous ones more often."""


def anything(draw: Random, length: float, workers: int) -> list[Fault]:
    """Mix faults of all kinds; they overlap as they happen to."""

    def when() -> float:
        return draw.uniform(0, length)

    faults = [
        Fault(
            when(), Kind.SIGKILL, draw.randrange(workers), draw.choice((0.1, 0.5, 2.0, 7.0)), wipes=draw.random() < 0.3
        )
        for _ in range(draw.randint(4, 7))
    ]
    faults += [
        Fault(when(), Kind.SIGSTOP, draw.randrange(workers), SESSION_SECONDS + draw.uniform(0.3, 3.0))
        for _ in range(draw.randint(0, 2))
    ]
    faults += [Fault(when(), Kind.BROKER_KILL, seconds=draw.choice((0.0, 0.5, 3.0))) for _ in range(draw.randint(1, 2))]
    faults += [
        Fault(when(), Kind.LEAVE, draw.randrange(workers), draw.uniform(1.0, 8.0)) for _ in range(draw.randint(0, 1))
    ]
    faults += [Fault(when(), Kind.JOIN, workers, draw.uniform(5.0, 12.0)) for _ in range(draw.randint(0, 1))]
    faults += [Fault(when(), Kind.CUT, api=draw.choice(CUTTABLE)) for _ in range(draw.randint(4, 10))]
    faults += [Fault(when(), Kind.CUT_ALL) for _ in range(draw.randint(0, 1))]
    faults += [Fault(when(), Kind.SIGKILL, SINK, draw.choice((0.1, 2.0))) for _ in range(draw.randint(0, 1))]
    faults += [Fault(when(), Kind.WAREHOUSE_AWAY, seconds=draw.uniform(0.0, 5.0)) for _ in range(draw.randint(0, 1))]
    return in_order(faults)


def in_order(faults: list[Fault]) -> list[Fault]:
    """Put faults in the order in which they happen."""
    return sorted(faults, key=lambda fault: (fault.at, fault.kind))


def deaths(draw: Random, length: float, workers: int) -> list[Fault]:
    """Two deaths and nothing else: one comes back after others took over, one at once. For measuring stalls."""
    first = draw.randrange(workers)
    return [
        Fault(3.0, Kind.SIGKILL, first, SESSION_SECONDS + 4.0),
        Fault(19.0, Kind.SIGKILL, (first + 1) % workers, 0.5),
    ]


def kills(draw: Random, length: float, workers: int) -> list[Fault]:
    """Deaths one after the other, so that some come between two writes."""
    return [Fault(at, Kind.SIGKILL, turn % workers, 0.1) for turn, at in enumerate(_every(draw, 5.0, length))]


def comings_and_goings(draw: Random, length: float, workers: int) -> list[Fault]:
    """Workers leave and come back in peace, so that partitions move away from an owner and back to it."""
    return [Fault(at, Kind.LEAVE, turn % workers, 2.0) for turn, at in enumerate(_every(draw, 6.0, length))]


def latecomers(draw: Random, length: float, workers: int) -> list[Fault]:
    """Nobody is there while the world is loaded; then all come, one shortly after the other, to a backlog."""
    return [Fault(0.0, Kind.LEAVE, number, length + draw.uniform(0.0, 1.5)) for number in range(workers)]


def sink_deaths(draw: Random, length: float, workers: int) -> list[Fault]:
    """The warehouse goes away, and then the worker that waits for it dies."""
    whens = _every(draw, 9.0, length)
    away = [Fault(at, Kind.WAREHOUSE_AWAY, seconds=4.0) for at in whens]
    return in_order([*away, *(Fault(at + 3.0, Kind.SIGKILL, SINK, 0.1) for at in whens)])


def growth(draw: Random, length: float, workers: int) -> list[Fault]:
    """All but the first join, stay for a while, and leave."""
    stay = length / 2
    return [Fault(length / 6 + turn, Kind.JOIN, number, stay) for turn, number in enumerate(range(1, workers))]


def zombies(draw: Random, length: float, workers: int) -> list[Fault]:
    """Workers that stand still until just after they were given up, one after the other."""
    return [
        Fault(at, Kind.SIGSTOP, turn % workers, SESSION_SECONDS + draw.uniform(0.5, 2.0))
        for turn, at in enumerate(_every(draw, 11.0, length))
    ]


def lost_zombies(draw: Random, length: float, workers: int) -> list[Fault]:
    """Zombies that write what they still hold, and whose wish to join again is long on its way."""
    faults = []
    for turn, at in enumerate(_every(draw, 18.0, length)):
        silent = SESSION_SECONDS + 1.8
        faults.append(Fault(at, Kind.SIGSTOP, turn % workers, silent))
        faults.append(Fault(at + silent - 0.3, Kind.HOLD, seconds=6.0, api=Api.JOIN_GROUP))
    return in_order(faults)


def _every(draw: Random, seconds: float, length: float) -> list[float]:
    return [at + draw.uniform(0, seconds / 3) for at in _steps(seconds / 2, length, seconds)]


def _steps(first: float, last: float, step: float) -> list[float]:
    return [first + step * turn for turn in range(int((last - first) // step) + 1)]


RECIPES: Final[dict[str, Recipe]] = {
    each.__name__: each
    for each in (anything, deaths, kills, comings_and_goings, latecomers, growth, sink_deaths, zombies, lost_zombies)
}
