"""Journeys over weeks of forgetting: a hit that comes or grows later still tells of the journey it began in."""

from random import Random
from typing import Any

import pytest

from tests.oracle.brinks import FAMILIES, brink
from tests.oracle.compare import compare
from tests.oracle.published import published
from tests.oracle.tables import Oracle
from tests.support.engine import run_engine
from tests.support.touchpoints import DAY

AN_INSTANT = 1_600_000_000_000
"""Numbers above are instants, none of them a length."""


def later(told: Any, by: int, chapter: int) -> Any:
    """Move a story in time, as a further chapter with the same people, orders and cases."""
    if isinstance(told, dict):
        return {
            name: f"{chapter}.{value}" if name == "event_id" else later(value, by, chapter)
            for name, value in told.items()
        }
    if isinstance(told, list):
        return [later(each, by, chapter) for each in told]
    return told + by if isinstance(told, int) and told > AN_INSTANT else told


def saga(seed: int) -> list[dict[str, Any]]:
    """Stories of one family of patterns, weeks apart and shorter than patterns remember, in order of receipt."""
    dice, events, pause = Random(seed), list[dict[str, Any]](), 0
    for chapter in range(dice.choice((2, 3))):
        story, _ = brink(seed + len(FAMILIES) * dice.randrange(40))
        events += [later(event, pause, chapter) for event in story]
        pause += dice.choice((3, 8, 16, 18, 21, 25)) * DAY
    for event in events:
        event.setdefault("received_at", event["occurred_at"])
    return sorted(events, key=lambda event: event["received_at"])


@pytest.mark.parametrize("seed", range(48))
def test_engine_and_oracle_agree_though_the_engine_forgets_between_chapters(seed: int):
    events, dice = saga(seed), Random(seed)
    run = run_engine(events, partitions=dice.choice((1, 4)), batch_records=dice.choice((1, 2, 5)), ordered=True)
    assert [str(one) for one in compare(published(run.tables), Oracle().tables(events))] == []
