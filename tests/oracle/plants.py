"""Hold the hits that were found against the friction that a world planted: what was missed, and what nobody planted.

A plant is one fact of the generator's truth (its form is told in `streams/generator/plants.py`). A hit is a plant's if
pattern, severity and evidence are the same. Ambiguous plants are left out, with every hit of their pattern that shares
an event with one; whatever else is found must have been planted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from tests.oracle.hits import EVIDENCE_END
from tests.oracle.shape import FIELDS, Tables

Told: TypeAlias = tuple[str, str]
"""An event by its source and event id."""
AMBIGUOUS_SHARE_MAX = 0.02


class Found(msgspec.Struct, frozen=True):
    """A hit or a plant: what must be the same."""

    pattern: str
    severity: str
    evidence: frozenset[Told]

    def __str__(self) -> str:
        events = ", ".join(" ".join(one) for one in sorted(self.evidence))
        return f"{self.pattern} {self.severity}: {events}"


class Reckoning(msgspec.Struct, frozen=True):
    """What came of a world's plants."""

    plants: int
    ambiguous: int
    met: int
    missed: list[Found]
    stray: list[Found]

    @property
    def precision(self) -> float:
        """The share of hits, but for those of ambiguous plants, that were planted."""
        return share(self.met, self.met + len(self.stray))

    @property
    def recall(self) -> float:
        """The share of plants, but for ambiguous ones, that were found."""
        return share(self.met, self.met + len(self.missed))

    @property
    def ambiguous_share(self) -> float:
        """The share of plants that cannot be asked for."""
        return share(self.ambiguous, self.plants, of_nothing=0.0)

    @property
    def holds(self) -> bool:
        """Tell whether all that was planted was found, and nothing else, and few plants are ambiguous."""
        return not self.missed and not self.stray and self.ambiguous_share <= AMBIGUOUS_SHARE_MAX


def share(part: int, whole: int, of_nothing: float = 1.0) -> float:
    """Divide, rounded to six digits."""
    return round(part / whole, 6) if whole else of_nothing


def reckon(facts: Iterable[Mapping[str, Any]], tables: Tables) -> Reckoning:
    """Compare planted and found friction; `tables` as the oracle compares them, drained."""
    times = dict(_touchpoints(tables).values())
    asked: set[Found] = set()
    doubtful: dict[str, set[Told]] = defaultdict(set)
    plants = ambiguous = 0
    for fact in facts:
        if fact["kind"] != "plant":
            continue
        plants += 1
        evidence = [(str(source), str(event_id)) for source, event_id in fact["evidence"]]
        if fact["ambiguous"]:
            ambiguous += 1
            doubtful[fact["pattern"]].update(evidence)
        else:
            asked.add(Found(fact["pattern"], fact["severity"], _as_shown(evidence, times)))
    found = set(_hits(tables))
    return Reckoning(
        plants=plants,
        ambiguous=ambiguous,
        met=len(asked & found),
        missed=sorted(asked - found, key=str),
        stray=sorted((one for one in found - asked if not one.evidence & doubtful[one.pattern]), key=str),
    )


def _as_shown(evidence: list[Told], times: Mapping[Told, int]) -> frozenset[Told]:
    """Leave out the middle, as a hit's row does."""
    if len(evidence) <= 2 * EVIDENCE_END:
        return frozenset(evidence)
    ordered = sorted(evidence, key=lambda told: (times.get(told, 0), told))
    return frozenset(ordered[:EVIDENCE_END] + ordered[-EVIDENCE_END:])


def _touchpoints(tables: Tables) -> dict[object, tuple[Told, int]]:
    """List source, event id and event time of every shown touchpoint by its key in hex."""
    names = [name.removeprefix("touchpoint.") for name in FIELDS["touchpoints"]]
    source, event_id, time = (names.index(name) for name in ("source", "event_id", "event_time"))
    return {
        key[1]: ((str(row[source]), str(row[event_id])), int(str(row[time])))
        for key, row in tables["touchpoints"].items()
    }


def _hits(tables: Tables) -> Iterator[Found]:
    names = FIELDS["friction"]
    severity, evidence = names.index("severity"), names.index("evidence")
    events = _touchpoints(tables)
    for key, row in tables["friction"].items():
        told = frozenset(events[one][0] for one in row[evidence])  # type: ignore[attr-defined]
        yield Found(str(key[1]), str(row[severity]), told)
