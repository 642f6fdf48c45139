"""Comparing tables: every difference is told, and told readably."""

from schemas.rows import AliasRow, ChannelCell, Row
from tests.oracle.compare import ABSENT, Difference, compare, equal
from tests.oracle.published import published
from tests.oracle.shape import FIELDS, RowKey, Tables

ROW = ("email", "person-1")


def test_equal_tables_have_no_difference() -> None:
    assert compare({"person_aliases": {("a", 0): ROW}}, {"person_aliases": {("a", 0): ROW}}) == []


def test_a_field_that_differs_is_named_with_both_values() -> None:
    ours: Tables = {"person_aliases": {("a", 0): ("f0", "email", "person-2")}}
    oracle: Tables = {"person_aliases": {("a", 0): ("f0", "email", "person-1")}}
    assert compare(ours, oracle) == [Difference("person_aliases", ("a", 0), "person_id", "person-2", "person-1")]
    assert str(compare(ours, oracle)[0]) == "person_aliases [a 0] person_id: ours person-2, oracle person-1"


def test_a_row_that_one_side_lacks_is_a_difference() -> None:
    row = ("f0", "email", "person-1")
    assert compare({"person_aliases": {}}, {"person_aliases": {("a", 0): row}})[0].ours == ABSENT
    assert compare({"person_aliases": {("a", 0): row}}, {"person_aliases": {}})[0].oracle == ABSENT


def test_a_table_that_is_missing_altogether_is_missing_rows() -> None:
    assert len(compare({}, {"person_aliases": {("a", 0): ("f0", "email", "p"), ("b", 0): ("f1", "email", "p")}})) == 2


def test_published_rows_are_reshaped_by_their_fields() -> None:
    row = AliasRow(alias="a", valid_from=0, identifier="f0", kind="email", person_id="p")
    assert published({"person_aliases": {("a", 0): row}})["person_aliases"] == {("a", 0): ("f0", "email", "p")}


def test_cells_are_summed_over_partitions_and_empty_ones_dropped() -> None:
    def cell(partition: int, *buckets: int) -> ChannelCell:
        events = sum(buckets)
        return ChannelCell(partition, 60_000, "b", "web", "", "", "page.viewed", "none", events, events, 0, 0, buckets)

    place = (60_000, "b", "web", "", "", "page.viewed", "none")
    rows: dict[RowKey, Row] = {
        (0, *place): cell(0, 2, 0),
        (1, *place): cell(1, 2, 1),
        (1, 0, *place[1:]): cell(1, 0, 0),
    }
    assert published({"agg_channel_1m": rows})["agg_channel_1m"] == {place: (5, 5, 0, 0, (4, 1))}


def test_scores_may_differ_in_their_last_digit() -> None:
    assert equal(12.345678, 12.345679)
    assert not equal(12.345678, 12.345688)
    assert not equal(None, 0.0)


def test_every_table_has_fields_to_compare() -> None:
    assert set(published({})) == set(FIELDS)
