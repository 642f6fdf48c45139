"""Tangles through engine and oracle: everything meets everything, weeks late, in any order and batching."""

from random import Random

import pytest

from schemas.evidence import Decision
from tests.oracle.compare import compare
from tests.oracle.evidence import rulings
from tests.oracle.published import published
from tests.oracle.tables import Oracle
from tests.oracle.tangles import tangle
from tests.support.engine import run_engine

KNOTS = (122, 435, 574, 591, 838, 848, 895, 1151, 1159, 1165, 1267, 1270, 1301)
"""Tangles in which a row has several writers in turn: a former writer's last word must not outlast its heir's."""


@pytest.mark.parametrize("seed", [*range(120), *KNOTS])
def test_engine_and_oracle_agree_on_a_tangle(seed: int) -> None:
    events, told = tangle(seed)
    oracle = Oracle()
    expected = oracle.tables(events, told)
    decided = [
        Decision(one.pair, one.decided_at, one.decision_id, "split" if one.split else "allow")
        for one in rulings(told, oracle.reader)
    ]
    dice = Random(seed)
    if dice.random() < 0.5:
        dice.shuffle(events)
    run = run_engine(
        events,
        decided,
        partitions=dice.choice((1, 4, 16)),
        batch_records=dice.choice((1, 7, 500)),
        seed=dice.choice((None, seed)),
    )
    assert [str(one) for one in compare(published(run.tables), expected)] == []
