"""Every law there is, with the cases it is held to, and how a law is run over many of them."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.properties import laws, laws_of_runs

QUIET = tuple(HealthCheck)


class Law(msgspec.Struct, frozen=True):
    """What holds for every case drawn; `weight` says how much of the examples is its share."""

    name: str
    cases: st.SearchStrategy[Any]
    check: Callable[[Any], list[str]]
    weight: int = 2


LAWS = (
    Law("stories once told wrong", laws.known(), laws.agrees_with_the_oracle, 4),
    Law("bounds of patterns", laws.bounds(), laws.agrees_with_the_oracle, 4),
    Law("deciders that become one", laws.knots(), laws.agrees_with_the_oracle),
    Law("order", laws.shuffled(), laws.same),
    Law("repeats", laws.repeated(), laws.same, 1),
    Law("other identifiers for the same event id", laws.shuffled(copies=5), laws.agrees_with_the_oracle),
    Law("partitions and interleavings", laws.interleaved(), laws.same),
    Law("restart in the middle of a turn", laws.crashing(), laws.same),
    Law("stop at any commit and go on", laws_of_runs.cuts(stop_amid=False), laws_of_runs.resumes),
    Law("stop amid publishing and go on", laws_of_runs.cuts(stop_amid=True), laws_of_runs.resumes),
    Law("merge = replay of the union", laws.shuffled(), laws_of_runs.merging_is_replaying_the_union, 1),
    Law("split, unsplit, split again", laws_of_runs.verdicts(), laws_of_runs.decisions_hold_in_any_order),
    Law("a stranger changes nothing", laws.shuffled(), laws.strangers_change_nothing, 1),
    Law("strange worlds change nothing", st.integers(0, 1 << 30), laws.strange_worlds_change_nothing, 1),
    Law("eviction", laws.stretched(), laws.agrees_with_the_oracle, 4),
    Law("limits", laws_of_runs.LIMITED, laws_of_runs.limits_hold),
    Law("quarantine", laws.shuffled(), laws_of_runs.quarantine_begins_beyond_its_limit, 1),
    Law("fast path = recomputation", laws.shuffled(copies=2), laws.fast_path_is_recomputation, 1),
    Law("fast path = recomputation, forgetting", laws.stretched(), laws.fast_path_is_recomputation, 1),
    Law("ledger adds up", laws.shuffled(copies=2), laws.ledger_adds_up, 1),
    Law("tangles by the oracle", laws.shuffled(copies=2), laws.agrees_with_the_oracle, 4),
    Law("generated worlds by the oracle", st.integers(0, 1 << 30), laws.generated_worlds_agree_with_the_oracle, 1),
)


class Broken(AssertionError):
    """A case in which a law does not hold, minimised."""

    def __init__(self, case: object, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.case = case
        self.lines = lines


def hold(law: Law, examples: int, number: int, *, shrink: bool = True) -> int:
    """Hold a law to this many cases drawn from seed `number`; how many were tried. Broken where it does not hold."""
    tried = 0

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=QUIET,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(law.cases)
    def try_one(case: Any) -> None:
        nonlocal tried
        tried += 1
        if lines := law.check(case):
            raise Broken(case, lines)

    try_one()
    return tried
