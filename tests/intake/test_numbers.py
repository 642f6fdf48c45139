"""Numbers that would spoil what is summed or fitted are dead letters that name their field."""

from typing import Any

import pytest

from streams.intake.numbers import AMOUNT_MAX, COUNT_MAX, LENGTH_MS_MAX, OFFSET_MIN_MAX
from tests.intake.builders import event, take

BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"value": {"amount_minor": AMOUNT_MAX + 1, "currency": "USD"}}, "value.amount_minor"),
    ({"value": {"amount_minor": -(2**63), "currency": "USD"}}, "value.amount_minor"),
    ({"duration_ms": LENGTH_MS_MAX + 1}, "duration_ms"),
    ({"wait_ms": -1}, "wait_ms"),
    ({"handle_ms": -1}, "handle_ms"),
    ({"tz_offset_min": OFFSET_MIN_MAX + 1}, "tz_offset_min"),
    ({"step": {"name": "pay", "index": COUNT_MAX + 1}}, "step.index"),
    ({"step": {"name": "pay", "total": -COUNT_MAX - 1}}, "step.total"),
    ({"error": {"code": "E1", "http_status": 2**40}}, "error.http_status"),
    ({"rx": {"days_supply_left": 2**40}}, "rx.days_supply_left"),
    ({"sentiment": {"score": 1.01}}, "sentiment.score"),
    ({"sentiment": {"score": -1e308}}, "sentiment.score"),
    ({"survey": {"instrument": "nps", "score": 1e308, "scale_min": 0, "scale_max": 10}}, "survey"),
    ({"items": [{"sku": "A", "price_minor": AMOUNT_MAX + 1}]}, "items"),
    ({"items": [{"sku": "A", "qty": COUNT_MAX + 1}]}, "items"),
]
AT_BOUNDS: list[dict[str, Any]] = [
    {"value": {"amount_minor": -AMOUNT_MAX, "currency": "USD"}},
    {"duration_ms": 0, "wait_ms": LENGTH_MS_MAX, "handle_ms": 0},
    {"tz_offset_min": -OFFSET_MIN_MAX},
    {"step": {"name": "pay", "index": 0, "total": COUNT_MAX}},
    {"sentiment": {"score": -1}},
    {"survey": {"instrument": "nps", "score": -3, "scale_min": 10, "scale_max": 10}},
]


@pytest.mark.parametrize(("fields", "named"), BEYOND)
def test_number_out_of_its_bounds_is_a_dead_letter_that_names_it(fields: dict[str, Any], named: str) -> None:
    assert [(row.reason, row.detail) for row in take(event(**fields)).dead] == [("number_out_of_bounds", named)]


@pytest.mark.parametrize("fields", AT_BOUNDS)
def test_number_at_its_bounds_is_taken(fields: dict[str, Any]) -> None:
    assert take(event(**fields)).dead == []
