"""A compiled pattern: what the matcher asks of a touchpoint, with the parameters of its slice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from schemas.touchpoint import Touchpoint
from streams.patterns.durations import DAY
from streams.patterns.language import AnyClause, Joint, PatternFile
from streams.patterns.matches import Tally
from streams.patterns.predicates import Length, Test, Values
from streams.patterns.written import Match, Severity

REACH_MAX_MS: Final = 14 * DAY
"""No clause may look further ahead: touchpoints are kept so long that nothing later is needed."""
MEMORY_MS: Final = 90 * DAY
"""What a pattern knows of a thread is remembered this long after its newest item (docs/rules.md §8)."""

PRESENT_RANK: Final = 0
ABSENT_RANK: Final = 1
"""Ranks of ways to be a hit: by what there is, and by what is missing."""

Step: TypeAlias = Callable[[Tally, Touchpoint, Values, list[int]], None]
"""Count an item; the times are those of what the clause counts since."""


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What a pattern remembers for a while because a clause looks back at it: by thread, or of the person.

    `slot` names it in the state; of one key the newest time is kept, or (`many`) the newest few.
    """

    slot: int
    match: Match
    test: Test
    within: Length
    by_thread: bool
    many: bool


@dataclass(frozen=True, slots=True, eq=False)
class Begin:
    """What the items are; `run` makes only those of long enough runs evidence."""

    match: Match
    test: Test
    lapsed: Test | None
    unless: Recall | None
    collapse: Length | None
    run: "RunRule | None"


@dataclass(frozen=True, slots=True, eq=False)
class RunRule:
    """So many items, each at most `gap` after the one before."""

    at_least: int
    gap: Length


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A clause about the items themselves; `step` counts one. It stays met once it is."""

    bit: int
    name: str
    step: Step
    since: Recall | None


@dataclass(frozen=True, slots=True, eq=False)
class Follow:
    """What follows an item; `number` tells it from others in the state."""

    number: int
    bit: int
    name: str
    match: Match
    test: Test
    within: Length
    after_all: bool
    join: str
    related: tuple[tuple[Joint, ...], ...]
    must_relate: bool
    expires: bool
    unless: Recall | None
    decides_hit: bool
    ends_line: bool


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """What should have followed under the same key; `slot` remembers what came at the instant of an item, before it."""

    number: int
    bit: int
    name: str
    match: Match
    test: Test
    of: Test | None
    within: Length
    lateness: Length
    until_due: bool
    decides_hit: bool


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What comes along under the same key."""

    bit: int
    match: Match
    test: Test


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """What ends a line."""

    match: Match
    test: Test


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to be a hit: `counted` (bits) all met, then what `follow` awaits came, or `missing` did not.

    Where a hit leads to is told by the way of the lowest rank: what happened says more than what did not.
    """

    rank: int
    counted: int
    follow: Follow | None
    missing: Missing | None


@dataclass(frozen=True, slots=True, eq=False)
class LineRule:
    """What items share to be in one line: `spell` writes it as one text, `must_tell` reads what has to be told."""

    spell: Callable[[Touchpoint], str]
    must_tell: Callable[[Touchpoint], str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition on each item (or on what follows), by its bit in a sign's mask."""

    bit: int
    test: Test
    of_follow: bool


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Severity and confidence, and when they hold: bits of clauses, bits of conditions, numbers."""

    severity: Severity
    confidence: float
    met: int
    needs_related: bool
    every: int
    some: int
    at_least: int
    run_at_least: int


@dataclass(frozen=True, slots=True, eq=False)
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


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One pattern, ready to match; `values` are the default parameters, and `longest_ms` its furthest look ahead."""

    written: PatternFile
    begin: Begin
    counted: tuple[Counted, ...]
    follows: tuple[Follow, ...]
    missing: tuple[Missing, ...]
    beside: tuple[Beside, ...]
    recalls: tuple[Recall, ...]
    ways: tuple[Way, ...]
    conditions: tuple[Condition, ...]
    judgements: tuple[Judgement, ...]
    key_ranks: tuple[int, ...]
    lines: tuple[LineRule, ...]
    key_within: Length | None
    line_end: End | None
    slices: tuple[Slice, ...]
    values: Values
    slice_values: tuple[Values, ...]
    """The same of each slice: the defaults where it says nothing else."""
    own_values: tuple[Values, ...]
    """What each slice says itself."""
    bits: dict[str, int]
    """The bit of each clause, by its name."""
    id: str = field(init=False)
    state_key: str = field(init=False)
    """Names its partial matches: another version starts afresh."""
    waits_alone: bool = field(init=False)
    """Items are evidence only once something did not follow them."""
    follow_conditions: int = field(init=False)
    item_conditions: int = field(init=False)
    relates_by: frozenset[str] = field(init=False)
    """What open items must remember, to be related to what follows."""
    relates_by_thread: bool = field(init=False)
    closes_with_line: bool = field(init=False)
    """Nothing can follow the items of a line that is over."""

    def __post_init__(self) -> None:
        """Work out what the matcher reads on every step."""
        ways = self.ways
        joints = {joint for follow in self.follows for one in follow.related for joint in one}
        derived: dict[str, object] = {
            "id": self.written.id,
            "state_key": f"{self.written.id}@{self.written.version}",
            "waits_alone": all(way.missing is not None and not way.counted for way in ways),
            "follow_conditions": sum(one.bit for one in self.conditions if one.of_follow),
            "item_conditions": sum(one.bit for one in self.conditions if not one.of_follow),
            "relates_by": frozenset(joints),
            "relates_by_thread": bool(joints - {"brand", "task", "intent"}),
            "closes_with_line": self.begin.lapsed is None and all(follow.join == "key" for follow in self.follows),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def values_of(self, brand: str, channel: str, task: str) -> Values:
        """Read the parameters of a slice, in milliseconds."""
        values = self.values
        for part, own in zip(self.slices, self.own_values, strict=True):
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

    def clause(self, name: str) -> AnyClause:
        """Find a clause as it is written."""
        return next(clause for clause in self.written.clauses if clause.name == name)

    @property
    def longest_ms(self) -> int:
        """The longest a clause of this pattern looks ahead, over all slices."""
        spans = [one.within for one in self.follows] + [one.within for one in self.missing]
        spans += [one.within for one in self.recalls]
        spans += [span for span in (self.begin.collapse, self.key_within) if span is not None]
        if self.begin.run is not None:
            spans.append(self.begin.run.gap)
        return max((span(values) for span in spans for values in (self.values, *self.slice_values)), default=0)
