"""A trial of one core: worlds, brinks, known tangles, laws and oracle, until something differs.

Run as `python -m tests.mutants.trial` in a folder that holds the core. Prints what caught it and exits 1, or exits 0.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import streams
from streams.generator.world import oracle_world
from tests.oracle.__main__ import differences
from tests.properties.all_laws import LAWS, Broken, Law, hold
from tests.properties.known import KNOWN
from tests.properties.laws import Told, agrees_with_the_oracle, at_the_bounds, fast_path_is_recomputation
from tests.properties.tangles import Tangle
from tests.properties.telling import PLAIN, Way
from tests.worlds.all_worlds import WORLDS
from tests.worlds.tellers import TELLINGS, by_engine

ROUNDS = (6, 40)
BRINKS = 320


def evidence() -> Iterator[str]:
    """Everything that differs, the cheapest questions first."""
    for telling in TELLINGS.values():
        for world in WORLDS:
            yield from (f"world {world.name}: {line}" for line in by_engine(world, telling)[:1])
    yield from broken(LAWS[0], ROUNDS[-1])
    for seed in range(BRINKS):
        events, as_of = at_the_bounds(seed)
        told = Told(Tangle(tuple(events)), tuple(events), PLAIN, "drained" if as_of is None else as_of)
        yield from (f"brink {seed}: {line}" for line in agrees_with_the_oracle(told)[:1])
    for story in KNOWN:
        told = Told(story, story.events, Way(ordered=True, partitions=1, batch=1))
        yield from (f"known story, recomputed: {line}" for line in fast_path_is_recomputation(told)[:1])
    for law in LAWS[1:3]:
        yield from broken(law, ROUNDS[-1])
    with contextlib.redirect_stderr(io.StringIO()):
        _, found = differences(oracle_world(8_000, seed=5), partitions=4)
    yield from (f"oracle: {one}" for one in found[:1])
    for examples in ROUNDS:
        for law in LAWS:
            yield from broken(law, examples)


def broken(law: Law, examples: int) -> Iterator[str]:
    """What a law says, if it does not hold for these many examples."""
    try:
        hold(law, examples * law.weight, number=examples, shrink=False)
    except Broken as error:
        yield f"law {law.name}: {error.lines[0]}"


def main() -> int:
    """Print the first evidence."""
    assert Path(streams.__file__ or "").is_relative_to(Path.cwd()), "the core of this folder is on trial, no other"
    try:
        caught = next(evidence(), None)
    except Exception as error:  # noqa: BLE001 - a core that breaks down is caught too
        caught = f"it breaks down: {type(error).__name__}: {error}"
    if caught:
        print(caught[:300])
    return 1 if caught else 0


if __name__ == "__main__":
    raise SystemExit(main())
