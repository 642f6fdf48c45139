"""Sources: lines of a file, plain or gzip, with the number each stands at; what cannot be read says what to do."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest

from streams.local import sources
from streams.local.sources import EventSource, FileSource, SourceError, bounded_lines

LINES = [b'{"n":%d}' % number for number in range(5)]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(source: FileSource | EventSource, start: int = 0) -> list[tuple[int, bytes]]:
    return [(record.position, record.value) for record in source.records(start)]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return written(tmp_path / "events.jsonl", b"\n".join(LINES) + b"\n")


# --- files


def test_a_record_is_a_line_and_its_position_is_its_number(plain: Path):
    assert read(FileSource(plain)) == list(enumerate(LINES))


def test_reading_goes_on_from_a_position(plain: Path):
    assert read(FileSource(plain), 3) == [(3, LINES[3]), (4, LINES[4])]
    assert read(FileSource(plain), 99) == []


def test_empty_lines_are_passed_over_but_counted(tmp_path: Path):
    path = written(tmp_path / "events.jsonl", b"\n" + LINES[0] + b"\r\n  \n" + LINES[1])
    assert read(FileSource(path)) == [(1, LINES[0]), (3, LINES[1])]


def test_a_json_file_is_one_record_whole(tmp_path: Path):
    path = written(tmp_path / "event.json", b'{\n  "n": 1\n}\n')
    assert read(FileSource(path)) == [(0, b'{\n  "n": 1\n}')]


def test_a_record_tells_its_input_and_how_to_read_it(plain: Path):
    (record, *_) = FileSource(plain, adapter="mapped", mapping="log", source="/log").records(0)
    assert (record.input, record.adapter, record.mapping, record.source) == ("events.jsonl", "mapped", "log", "/log")
    assert FileSource(plain, name="events").name == "events"


def test_an_empty_file_has_no_records(tmp_path: Path):
    assert read(FileSource(written(tmp_path / "events.jsonl", b""))) == []


# --- gzip


def test_gzip_is_recognised_by_its_first_bytes_whatever_the_name(tmp_path: Path):
    path = written(tmp_path / "events.log", gzip.compress(b"\n".join(LINES)))
    assert read(FileSource(path)) == list(enumerate(LINES))


def test_a_plain_file_is_read_plain_though_its_name_says_gzip(tmp_path: Path):
    assert read(FileSource(written(tmp_path / "events.jsonl.gz", LINES[0]))) == [(0, LINES[0])]


def test_a_cut_gzip_gives_the_records_before_the_cut_and_then_says_so(tmp_path: Path):
    many = b"\n".join(b'{"n":"%s"}' % bytes(f"{number * 7919 % 9973}" * 9, "ascii") for number in range(9_000))
    whole = gzip.compress(many)
    source = FileSource(written(tmp_path / "events.jsonl.gz", whole[: len(whole) // 2]))
    taken: list[bytes] = []
    with pytest.raises(SourceError, match="broken or cut; records before the break were read"):
        taken.extend(record.value for record in source.records(0))
    assert 0 < len(taken) < 9_000
    assert taken == many.split(b"\n")[: len(taken)]


def test_a_gzip_with_a_broken_middle_says_so(tmp_path: Path):
    whole = bytearray(gzip.compress(b"\n".join(LINES * 500)))
    whole[len(whole) // 2] ^= 0xFF
    source = FileSource(written(tmp_path / "events.jsonl.gz", bytes(whole)))
    with pytest.raises(SourceError, match="broken or cut"):
        read(source)


# --- trouble


def test_a_missing_file_says_to_check_the_path(tmp_path: Path):
    with pytest.raises(SourceError, match="no such file or directory; check the path") as told:
        read(FileSource(tmp_path / "none.jsonl"))
    assert told.value.name.endswith("none.jsonl")


def test_a_directory_says_to_name_the_files_in_it(tmp_path: Path):
    with pytest.raises(SourceError, match="is a directory; name the files in it"):
        read(FileSource(tmp_path))


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "LINE_BYTES_MAX", 8)
    content = b"short\n" + b"x" * 30 + b"\n1234567\n12345678\nlast"
    assert list(bounded_lines(BytesIO(content))) == [b"short\n", b"x" * 8, b"1234567\n", b"12345678", b"last"]


def test_a_line_may_be_sixteen_megabytes(tmp_path: Path):
    long = b"x" * (16 * 1024 * 1024 + 5)
    path = written(tmp_path / "events.jsonl", long + b"\n" + LINES[0])
    records = read(FileSource(path))
    assert [(position, len(value)) for position, value in records] == [(0, 16 * 1024 * 1024), (1, len(LINES[0]))]


# --- events made in this process


def test_events_are_numbered_as_they_are_delivered():
    assert read(EventSource("world", LINES), 3) == [(3, LINES[3]), (4, LINES[4])]
