"""Tell a world to the oracle and to the engine; each answers with what is wrong."""

from schemas.evidence import Decision
from tests.oracle.evidence import rulings
from tests.oracle.published import published
from tests.oracle.tables import Oracle, fill
from tests.support.engine import run_engine
from tests.worlds.judge import READER, wrong
from tests.worlds.story import World


def by_oracle(world: World) -> list[str]:
    """Hold the oracle against a story's answers."""
    oracle = Oracle()
    accepted, dead = oracle.read(world.events)
    return wrong(world, fill(oracle.identity(accepted, world.decisions), None), len(dead))


def by_engine(world: World, partitions: int = 4) -> list[str]:
    """Hold the engine against a story's answers."""
    run = run_engine(world.events, decisions_of(world), partitions=partitions)
    return wrong(world, published(run.tables), run.ledger.dead)


def decisions_of(world: World) -> list[Decision]:
    """Hash what operators decided in a story."""
    return [
        Decision(ruling.pair, ruling.decided_at, ruling.decision_id, "split" if ruling.split else "allow")
        for ruling in rulings(world.decisions, READER)
    ]
