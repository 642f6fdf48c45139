"""The contract of stores, held to by every one: newest values by key, in order, all or nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.local.stores import MemoryStore, RocksStore, Store
from streams.processor import Change

KINDS: dict[str, Callable[[Path], Store]] = {"memory": lambda _: MemoryStore(), "rocks": RocksStore}


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = KINDS[request.param](tmp_path / "state")
    yield opened
    opened.close()


def held(store: Store, prefix: bytes = b"") -> list[tuple[bytes, bytes]]:
    return list(store.items(prefix))


def test_a_new_store_is_empty(store: Store):
    assert held(store) == []


def test_the_newest_value_of_a_key_holds(store: Store):
    store.write([Change(b"a", b"1"), Change(b"a", b"2")])
    store.write([Change(b"a", b"3")])
    assert held(store) == [(b"a", b"3")]


def test_a_change_without_a_value_takes_the_key_away(store: Store):
    store.write([Change(b"a", b"1"), Change(b"b", b"1")])
    store.write([Change(b"a", None), Change(b"never", None)])
    assert held(store) == [(b"b", b"1")]


def test_inside_one_write_the_last_change_of_a_key_holds(store: Store):
    store.write([Change(b"a", b"1"), Change(b"a", None)])
    store.write([Change(b"b", None), Change(b"b", b"1")])
    assert held(store) == [(b"b", b"1")]


def test_keys_come_in_the_order_of_their_bytes(store: Store):
    keys = [b"\xff", b"\x00", b"ab", b"a", b"\x7f", b"b", b"aa"]
    store.write(Change(key, b"") for key in keys)
    assert [key for key, _ in held(store)] == sorted(keys)


def test_a_prefix_gives_its_keys_alone_and_is_left_off(store: Store):
    keys = (b"P\x00\x00", b"P\x00\x01", b"P\x00\x01a", b"P\x00\x01b", b"P\x00\x02a", b"Q")
    store.write(Change(key, key) for key in keys)
    assert held(store, b"P\x00\x01") == [(b"", b"P\x00\x01"), (b"a", b"P\x00\x01a"), (b"b", b"P\x00\x01b")]


def test_a_prefix_of_greatest_bytes_ends_with_the_store(store: Store):
    store.write([Change(b"\xff\xff", b"1"), Change(b"\xff\xffa", b"2")])
    assert held(store, b"\xff\xff") == [(b"", b"1"), (b"a", b"2")]
    assert held(store, b"\xff\xff\xff") == []


def test_any_bytes_are_a_value(store: Store):
    value = bytes(range(256)) * 300
    store.write([Change(b"empty", b""), Change(b"long", value)])
    assert held(store) == [(b"empty", b""), (b"long", value)]


def test_a_write_that_breaks_off_applies_nothing(store: Store):
    def breaking() -> Iterator[Change]:
        yield Change(b"a", b"2")
        yield Change(b"b", b"2")
        raise OSError

    store.write([Change(b"a", b"1")])
    with pytest.raises(OSError):  # noqa: PT011 - the very error that was raised has no words
        store.write(breaking())
    assert held(store) == [(b"a", b"1")]


def test_what_is_written_while_items_are_read_does_not_disturb_the_reading(store: Store):
    store.write([Change(bytes((number,)), b"1") for number in range(9)])
    read = []
    for key, value in store.items(b""):
        read.append((key, value))
        store.write([Change(key, b"2")])
    assert [key for key, _ in read] == [bytes((number,)) for number in range(9)]
    assert {value for _, value in held(store)} == {b"2"}


def test_a_folder_opened_again_holds_what_was_written(tmp_path: Path):
    first = RocksStore(tmp_path / "deep" / "state")
    first.write([Change(b"a", b"1"), Change(b"b", b"1"), Change(b"b", None)])
    first.close()
    again = RocksStore(tmp_path / "deep" / "state")
    assert held(again) == [(b"a", b"1")]
    again.close()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "state").write_text("not a folder")
    with pytest.raises(FileExistsError):
        RocksStore(tmp_path / "state")
