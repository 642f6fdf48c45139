"""Stories at the bounds of the patterns, and tangles full of friction, through engine and oracle."""

from random import Random

import pytest

from schemas.evidence import Decision
from tests.oracle.brinks import FAMILIES, brink, troubled
from tests.oracle.compare import compare
from tests.oracle.evidence import rulings
from tests.oracle.friction import PATTERNS
from tests.oracle.published import published
from tests.oracle.tables import Oracle
from tests.support.engine import run_engine


@pytest.mark.parametrize("seed", range(160))
def test_engine_and_oracle_agree_at_the_bounds_of_a_pattern(seed: int) -> None:
    events, as_of = brink(seed)
    expected = Oracle().tables(events, (), as_of)
    dice = Random(seed)
    run = run_engine(
        events,
        as_of="drained" if as_of is None else as_of,
        partitions=dice.choice((1, 4)),
        batch_records=dice.choice((1, 3, 500)),
    )
    assert [str(one) for one in compare(published(run.tables), expected)] == []


@pytest.mark.parametrize("seed", range(64))
def test_engine_and_oracle_agree_on_a_tangle_full_of_friction(seed: int) -> None:
    events, told = troubled(seed)
    oracle = Oracle()
    expected = oracle.tables(events, told)
    decided = [
        Decision(one.pair, one.decided_at, one.decision_id, "split" if one.split else "allow")
        for one in rulings(told, oracle.reader)
    ]
    dice = Random(seed)
    run = run_engine(events, decided, partitions=dice.choice((1, 4, 16)), batch_records=dice.choice((1, 7, 500)))
    assert [str(one) for one in compare(published(run.tables), expected)] == []


def test_every_pattern_fires_at_some_brink() -> None:
    met = {str(key[1]) for seed in range(40 * len(FAMILIES)) for key in Oracle().tables(brink(seed)[0])["friction"]}
    assert len(met) == len(PATTERNS)
