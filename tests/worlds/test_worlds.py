"""Every world, told to the oracle and to the engine: each must give the answers written by hand."""

import pytest

from tests.oracle.tables import Oracle, fill
from tests.worlds.all_worlds import WORLDS
from tests.worlds.judge import wrong
from tests.worlds.story import World

NAMED = [pytest.param(world, id=world.name.replace(" ", "_")) for world in WORLDS]


def by_oracle(world: World) -> list[str]:
    oracle = Oracle()
    accepted, dead = oracle.read(world.events)
    return wrong(world, fill(oracle.identity(accepted, world.decisions), None), len(dead))


@pytest.mark.parametrize("world", NAMED)
def test_the_oracle_gives_the_answers_of_the_story(world: World) -> None:
    assert by_oracle(world) == []


def test_there_are_thirty_worlds_with_names_of_their_own() -> None:
    assert len({world.name for world in WORLDS}) == len(WORLDS) >= 30
