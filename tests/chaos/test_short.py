"""A short version of `make chaos`: one round of mixed faults, and one mutant that must be caught."""

import asyncio
import logging
from pathlib import Path

import msgspec

from tests.chaos.ground import standing
from tests.chaos.mutants import MUTANTS
from tests.chaos.rounds import Outcome, Round, Script
from tests.chaos.snapshot import take_snapshot
from tests.chaos.world import make_world


def play(script: Script, folder: Path, program: Path) -> Outcome:
    async def on_the_ground() -> Outcome:
        world = await asyncio.to_thread(make_world, script.events, script.seed)
        async with standing() as ground:
            return await Round(script, ground, world, folder / "round", program).play()

    clients = logging.getLogger("aiokafka")
    level = clients.level
    clients.setLevel(logging.CRITICAL)
    try:
        return asyncio.run(on_the_ground())
    finally:
        clients.setLevel(level)


def test_workers_come_through_mixed_faults_with_the_tables_of_the_oracle(tmp_path: Path):
    outcome = play(Script(seed=2, events=3_000, seconds=10.0), tmp_path, take_snapshot(tmp_path / "program"))
    assert outcome.broken == []
    assert outcome.lapses == []
    assert outcome.differences == []
    assert outcome.faults["sigkill"] >= 1
    assert outcome.faults["cut"] >= 1


def test_a_sink_that_commits_before_it_writes_is_caught(tmp_path: Path):
    program = take_snapshot(tmp_path / "program")
    mutant = next(each for each in MUTANTS if each.name.startswith("the sink commits"))
    mutant.mutate(program)
    script = msgspec.structs.replace(mutant.script(1), events=2_000, seconds=13.0, patience_seconds=20.0)
    outcome = play(script, tmp_path, program)
    assert outcome.ends == []
    assert outcome.diverges
