"""A compiled pattern: what the matcher asks of a touchpoint, with the parameters of its slice."""

from dataclasses import dataclass, field
from typing import Final

from streams.patterns.durations import DAY
from streams.patterns.language import Match, PatternFile, Relation, Severity
from streams.patterns.predicates import Length, Test, Values

REACH_MAX_MS: Final = 14 * DAY
"""No clause may look further ahead: touchpoints are kept so long that nothing later is needed."""
MEMORY_MS: Final = 90 * DAY
"""What a pattern knows of a thread is remembered this long after its newest item (docs/rules.md §8)."""


@dataclass(frozen=True, slots=True)
class Begin:
    """What begins a hit: `at_least` items, each at most `gap` after the one before (None: no matter how long)."""

    match: Match
    test: Test
    at_least: int
    gap: Length | None
    lapsed_journeys: bool


@dataclass(frozen=True, slots=True)
class Follow:
    """What must follow within a while; `related` says which things in common make the two related."""

    match: Match
    test: Test
    within: Length
    by_key: bool
    related: frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Missing:
    """What should have followed under the same key; without it there is a hit, or a graver one."""

    match: Match
    test: Test
    within: Length
    lateness: Length
    decides_hit: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Severity and confidence, and when they hold."""

    severity: Severity
    confidence: float
    needs_related: bool
    needs_absent: bool
    every: Test | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Parameters of some brands, channels and tasks (an empty set: of all)."""

    brands: frozenset[str]
    channels: frozenset[str]
    tasks: frozenset[str]
    texts: dict[str, str]

    def holds(self, brand: str, channel: str, task: str) -> bool:
        """Tell whether something of this brand, channel and task is in the slice."""
        return (
            (not self.brands or brand in self.brands)
            and (not self.channels or channel in self.channels)
            and (not self.tasks or task in self.tasks)
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, ready to match. `key_within` is None where a thread is the only key; `values` are the defaults."""

    written: PatternFile
    begin: Begin
    follow: Follow | None
    missing: Missing | None
    judgements: tuple[Judgement, ...]
    key_ranks: tuple[int, ...]
    key_within: Length | None
    slices: tuple[Slice, ...]
    values: Values
    slice_values: tuple[Values, ...]
    id: str = field(init=False)
    state_key: str = field(init=False)
    """Names its partial matches: another version starts afresh."""

    def __post_init__(self) -> None:
        """Copy what the matcher reads on every step out of the file."""
        object.__setattr__(self, "id", self.written.id)
        object.__setattr__(self, "state_key", f"{self.written.id}@{self.written.version}")

    def values_of(self, brand: str, channel: str, task: str) -> Values:
        """Read the parameters of a slice, in milliseconds."""
        values = self.values
        if not self.slices:
            return values
        for part, own in zip(self.slices, self.slice_values, strict=True):
            if part.holds(brand, channel, task):
                values = {**values, **own}
        return values

    def texts_of(self, brand: str, channel: str, task: str) -> dict[str, str]:
        """Read the parameters of a slice as they are written."""
        texts = dict(self.written.parameters)
        for part in self.slices:
            if part.holds(brand, channel, task):
                texts.update(part.texts)
        return texts

    @property
    def longest_ms(self) -> int:
        """The longest a clause of this pattern looks ahead, over all slices."""
        clauses = [clause.within for clause in (self.follow, self.missing) if clause is not None]
        clauses += [span for span in (self.begin.gap, self.key_within) if span is not None]
        slices = [self.values, *({**self.values, **own} for own in self.slice_values)]
        return max((span(values) for span in clauses for values in slices), default=0)
