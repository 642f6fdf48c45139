"""The frame of the command line: help, exit codes, one line for an error, one document for a machine."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from schemas.rows import Table
from tests.cli.story import Said

Seamline = Callable[..., Said]

ROOT = Path(__file__).parents[2]
VERBS = [
    "demo", "replay", "generate", "timeline", "journey", "journeys ls", "people show", "people why", "people split",
    "people unsplit", "friction ls", "friction show", "friction tail", "explain", "patterns ls", "patterns lint",
    "patterns docs", "patterns test", "query", "catalogue", "topology", "schemas check", "schemas docs",
    "schemas register", "migrate",
    "dead-letters ls", "dead-letters show", "dead-letters replay", "doctor", "config show", "config docs",
    "metrics docs", "topics plan", "topics apply", "topics check", "topics strimzi",
]  # fmt: skip
SCREEN_LINES = 42


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    code = "import sys; from streams.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        line, text=True, capture_output=not options, check=False, env={"PYTHONPATH": str(ROOT)}, **options
    )  # type: ignore[call-overload]


@pytest.mark.parametrize("verb", VERBS)
def test_help_fits_a_screen_and_has_an_example(seamline: Seamline, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = seamline(*verb.split(), "--help")
    assert said.code == 0
    assert len(said.out.splitlines()) <= SCREEN_LINES
    assert f"Example: seamline {verb.split(maxsplit=1)[0]}" in said.out


def test_help_names_every_verb(seamline: Seamline) -> None:
    said = seamline()
    assert said.code == 0
    assert all(verb.split()[0] in said.out for verb in VERBS)


@pytest.mark.parametrize("group", ["people", "friction", "patterns", "schemas", "dead-letters", "config"])
def test_a_group_alone_shows_its_help(seamline: Seamline, group: str) -> None:
    said = seamline(group)
    assert said.code == 0
    assert f"seamline {group}" in said.out


@pytest.mark.parametrize(
    "arguments", [("fly",), ("timeline",), ("people", "fly"), ("query", "--fly"), ("friction", "ls", "--limit", "0")]
)
def test_misuse_is_one_line_and_code_two(seamline: Seamline, arguments: tuple[str, ...]) -> None:
    said = seamline(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "--help" in said.err


def test_an_error_is_a_document_for_machines(seamline: Seamline) -> None:
    said = seamline("timeline", "email:ann@x.org", "--json")
    assert said.code == 3
    assert said.json()["error"]["exit_code"] == 3  # type: ignore[index]


def test_wrong_settings_are_a_usage_error(seamline: Seamline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_NO_SUCH_KEY", "1")
    said = seamline("config", "show")
    assert said.code == 2
    assert "no_such_key" in said.err


def test_config_masks_secrets(seamline: Seamline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_IDENTITY__KEY", "a-very-secret-key-of-acme")
    assert "acme" not in seamline("config", "show").out
    document = seamline("config", "show", "--json").json()
    assert document["identity"]["key"] == "**********"  # type: ignore[index]


def test_topology_and_schemas_speak_json(seamline: Seamline) -> None:
    told = seamline("topology", "--json").json()
    assert [node["name"] for node in told["nodes"]] == ["intake", "stitcher", "alerting"]  # type: ignore[attr-defined]
    assert {table for tables in told["tables"].values() for table in tables} == set(Table)  # type: ignore[attr-defined]
    assert seamline("schemas", "check", "--json").json() == {"findings": []}


def test_doctor_warns_of_the_development_key_and_says_the_fix(seamline: Seamline) -> None:
    said = seamline("doctor", "--json")
    checks = {check["subject"]: check for check in said.json()["checks"]}  # type: ignore[attr-defined]
    assert said.code == 0
    assert checks["identity key"]["verdict"] == "warn"
    assert "key_file" in checks["identity key"]["fix"]
    assert checks["consent"]["verdict"] == "warn"
    assert {"python", "embedded engine", "warehouse", "disk", "java"} <= checks.keys()


def test_doctor_fails_where_the_warehouse_is_not_reached(seamline: Seamline) -> None:
    said = seamline("doctor", "--dsn", "http://127.0.0.1:9/x")
    assert said.code == 1
    assert "warehouse" in said.err


def test_an_address_of_no_warehouse_is_a_usage_error(seamline: Seamline) -> None:
    for verb in (("migrate",), ("doctor",), ("query", "select 1")):
        said = seamline(*verb, "--dsn", "bogus://x")
        assert said.code == 2
        assert "clickhouse.dsn" in said.err


def test_doctor_is_content_with_own_keys(seamline: Seamline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("0123456789abcdef0123")
    monkeypatch.setenv("SEAMLINE_IDENTITY__KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SEAMLINE_PRIVACY__CONSENT_DEFAULT", "denied")
    checks = {check["subject"]: check["verdict"] for check in seamline("doctor", "--json").json()["checks"]}  # type: ignore[attr-defined]
    assert (checks["identity key"], checks["consent"]) == ("ok", "ok")


def test_migrate_can_be_repeated(seamline: Seamline, tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path}/wh"
    assert seamline("migrate", "--dsn", dsn, "--json").json()["applied"]
    assert seamline("migrate", "--dsn", dsn, "--json").json() == {"applied": []}


def test_generate_tells_the_same_world_twice(seamline: Seamline, tmp_path: Path) -> None:
    for name in ("a", "b"):
        told = seamline("generate", "--people", "5", "--days", "1", "--out", str(tmp_path / name), "--json").json()
        assert told["delivered"]
    assert (tmp_path / "a/events.jsonl").read_bytes() == (tmp_path / "b/events.jsonl").read_bytes()


def test_generate_into_a_file_is_one_line(seamline: Seamline, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = seamline("generate", "--people", "5", "--out", str(tmp_path / "file"))
    assert said.code == 1
    assert "can not be written" in said.err


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "from streams.cli import main; import sys; sys.exit(main(['schemas', 'docs']))"
    line = f'{sys.executable} -c "{code}" | head -1; echo ${{PIPESTATUS[0]}}'
    said = subprocess.run(
        ["bash", "-c", line], text=True, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert said.stdout.splitlines() == ["# The event contract", "0"]
    assert said.stderr == ""


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        said = process("config", "show", "--json", stdout=full, stderr=subprocess.PIPE)
    assert said.returncode == 1
    assert said.stderr.startswith("output: No space left on device")
    assert said.stderr.count("\n") == 1


def test_version_and_json_from_a_process_of_its_own() -> None:
    assert process("--version").stdout.startswith("seamline ")
    assert msgspec.json.decode(process("topology", "--json").stdout)["nodes"]
