"""Tell a world to the oracle and to the engine; each answers with what is wrong."""

import msgspec

from schemas.evidence import Decision
from tests.oracle.evidence import rulings
from tests.oracle.published import published
from tests.oracle.tables import Oracle, fill
from tests.support.engine import run_engine
from tests.worlds.judge import READER, wrong
from tests.worlds.story import World, moment


class Telling(msgspec.Struct, frozen=True):
    """How a story is told to the engine: its partitions, how many events at a time, forwards (1) or backwards (-1)."""

    partitions: int = 4
    batch_records: int = 500
    step: int = 1


AS_TOLD = Telling()
TELLINGS = {
    "as_told": AS_TOLD,
    "event_by_event": Telling(partitions=1, batch_records=1),
    "backwards": Telling(partitions=16, step=-1),
}


def by_oracle(world: World) -> list[str]:
    """Hold the oracle against a story's answers."""
    oracle = Oracle()
    accepted, dead = oracle.read(world.events)
    as_of = moment(world.as_of) if world.as_of else None
    return wrong(world, fill(oracle.identity(accepted, world.decisions), as_of), len(dead))


def by_engine(world: World, telling: Telling = AS_TOLD) -> list[str]:
    """Hold the engine against a story's answers."""
    run = run_engine(
        world.events[:: telling.step],
        decisions_of(world)[:: telling.step],
        as_of=moment(world.as_of) if world.as_of else "drained",
        partitions=telling.partitions,
        batch_records=telling.batch_records,
    )
    return wrong(world, published(run.tables), run.ledger.dead)


def decisions_of(world: World) -> list[Decision]:
    """Hash what operators decided in a story."""
    return [
        Decision(ruling.pair, ruling.decided_at, ruling.decision_id, "split" if ruling.split else "allow")
        for ruling in rulings(world.decisions, READER)
    ]
