"""Every pattern of the catalogue fires on its own examples that must, and on none that must not."""

import pytest

from schemas.rows import FrictionRow, Table
from schemas.touchpoint import Touchpoint
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline, rows, take
from streams.patterns.language import Example, ExampleEvent
from streams.patterns.loader import load_catalogue
from streams.patterns.pattern import Pattern
from tests.support.touchpoints import at_time, event

CATALOGUE = load_catalogue()
CASES = [(pattern, example) for pattern in CATALOGUE for example in pattern.written.examples]


def touchpoint_of(written: ExampleEvent) -> Touchpoint:
    return event(
        written.at,
        written.channel.value,
        written.name,
        sub_channel=written.sub_channel,
        direction=written.direction.value,
        outcome=written.outcome.value,
        error=written.error_class.value if written.error_class else None,
        task=written.task,
        intent=written.intent,
        threads=written.threads,
        eta=(written.previous_eta, written.eta) if written.eta else None,
    )


def hits_of(patterns: tuple[Pattern, ...], example: Example) -> list[FrictionRow]:
    book, timeline = load_book(patterns=patterns), Timeline()
    for written in example.events:
        take(timeline, touchpoint_of(written), book)
    written_rows = rows(timeline, "p", at_time(example.as_of), book, touched_only=False)
    return [row for table, _, row in written_rows if table is Table.FRICTION and isinstance(row, FrictionRow)]


def test_the_catalogue_holds_the_three_patterns():
    assert [pattern.id for pattern in CATALOGUE] == ["U13", "X01", "X23"]


@pytest.mark.parametrize(("pattern", "example"), CASES, ids=[f"{p.id}: {e.says}" for p, e in CASES])
def test_an_example_fires_as_it_says(pattern: Pattern, example: Example):
    severities = [hit.severity for hit in hits_of((pattern,), example)]
    assert severities == ([example.severity] if example.severity else [])
