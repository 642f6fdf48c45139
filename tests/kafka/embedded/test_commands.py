"""`seamline kafka` as it is typed: up, status, down, reset, and what goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.kafka.embedded.broker import EmbeddedBroker, stop_broker
from streams.kafka.embedded.folder import cluster_of, standing
from streams.kafka.embedded.listening import answers, free_port, is_free

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def seamline(tmp_path: Path) -> Iterator[Run]:
    """Run the command line in an empty folder, without settings of this machine; no broker of it is left behind."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SEAMLINE_")}

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        program = "import sys; from streams.cli import main; sys.exit(main())"
        call = [sys.executable, "-c", program, "kafka", *arguments]
        env = clean | {"COLUMNS": "200"} | environment
        return subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)

    yield run
    stop_broker(tmp_path / "var" / "kafka")


def told(done: "subprocess.CompletedProcess[str]") -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_broker_goes_up_is_found_again_and_goes_down(seamline: Run, tmp_path: Path) -> None:
    port = free_port()
    first = told(seamline("up", "--port", str(port), "--json"))
    assert (first["address"], first["already_running"]) == (f"127.0.0.1:{port}", False)
    assert answers(port, cluster_of(tmp_path / "var" / "kafka"))

    second = told(seamline("up", "--json"))
    assert (second["pid"], second["port"], second["already_running"]) == (first["pid"], port, True)
    other = seamline("up", "--port", str(free_port()))
    assert (other.returncode, f"already, on port {port}" in other.stderr) == (1, True)

    status = told(seamline("status", "--json"))
    assert (status["answers"], status["kafka_version"], status["java_version"] >= 17) == (True, "4.3.1", True)
    assert status["uptime_seconds"] > 0

    assert told(seamline("down", "--json")) == {"folder": "var/kafka", "was_running": True, "data_kept": True}
    assert is_free(port)
    gone = seamline("status", "--json")
    assert (gone.returncode, json.loads(gone.stdout)["running"]) == (3, False)
    assert told(seamline("down", "--json"))["was_running"] is False

    assert told(seamline("reset", "--json"))["removed"] is True
    assert not (tmp_path / "var" / "kafka").exists()


def test_reset_stops_what_runs_and_temporary_data_go_by_themselves(seamline: Run, tmp_path: Path) -> None:
    port = free_port()
    assert told(seamline("up", "--port", str(port), "--temporary", "--json"))["temporary"] is True
    assert told(seamline("reset", "--json")) == {"folder": "var/kafka", "was_running": True, "removed": True}
    assert not (tmp_path / "var" / "kafka").exists()
    assert is_free(port)


def test_reset_leaves_a_folder_of_others_alone(seamline: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    refused = seamline("reset", "--folder", "photos")
    assert (refused.returncode, "not a folder of the broker" in refused.stderr) == (1, True)
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"
    assert seamline("up", "--folder", "photos").returncode == 1


def test_without_java_the_next_step_is_said(seamline: Run, tmp_path: Path) -> None:
    refused = seamline("up", PATH=str(tmp_path), JAVA_HOME=str(tmp_path))
    assert refused.returncode == 3
    assert "no Java 17 or newer" in refused.stderr
    assert "set JAVA_HOME" in refused.stderr
    assert standing(tmp_path / "var" / "kafka") is None


def test_without_jars_the_next_step_is_said(seamline: Run, tmp_path: Path) -> None:
    refused = seamline("up", "--offline", "nothing", "--json", XDG_CACHE_HOME=str(tmp_path / "cache"))
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, error["exit_code"]) == (3, 3)
    assert "is not in nothing" in error["problem"]


def test_a_port_of_another_program_is_named(seamline: Run, broker: EmbeddedBroker) -> None:
    refused = seamline("up", "--port", str(broker.port))
    assert (refused.returncode, f"port {broker.port} is taken" in refused.stderr) == (1, True)
