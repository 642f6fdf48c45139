"""The pattern language as it is written: one struct for each table of a pattern's TOML file, unknown keys refused.

A pattern gathers *items* under a *key*: a thread, or a line of things alike that come close enough together. Named
*clauses* say what must be true of them: runs, counts, changes of channel, what follows, what is missing. `hit` says
which clauses make a hit, `verdicts` how grave and how sure it is. Durations are texts like `30m`, or `$name` for a
parameter; a slice of customers may have parameters of its own.
"""

from typing import Literal, TypeAlias

import msgspec

from schemas.identifiers import Kind
from schemas.touchpoint import Channel
from streams.patterns.examples import Example
from streams.patterns.written import Match, Severity, Written

Field: TypeAlias = Literal["brand", "task", "intent", "source", "offer"]
Joint: TypeAlias = Literal[
    "brand", "task", "intent", "thread", "order_id", "rx_id", "ticket_id", "case_id", "call_id", "appointment_id",
    "payment_id", "cart_id",
]  # fmt: skip


class Guard(Written, frozen=True):
    """Something that must not have come before, at most `within`: of the same person, or under the same thread."""

    match: Match
    within: str
    join: Literal["person", "thread"] = "person"


class Items(Written, frozen=True):
    """What a hit is made of.

    `collapse`: an item so soon after the one counted last does not count. `lapsed`: a journey that ends without its
    goal, the customer last in self-service, is an item at the instant it ends, if what is left of it is such (its task
    and brand, and of its last touchpoint from the customer the channel, the outcome's reason and the supply).
    """

    match: Match
    lapsed: Match | None = None
    unless_after: Guard | None = None
    collapse: str = ""


class Line(Written, frozen=True):
    """What items without a thread share, to be kept together; with `told` only where the last of these is told."""

    by: tuple[Field, ...]
    told: bool = False


class Key(Written, frozen=True):
    """What a hit is about: the first thread of these kinds, else the first of these lines that the item can be in.

    An item joins a line if it comes at most `within` after the newest item of it, and nothing that `ends` it came.
    """

    threads: tuple[Kind, ...] = ()
    lines: tuple[Line, ...] = ()
    within: str = ""
    ends: Match | None = None


class Clause(Written, frozen=True, tag_field="kind"):
    """Something that may be true of the items under a key; other tables speak of it by its name."""

    name: str


class Run(Clause, frozen=True, tag="run"):
    """So many items, each at most `gap` after the one before. Only items of such runs are evidence."""

    at_least: int
    gap: str


class Count(Clause, frozen=True, tag="count"):
    """So many items (that are such): at all, at most `within` from the first of them to the last, or since something.

    With `since` they come later than one such thing on the same thread, and at most `within` after it.
    """

    at_least: int = 1
    match: Match | None = None
    within: str = ""
    since: Match | None = None


class Changes(Clause, frozen=True, tag="changes"):
    """So many items (that are such) at another channel than the item before."""

    at_least: int
    match: Match | None = None


class Channels(Clause, frozen=True, tag="channels"):
    """Items (that are such) at so many channels."""

    at_least: int
    match: Match | None = None


class Bounce(Clause, frozen=True, tag="bounce"):
    """From one channel to another and back, at most `within` from the first item to the last."""

    within: str


class Again(Clause, frozen=True, tag="again"):
    """Two such items at two channels; with `same` they tell the same of it."""

    match: Match
    same: Literal["", "field_group"] = ""


class Backwards(Clause, frozen=True, tag="backwards"):
    """An item at an earlier step than an item before it at another channel."""


class Sequence(Clause, frozen=True, tag="sequence"):
    """What follows an item, later and at most `within`.

    With `after = "every_item"` it comes later than all items there are under the key, not only than one of them.
    `join`: of the same person, under the same key, or (`key_or_none`) not about another thread of the key's kinds.
    `related` lists what makes the two *related*: each entry names fields that both tell alike, `thread` for a business
    thread in common, or a kind of thread. With `must_relate` nothing else counts. `expires` is told by the item.
    """

    match: Match
    within: str
    after: Literal["an_item", "every_item"] = "an_item"
    join: Literal["person", "key", "key_or_none"] = "person"
    related: tuple[tuple[Joint, ...], ...] = ()
    must_relate: bool = False
    expires: Literal["", "offer.expires_at"] = ""
    unless_after: Guard | None = None
    decides: Literal["hit", "severity"] = "hit"
    ends_line: bool = False


class Absence(Clause, frozen=True, tag="absence"):
    """What should follow under the same key at most `within`, at the same instant at the earliest, and does not.

    It shows `lateness` after the deadline. With `until` the deadline is `within` after what the item tells, but not
    before the item. `of`: only such items wait for it.
    """

    match: Match
    within: str
    of: Match | None = None
    until: Literal["", "promise.due_at"] = ""
    lateness: str = "0s"
    decides: Literal["hit", "severity"] = "hit"


class Along(Clause, frozen=True, tag="along"):
    """What comes along the way, under the same key, while there are items there: evidence, and it may weigh."""

    match: Match


AnyClause: TypeAlias = Run | Count | Changes | Channels | Bounce | Again | Backwards | Sequence | Absence | Along


class Override(Written, frozen=True):
    """Other parameters for a slice; where several hold, the last one does."""

    parameters: dict[str, str]
    brand: tuple[str, ...] = ()
    channel: tuple[Channel, ...] = ()
    task: tuple[str, ...] = ()


class Verdict(Written, frozen=True, rename={"any_item": "any", "every_item": "every"}):
    """Severity and confidence; the first verdict all of whose conditions hold is the hit's."""

    severity: Severity
    confidence: float
    met: tuple[str, ...] = ()
    """These clauses hold: what follows has followed, what is missing is missing, what comes along came."""
    related: bool = False
    """Something that followed is related to what it follows."""
    every_item: Match | None = None
    any_item: Match | None = None
    every_follow: Match | None = None
    at_least: int = 1
    """So many items in the hit."""
    run_at_least: int = 0
    """So many items in one run."""


class PatternFile(Written, frozen=True):
    """One pattern as written."""

    id: str
    name: str
    version: int
    owner: str
    meaning: str
    items: Items
    key: Key
    verdicts: tuple[Verdict, ...]
    examples: tuple[Example, ...]
    clauses: tuple[AnyClause, ...]
    hit: tuple[tuple[str, ...], ...] = ()
    """Ways to be a hit: one of these lists of clauses must hold. Empty: all clauses that decide the hit, together."""
    channel_to: Literal["none", "item", "follow"] = "none"
    """Where it led: to the channel of the item that completed the hit, or of the first thing that followed."""
    remedy: str = ""
    """What whoever gets an alert can do about it, in one line."""
    health: bool = False
    """It tells of someone's health by itself: an alert names the pattern and ids, and nothing else."""
    enabled: bool = True
    tier: int = 1
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
