"""Engine and twins agree on small worlds in which everything that can be tangled is."""

from pathlib import Path

import pytest

from streams.commands.patterns_test import found_in
from streams.generator.rules import tiny_world


@pytest.mark.parametrize("seed", [200, 207, 215])
def test_engine_and_twins_agree_where_people_are_in_each_others_way(seed: int, tmp_path: Path) -> None:
    _, compared = found_in(tiny_world(seed), tmp_path)
    assert [each for each in compared if each.differences] == []
