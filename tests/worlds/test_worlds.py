"""Every world, told to the oracle and to the engine: each must give the answers written by hand."""

import pytest

from tests.oracle.friction import PATTERNS
from tests.worlds.all_worlds import WORLDS
from tests.worlds.story import World
from tests.worlds.tellers import TELLINGS, Telling, by_engine, by_oracle

NAMED = [pytest.param(world, id=world.name.replace(" ", "_")) for world in WORLDS]


@pytest.mark.parametrize("world", NAMED)
def test_the_oracle_gives_the_answers_of_the_story(world: World) -> None:
    assert by_oracle(world) == []


@pytest.mark.parametrize("telling", TELLINGS.values(), ids=TELLINGS)
@pytest.mark.parametrize("world", NAMED)
def test_the_engine_gives_the_answers_of_the_story(world: World, telling: Telling) -> None:
    assert by_engine(world, telling) == []


def test_worlds_have_names_of_their_own() -> None:
    assert len({world.name for world in WORLDS}) == len(WORLDS) >= 130


def test_every_pattern_fires_in_some_world() -> None:
    met = {hit.pattern for world in WORLDS for hit in world.hits or ()}
    assert len(met) == len(PATTERNS)
