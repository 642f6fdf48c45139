"""Twins: each pattern a second time in SQL, and over a made-up world both find the same."""

import re

import pytest

from sinks.clickhouse.queries import TWIN_COLUMNS, run_query, twins
from streams.commands.patterns_test import Comparison, compared_hits
from streams.patterns.loader import load_catalogue
from tests.clickhouse.conftest import Replayed

IDS = sorted(twins())


@pytest.fixture(scope="module")
def compared(replayed: Replayed) -> dict[str, Comparison]:
    client, as_of = replayed
    return {each.pattern: each for each in compared_hits(client, as_of)}


def test_every_pattern_has_a_twin() -> None:
    assert sorted(pattern.id for pattern in load_catalogue()) == IDS


@pytest.mark.parametrize("pattern", IDS)
def test_engine_and_twin_find_the_same_hits(compared: dict[str, Comparison], pattern: str) -> None:
    assert compared[pattern].differences == 0, "\n".join(compared[pattern].examples)


def test_the_world_has_hits_of_most_patterns(compared: dict[str, Comparison]) -> None:
    assert sum(each.engine > 0 for each in compared.values()) >= 10


def test_a_hit_that_is_missing_or_says_something_else_is_a_difference(replayed: Replayed) -> None:
    client, as_of = replayed
    told = {each.pattern: each for each in compared_hits(client, as_of - 365 * 86_400_000)}
    assert told["X23"].only_engine == told["X23"].engine > 0
    assert told["U13"].differing > 0
    assert told["X23"].examples[0].startswith("only engine: ")


def test_a_twin_is_asked_by_the_patterns_id_and_with_other_windows(replayed: Replayed) -> None:
    client, as_of = replayed
    usual, shorter = (run_query(client, "X01", {"as_of": as_of, **told}) for told in ({}, {"slow_within_minutes": 5}))
    assert usual.columns == TWIN_COLUMNS
    assert len(shorter.rows) < len(usual.rows)


@pytest.mark.parametrize("pattern", IDS)
def test_every_twin_says_what_it_asks_its_grain_its_caveats_and_its_parameters(pattern: str) -> None:
    twin = twins()[pattern]
    header = "".join(line for line in twin.text.splitlines(keepends=True) if line.startswith("--"))
    assert twin.question().endswith("?")
    assert all(
        part in header for part in (f"-- Grain: one row for each hit of {pattern}", "-- Caveats: ", "-- Parameters: ")
    )
    (parameters,) = re.findall(r"-- Parameters: ((?:.|\n-- (?!Default))*)", header)
    assert all(parameter in parameters for parameter in twin.parameters)
    assert twin.parameters.keys() == twin.defaults.keys() | (twin.parameters.keys() & {"as_of"})


@pytest.mark.parametrize("pattern", IDS)
def test_a_twin_reads_touchpoints_and_journeys_and_never_the_hits(pattern: str) -> None:
    read = set(re.findall(r"\bfrom (\w+_v)\b", twins()[pattern].text, re.IGNORECASE))
    assert read <= {"touchpoints_v", "journeys_v"}
    assert "friction" not in twins()[pattern].text.replace("-- ", "").split("WITH", 1)[1]


@pytest.mark.parametrize("pattern", IDS)
def test_a_twin_tells_the_same_columns_as_all(replayed: Replayed, pattern: str) -> None:
    twin = twins()[pattern]
    given: dict[str, object] = {**twin.defaults, "as_of": 0}
    bound = {name: given[name] for name in twin.parameters}
    columns = replayed[0].query(f"DESCRIBE ({twin.text.rstrip().rstrip(';')})", bound).rows
    assert tuple(name for name, *_ in columns) == TWIN_COLUMNS
