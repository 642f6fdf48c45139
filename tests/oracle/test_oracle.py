"""A short run of `make oracle`: engine and oracle agree on every row of a generated world."""

import pytest

from streams.generator.world import oracle_world, tiny_world
from tests.oracle.__main__ import differences


def test_engine_and_oracle_agree_on_twenty_thousand_events() -> None:
    oracle, found = differences(oracle_world(20_000, seed=7), partitions=4)
    assert [str(one) for one in found[:20]] == []
    assert sum(map(len, oracle.values())) > 40_000


@pytest.mark.parametrize("seed", range(24))
def test_engine_and_oracle_agree_on_small_tangled_worlds(seed: int) -> None:
    _, found = differences(tiny_world(seed), partitions=4)
    assert [str(one) for one in found[:20]] == []
