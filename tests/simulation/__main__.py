"""`make simulate`: runs of the driver in a world of its own, and mutants of it, which all must be told.

Prints a line `RESULT {json}`; exit code 0 only where every run left the oracle's tables, and every mutant some other.
A seed plays the same run again: `python -m tests.simulation --first 17 --seeds 1`.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final

import msgspec

from streams.local.process import calm_collector
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Outcome, play

SHOWN: Final = 10
MUTANT_SEEDS: Final = 600
"""Among so many runs one must tell a mutant."""


def say(line: str) -> None:
    """Tell on the side how far it got."""
    print(line, file=sys.stderr, flush=True)


def prepare() -> None:
    """Make ready a process that plays runs: what workers warn of is expected here."""
    logging.disable(logging.CRITICAL)
    calm_collector()


def seed_that_tells(mutant: int, seeds: int) -> int | None:
    """Find a run that a mutant spoils."""
    asked = MUTANTS[mutant]
    return next((seed for seed in (asked.likely, *range(seeds)) if play(seed, asked.breed).wrong), None)


def report(outcome: Outcome) -> None:
    """Say what is wrong with a run."""
    say(f"seed {outcome.seed}: {len(outcome.wrong)} things are not as they must be")
    for line in outcome.wrong[:SHOWN]:
        say(f"    {line}")


def hunted(pool: ProcessPoolExecutor) -> Iterator[bool]:
    """Put every mutant on trial."""
    told = pool.map(partial(seed_that_tells, seeds=MUTANT_SEEDS), range(len(MUTANTS)))
    for mutant, seed in zip(MUTANTS, told, strict=True):
        say(f"{mutant.name}: " + ("NOT CAUGHT" if seed is None else f"told by seed {seed}"))
        yield seed is not None


def main() -> int:
    """Play, hunt, print the RESULT line."""
    asked = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    asked.add_argument("--seeds", type=int, default=1_000, help="how many runs")
    asked.add_argument("--first", type=int, default=0, help="the seed of the first")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--mutants", action=argparse.BooleanOptionalAction, default=True)
    options = asked.parse_args()
    began = time.monotonic()
    sums = dict.fromkeys(("events", "crashes", "zombies", "rebalances", "cuts", "fenced"), 0)
    divergences = 0
    with ProcessPoolExecutor(options.processes, initializer=prepare) as pool:
        for outcome in pool.map(play, range(options.first, options.first + options.seeds), chunksize=5):
            sums = {name: total + getattr(outcome, name) for name, total in sums.items()}
            if outcome.wrong:
                divergences += 1
                report(outcome)
        caught = list(hunted(pool)) if options.mutants else []
    result = {
        "seeds": options.seeds,
        **sums,
        "divergences": divergences,
        "mutants": len(caught),
        "mutants_caught": sum(caught),
        "seconds": round(time.monotonic() - began, 1),
    }
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 1 if divergences or not all(caught) else 0


if __name__ == "__main__":
    raise SystemExit(main())
