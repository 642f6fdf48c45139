"""Replay: files in, tables out; every record accounted for, whatever the files are."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.cli.story import NINE, Said

Seamline = Callable[..., Said]


def event(number: int, *identifiers: tuple[str, str], **told: object) -> bytes:
    named = [{"kind": kind, "value": value, "assurance": "authenticated"} for kind, value in identifiers]
    stamp = {"occurred_at": NINE + number * 1000, "received_at": NINE + number * 1000}
    base = {"event_id": f"e{number}", "source": "/web", "channel": "web", "name": "page.viewed", "identifiers": named}
    return msgspec.json.encode({**base, **stamp, **told})


ANN = [event(1, ("account_id", "a-17"), ("email", "ann@x.org")), event(2, ("email", "ann@x.org"), channel="support")]
BOB = [event(3, ("account_id", "b-2"))]


@pytest.fixture
def run(seamline: Seamline, tmp_path: Path) -> Seamline:
    """Replay into this test's own warehouse and state."""
    return lambda *arguments: seamline(*arguments, "--dsn", f"chdb://{tmp_path}/wh")


def file(tmp_path: Path, name: str, *lines: bytes) -> str:
    path = tmp_path / name
    text = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return str(path)


def result(said: Said) -> dict[str, int]:
    last = said.out.splitlines()[-1]
    assert last.startswith("RESULT ")
    return msgspec.json.decode(last.removeprefix("RESULT "), type=dict[str, int])


def test_files_plain_and_gzip_become_people(run: Seamline, tmp_path: Path) -> None:
    said = run("replay", file(tmp_path, "a.jsonl", *ANN), file(tmp_path, "b.jsonl.gz", *BOB))
    assert said.code == 0, said.err
    told = result(said)
    assert (told["in"], told["accepted"], told["new"], told["dead"], told["unaccounted"]) == (3, 3, 3, 0, 0)
    people = run("query", "select count() as n from people_v", "--json").json()
    assert people == {"rows": [{"n": 2}]}


def test_the_same_file_again_changes_nothing_and_a_new_one_joins(run: Seamline, tmp_path: Path) -> None:
    name = file(tmp_path, "a.jsonl", *ANN)
    assert run("replay", name).code == 0
    assert result(run("replay", name))["in"] == 2
    assert result(run("replay", file(tmp_path, "b.jsonl", *BOB, *ANN)))["repeat"] == 2
    assert run("query", "select count() as n from touchpoints_v", "--json").json() == {"rows": [{"n": 3}]}


def test_a_file_that_grew_is_read_on_and_one_that_was_replaced_is_read_anew(run: Seamline, tmp_path: Path) -> None:
    run("replay", file(tmp_path, "a.jsonl", *ANN))
    assert result(run("replay", file(tmp_path, "a.jsonl", *ANN, *BOB)))["in"] == 3
    others = [event(number, ("account_id", "c-3")) for number in range(10, 14)]
    assert result(run("replay", file(tmp_path, "a.jsonl", *others)))["in"] == 7


def test_standard_input_is_read_whole_each_time(run: Seamline, monkeypatch: pytest.MonkeyPatch) -> None:
    for lines, accepted in ((ANN, 2), (BOB, 3)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n".join(lines))))
        assert result(run("replay", "-"))["accepted"] == accepted


def test_json_is_one_document(run: Seamline, tmp_path: Path) -> None:
    document = run("replay", file(tmp_path, "a.jsonl", *ANN), "--json").json()
    assert document["accepted"] == 2
    assert document["failures"] == []


def broken(tmp_path: Path) -> dict[str, tuple[str, str]]:
    whole = gzip.compress(b"\n".join(ANN * 50))
    (tmp_path / "cut.gz").write_bytes(whole[:-20])
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b" + b"\x00" * 40)
    (tmp_path / "folder").mkdir()
    return {
        "missing": (str(tmp_path / "absent"), "no such file"),
        "directory": (str(tmp_path / "folder"), "is a directory"),
        "cut": (str(tmp_path / "cut.gz"), "broken or cut"),
        "broken": (str(tmp_path / "broken.gz"), ""),
    }


@pytest.mark.parametrize("kind", ["missing", "directory", "cut", "broken"])
def test_a_bad_file_is_named_and_the_others_are_read(run: Seamline, tmp_path: Path, kind: str) -> None:
    name, cause = broken(tmp_path)[kind]
    said = run("replay", name, file(tmp_path, "good.jsonl", *BOB))
    assert said.code == 1
    assert name in said.err
    assert cause in said.err
    assert "Traceback" not in said.err
    assert result(said)["accepted"] >= 1
    assert run("query", "select count() as n from people_v where has(kinds, 'account_id')", "--json").code == 0


def test_what_stands_before_the_break_of_a_cut_file_is_read(run: Seamline, tmp_path: Path) -> None:
    events = [event(number, ("account_id", f"c-{number}")) for number in range(2000)]
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"\n".join(events))[:-200])
    said = run("replay", str(tmp_path / "cut.gz"))
    assert said.code == 1
    assert 1000 < result(said)["accepted"] < 2000


def test_one_event_of_2100_does_not_carry_the_others_away(run: Seamline, tmp_path: Path) -> None:
    future = event(9, ("account_id", "a-17"), occurred_at="2100-01-01T00:00:00Z", received_at=None)
    run("replay", file(tmp_path, "a.jsonl", *ANN, future))
    said = run("replay", file(tmp_path, "b.jsonl", *BOB))
    assert (result(said)["new"], result(said)["dead"], said.code) == (3, 1, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_nobody_may_read_is_named(run: Seamline, tmp_path: Path) -> None:
    name = file(tmp_path, "secret.jsonl", *ANN)
    Path(name).chmod(0)
    said = run("replay", name)
    assert said.code == 1
    assert "permission denied" in said.err


def test_bad_records_are_dead_letters_and_the_run_goes_on(run: Seamline, tmp_path: Path) -> None:
    deep, long = b'{"a":' * 500 + b"1" + b"}" * 500, b"x" * 2_000_000
    bad = [b"", b"{", b"\x00\xff\xfe", b"[1,2]", b'{"event_id": 1}', deep, long]
    said = run("replay", file(tmp_path, "mixed.jsonl", *bad, *BOB))
    assert said.code == 0, said.err
    told = result(said)
    # The empty line is none, and the list is a batch of two.
    assert (told["accepted"], told["dead"], told["unaccounted"]) == (1, 7, 0)


def test_a_flood_of_dead_letters_is_a_failure(run: Seamline, tmp_path: Path) -> None:
    said = run("replay", file(tmp_path, "wrong.csv", *[b"1;2;3"] * 150))
    assert said.code == 1
    assert "flood" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as-of", "yesterday"),
        ("--adapter", "carrier-pigeon"),
        ("--adapter", "mapping"),
        ("--mapping", "no_such_mapping"),
        ("--partitions", "0"),
        ("--no-such-option",),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(run: Seamline, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = run("replay", file(tmp_path, "a.jsonl", *ANN), *arguments)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_a_mapping_reads_an_export(run: Seamline, tmp_path: Path) -> None:
    line = b'198.18.0.2 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 20 "-" "Mozilla/5.0"'
    assert result(run("replay", file(tmp_path, "a.log", line), "--mapping", "apache_combined"))["accepted"] == 1


def test_state_of_one_run_and_tables_of_another_are_refused(run: Seamline, tmp_path: Path) -> None:
    name = file(tmp_path, "a.jsonl", *ANN)
    assert run("replay", name).code == 0
    said = run("replay", name, "--state", str(tmp_path / "elsewhere"))
    assert said.code == 1
    assert "different runs" in said.err


def test_a_run_that_read_nothing_is_in_nobodys_way(run: Seamline, tmp_path: Path) -> None:
    assert run("replay", str(tmp_path / "absent")).code == 1
    assert run("replay", file(tmp_path, "a.jsonl", *ANN)).code == 0


def test_state_without_its_tables_is_refused(run: Seamline, seamline: Seamline, tmp_path: Path) -> None:
    name = file(tmp_path, "a.jsonl", *ANN)
    assert run("replay", name).code == 0
    assert seamline("replay", name, "--dsn", f"chdb://{tmp_path}/other").code == 1


def test_partitions_are_for_the_life_of_the_state(run: Seamline, tmp_path: Path) -> None:
    name = file(tmp_path, "a.jsonl", *ANN)
    assert run("replay", name, "--partitions", "2").code == 0
    assert run("replay", name, "--partitions", "3").code == 1


def test_a_split_settles_at_once_and_an_unsplit_takes_it_back(run: Seamline, tmp_path: Path) -> None:
    run("replay", file(tmp_path, "a.jsonl", *ANN))
    pair = ("account_id:a-17", "email:ann@x.org")

    def same() -> object:
        return run("people", "why", *pair, "--json").json()["same"]

    assert same() is True
    assert run("people", "split", *pair, "--json").json()["applied"] is True
    assert same() is False
    assert run("people", "unsplit", *pair).code == 0
    assert same() is True


def test_decisions_on_plain_identifiers_are_heeded(run: Seamline, tmp_path: Path) -> None:
    pair = [{"kind": "account_id", "value": "a-17"}, {"kind": "email", "value": "Ann@X.org"}]
    line = {"pair": pair, "decided_at": NINE, "decision_id": "d1", "verdict": "split"}
    decisions = file(tmp_path, "decisions.jsonl", msgspec.json.encode(line))
    assert run("replay", file(tmp_path, "a.jsonl", *ANN), "--decisions", decisions).code == 0
    assert run("people", "why", "account_id:a-17", "email:ann@x.org", "--json").json()["same"] is False


def test_a_line_that_is_no_decision_is_named(run: Seamline, tmp_path: Path) -> None:
    decisions = file(tmp_path, "decisions.jsonl", b"{}")
    said = run("replay", file(tmp_path, "a.jsonl", *ANN), "--decisions", decisions)
    assert said.code == 1
    assert "line 1" in said.err


def test_dead_letters_are_read_again_once_they_can_be(run: Seamline, tmp_path: Path) -> None:
    line = b'198.18.0.2 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 20 "-" "Mozilla/5.0"'
    assert result(run("replay", file(tmp_path, "a.log", line, b"rubbish")))["dead"] == 2
    again = ("dead-letters", "replay", "--mapping", "apache_combined", "--json")
    assert run(*again).json() == {"letters": 2, "cut": 0, "accepted": 1, "still_dead": 1}
    assert run(*again).json() == {"letters": 1, "cut": 0, "accepted": 0, "still_dead": 1}
    assert run("query", "select count() as n from touchpoints_v", "--json").json() == {"rows": [{"n": 1}]}
