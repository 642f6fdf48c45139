"""The front speaks ClickHouse's HTTP interface as curl and others know it."""

import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import clickhouse_connect
import cramjam
import pytest

from sinks.clickhouse.client import connect
from sinks.clickhouse.embedded.front import BODY_BYTES_MAX
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.failures import QueryRefused


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedClickHouse() as clickhouse:
        address = clickhouse.start(tmp_path_factory.mktemp("front"))
        with connect(address) as client:
            client.command("CREATE TABLE things (x UInt32, s String) ENGINE = MergeTree ORDER BY x")
        yield address


class Answered:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


def ask(
    dsn: str, body: bytes | None = None, path: str = "/", headers: Mapping[str, str] | None = None, **told: Any
) -> Answered:
    connection = HTTPConnection("127.0.0.1", int(dsn.rpartition(":")[2]), timeout=30)
    try:
        connection.request("GET" if body is None else "POST", f"{path}?{urlencode(told)}", body, dict(headers or {}))
        response = connection.getresponse()
        return Answered(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def test_it_says_that_it_lives(dsn: str) -> None:
    assert [ask(dsn, path=path).body for path in ("/", "/ping", "/replicas_status")] == [b"Ok.\n"] * 3
    assert ask(dsn, path="/play").status == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"SELECT 1 AS a", {}),
        (None, {"query": "SELECT 1 AS a"}),
        (b"1 AS a", {"query": "SELECT"}),
        (b"SELECT {a:UInt8} AS a", {"param_a": "1"}),
        (b"SELECT count() AS a FROM one", {"database": "system"}),
    ],
)
def test_a_statement_comes_in_the_address_or_the_body_or_half_in_each(
    dsn: str, body: bytes | None, told: dict[str, Any]
) -> None:
    answered = ask(dsn, body, **told)
    assert (answered.status, answered.body, answered.headers["X-ClickHouse-Format"]) == (200, b"1\n", "TabSeparated")


def test_formats_are_named_in_the_statement_the_address_or_a_header(dsn: str) -> None:
    asked = [
        ask(dsn, b"SELECT 1 AS a FORMAT JSONCompact", default_format="CSV"),
        ask(dsn, b"SELECT 1 AS a", default_format="JSONCompact"),
        ask(dsn, b"SELECT 1 AS a", headers={"X-ClickHouse-Format": "JSONCompact"}),
    ]
    assert [json.loads(answered.body)["data"] for answered in asked] == [[[1]]] * 3
    assert {(one.headers["X-ClickHouse-Format"], one.headers["Content-Type"]) for one in asked} == {
        ("JSONCompact", "application/json")
    }
    assert ask(dsn, b"SELECT 1 AS a", default_format="Native").body == b"\x01\x01\x01a\x05UInt8\x01"


def test_an_answer_without_rows_names_its_columns_in_native_too(dsn: str) -> None:
    assert ask(dsn, b"SELECT 1 AS a WHERE 0 FORMAT Native").body == b"\x01\x00\x01a\x05UInt8"


def test_figures_of_the_question_are_told(dsn: str) -> None:
    summary = json.loads(
        ask(dsn, b"SELECT sum(number) FROM numbers(10)", query_id="mine").headers["X-ClickHouse-Summary"]
    )
    assert (summary["read_rows"], summary["result_rows"]) == ("10", "1")
    answered = ask(dsn, b"INSERT INTO things FORMAT TSV\n900\ta\n901\tb\n", query_id="mine")
    assert json.loads(answered.headers["X-ClickHouse-Summary"])["written_rows"] == "2"
    assert answered.headers["X-ClickHouse-Query-Id"] == "mine"


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        (b"SELECT * FROM nowhere", 404, "60"),
        (b"SELCT 1", 400, "62"),
        (b"SELECT 1; SELECT 2", 400, "62"),
        (b"SELECT 1 INTO OUTFILE 'x'", 501, "48"),
        (b"SELECT 1 FORMAT Dataframe", 404, "73"),
        (b"SELECT throwIf(1)", 500, "395"),
        (b'INSERT INTO things FORMAT JSONEachRow\n{"x": "no"}', 400, "27"),
        (b"INSERT INTO things (nothing) FORMAT TSV\n1", 500, "16"),
    ],
)
def test_errors_carry_clickhouses_number_and_words(dsn: str, statement: bytes, status: int, code: str) -> None:
    answered = ask(dsn, statement)
    assert (answered.status, answered.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert answered.body.startswith(f"Code: {code}. DB::Exception: ".encode())
    assert b"(version " in answered.body


def test_settings_hold_for_their_request_only(dsn: str) -> None:
    assert ask(dsn, b"SELECT getSetting('max_threads')", max_threads="3").body == b"3\n"
    assert ask(dsn, b"SELECT getSetting('max_threads') = 3").body == b"0\n"
    assert ask(dsn, b"SELECT 1", nonsense="3").headers["X-ClickHouse-Exception-Code"] == "115"
    hostile: dict[str, Any] = {"max_threads = 1; DROP": "3"}
    assert ask(dsn, b"SELECT 1", **hostile).headers["X-ClickHouse-Exception-Code"] == "62"


@pytest.mark.parametrize("told", [{"readonly": "1"}, {"readonly": "2"}])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO things VALUES (1, 'a')",
        "INSERT INTO things FORMAT TSV\n1\ta",
        "DROP TABLE things",
        "SELECT file('/etc/hostname')",
        "SELECT `file`('/etc/hostname')",
        "SELECT * FROM file('/etc/hostname', 'TSV', 'a String')",
    ],
)
def test_read_only_requests_write_nothing_and_reach_no_file(dsn: str, told: dict[str, Any], statement: str) -> None:
    posted = ask(dsn, statement.encode(), **told)
    got = ask(dsn, query=statement)
    assert {answered.headers["X-ClickHouse-Exception-Code"] for answered in (posted, got)} == {"164"}


@pytest.mark.parametrize(
    ("encoding", "unpack"),
    [("gzip", gzip.decompress), ("zstd", cramjam.zstd.decompress), ("lz4", cramjam.lz4.decompress)],
)
def test_answers_are_packed_as_asked(dsn: str, encoding: str, unpack: Any) -> None:
    headers = {"Accept-Encoding": f"br, {encoding};q=0.9"}
    answered = ask(dsn, b"SELECT 1", headers=headers, enable_http_compression="1")
    assert (answered.headers["Content-Encoding"], bytes(unpack(answered.body))) == (encoding, b"1\n")
    assert "Content-Encoding" not in ask(dsn, b"SELECT 1", headers=headers).headers


@pytest.mark.parametrize("module", [cramjam.gzip, cramjam.zstd, cramjam.lz4])
def test_packed_requests_are_unpacked_up_to_the_limit(dsn: str, module: Any) -> None:
    headers = {"Content-Encoding": module.__name__.rpartition(".")[2]}
    assert ask(dsn, bytes(module.compress(b"SELECT 5")), headers=headers).body == b"5\n"
    bomb = bytes(module.compress(bytes(BODY_BYTES_MAX + 1)))
    assert ask(dsn, bomb, headers=headers).headers["X-ClickHouse-Exception-Code"] == "271"


def test_what_is_not_spoken_is_refused_and_not_misunderstood(dsn: str) -> None:
    refused = [
        ask(dsn, b"SELECT 1", compress="1"),
        ask(dsn, b"SELECT 1", decompress="1"),
        ask(dsn, b"SELECT 1", headers={"Content-Encoding": "br"}),
    ]
    assert {(one.status, one.headers["X-ClickHouse-Exception-Code"]) for one in refused} == {(501, "48")}


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example:80"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_web_pages_of_others_can_not_ask(dsn: str, headers: dict[str, str]) -> None:
    assert ask(dsn, b"SELECT 1", headers=headers).status == 401


def test_an_answer_beyond_the_limit_is_refused(dsn: str) -> None:
    answered = ask(dsn, b"SELECT repeat('x', 1000 + number % 2) FROM numbers(1000000)", max_result_bytes="1000000")
    assert answered.headers["X-ClickHouse-Exception-Code"] == "396"


def test_a_session_keeps_its_temporary_tables_and_is_used_by_one_at_a_time(dsn: str) -> None:
    assert ask(dsn, b"CREATE TEMPORARY TABLE t AS SELECT 7 AS x", session_id="a").status == 200
    assert ask(dsn, query="SELECT x FROM t", session_id="a").body == b"7\n"
    assert ask(dsn, b"INSERT INTO t VALUES (8)", session_id="a").status == 200
    assert ask(dsn, b"SELECT x FROM t", session_id="b").status == 404
    assert ask(dsn, b"SELECT 1", session_id="c", session_check="1").headers["X-ClickHouse-Exception-Code"] == "372"
    slow = threading.Thread(target=ask, args=(dsn, b"SELECT sleep(1)"), kwargs={"session_id": "a"})
    slow.start()
    time.sleep(0.4)
    assert ask(dsn, b"SELECT 1", session_id="a").headers["X-ClickHouse-Exception-Code"] == "373"
    slow.join()


def test_slow_questions_stop_neither_life_signs_nor_others(dsn: str) -> None:
    slow = [
        threading.Thread(target=ask, args=(dsn, b"SELECT sleepEachRow(1) FROM numbers(2) FORMAT Null"))
        for _ in range(4)
    ]
    for thread in slow:
        thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    assert (ask(dsn, path="/ping").body, ask(dsn, b"SELECT 1").body) == (b"Ok.\n", b"1\n")
    assert time.monotonic() - began < 1
    for thread in slow:
        thread.join()


def test_a_question_whose_asker_went_away_is_broken_off(dsn: str) -> None:
    connection = HTTPConnection("127.0.0.1", int(dsn.rpartition(":")[2]), timeout=30)
    connection.request("POST", "/", b"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    time.sleep(0.5)
    running = b"SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%LIKE%'"
    assert ask(dsn, running).body == b"1\n"
    connection.close()
    deadline = time.monotonic() + 10
    while ask(dsn, running).body != b"0\n":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_driver_with_its_own_defaults_and_its_sessions_works(dsn: str) -> None:
    client = clickhouse_connect.get_client(host="127.0.0.1", port=int(dsn.rpartition(":")[2]))
    try:
        client.command("CREATE TEMPORARY TABLE mine (x UInt8)")
        client.insert("mine", [[1], [2]], column_names=["x"])
        assert client.query("SELECT sum(x) FROM mine").result_rows == [(3,)]
        assert client.ping()
    finally:
        client.close()


def test_a_password_is_asked_of_everybody(tmp_path: Path) -> None:
    with EmbeddedClickHouse(user="ann", password="wörd/:") as clickhouse:
        dsn = clickhouse.start(tmp_path)
        with connect(dsn) as client:
            assert client.query("SELECT 1").rows == [(1,)]
        plain = f"http://{dsn.rpartition('@')[2]}"
        for headers in ({}, {"X-ClickHouse-User": "ann"}, {"Authorization": "Basic !"}):
            answered = ask(plain, b"SELECT 1", headers=headers)
            assert (answered.status, answered.headers["X-ClickHouse-Exception-Code"]) == (401, "516")
        right = {"X-ClickHouse-User": "ann", "X-ClickHouse-Key": "word"}
        assert ask(plain, b"SELECT 1", headers=right).status == 401
        assert ask(plain, b"SELECT 1", user="ann", password="wörd/:").body == b"1\n"


def test_the_client_refuses_files_before_the_server_has_to(dsn: str) -> None:
    with connect(dsn, read_only=True) as client, pytest.raises(QueryRefused):
        client.query("SELECT `file`('/etc/hostname')")
