"""Hunt mutants: put each on trial in a folder of its own, in a process of its own."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tests.mutants.journeys import JOURNEYS
from tests.mutants.mutant import Mutant
from tests.mutants.patterns import PATTERNS
from tests.mutants.rules import RULES
from tests.mutants.traps import TRAPS

ROOT = Path(__file__).parents[2]
MUTANTS = (*RULES, *TRAPS, *JOURNEYS, *PATTERNS)
AT_ONCE = 2
CAUGHT = 1
SECONDS_MAX = 600


class Verdict(msgspec.Struct, frozen=True):
    """How a trial ended: `by` names what caught the mutant."""

    mutant: Mutant
    caught: bool
    by: str


def hunt(mutants: Iterable[Mutant]) -> Iterator[Verdict]:
    """Put mutants on trial, two at a time; verdicts in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(try_one, mutants)


def try_one(mutant: Mutant) -> Verdict:
    """Make a copy of the streams with the mutant in it, and run a trial there."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        shutil.copytree(ROOT / "streams", here / "streams")
        for name in ("schemas", "sinks", "tests"):
            (here / name).symlink_to(ROOT / name)
        mutate(here / "streams" / mutant.file, mutant)
        trial = [sys.executable, "-m", "tests.mutants.trial"]
        try:
            ended = subprocess.run(trial, cwd=here, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        except subprocess.TimeoutExpired:
            return Verdict(mutant, caught=False, by=f"no verdict after {SECONDS_MAX} s")
    said = (ended.stdout or ended.stderr).strip().splitlines()
    by = said[-1] if said else "nothing"
    return Verdict(mutant, ended.returncode == CAUGHT and bool(ended.stdout), by)


def mutate(path: Path, mutant: Mutant) -> None:
    """Make the change. ValueError where the text it changes is not there exactly once."""
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"mutant {mutant.name!r}: {mutant.file} has its text {text.count(mutant.old)} times")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
