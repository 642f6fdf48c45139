"""`make laws`: every law over many small stories, then every mutant; each divergence minimised.

Prints a line `RESULT {json}`; exit code 0 only where no law is broken and all mutants are caught. A divergence names
its law, its seed and the story as code; `--law NAME --seed S` tells it again.
"""

import argparse
import contextlib
import io
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pprint import pformat

import msgspec

from tests.mutants.hunt import MUTANTS, hunt
from tests.properties.all_laws import LAWS, Broken, hold

PROCESSES = 2
CHUNK = 250
"""Examples of one seed: small enough to share the work evenly, large enough that drawing does not repeat itself."""
SEED_STEP = 1_000


class Part(msgspec.Struct, frozen=True):
    """Some examples of one law, drawn from one seed."""

    law: int
    examples: int
    seed: int


class Held(msgspec.Struct, frozen=True):
    """How many examples a part tried, and what it says if the law is broken."""

    part: Part
    tried: int
    divergence: str = ""


def parts(examples: int, seed: int, named: str) -> list[Part]:
    """Share out at least this many examples by weight, every law with seeds of its own."""
    chosen = [number for number, law in enumerate(LAWS) if named in law.name]
    weights = sum(LAWS[number].weight for number in chosen)
    shared: list[Part] = []
    for number in chosen:
        due, turn = -(-examples * LAWS[number].weight // weights), 0
        while due > 0:
            shared.append(Part(number, min(due, CHUNK), seed * SEED_STEP + turn))
            due, turn = due - CHUNK, turn + 1
    return shared


def hold_part(part: Part) -> Held:
    """Hold a law to its part."""
    law = LAWS[part.law]
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            return Held(part, hold(law, part.examples, part.seed))
        except Broken as error:
            told = pformat(error.case, width=160, compact=True)
            return Held(part, part.examples, "\n".join([*error.lines, told]))
        except Exception as error:  # noqa: BLE001 - a core that breaks down in one story is a divergence like others
            notes = "\n".join(getattr(error, "__notes__", ()))
            return Held(part, part.examples, f"breaks down: {type(error).__name__}: {error}\n{notes}")


def hold_laws(shared: Sequence[Part]) -> tuple[int, int]:
    """Hold all parts, in two processes; how many examples were tried and how many parts diverged."""
    tried = diverged = 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        for done in as_completed([pool.submit(hold_part, part) for part in shared]):
            held = done.result()
            law = LAWS[held.part.law]
            tried += held.tried
            diverged += bool(held.divergence)
            say(
                "diverges" if held.divergence else "holds", f"{law.name} (seed {held.part.seed}, {held.tried} examples)"
            )
            if held.divergence:
                say("", held.divergence.replace("\n", "\n          "))
    return tried, diverged


def hunt_mutants() -> int:
    """Put every mutant on trial; how many were caught."""
    caught = 0
    for verdict in hunt(MUTANTS):
        caught += verdict.caught
        say("caught" if verdict.caught else "survived", f"{verdict.mutant.name} ({verdict.by})")
    return caught


def say(word: str, line: str) -> None:
    """Print what became of one thing."""
    print(f"{word:<9} {line}", flush=True)


def main() -> int:
    """Run, report, print the RESULT line."""
    asked = argparse.ArgumentParser(prog="python -m tests.laws", description=__doc__)
    asked.add_argument("--examples", type=int, default=10_000, help="examples over all laws, at least")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--law", default="", help="only laws whose name holds this; no mutants then")
    options = asked.parse_args()
    began = time.monotonic()
    shared = parts(options.examples, options.seed, options.law)
    tried, diverged = hold_laws(shared)
    mutants = 0 if options.law else len(MUTANTS)
    caught = hunt_mutants() if mutants else 0
    result = {
        "examples": tried,
        "seeds": sorted({part.seed for part in shared}),
        "laws": len({part.law for part in shared}),
        "divergences": diverged,
        "mutants": mutants,
        "mutants_caught": caught,
        "seconds": round(time.monotonic() - began, 1),
    }
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 0 if not diverged and caught == mutants else 1


if __name__ == "__main__":
    raise SystemExit(main())
