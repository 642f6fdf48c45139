"""The command line run in this process, where no settings of this machine play a part."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.cli import main
from tests.cli.story import Said


@pytest.fixture
def seamline(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    for name in [name for name in os.environ if name.startswith("SEAMLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Said:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run
