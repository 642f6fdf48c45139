"""Which patterns a touchpoint can matter to: an index, so that an event costs nothing for patterns it cannot match."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from schemas.touchpoint import Touchpoint
from streams.patterns.pattern import Pattern
from streams.patterns.predicates import ALWAYS, TROUBLE, candidates
from streams.patterns.reading import FAILED


class Part(Enum):
    """The part a touchpoint may play in a pattern. What ends a wait is asked before what begins one."""

    MISSING = 1
    FOLLOW = 2
    BEGIN = 3


BEGIN: Final = Part.BEGIN
FOLLOW: Final = Part.FOLLOW
Asked: TypeAlias = tuple[tuple[Pattern, Part], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Patterns, and by event name who must be asked; `trouble` only of events with an error or a failed outcome."""

    patterns: tuple[Pattern, ...]
    by_state_key: dict[str, Pattern]
    by_name: dict[str, Asked]
    trouble: Asked
    always: Asked
    lapsing: tuple[Pattern, ...]
    """Patterns that lapsed journeys begin."""

    def asked(self, touchpoint: Touchpoint) -> Asked:
        """List the patterns to ask about a touchpoint, and in which part."""
        found = self.by_name.get(touchpoint.name, self.always)
        if self.trouble and (touchpoint.error is not None or touchpoint.outcome is FAILED):
            return found + self.trouble
        return found

    @property
    def longest_ms(self) -> int:
        """The longest window of any enabled pattern; touchpoints are kept at least this long and the horizon."""
        return max((pattern.longest_ms for pattern in self.patterns), default=0)


def index(patterns: tuple[Pattern, ...]) -> Catalogue:
    """Index compiled patterns by what their clauses can hold for."""
    named: dict[str, list[tuple[Pattern, Part]]] = {}
    for pattern in patterns:
        parts = ((pattern.missing, Part.MISSING), (pattern.follow, Part.FOLLOW), (pattern.begin, Part.BEGIN))
        for clause, part in parts:
            for name in candidates(clause.match) if clause is not None else ():
                named.setdefault(name, []).append((pattern, part))
    always, trouble = tuple(named.pop(ALWAYS, ())), tuple(named.pop(TROUBLE, ()))
    return Catalogue(
        patterns=patterns,
        by_state_key={pattern.state_key: pattern for pattern in patterns},
        by_name={name: tuple(asked) + always for name, asked in named.items()},
        trouble=trouble,
        always=always,
        lapsing=tuple(pattern for pattern in patterns if pattern.begin.lapsed_journeys),
    )
