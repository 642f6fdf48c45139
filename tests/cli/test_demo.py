"""The demo: what it says is so, and every command it prints works as printed."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.cli.story import Said

Seamline = Callable[..., Said]

ROOT = Path(__file__).parents[2]
FIELDS = [
    "mode", "events", "channels", "people", "cross_channel_people", "journeys", "cross_channel_journeys",
    "friction_hits", "rollup_rows", "dead_letters", "seconds", "mode_reason", "input_topics", "alerts_delivered",
    "worker_ready",
]  # fmt: skip
COMMANDS = 10


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("demo") / "here"
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, "demo", "--mode", "local", "--people", "40", "--out", str(folder)]
    return subprocess.run(
        line, text=True, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    )


def commands(ran: subprocess.CompletedProcess[str]) -> list[list[str]]:
    lines = ran.stdout.partition("Try next")[2].splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("seamline ")]


def test_demo_ends_well_with_its_result_line(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stderr
    last = ran.stdout.splitlines()[-1]
    told = msgspec.json.decode(last.removeprefix("RESULT "), type=dict[str, object])
    assert list(told) == FIELDS
    assert (told.pop("mode"), told.pop("input_topics"), told.pop("worker_ready")) == ("local", 0, None)
    assert all(told.values())


def test_demo_shows_an_alert_as_its_receiver_had_it(ran: subprocess.CompletedProcess[str]) -> None:
    assert "arrived by webhook, each signed" in ran.stdout
    assert "friction.opened" in ran.stdout


def test_demo_shows_people_journeys_friction_and_aggregates(ran: subprocess.CompletedProcess[str]) -> None:
    for words in ("stitched across channels", "Mara", "Jonas", "Ines", "⚑", "X01", "What happened on each channel"):
        assert words in ran.stdout


def test_demo_says_loudly_that_its_key_is_public(ran: subprocess.CompletedProcess[str]) -> None:
    assert "DEVELOPMENT KEY" in ran.stderr


def test_demo_reads_records_written_by_others(ran: subprocess.CompletedProcess[str]) -> None:
    assert "68 dead letters" in ran.stdout


@pytest.mark.parametrize("number", range(COMMANDS))
def test_every_command_it_prints_works_as_printed(
    ran: subprocess.CompletedProcess[str], seamline: Seamline, number: int
) -> None:
    assert len(commands(ran)) == COMMANDS
    said = seamline(*commands(ran)[number])
    assert said.code == 0, said.err
    assert said.out.strip()


def test_demo_never_writes_to_a_warehouse_of_the_environment(
    seamline: Seamline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAMLINE_CLICKHOUSE__DSN", "http://127.0.0.1:9/production")
    said = seamline("demo", "--mode", "local", "--people", "10", "--out", str(tmp_path / "demo"), "--json")
    assert said.code == 0, said.err
    assert said.json()["config"] == str(tmp_path / "demo/seamline.toml")


def test_demo_replaces_its_own_folder_only(seamline: Seamline, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    said = seamline("demo", "--out", str(tmp_path / "mine"))
    assert said.code == 2
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"
