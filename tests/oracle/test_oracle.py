"""A short run of `make oracle`: engine and oracle agree on every row of a generated world."""

import pytest

from streams.generator.world import chapters, oracle_world, tiny_world
from tests.oracle.__main__ import differences


def test_engine_and_oracle_agree_on_twenty_thousand_events() -> None:
    oracle, found = differences(oracle_world(20_000, seed=7), partitions=4)
    assert [str(one) for one in found[:20]] == []
    assert sum(map(len, oracle.values())) > 40_000


@pytest.mark.parametrize("seed", range(24))
def test_engine_and_oracle_agree_on_small_tangled_worlds(seed: int) -> None:
    _, found = differences(tiny_world(seed), partitions=(1, 4, 16)[seed % 3])
    assert [str(one) for one in found[:20]] == []


@pytest.mark.parametrize("seed", range(100, 124))
def test_engine_and_oracle_agree_while_journeys_and_absences_are_open(seed: int) -> None:
    rules = tiny_world(seed)
    newest = max(one.received_at for chapter in chapters(rules) for one in chapter.written)
    later = (0, 1, 20 * 60_000, 45 * 60_000, 3_600_000, 86_400_000, 4 * 86_400_000)[seed % 7]
    _, found = differences(rules, partitions=4, as_of=newest + later)
    assert [str(one) for one in found[:20]] == []
