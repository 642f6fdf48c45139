"""A copy of the program for a run: it stays what it was, whatever is edited meanwhile."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.chaos.crew import SEAMLINE

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("schemas", "streams", "sinks", "tests")


def take_snapshot(folder: Path, program: Path = ROOT) -> Path:
    """Copy the program into a folder; RuntimeError where it does not start."""
    for room in ROOMS:
        shutil.copytree(program / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    tried = subprocess.run(
        [*SEAMLINE, "--help"], env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )
    if tried.returncode:
        raise RuntimeError(f"{sys.executable} can not start the copy in {folder}: {tried.stderr[-500:]}")
    return folder
