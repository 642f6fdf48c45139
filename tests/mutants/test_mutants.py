"""A short hunt: a few mutants of every sort. `make laws` hunts them all."""

from pathlib import Path

import pytest

from streams.patterns.loader import load_pattern
from tests.mutants.hunt import MUTANTS, ROOT, mutate, try_one
from tests.mutants.mutant import Mutant

SHORT = (
    "accounts are not unique",
    "a sign-out does not end ownership",
    "a thread belongs to its last claimant",
    "the owner told of last has it, whatever its epoch",
    "who takes a household in believes its sayings",
    "a retraction is forgotten",
    "a run breaks at its very gap",
    "an absence is not taken back",
    "hits are counted twice when a person moves",
    "a late touchpoint does not stitch journeys again",
)


@pytest.mark.parametrize("name", SHORT)
def test_mutant_is_caught(name: str) -> None:
    verdict = try_one(next(mutant for mutant in MUTANTS if mutant.name == name))
    assert verdict.caught, verdict.by


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_mutant_still_finds_its_place(mutant: Mutant, tmp_path: Path) -> None:
    copy = tmp_path / "mutant"
    copy.write_text((ROOT / "streams" / mutant.file).read_text(encoding="utf-8"), encoding="utf-8")
    mutate(copy, mutant)
    changed = copy.read_text(encoding="utf-8")
    if mutant.file.endswith(".toml"):
        load_pattern(changed, mutant.file)
    else:
        compile(changed, mutant.file, "exec")


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
