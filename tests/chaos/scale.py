"""`make scale`: one worker, then three, then one again, under load.

Prints a line `RESULT {json}`; exit code 0 only where three workers shared the partitions, in the end nothing waits to
be read, and every table equals the oracle's.
"""

import argparse
import asyncio
import contextlib
import logging
import tempfile
from pathlib import Path

import msgspec

from tests.chaos.__main__ import say
from tests.chaos.acting import REBALANCE
from tests.chaos.crew import Crew
from tests.chaos.ground import run_out, standing
from tests.chaos.report import first_of
from tests.chaos.rounds import Outcome, Round, Script
from tests.chaos.snapshot import take_snapshot
from tests.chaos.world import make_world

LOOK_SECONDS = 0.5


class Sharing:
    """Looks who has which partitions. `shares` are the different ways they were shared among workers, in turn."""

    def __init__(self, partitions: int) -> None:
        self.shares: list[list[int]] = []
        self._all = frozenset(range(partitions))

    async def look(self, crew: Crew) -> None:
        """Go on until cancelled; what is not settled is passed over."""
        while True:
            with contextlib.suppress(OSError):
                owned = [sorted(one) for one in await crew.owned() if one]
                if sorted(number for one in owned for number in one) == sorted(self._all):
                    sizes = sorted(map(len, owned), reverse=True)
                    if not self.shares or self.shares[-1] != sizes:
                        self.shares.append(sizes)
            await asyncio.sleep(LOOK_SECONDS)


async def scale(script: Script) -> tuple[Outcome, Sharing]:
    """Play the round."""
    sharing = Sharing(script.partitions)
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    world = await asyncio.to_thread(make_world, script.events, script.seed)
    async with standing() as ground:
        program = take_snapshot(folder / "program")
        played = Round(script, ground, world, folder / "round", program, sharing.look)
        return await played.play(), sharing


def main() -> int:
    """Run, report, print the RESULT line."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos.scale", description=__doc__)
    asked.add_argument("--events", type=int, default=40_000)
    asked.add_argument("--seconds", type=float, default=45.0, help="for which it is loaded")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    script = Script(
        seed=options.seed,
        events=options.events,
        recipe="growth",
        seconds=options.seconds,
        workers=3,
        at_first=1,
        partitions=6,
    )
    outcome, sharing = run_out(scale(script))
    say(f"shared: {' -> '.join(map(str, sharing.shares))}")
    if outcome.diverges:
        say(first_of(outcome))
    result = {
        "rebalances": outcome.faults.get(REBALANCE, 0),
        "workers": [len(sizes) for sizes in sharing.shares],
        "lag_end": outcome.lag_end,
        "differences": len(outcome.differences),
        "rows_compared": outcome.rows_compared,
        "seconds": outcome.seconds,
    }
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    settled = max(map(len, sharing.shares), default=0) == script.workers and len(sharing.shares[-1]) == 1
    return 0 if settled and not outcome.diverges and outcome.lag_end == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
