"""Rows and state are in step: state is never ahead of the rows it tells of."""

from collections.abc import Sequence

import pytest

from schemas.rows import FreshnessRow, Table, Upsert
from sinks.clickhouse.failures import QueryRefused
from sinks.clickhouse.writer import Warehouse
from streams.commands.running import Outbox, StoreBehind
from streams.local.stores import MemoryStore
from streams.processor import Change


class Tables:
    """Takes inserts; refuses them while told to."""

    def __init__(self) -> None:
        self.sources: list[object] = []
        self.inserts = 0
        self.refuses = False

    def insert(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Sequence[object]], token: str
    ) -> None:
        if self.refuses:
            raise QueryRefused(table)
        self.inserts += 1
        self.sources += columns[names.index("source")]


def fresh(number: int) -> Upsert:
    source = f"s{number}"
    return Upsert(Table.FRESHNESS, (source, ""), 1, FreshnessRow(source, 0, 0, 0, 0, 0))


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def behind() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def outbox(tables: Tables) -> Outbox:
    return Outbox(Warehouse(tables), batch_rows_max=3)


@pytest.fixture
def store(behind: MemoryStore, outbox: Outbox) -> StoreBehind:
    return StoreBehind(behind, outbox)


def test_rows_of_several_commits_are_inserted_together_and_then_the_state_is_written(
    tables: Tables, behind: MemoryStore, outbox: Outbox, store: StoreBehind
) -> None:
    for number in range(3):
        assert (tables.inserts, list(behind.items(b"P"))) == (0, [])
        outbox.publish([fresh(number)])
        store.write([Change(b"P%d" % number, b"x")])
    assert (tables.inserts, tables.sources) == (1, ["s0", "s1", "s2"])
    assert [key for key, _ in behind.items(b"P")] == [b"0", b"1", b"2"]


def test_what_waits_can_be_read_and_what_was_removed_can_not(behind: MemoryStore, store: StoreBehind) -> None:
    behind.write([Change(b"Pa", b"old"), Change(b"Pb", b"old"), Change(b"Qc", b"old")])
    store.write([Change(b"Pa", b"new"), Change(b"Pb", None), Change(b"Pd", b"new")])
    assert sorted(store.items(b"P")) == [(b"a", b"new"), (b"d", b"new")]
    assert list(behind.items(b"Pb")) == [(b"", b"old")]


def test_who_settles_finds_rows_and_state_written(
    tables: Tables, behind: MemoryStore, outbox: Outbox, store: StoreBehind
) -> None:
    outbox.publish([fresh(1)])
    store.write([Change(b"Pa", b"1")])
    store.write([Change(b"Pa", b"2")])
    store.settle()
    assert (tables.sources, list(behind.items(b"P"))) == (["s1"], [(b"a", b"2")])


def test_others_are_told_when_rows_are_stored_and_the_state_is_not_yet(
    tables: Tables, behind: MemoryStore, outbox: Outbox
) -> None:
    seen: list[object] = []
    store = StoreBehind(behind, outbox, lambda: seen.append((list(tables.sources), list(behind.items(b"P")))))
    outbox.publish([fresh(1)])
    store.write([Change(b"Pa", b"1")])
    store.settle()
    assert seen == [(["s1"], [])]


def test_state_stays_behind_where_its_rows_can_not_be_inserted(
    tables: Tables, behind: MemoryStore, outbox: Outbox, store: StoreBehind
) -> None:
    tables.refuses = True
    outbox.publish([fresh(1)])
    store.write([Change(b"Pa", b"1")])
    with pytest.raises(QueryRefused):
        store.settle()
    assert list(behind.items(b"P")) == []
    tables.refuses = False
    store.settle()
    assert (tables.sources, list(behind.items(b"P"))) == (["s1"], [(b"a", b"1")])
