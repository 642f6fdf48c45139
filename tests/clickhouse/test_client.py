"""Addresses, and what is said when nobody answers there."""

import subprocess
import sys
from pathlib import Path

import pytest

from sinks.clickhouse.client import connect
from sinks.clickhouse.failures import QueryRefused, Unreachable


def test_memory_and_folder_are_opened_one_after_the_other(tmp_path: Path) -> None:
    for address in ("chdb://", f"chdb://{tmp_path}"):
        with connect(address) as client:
            assert client.query("SELECT 1").rows == [(1,)]


def test_a_folder_keeps_what_was_written(tmp_path: Path) -> None:
    with connect(f"chdb://{tmp_path}/here") as client:
        client.command("CREATE TABLE kept ENGINE = MergeTree ORDER BY x AS SELECT 7 AS x")
    with connect(f"chdb://{tmp_path}/here") as client:
        assert client.query("SELECT x FROM kept").rows == [(7,)]


def test_a_second_folder_in_one_process_is_refused_in_words(tmp_path: Path) -> None:
    with connect(f"chdb://{tmp_path}/one"), pytest.raises(Unreachable, match="two"):
        connect(f"chdb://{tmp_path}/two")


def test_a_folder_held_by_another_process_is_unreachable(tmp_path: Path) -> None:
    holder = (
        "import sys; from sinks.clickhouse.client import connect\n"
        f"with connect('chdb://{tmp_path}/held') as client: print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdin=-1, stdout=-1, stderr=-3, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Unreachable) as failure:
            connect(f"chdb://{tmp_path}/held")
        process.communicate("")
    assert "one process at a time" in failure.value.next_step


def test_a_server_that_is_not_there_is_unreachable_and_its_password_is_not_shown() -> None:
    with pytest.raises(Unreachable) as failure:
        connect("http://me:secret@127.0.0.1:1/shop")
    assert failure.value.retryable
    assert "http://127.0.0.1:1/shop" in str(failure.value)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("address", ["postgres://x/y", "folder", "chdb://folder", "http://host/a`b", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(QueryRefused):
        connect(address)


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    client = connect(f"chdb://{tmp_path}")
    client.close()
    client.close()
