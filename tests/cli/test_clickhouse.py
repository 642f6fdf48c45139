"""`seamline clickhouse`: shared while it is up, and no setting has to change for that."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.embedded.process import stop
from sinks.clickhouse.embedded.served import find
from tests.cli.story import Said


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var" / "warehouse"
    if served := find(tmp_path / "var" / "warehouse"):
        stop(served)


def test_up_status_down(seamline: Callable[..., Said], folder: Path) -> None:
    assert seamline("clickhouse", "status").code == 3
    up = json.loads(seamline("clickhouse", "up", "--port", "0", "--json").out)
    assert (up["already"], up["folder"]) == (False, str(folder))
    again = seamline("clickhouse", "up")
    assert again.code == 0
    assert "already serves" in again.out
    assert seamline("migrate").code == 0  # the settings name the folder, which is served now
    assert seamline("query", "SELECT count() FROM touchpoints").code == 0
    status = json.loads(seamline("clickhouse", "status", "--json").out)
    assert status["address"] == up["address"]
    assert {"table": "touchpoints", "rows": 0, "bytes": 0} in status["tables"]
    assert seamline("clickhouse", "down").code == 0
    assert "nothing serves" in seamline("clickhouse", "down").out
    assert seamline("query", "SELECT count() FROM touchpoints").code == 0


def test_user_password_and_port_are_those_of_an_address_on_this_machine(
    seamline: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAMLINE_CLICKHOUSE__DSN", "http://ann:secret@127.0.0.1:8999")
    up = seamline("clickhouse", "up", "--port", "0")
    assert "user ann" in up.out
    assert "secret" not in up.out
    address = json.loads(seamline("clickhouse", "status", "--json").out)["address"].replace("//", "//ann:{}@")
    assert seamline("query", "SELECT 1", "--dsn", address.format("secret")).code == 0
    assert seamline("query", "SELECT 1", "--dsn", address.format("guess")).code == 3


def test_in_the_foreground_it_stays_until_it_is_told_to_end(folder: Path) -> None:
    main = "import sys; from streams.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", main, "clickhouse", "up", "--foreground", "--port", "0", "--json"]
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.environ["PATH"]}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "{\n"
            assert find(folder) is not None
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert find(folder) is None


def test_a_taken_port_ends_in_one_line_with_the_next_command(seamline: Callable[..., Said], folder: Path) -> None:
    up = json.loads(seamline("clickhouse", "up", "--port", "0", "--json").out)
    said = seamline("clickhouse", "up", "--folder", "other", "--port", up["address"].rpartition(":")[2])
    assert said.code == 1
    assert "is taken" in said.err
    assert "--port 0" in said.err
