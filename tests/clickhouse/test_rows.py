"""What cannot be stored is set aside by name, and everything else goes on."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from schemas.rows import PersonRow, Table, TouchpointRow, Upsert
from schemas.touchpoint import Item, Value
from sinks.clickhouse.kinds import LIST_LENGTH_MAX, TEXT_LENGTH_MAX
from sinks.clickhouse.layouts import LAYOUTS
from sinks.clickhouse.rows import Batch, RejectedRow, lay_out, newest
from tests.clickhouse.builders import ANNA, FULL_ROWS, key_of, retraction, seen, touchpoint, upsert

Spoil = Callable[[], Upsert]


def columns_of(upserts: Iterable[Upsert]) -> tuple[list[Batch], list[RejectedRow]]:
    """What the writer does with a commit, all tables at once."""
    batches: list[Batch] = []
    rejected: list[RejectedRow] = []
    for table, of_table in newest(upserts).items():
        batch, refused = lay_out(LAYOUTS[table], of_table)
        rejected += refused
        if batch.upserts:
            batches.append(batch)
    return batches, rejected


def with_fields(**told: object) -> Spoil:
    fields: dict[str, Any] = told
    return lambda: seen(99, **fields)


def friction(**told: object) -> Spoil:
    row = FULL_ROWS[Table.FRICTION]
    return lambda: Upsert(Table.FRICTION, key_of(Table.FRICTION, row), 1, msgspec.structs.replace(row, **told))


POISON: dict[str, tuple[Spoil, str]] = {
    "lone_surrogate": (with_fields(name="page\ud800"), "name holds a lone surrogate"),
    "lone_surrogate_in_a_map": (with_fields(attributes={"k": "\udfff"}), "attributes holds a lone surrogate"),
    "lone_surrogate_in_a_list": (with_fields(flags=("ok", "\ud800")), "flags holds a lone surrogate"),
    "no_text": (with_fields(brand=None), "brand is not a string but of type NoneType"),
    "number_for_text": (with_fields(brand=3), "brand is not a string but of type int"),
    "too_long_text": (with_fields(brand="x" * (TEXT_LENGTH_MAX + 1)), "brand is longer than"),
    "year_1": (with_fields(event_time=-62_135_596_800_000), "event_time is not between"),
    "year_2300": (with_fields(sent_at=10_413_792_000_000), "sent_at is not between"),
    "integer_of_65_bits": (with_fields(duration_ms=2**63), "duration_ms is not between"),
    "fraction_for_integer": (with_fields(wait_ms=1.5), "wait_ms is not an integer"),
    "huge_amount": (with_fields(value=Value(-(2**63) - 1, "EUR")), "value_amount_minor is not between"),
    "too_many_items": (with_fields(items=(Item("a"),) * (LIST_LENGTH_MAX + 1)), "item_sku holds more than"),
    "items_of_another_form": (with_fields(items=("burger",)), "the row has a part of another type"),
    "no_block_but_a_string": (with_fields(location="store"), "the row has a part of another type"),
    "a_list_that_is_none": (with_fields(strong=None, flags=None), "flags is not a list"),
    "yes_for_true": (with_fields(is_bot="yes"), "is_bot is not true or false"),
    "not_a_number": (friction(score=math.nan), "score is not a finite number"),
    "infinity": (friction(confidence=-math.inf), "confidence is not a finite number"),
    "integer_beyond_float": (friction(score=10**400), "score is not a finite number"),
    "a_map_that_is_a_list": (friction(parameters=["x"]), "parameters is not a map"),
    "a_map_of_numbers": (friction(parameters={"x": 1}), "parameters is not a string"),
    "negative_revision": (lambda: seen(99, revision=-1), "revision is not between"),
    "day_before_1970": (
        lambda: Upsert(Table.TOUCHPOINTS, (-1, "ab"), 1, TouchpointRow(ANNA, touchpoint(99))),
        "received_day is not between",
    ),
    "key_too_short": (
        lambda: Upsert(Table.TOUCHPOINTS, (20_000,), 1, TouchpointRow(ANNA, touchpoint(99))),
        "a key of touchpoints has 2 parts, not 1",
    ),
    "row_of_another_table": (
        lambda: Upsert(Table.TOUCHPOINTS, (20_000, "ab"), 1, PersonRow(ANNA, "", "", (), ())),
        "a row of type PersonRow does not belong into touchpoints",
    ),
}


@pytest.mark.parametrize("name", POISON)
def test_a_row_that_cannot_be_stored_is_rejected_with_the_reason_and_its_neighbours_stay(name: str) -> None:
    spoil, reason = POISON[name]
    bad = spoil()
    good = [seen(1), seen(2), seen(3)]
    batches, rejected = columns_of([good[0], bad, *good[1:]])
    assert [one.upsert for one in rejected] == [bad]
    assert reason in rejected[0].reason
    (stored,) = [batch for batch in batches if batch.table == Table.TOUCHPOINTS]
    assert stored.upserts == tuple(good)


@pytest.mark.parametrize(
    "told",
    [
        {"name": ""},
        {"name": "nul\x00inside"},
        {"event_time": 0, "occurred_at": -86_400_000},
        {"attributes": {}},
        {"facts": None},
        {"name": "x" * TEXT_LENGTH_MAX},
        {"duration_ms": 2**63 - 1},
        {"brand": "😀"},
    ],
)
def test_odd_but_storable_values_are_not_rejected(told: dict[str, Any]) -> None:
    batches, rejected = columns_of([seen(1, **told)])
    assert (len(batches), rejected) == (1, [])


def test_of_several_revisions_of_a_key_the_greatest_is_sent_whatever_the_order() -> None:
    older, newer = seen(1, revision=3, name="a"), seen(1, revision=8, name="b")
    for order in ([older, newer], [newer, older]):
        batches, _ = columns_of(order)
        assert batches[0].upserts == (newer,)


def test_a_table_gets_one_batch_with_columns_of_equal_length() -> None:
    upserts = [upsert(table, row) for table, row in FULL_ROWS.items()]
    batches, rejected = columns_of([*upserts, seen(1), seen(2)])
    assert (sorted(batch.table for batch in batches), rejected) == (sorted(Table), [])
    for batch in batches:
        assert {len(column) for column in batch.columns} == {len(batch.upserts)}
        assert len(batch.names) == len(batch.types) == len(batch.columns)


def test_columns_that_nobody_fills_are_not_sent() -> None:
    batches, _ = columns_of([seen(1)])
    assert "location_id" not in batches[0].names
    assert "event_time" in batches[0].names


def test_a_retraction_carries_its_key_and_nothing_of_the_row() -> None:
    batches, rejected = columns_of([retraction(Table.PEOPLE, FULL_ROWS[Table.PEOPLE], 9)])
    (batch,) = batches
    assert dict(zip(batch.names, batch.columns, strict=True)) == {
        "person_id": [ANNA],
        "revision": [9],
        "is_deleted": [True],
    }
    assert rejected == []


def test_nothing_becomes_nothing() -> None:
    assert columns_of([]) == ([], [])
