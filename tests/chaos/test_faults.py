"""Schedules of faults, the accounts of a report, and the mutants that still are what they say."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.chaos.faults import RECIPES, Kind
from tests.chaos.mutants import MUTANTS, Mutant
from tests.chaos.report import AIMS, Figures, load, save, told
from tests.chaos.rounds import Outcome, Script
from tests.chaos.snapshot import ROOT


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_seed_draws_the_same_faults(recipe):
    draws = [RECIPES[recipe](Random(7), 24.0, 3) for _ in range(2)]
    assert draws[0] == draws[1]
    assert draws[0] == sorted(draws[0], key=lambda fault: fault.at)


def test_mixed_rounds_hold_every_kind_of_fault_sooner_or_later():
    kinds = {fault.kind for seed in range(20) for fault in RECIPES["anything"](Random(seed), 24.0, 3)}
    assert kinds >= {Kind.SIGKILL, Kind.SIGSTOP, Kind.BROKER_KILL, Kind.JOIN, Kind.LEAVE, Kind.CUT, Kind.CUT_ALL}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_finds_the_text_it_changes_exactly_once(mutant: Mutant):
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1


def outcome(
    seed: int,
    *,
    differences: Sequence[str] = (),
    broken: Sequence[str] = (),
    lapses: Sequence[str] = (),
    stall: float = 1.5,
) -> Outcome:
    return Outcome(
        script=Script(seed=seed, events=100),
        faults={"sigkill": 3, "cut": 4},
        deliveries=110,
        rows_compared=500,
        differences=list(differences),
        broken=list(broken),
        lapses=list(lapses),
        ends=[],
        lag_end=0,
        worst_stall_seconds=stall,
        worst_end_seconds=2.0,
        drained_after_seconds=5.0,
        seconds=40.0,
    )


def test_figures_add_up_over_runs_and_the_next_run_goes_on_with_new_seeds(tmp_path: Path):
    figures = load(tmp_path)
    figures.add(outcome(4))
    save(figures, tmp_path)
    again = load(tmp_path)
    again.add(outcome(5, stall=0.5))
    assert again.next_seed == 6
    assert again.result() == {
        "rounds": 2,
        **dict.fromkeys(AIMS, 0),
        "sigkill": 6,
        "cut": 8,
        "events": 220,
        "rows_compared": 1000,
        "divergences": 0,
        "mutants": 0,
        "mutants_caught": 0,
        "worst_stall_seconds": 1.5,
    }


def test_a_difference_and_a_broken_account_are_divergences_that_the_page_names():
    figures = Figures()
    figures.add(outcome(3, differences=["touchpoints [a] row: no such row"]))
    figures.add(outcome(4, broken=["not drained within 120 s"]))
    assert figures.divergences == 2
    assert "seed 3, anything: touchpoints [a] row: no such row" in told(figures)
    assert "seed 4, anything: not drained within 120 s" in told(figures)


def test_an_end_that_took_too_long_is_named_and_is_no_divergence():
    figures = Figures()
    figures.add(outcome(6, lapses=["a worker took 12.6 s to end"]))
    assert figures.divergences == 0
    assert "* seed 6, anything: a worker took 12.6 s to end" in told(figures)


def test_once_a_divergence_is_mended_the_figures_begin_again_and_the_page_goes_on_naming_it():
    figures = Figures()
    figures.add(outcome(3, broken=["holders took 7 of 5 letters"]))
    again = figures.anew("offsets are asked for until they are told")
    assert (again.rounds, again.divergences, again.next_seed) == (0, 0, 4)
    assert "* offsets are asked for until they are told (1 rounds, 110 events: seed 3, anything: holders" in told(again)
