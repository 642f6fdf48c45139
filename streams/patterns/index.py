"""Which patterns a touchpoint can matter to: an index, so that an event costs nothing for patterns it cannot match."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.touchpoint import Touchpoint
from streams.patterns.gates import GATES, Gate, gates, marks_of
from streams.patterns.pattern import Begin, Beside, End, Follow, Missing, Pattern, Recall
from streams.patterns.written import Match

Rule: TypeAlias = Missing | Follow | Beside | Begin | End | Recall
Asked: TypeAlias = tuple[tuple[Pattern, Rule], ...]
"""Patterns to ask, each by a rule of it."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Patterns, and who must be asked of a touchpoint: by its name, then by its marks (see `gates`)."""

    patterns: tuple[Pattern, ...]
    by_state_key: dict[str, Pattern]
    by_name: dict[str, tuple[Asked, ...]]
    otherwise: tuple[Asked, ...]
    lapsing: tuple[Pattern, ...]
    """Patterns that have lapsed journeys among their items."""

    def asked(self, touchpoint: Touchpoint) -> Asked:
        """List the patterns to ask about a touchpoint, and by which of their rules."""
        return self.by_name.get(touchpoint.name, self.otherwise)[marks_of(touchpoint)]

    @property
    def longest_ms(self) -> int:
        """The longest window of any enabled pattern; touchpoints are kept at least this long and the horizon."""
        return max((pattern.longest_ms for pattern in self.patterns), default=0)


def index(patterns: tuple[Pattern, ...]) -> Catalogue:
    """Index compiled patterns by what their rules can hold for."""
    entries = [
        (gate, (pattern, rule)) for pattern in patterns for rule, match in _rules(pattern) for gate in gates(match)
    ]
    names = {name for gate, _ in entries for name in gate.names or ()}
    known: dict[Asked, Asked] = {}
    return Catalogue(
        patterns=patterns,
        by_state_key={pattern.state_key: pattern for pattern in patterns},
        by_name={name: _by_marks(name, entries, known) for name in sorted(names)},
        otherwise=_by_marks("", entries, known),
        lapsing=tuple(pattern for pattern in patterns if pattern.begin.lapsed is not None),
    )


def _rules(pattern: Pattern) -> list[tuple[Rule, Match]]:
    """List everything a pattern may ask of a touchpoint, in the order in which it is asked.

    Whether it ends a wait, follows, or comes along, whether it is an item, whether it ends the line, and at last
    whether it is something that later ones look back at.
    """
    rules: list[tuple[Rule, Match]] = [(one, one.match) for one in pattern.missing]
    rules += [(one, one.match) for one in pattern.follows]
    rules += [(one, one.match) for one in pattern.beside]
    rules.append((pattern.begin, pattern.begin.match))
    if pattern.line_end is not None:
        rules.append((pattern.line_end, pattern.line_end.match))
    rules += [(one, one.match) for one in pattern.recalls]
    return rules


def _by_marks(
    name: str, entries: list[tuple[Gate, tuple[Pattern, Rule]]], known: dict[Asked, Asked]
) -> tuple[Asked, ...]:
    """List who is asked of this name (empty: of one nobody names), for each combination of marks."""
    named = [(gate.marks, entry) for gate, entry in entries if gate.names is None or name in gate.names]
    lists = []
    for marks in range(GATES):
        asked: Asked = tuple(dict.fromkeys(entry for needed, entry in named if marks & needed == needed))
        lists.append(known.setdefault(asked, asked))
    return tuple(lists)
