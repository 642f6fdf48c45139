"""What a person's timeline remembers of patterns: groups of items under one key, small and of bounded size."""

from typing import Final

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.patterns import reading

EVIDENCE_MAX: Final = 20
"""Touchpoints a hit names; of more, the first ten and the last ten in touchpoint order."""
ALL_CONDITIONS: Final = 0xFFFF
NEVER: Final = -1


class Sign(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as evidence; the first four fields are its order.

    `mask`: bits of the pattern's conditions that hold for it. The reason of the outcome and the days of supply are what
    a journey that ends without its goal can still be asked.
    """

    time: int
    source: str
    event_id: str
    key: bytes
    channel: str
    name: str
    location_id: str
    amount_minor: int
    currency: str
    outcome_reason: str = ""
    days_supply_left: int | None = None
    mask: int = 0


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a hit says of the first item in it."""

    brand: str
    task: str
    channel: str
    location_id: str
    journey_id: str


class Tally(msgspec.Struct, array_like=True, gc=False):
    """What a clause about the items has counted: when it was met, by an item at which channel, and what leads there."""

    met_at: int = NEVER
    channel: str = ""
    count: int = 0
    last: str = ""
    numbers: dict[str, int] = {}
    texts: dict[str, str] = {}
    times: list[int] = []


class Open(msgspec.Struct, array_like=True, gc=False):
    """Items that can still be followed and look alike: the newest instant, and the one before (NEVER: none).

    `follow` is the number of the clause; `expires` an instant told by the item, after which nothing counts.
    """

    newest: int
    before: int
    within: int
    follow: int
    expires: int
    brand: str
    task: str
    intent: str
    threads: tuple[Ident, ...]


class Wait(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Something should follow after `since` until `deadline`; its absence shows from `shown_from` on.

    `missing` is the number of the clause and `rank` that of the way to be a hit it decides (NEVER: none). Where it
    alone decides, `head` and `signs` are what the hit is then made of; else `channel` is that of the item it waits for.
    """

    since: int
    deadline: int
    shown_from: int
    missing: int
    rank: int
    bit: int
    channel: str = ""
    head: Head | None = None
    signs: tuple[Sign, ...] = ()


class Group(msgspec.Struct, array_like=True, gc=False):
    """Items of one pattern under one key: `newest` is the instant of the newest.

    `run` counts items that follow each other closely enough; `held` are those of a run that is not long enough yet,
    `run_head` its first. The rest is the hit, once `completed_at` is set: `met` are the bits of clauses that hold,
    `every` and `some` those of conditions that hold for all of it and for some, `rank` that of the way that tells
    where it led.
    """

    newest: int
    run: int = 0
    longest_run: int = 0
    run_head: Head | None = None
    held: list[Sign] = []
    tallies: list[Tally] = []
    opens: list[Open] = []
    waits: list[Wait] = []
    head: Head | None = None
    signs: list[Sign] = []
    items: int = 0
    met: int = 0
    every: int = ALL_CONDITIONS
    some: int = 0
    amount_minor: int = 0
    currency: str = ""
    completed_at: int = NEVER
    rank: int = NEVER
    channel_to: str = ""
    related: bool = False

    def add(self, sign: Sign) -> None:
        """Take a sign into the evidence; taking it again changes nothing."""
        if sign.amount_minor and (sign.amount_minor, self.currency) > (self.amount_minor, sign.currency):
            self.amount_minor, self.currency = sign.amount_minor, sign.currency
        signs = self.signs
        at = len(signs)
        if at and signs[-1].time >= sign.time:
            order = order_of(sign)
            while at and order_of(signs[at - 1]) > order:
                at -= 1
            if at and signs[at - 1].key == sign.key:
                return
        signs.insert(at, sign)
        if len(signs) > EVIDENCE_MAX:
            del signs[EVIDENCE_MAX // 2]

    def add_item(self, sign: Sign, of_follows: int) -> None:
        """Take an item into the hit; `of_follows` are the conditions that are not asked of items."""
        self.items += 1
        self.every &= sign.mask | of_follows
        self.some |= sign.mask
        self.add(sign)

    def confirm(self, wait: Wait) -> None:
        """Take over a wait that nothing ended."""
        self.met |= wait.bit
        for sign in wait.signs:
            self.add_item(sign, 0)
        if wait.head is not None and self.signs[0].key == wait.signs[0].key:
            self.head = wait.head
        if wait.rank != NEVER:
            self.complete(wait.shown_from, wait.rank, wait.channel)

    def complete(self, instant: int, rank: int, channel: str) -> None:
        """Note when the hit was first complete, and the channel of the item that first made it one by such a way."""
        if self.completed_at == NEVER or instant < self.completed_at:
            self.completed_at = instant
        if self.rank == NEVER or rank < self.rank:
            self.rank = rank
            if channel:
                self.channel_to = channel


class Line(msgspec.Struct, array_like=True, gc=False):
    """Items without a thread that share something: the group they are in now, and the instant of the newest."""

    name: bytes
    newest: int
    within: int


class Matches(msgspec.Struct, array_like=True, gc=False):
    """The groups of one pattern, by their name: a thread, or the key of the first touchpoint of items without one.

    `lines` are those that can still be joined. `recent`: times of what clauses look back at, by slot and then by thread
    or line name (the person: empty).
    """

    groups: dict[bytes, Group] = {}
    lines: dict[str, Line] = {}
    recent: dict[int, dict[bytes, list[int]]] = {}


def order_of(sign: Sign) -> tuple[int, str, str, bytes]:
    """Order signs as their touchpoints."""
    return (sign.time, sign.source, sign.event_id, sign.key)


def sign_of(touchpoint: Touchpoint, mask: int = 0) -> Sign:
    """Note a touchpoint as evidence, with what is at risk: its revenue, or the amount it says is at risk."""
    value, location, rx = touchpoint.value, touchpoint.location, touchpoint.rx
    risked = value is not None and value.kind in {"revenue", "at_risk"}
    return Sign(
        touchpoint.event_time,
        touchpoint.source,
        touchpoint.event_id,
        touchpoint.key,
        reading.CHANNEL_NAMES[touchpoint.channel],
        touchpoint.name,
        location.location_id if location is not None else "",
        value.amount_minor if value is not None and risked else 0,
        value.currency if value is not None and risked else "",
        touchpoint.outcome_reason,
        rx.days_supply_left if rx is not None else None,
        mask,
    )
