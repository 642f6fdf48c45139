"""The embedded ClickHouse starts, is shared, ends cleanly, and keeps what it acknowledged when it is killed."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sinks.clickhouse.client import connect
from sinks.clickhouse.embedded.process import AlreadyServed, EmbeddedClickHouse, NotStarted
from sinks.clickhouse.embedded.served import find
from sinks.clickhouse.failures import WarehouseError


def count(dsn: str) -> int:
    with connect(dsn) as client:
        return int(client.query("SELECT count() FROM kept").rows[0][0])


def fill(dsn: str, acknowledged: list[int], started: threading.Event) -> None:
    with connect(dsn) as client:
        for number in range(10_000):
            try:
                client.insert("kept", ("x",), ("UInt32",), [[number]], token="")
            except WarehouseError:
                return
            acknowledged.append(number)
            if number == 20:
                started.set()


def test_stopped_and_started_again_it_has_its_data_at_the_same_address(tmp_path: Path) -> None:
    with EmbeddedClickHouse() as clickhouse:
        dsn = clickhouse.start(tmp_path / "new" / "folder")
        with connect(dsn) as client:
            client.command("CREATE TABLE kept ENGINE = MergeTree ORDER BY x AS SELECT 7 AS x")
        assert clickhouse.restart() == dsn
        assert count(dsn) == 1
    assert find(tmp_path / "new" / "folder") is None
    with connect(f"chdb://{tmp_path}/new/folder") as client:
        assert client.query("SELECT x FROM kept").rows == [(7,)]


def test_killed_in_the_midst_of_inserts_it_keeps_all_that_it_acknowledged(tmp_path: Path) -> None:
    with EmbeddedClickHouse() as clickhouse:
        dsn = clickhouse.start(tmp_path)
        with connect(dsn) as client:
            client.command("CREATE TABLE kept (x UInt32) ENGINE = MergeTree ORDER BY x")
        acknowledged: list[int] = []
        started = threading.Event()
        thread = threading.Thread(target=fill, args=(dsn, acknowledged, started))
        thread.start()
        assert started.wait(30)
        clickhouse.kill()
        thread.join()
        assert find(tmp_path) is None
        clickhouse.restart()
        with connect(dsn) as client:
            found = [x for (x,) in client.query("SELECT DISTINCT x FROM kept ORDER BY x").rows]
        assert found[: len(acknowledged)] == acknowledged
        assert len(found) <= len(acknowledged) + 1


def test_a_second_one_on_the_same_folder_is_told_where_the_first_is(tmp_path: Path) -> None:
    with EmbeddedClickHouse() as clickhouse:
        dsn = clickhouse.start(tmp_path)
        with pytest.raises(AlreadyServed) as refused:
            EmbeddedClickHouse().start(tmp_path)
    assert refused.value.served is not None
    assert (refused.value.served.address, refused.value.served.pid) == (dsn, clickhouse.pid)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NotStarted, match=f"port {port} is taken"):
            EmbeddedClickHouse().start(tmp_path, port)
    assert find(tmp_path) is None


def test_a_folder_that_another_process_has_opened_directly_is_named(tmp_path: Path) -> None:
    holder = (
        "import sys; from sinks.clickhouse.client import connect\n"
        f"with connect('chdb://{tmp_path}') as client: print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdin=-1, stdout=-1, stderr=-3, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(NotStarted, match=str(tmp_path)):
            EmbeddedClickHouse().start(tmp_path)
        process.communicate("")


def test_a_mark_left_by_a_dead_process_is_no_sign_of_life(tmp_path: Path) -> None:
    mark = f'{{"folder": "{tmp_path}", "address": "http://127.0.0.1:1", "pid": {os.getpid()}, "since": 1}}'
    (tmp_path / "seamline-server.json").write_text(mark)
    assert find(tmp_path) is None
    with EmbeddedClickHouse() as clickhouse:
        clickhouse.start(tmp_path)


def test_before_it_was_started_there_is_nothing_to_stop_and_nothing_to_kill() -> None:
    clickhouse = EmbeddedClickHouse()
    clickhouse.stop()
    with pytest.raises(NotStarted):
        clickhouse.kill()
