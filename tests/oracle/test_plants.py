"""Reckoning: what counts as found, missed, stray, and what is left out."""

from typing import Any

from tests.oracle.plants import reckon
from tests.oracle.shape import Tables
from tests.oracle.tables import Oracle
from tests.worlds.story import support

BILL = {"intent": "billing"}


def hits() -> Tables:
    told = [support(label, at, "acc:ann", **BILL) for label, at in (("s1", "d0 10:00"), ("s2", "d1 10:00"))]
    return Oracle().tables(told)


def plant(*labels: str, severity: str = "high", ambiguous: str = "", pattern: str = "X04") -> dict[str, Any]:
    evidence = [["/support/main", label] for label in labels]
    plain = {"kind": "plant", "pattern": pattern, "severity": severity, "evidence": evidence}
    return plain | {"ambiguous": ambiguous}


def test_a_plant_is_found_by_pattern_severity_and_evidence() -> None:
    found = reckon([plant("s2", "s1"), {"kind": "customer"}], hits())
    assert (found.met, found.missed, found.stray) == (1, [], [])
    assert (found.precision, found.recall, found.ambiguous_share) == (1, 1, 0)


def test_a_hit_with_other_evidence_or_severity_is_missed_and_stray() -> None:
    for wrong in (plant("s1"), plant("s1", "s2", "s3"), plant("s1", "s2", severity="low")):
        found = reckon([wrong], hits())
        assert (found.met, len(found.missed), len(found.stray)) == (0, 1, 1)
        assert (found.precision, found.recall) == (0, 0)


def test_a_hit_that_nobody_planted_is_stray() -> None:
    assert [str(one) for one in reckon([], hits()).stray] == ["X04 high: /support/main s1, /support/main s2"]


def test_an_ambiguous_plant_is_neither_missed_nor_are_hits_near_it_stray() -> None:
    found = reckon([plant("s1", "s3", ambiguous="late"), plant("s9", ambiguous="cut")], hits())
    assert (found.met, found.missed, found.stray, found.ambiguous_share) == (0, [], [], 1)


def test_hits_of_another_pattern_are_not_excused() -> None:
    assert len(reckon([plant("s1", ambiguous="late", pattern="X29")], hits()).stray) == 1


def test_of_long_evidence_only_both_ends_are_shown() -> None:
    told = [support(f"s{hour}", f"d{hour // 20} {hour % 20}:00", "acc:ann", **BILL) for hour in range(25)]
    found = reckon([plant(*[f"s{hour}" for hour in range(25)], severity="critical")], Oracle().tables(told))
    assert (found.met, found.missed, found.stray) == (1, [], [])
