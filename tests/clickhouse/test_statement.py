"""Statements are taken apart where ClickHouse itself would, and nothing that touches a file gets past."""

import pytest

from sinks.clickhouse.embedded.refusals import Refusal
from sinks.clickhouse.embedded.statement import read_statement
from sinks.clickhouse.reach import touches_a_file


@pytest.mark.parametrize(
    ("raw", "head", "spelled", "data"),
    [
        (b"INSERT INTO t (x, y) FORMAT Native\n\n\x01", b"INSERT INTO t (x, y)", "Native", b"\n\x01"),
        (b"insert into t format TSV\r\n1\t;\n", b"insert into t", "TSV", b"1\t;\n"),
        (b'INSERT INTO t FORMAT JSONEachRow {"a":1}', b"INSERT INTO t", "JSONEachRow", b'{"a":1}'),
        (b"/* a; */ INSERT INTO `format` FORMAT CSV 1", b"/* a; */ INSERT INTO `format`", "CSV", b"1"),
    ],
)
def test_the_data_of_an_insert_begins_behind_its_format(raw: bytes, head: bytes, spelled: str, data: bytes) -> None:
    statement = read_statement(raw)
    assert (statement.text.strip(), statement.format, statement.data) == (head, spelled, data)


def test_settings_of_an_insert_stand_apart_so_that_its_source_can_be_named_before_them() -> None:
    statement = read_statement(b"INSERT INTO settings SETTINGS a = 'FORMAT x' FORMAT TSV\n1")
    assert (statement.text, statement.settings) == (b"INSERT INTO settings ", b"SETTINGS a = 'FORMAT x' ")


@pytest.mark.parametrize(
    "raw",
    [
        b"INSERT INTO t VALUES (1), (2);",
        b"INSERT INTO t SELECT 1",
        b"INSERT INTO t FORMAT Values (1)",
        b"SELECT 1 -- ;",
    ],
)
def test_other_statements_are_whole(raw: bytes) -> None:
    assert read_statement(raw).data is None


@pytest.mark.parametrize(
    ("raw", "spelled", "bare"),
    [
        (b"SELECT 1 FORMAT JSON", "JSON", b"SELECT 1 "),
        (b"SELECT 1 FORMAT Native SETTINGS a=1;", "Native", b"SELECT 1  SETTINGS a=1"),
        (b"SELECT format FROM t", "", b"SELECT format FROM t"),
        (b"SELECT ' FORMAT JSON'", "", b"SELECT ' FORMAT JSON'"),
    ],
)
def test_the_format_clause_is_found_at_the_end_only(raw: bytes, spelled: str, bare: bytes) -> None:
    statement = read_statement(raw)
    assert (statement.format, statement.bare) == (spelled, bare)


@pytest.mark.parametrize(
    "raw", [b"SELECT ';'; ", b"SELECT `;`", b"SELECT $a$;$a$", b"SELECT 1 /* ; */;;", b"SELECT '; x"]
)
def test_a_semicolon_in_a_text_or_at_the_end_begins_no_second_statement(raw: bytes) -> None:
    read_statement(raw)


@pytest.mark.parametrize("raw", [b"", b" ; ", b"-- nothing", b"SELECT 1; SELECT 2", b"SELECT ''';'; DROP TABLE t"])
def test_nothing_and_two_at_once_are_refused_as_a_server_refuses_them(raw: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_statement(raw)
    assert (refused.value.code, refused.value.status()) == (62, 400)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT 1 into/**/outfile 'x'",
        "SELECT file('/etc/hostname')",
        "SELECT file -- why\n ('/etc/hostname')",
        "SELECT file # why\n ('/etc/hostname')",
        "SELECT `file`('/etc/hostname')",
        "SELECT \"file\" /* a */ ('/etc/hostname')",
        "SELECT `fi\\x6ce`('/etc/hostname')",
        "SELECT file\u00a0\u200b('/etc/hostname')",
        "INSERT INTO FUNCTION file('x') SELECT 1",
    ],
)
def test_files_are_not_reached_however_they_are_spelled(statement: str) -> None:
    assert touches_a_file(statement)


@pytest.mark.parametrize(
    "statement", ["SELECT profile(1)", "SELECT file FROM t WHERE (a)", "SELECT 'a\\'b' AS x, f(1)"]
)
def test_words_that_only_look_so_are_let_through(statement: str) -> None:
    assert not touches_a_file(statement)
