"""The demo on a real broker: topics in, a worker process, and the same journeys in the warehouse afterwards."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.cli.test_demo import FIELDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("demo") / "here"
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, "demo", "--mode", "kafka", "--people", "40", "--out", str(folder)]
    return subprocess.run(
        line, text=True, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    )


def test_demo_on_a_broker_ends_well_with_its_result_line(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stderr
    told = msgspec.json.decode(ran.stdout.splitlines()[-1].removeprefix("RESULT "), type=dict[str, object])
    assert list(told) == FIELDS
    assert (told["mode"], told["input_topics"], told["worker_ready"]) == ("kafka", 8, True)
    assert told["alerts_delivered"]
    assert told["people"]


def test_demo_on_a_broker_says_which_mode_and_why(ran: subprocess.CompletedProcess[str]) -> None:
    assert "mode kafka: asked for with --mode" in ran.stdout


def test_demo_on_a_broker_accounts_for_every_event(ran: subprocess.CompletedProcess[str]) -> None:
    assert "0 unaccounted for" in ran.stdout


def test_demo_on_a_broker_tells_the_same_stories(ran: subprocess.CompletedProcess[str]) -> None:
    for words in ("Mara", "Jonas", "Ines", "\u2691", "X01", "arrived by webhook, each signed"):
        assert words in ran.stdout
