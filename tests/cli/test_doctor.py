"""`seamline doctor` against broken set-ups of the machine and the warehouse: each a line with its fix."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.client import connect
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.migrate import migrate
from streams.commands.doctor.machine import room_in
from streams.commands.doctor.warehouse import warehouse
from streams.commands.findings import Finding, clock_finding
from streams.settings import load_settings
from tests.cli.story import Said

Seamline = Callable[..., Said]
ROOT = Path(__file__).parents[2]
HOUR_MS = 3_600_000


def checks(said: Said) -> dict[str, dict[str, str]]:
    return {check["subject"]: check for check in said.json()["checks"]}  # type: ignore[attr-defined]


def broken(said: Said, subject: str) -> tuple[str, str]:
    """What is wrong with it and what to do, of a line that fails."""
    check = checks(said)[subject]
    assert (said.code, check["verdict"]) == (1, "fail")
    return check["says"], check["fix"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    """A warehouse over HTTP that asks for a password, with its tables."""
    with EmbeddedClickHouse(user="ann", password="right") as clickhouse:
        with connect(clickhouse.start(tmp_path_factory.mktemp("served"))) as client:
            migrate(client)
        yield clickhouse


def test_a_machine_for_the_local_driver_is_well_without_any_broker(seamline: Seamline) -> None:
    said = seamline("doctor", "--json")
    assert said.code == 0
    assert checks(said)["broker"]["verdict"] == "ok"
    assert "local driver needs none" in checks(said)["broker"]["says"]


def test_a_server_that_is_well_is_told_so(seamline: Seamline, served: EmbeddedClickHouse) -> None:
    found = checks(seamline("doctor", "--dsn", served.dsn, "--json"))
    assert {found[subject]["verdict"] for subject in ("warehouse", "tables", "clock of the warehouse")} == {"ok"}
    assert any(subject.endswith("of the warehouse") and subject.startswith("disk") for subject in found)


def test_no_clickhouse(seamline: Seamline) -> None:
    says, fix = broken(seamline("doctor", "--dsn", "http://127.0.0.1:9/x", "--json"), "warehouse")
    assert "127.0.0.1:9" in says
    assert "seamline clickhouse up" in fix


def test_an_embedded_folder_that_another_process_holds(seamline: Seamline, tmp_path: Path) -> None:
    code = (
        "import sys; from sinks.clickhouse.client import connect\n"
        "held = connect(sys.argv[1]); print(1, flush=True); input()"
    )
    line = [sys.executable, "-c", code, f"chdb://{tmp_path}/held"]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        _, fix = broken(seamline("doctor", "--dsn", f"chdb://{tmp_path}/held", "--json"), "warehouse")
        holder.communicate(b"\n")
    assert "one process at a time" in fix
    assert "seamline clickhouse up" in fix


def test_a_failure_is_one_document_and_one_red_line(seamline: Seamline) -> None:
    said = seamline("doctor", "--dsn", "http://127.0.0.1:9/x", "--json")
    assert said.json().keys() == {"checks"}
    assert said.err.startswith("not well: warehouse · try: ")


def test_wrong_password_of_the_warehouse(seamline: Seamline, served: EmbeddedClickHouse) -> None:
    says, fix = broken(seamline("doctor", "--dsn", served.dsn.replace("right", "wrong"), "--json"), "warehouse")
    assert "login is refused" in says
    assert "wrong" not in says
    assert "clickhouse.dsn: http://user:password@host" in fix


def test_tables_of_an_older_release(seamline: Seamline, tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/old"
    with connect(dsn) as client:
        migrate(client)
        client.command("ALTER TABLE schema_migrations DELETE WHERE version > 9 SETTINGS mutations_sync = 1")
    says, fix = broken(seamline("doctor", "--dsn", dsn, "--json"), "tables")
    assert "older release" in says
    assert fix == "seamline migrate"


def test_tables_of_a_newer_release(seamline: Seamline, tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/new"
    with connect(dsn) as client:
        migrate(client)
        client.command("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'x', 'x')")
    says, fix = broken(seamline("doctor", "--dsn", dsn, "--json"), "tables")
    assert "9999" in says
    assert "newer program" in fix


def test_a_column_dropped_by_hand(seamline: Seamline, tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/altered"
    with connect(dsn) as client:
        migrate(client)
        client.command("ALTER TABLE freshness DROP COLUMN late")
    says, fix = broken(seamline("doctor", "--dsn", dsn, "--json"), "tables")
    assert says == "freshness has no column late"
    assert "undo" in fix


def test_no_tables_yet_is_a_warning_until_a_worker_shall_write_there(tmp_path: Path) -> None:
    with connect(f"chdb://{tmp_path}/empty"):
        pass
    settings = load_settings(overrides={"clickhouse.dsn": f"chdb://{tmp_path}/empty"})
    of_person, of_worker = (
        next(finding for finding in warehouse(settings, is_needed=needed) if finding.subject == "tables")
        for needed in (False, True)
    )
    assert (of_person.verdict, of_worker.verdict) == ("warn", "fail")
    assert of_worker.fix == "seamline migrate"


@pytest.mark.parametrize(("hours", "word"), [(1, "behind"), (-1, "ahead of")])
def test_this_machines_clock_against_the_warehouse(served: EmbeddedClickHouse, hours: int, word: str) -> None:
    """The server's clock is the real one; ours is shifted."""
    settings = load_settings(overrides={"clickhouse.dsn": served.dsn})
    shifted = warehouse(settings, clock_ms=lambda: time.time_ns() // 1_000_000 + hours * HOUR_MS)
    finding = next(finding for finding in shifted if finding.subject == "clock of the warehouse")
    assert finding.verdict == "fail"
    assert f"{word} this machine" in finding.says
    assert "NTP" in finding.fix


@pytest.mark.parametrize(("ahead_ms", "verdict"), [(None, "ok"), (-1_999, "ok"), (5_000, "warn"), (-30_000, "fail")])
def test_clocks_are_judged_by_how_far_they_are_apart(ahead_ms: int | None, verdict: str) -> None:
    assert clock_finding("the broker", ahead_ms).verdict == verdict


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the same call fails, for another reason."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    code = "import sys; from streams.cli import main; sys.exit(main(['doctor', '--json']))"
    ended = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=limit, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    says, fix = broken(Said(ended.returncode, ended.stdout, ended.stderr), "disk")
    assert "can not be written: File too large" in says
    assert "free some space or raise the limit, or move local.state_folder" in fix
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_fails_once_it_is_needed() -> None:
    """Not even root makes files in the kernel's own tree."""
    finding = room_in(Path("/proc/self"), "worker.state_folder", is_made=True)
    assert finding.verdict == "fail"
    assert "worker.state_folder" in finding.fix


def test_doctor_leaves_nothing_behind(seamline: Seamline, tmp_path: Path) -> None:
    seamline("doctor", "--json")
    assert list(tmp_path.iterdir()) == []


def test_every_line_that_is_not_well_says_its_fix(seamline: Seamline) -> None:
    found = [Finding(**check) for check in seamline("doctor", "--json").json()["checks"]]  # type: ignore[attr-defined]
    assert [finding.subject for finding in found if finding.verdict != "ok" and not finding.fix] == []
