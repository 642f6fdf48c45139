"""`make chaos`: play rounds, then put mutants on trial; the report in docs/chaos.md grows with every run.

Prints a line `RESULT {json}` with the figures of all runs; exit code 0 only where nothing ever diverged, every mutant
was caught, and no worker took too long to end in this run. A divergence names the folder where its script, its
differences and the logs of its workers are. `--seed S --rounds 1 --recipe R` plays it again.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec

from tests.chaos.faults import RECIPES
from tests.chaos.ground import Ground, run_out, standing
from tests.chaos.mutants import MUTANTS, TRIALS_MAX, Mutant
from tests.chaos.report import DOCS, Figures, first_of, load, save
from tests.chaos.rounds import Outcome, Round, Script
from tests.chaos.snapshot import take_snapshot
from tests.chaos.world import World, make_world

MIXED: Final = ("deaths", "anything", "anything", "anything", "anything", "zombies", "anything", "anything", "anything")
"""Recipes in turn, where none is asked for."""
ROUNDS_OF_A_BROKER: Final = 12
"""Then another one begins, on an empty folder."""


class Run:
    """One run: rounds on one broker after the other, each world made while the round before it is played."""

    def __init__(self, worlds: Executor, program: Path, keep: Path) -> None:
        self._worlds = worlds
        self.program = program
        self.keep = keep

    def world(self, script: Script) -> "asyncio.Future[World]":
        """Begin to make the world of a round."""
        return asyncio.get_running_loop().run_in_executor(self._worlds, make_world, script.events, script.seed)

    async def play(self, script: Script, ground: Ground, world: World, mutant: Path | None = None) -> Outcome:
        """Play a round, of a mutant where one is given; what is needed to understand a divergence is kept."""
        folder = Path(tempfile.mkdtemp(prefix=f"{script.recipe}-{script.seed}-", dir=self.keep))
        outcome = await Round(script, ground, world, folder, mutant or self.program).play()
        said = msgspec.json.format(msgspec.json.encode((script.schedule, outcome)), indent=1)
        (folder / "outcome.json").write_bytes(said)
        faults = " ".join(f"{kind} {count}" for kind, count in outcome.faults.items())
        say(
            f"{'diverges' if outcome.diverges else 'agrees'}: {script.recipe} {script.seed}: {outcome.deliveries}"
            f" events, {outcome.rows_compared} rows, {outcome.seconds:.0f} s; {faults}"
        )
        if outcome.diverges:
            say(f"    {first_of(outcome)}\n    {folder}")
        for lapse in outcome.lapses:
            say(f"    {lapse}\n    {folder}")
        return outcome


async def play_rounds(run: Run, scripts: Iterator[Script], figures: Figures, folder: Path | None) -> None:
    """Play rounds one after the other, and write the report after each."""
    script = next(scripts, None)
    world = run.world(script) if script is not None else None
    while script is not None:
        async with standing() as ground:
            for _ in range(ROUNDS_OF_A_BROKER):
                if script is None or world is None:
                    break
                made = await world
                following = next(scripts, None)
                world = run.world(following) if following is not None else None
                figures.add(await run.play(script, ground, made))
                if folder is not None:
                    save(figures, folder)
                script = following


async def try_mutant(run: Run, mutant: Mutant, ground: Ground, seed: int) -> bool:
    """Put a mutant on trial; True as soon as a round diverges. One whose workers end by themselves proves nothing."""
    program = take_snapshot(run.keep / mutant.name.replace(" ", "-"), run.program)
    mutant.mutate(program)
    for trial in range(TRIALS_MAX):
        script = mutant.script(seed + trial)
        outcome = await run.play(script, ground, await run.world(script), program)
        if outcome.diverges and not outcome.ends:
            say(f"caught: {mutant.name}")
            return True
    say(f"survived: {mutant.name}")
    return False


async def chaos(options: argparse.Namespace) -> int:
    """Do what was asked for; the exit code."""
    folder = None if options.no_report else DOCS
    figures = load() if folder is not None else Figures()
    if options.mended:
        figures = figures.anew(options.mended)
    seed, lapses_before = options.seed or figures.next_seed, len(figures.lapses)
    scripts = (_script(options, seed + turn, turn) for turn in range(options.rounds))
    keep = Path(tempfile.mkdtemp(prefix="chaos-"))
    say(f"logs: {keep}")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as worlds:
        run = Run(worlds, take_snapshot(keep / "program"), keep)
        await play_rounds(run, scripts, figures, folder)
        if asked := _asked_for(options.mutants, figures):
            async with standing() as ground:
                for mutant in asked:
                    figures.mutants[mutant.name] = await try_mutant(run, mutant, ground, seed)
                    if folder is not None:
                        save(figures, folder)
    print("RESULT", msgspec.json.encode(figures.result()).decode(), flush=True)
    lapsed = len(figures.lapses) > lapses_before
    return 1 if figures.divergences or lapsed or not all(figures.mutants.values()) else 0


def _asked_for(mutants: str, figures: Figures) -> list[Mutant]:
    match mutants:
        case "none":
            return []
        case "all":
            return list(MUTANTS)
        case "new":
            return [each for each in MUTANTS if not figures.mutants.get(each.name)]
    return [each for each in MUTANTS if mutants in each.name]


def say(line: str) -> None:
    """Tell on the side how far it got."""
    print(line, file=sys.stderr, flush=True)


def _script(options: argparse.Namespace, seed: int, turn: int) -> Script:
    recipe = options.recipe or MIXED[turn % len(MIXED)]
    return Script(
        seed=seed,
        events=options.events,
        recipe=recipe,
        seconds=max(options.seconds, 32.0) if recipe == "deaths" else options.seconds,
        workers=options.workers or (3 if recipe == "deaths" else 2 + seed % 3),
    )


def main() -> int:
    """Read what is asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--seed", type=int, default=0, help="of the first round; 0: one that was not played yet")
    asked.add_argument("--events", type=int, default=60_000, help="of each round, as written")
    asked.add_argument("--seconds", type=float, default=40.0, help="for which a round is loaded and faults begin")
    asked.add_argument("--workers", type=int, default=0, help="2 to 4 in turn, where 0")
    asked.add_argument("--recipe", choices=sorted(RECIPES), default="")
    asked.add_argument("--mutants", default="new", help="all, none, new (not caught so far), or part of a name")
    asked.add_argument("--mended", default="", help="what was found is mended, by this: the figures begin again")
    asked.add_argument("--no-report", action="store_true", help="leave docs/chaos.md as it is")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return run_out(chaos(asked.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
