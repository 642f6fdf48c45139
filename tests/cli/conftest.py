"""The command line run in this process, and a small warehouse for it to read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.rows import Upsert
from sinks.clickhouse.client import connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import Warehouse
from streams.cli import main
from tests.cli.story import Said, letter, story


@pytest.fixture(scope="session")
def warehouse_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    with connect(f"chdb://{folder}") as client:
        migrate(client)
        upserts = [Upsert(table, key, 1, row) for table, key, row in story()]
        inserted = Warehouse(client).insert([*upserts, letter()])
        assert not inserted.rejected
    return folder


@pytest.fixture
def seamline(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def run(*arguments: str) -> Said:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine play a part."""
    for name in [name for name in os.environ if name.startswith("SEAMLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
