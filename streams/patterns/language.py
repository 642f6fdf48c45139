"""The pattern language as it is written: one struct for each table of a pattern's TOML file, unknown keys refused.

A pattern begins with things that repeat (once is enough), collected per key. It fires at once, or when something
follows one of them in time (`sequence`), or when something that should have followed does not (`absence`).
Durations are texts like `30m`, or `$name` for a parameter; a slice of customers may have parameters of its own.
"""

from typing import Literal, TypeAlias

import msgspec

from schemas.identifiers import Kind
from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome

Severity: TypeAlias = Literal["info", "low", "medium", "high", "critical"]
ClassName: TypeAlias = Literal["digital_self", "physical", "assisted_human", "feedback", "outbound"]
Relation: TypeAlias = Literal["task", "intent", "thread"]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of a pattern file."""


class Span(Written, frozen=True):
    """Bounds of a length of time, both included; empty: unbounded."""

    at_least: str = ""
    at_most: str = ""


class Match(Written, frozen=True, rename={"channel_class": "class", "any_of": "any", "none_of": "none"}):
    """What a touchpoint must be: every key given must hold; a list holds if the touchpoint has one of its values."""

    name: tuple[str, ...] = ()
    channel: tuple[Channel, ...] = ()
    channel_class: tuple[ClassName, ...] = ()
    sub_channel: tuple[str, ...] = ()
    direction: tuple[Direction, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    error_class: tuple[ErrorClass, ...] = ()
    task: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    fault: bool | None = None
    """The task failed, or an error that is not the customer's."""
    contact: bool | None = None
    """The customer asked a person for help."""
    eta_slip: Span | None = None
    """By how much a promised time moved; holds only where it moved from a known time."""
    eta_ahead: Span | None = None
    """How far ahead the promise was before it moved."""
    any_of: tuple["Match", ...] = ()
    none_of: tuple["Match", ...] = ()
    """Guards: none of these may hold."""


class Repeat(Written, frozen=True, tag_field="kind", tag="repeat"):
    """What begins a hit: `at_least` of these under one key, each at most `gap` after the one before.

    With `lapsed_journeys` a journey that ends without its goal counts too, at the instant it ends, if its last
    touchpoint from the customer is at a digital or kiosk channel.
    """

    match: Match
    at_least: int = 1
    gap: str = ""
    lapsed_journeys: bool = False


class Sequence(Written, frozen=True, tag_field="kind", tag="sequence"):
    """What must follow later, at most `within` after what began, by the same person (or under the same key)."""

    match: Match
    within: str
    join: Literal["person", "key"] = "person"
    related: tuple[Relation, ...] = ()
    """What makes the two *related*: the same task or intent (both told), or a common business thread."""


class Absence(Written, frozen=True, tag_field="kind", tag="absence"):
    """What should have followed under the same key `within` a while; its absence shows `lateness` after that."""

    match: Match
    within: str
    lateness: str = "0s"
    decides: Literal["hit", "severity"] = "hit"


Clause: TypeAlias = Repeat | Sequence | Absence


class Key(Written, frozen=True):
    """What a hit is about: the first thread of these kinds, else (with `task`) the brand and task within a while."""

    threads: tuple[Kind, ...]
    otherwise: Literal["none", "task"] = "none"
    within: str = ""


class Override(Written, frozen=True):
    """Other parameters for a slice; where several hold, the last one does."""

    parameters: dict[str, str]
    brand: tuple[str, ...] = ()
    channel: tuple[Channel, ...] = ()
    task: tuple[str, ...] = ()


class Verdict(Written, frozen=True):
    """Severity and confidence; the first verdict that holds is the hit's."""

    severity: Severity
    confidence: float
    when: Literal["always", "related", "absent"] = "always"
    every: Match | None = None
    """Holds if every item in the hit that began it is such."""


class ExampleEvent(Written, frozen=True):
    """A touchpoint of an example: `at` is a duration from the example's beginning; threads are `kind:value`."""

    at: str
    channel: Channel
    name: str
    sub_channel: str = ""
    direction: Direction = Direction.INBOUND
    outcome: Outcome = Outcome.NONE
    error_class: ErrorClass | None = None
    task: str = ""
    intent: str = ""
    threads: tuple[str, ...] = ()
    eta: str = ""
    previous_eta: str = ""


class Example(Written, frozen=True):
    """A small story that must fire with this severity, or (empty) must not; read `as_of` after its beginning."""

    says: str
    as_of: str
    events: tuple[ExampleEvent, ...]
    severity: Severity | Literal[""] = ""


class PatternFile(Written, frozen=True):
    """One pattern as written."""

    id: str
    name: str
    version: int
    owner: str
    meaning: str
    key: Key
    clauses: tuple[Clause, ...]
    verdicts: tuple[Verdict, ...]
    examples: tuple[Example, ...]
    enabled: bool = True
    tier: int = 1
    parameters: dict[str, str] = {}
    overrides: tuple[Override, ...] = ()
