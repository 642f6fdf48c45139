"""The driver through crashes, zombies, cut answers and rebalances, from a few seeds; `make simulate` has a thousand."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.link import CALM
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.running import WEATHERS, play
from tests.simulation.worlds import WORLDS, world_of

ROOT = Path(__file__).parents[2]
SEEDS = (0, 1, 2, 4, 5, 7, 8, 9, 10, 13, 14)
"""Quick ones: with and without crashes, zombies and cuts."""
QUICKLY_TOLD = {
    "the changelog is written outside the transaction",
    "intake pauses nothing before it knows where to begin",
    "read on from the position chosen when joining",
    "of two words on a row the last said is kept",
    "the floor is one's own log time",
    "the stitcher resumes in the midst of a poll",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What workers warn of is expected here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_to_workers_the_tables_are_those_of_the_oracle(seed: int) -> None:
    assert play(seed).wrong == []


def test_the_driver_without_a_broker_has_the_same_tables() -> None:
    assert [world_of(number).apart for number in SEEDS] == [[]] * len(SEEDS)


def test_a_seed_plays_the_same_run_again() -> None:
    assert play(9) == play(9)


def test_a_seed_plays_the_same_run_in_any_process_whatever_the_order_of_its_hashes() -> None:
    code = "from tests.simulation.running import play; print(*[play(seed).trace for seed in (4, 9, 13)])"
    traces = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    ]
    assert traces[0] == traces[1]


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.name in QUICKLY_TOLD], ids=lambda each: each.name)
def test_a_driver_that_is_wrong_in_one_thing_is_told(mutant: Mutant) -> None:
    assert any(play(seed, mutant.breed).wrong for seed in (mutant.likely, *range(8)))


def test_every_kind_of_fault_is_drawn_and_none_at_times() -> None:
    assert CALM in WEATHERS
    for fault in ("cut_before", "cut_after", "freeze", "crash"):
        assert any(getattr(chances, fault) for chances in WEATHERS)
    assert len(WEATHERS) <= WORLDS
