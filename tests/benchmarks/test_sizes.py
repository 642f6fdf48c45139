"""What the benchmark scales up: catalogues and crowds."""

from benchmarks.catalogues import book_of
from benchmarks.crowds import measure_crowds
from benchmarks.measures import Rounds
from benchmarks.stages import stitch
from benchmarks.workload import lines_of, records_of
from schemas.rows import Table
from streams.patterns.loader import load_catalogue

SHIPPED = [pattern.id for pattern in load_catalogue()]


def test_ten_patterns_are_the_first_ten():
    assert [pattern.id for pattern in book_of(10).catalogue.patterns] == SHIPPED[:10]


def test_hundred_patterns_are_the_shipped_ones_and_copies_under_ids_of_their_own():
    ids = [pattern.id for pattern in book_of(100).catalogue.patterns]
    assert ids[:13] == SHIPPED
    assert len(set(ids)) == 100


def test_copies_match_nothing_and_change_nothing():
    records = records_of(lines_of(1_500, 7))
    shipped, copied = stitch(records, book_of(13)), stitch(records, book_of(100))
    assert any(row.table is Table.FRICTION for rows in shipped for row in rows)
    assert copied == shipped


def test_many_are_fifty_times_the_few():
    costs = Rounds()
    assert measure_crowds(4, 1, costs) == 200
    assert costs.names() == ["few", "many"]
