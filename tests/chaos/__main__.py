"""`make chaos`: play rounds, then put mutants on trial; the report in docs/chaos.md grows with every run.

Prints a line `RESULT {json}`.
"""
import argparse
import asyncio
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tests.chaos.ground import standing
from tests.chaos.rounds import Round, Script
from tests.chaos.snapshot import take_snapshot
from tests.chaos.world import make_world

import logging
logging.getLogger('aiokafka').setLevel(logging.CRITICAL)
async def go(seed, events, recipe, rounds, seconds, workers):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with tempfile.TemporaryDirectory() as copy:
          program = take_snapshot(Path(copy))
          async with standing() as ground:
            for n in range(rounds):
                world = await asyncio.get_running_loop().run_in_executor(pool, make_world, events, seed + n)
                folder = Path(tempfile.mkdtemp(prefix="chaos-"))
                script = Script(seed=seed + n, events=events, recipe=recipe, seconds=seconds, workers=workers)
                out = await Round(script, ground, world, folder, program).play()
                print(folder, out.faults, out.deliveries, 'DIFF', len(out.differences), out.broken, 'stall', out.worst_stall_seconds, 'end', out.worst_end_seconds, 'drain', out.drained_after_seconds, 'sec', out.seconds, flush=True); print(*out.differences[:6], sep='\n', flush=True)

if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--events", type=int, default=5000)
    p.add_argument("--recipe", default="anything")
    p.add_argument("--rounds", type=int, default=1)
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--workers", type=int, default=2)
    o = p.parse_args()
    asyncio.run(go(o.seed, o.events, o.recipe, o.rounds, o.seconds, o.workers))
