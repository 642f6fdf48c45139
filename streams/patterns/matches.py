"""What a person's timeline remembers of patterns: groups of items under one key, small and of bounded size."""

from typing import Final

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.patterns import reading

EVIDENCE_MAX: Final = 20
"""Touchpoints a hit names; of more, the first ten and the last ten in touchpoint order."""
ALL_VERDICTS: Final = 0xFF
NEVER: Final = -1


class Sign(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as evidence; the first four fields are its order. `mask`: verdicts whose `every` holds."""

    time: int
    source: str
    event_id: str
    key: bytes
    channel: str
    name: str
    location_id: str
    amount_minor: int
    currency: str
    mask: int = ALL_VERDICTS


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a hit says of the first item in it."""

    brand: str
    task: str
    channel: str
    location_id: str
    journey_id: str


class Open(msgspec.Struct, array_like=True, gc=False):
    """Items that can still be followed and look alike: the newest instant, and the one before (NEVER: none)."""

    newest: int
    before: int
    within: int
    task: str
    intent: str
    threads: tuple[Ident, ...]


class Wait(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Something should follow after `since` until `deadline`; its absence shows from `shown_from` on.

    Where that decides the hit, `head` and `signs` are what the hit is then made of.
    """

    since: int
    deadline: int
    shown_from: int
    head: Head | None = None
    signs: tuple[Sign, ...] = ()


class Group(msgspec.Struct, array_like=True, gc=False):
    """Items of one pattern under one key: `newest` is the instant of the newest.

    `run` counts items that follow each other closely enough; `held` are those of a run that is not long enough yet,
    `run_head` its first. The rest is the hit, once `completed_at` is set.
    """

    newest: int
    run: int = 0
    run_head: Head | None = None
    held: list[Sign] = []
    opens: list[Open] = []
    waits: list[Wait] = []
    head: Head | None = None
    signs: list[Sign] = []
    mask: int = ALL_VERDICTS
    amount_minor: int = 0
    currency: str = ""
    completed_at: int = NEVER
    channel_to: str = ""
    related: bool = False
    absent: bool = False

    def add(self, sign: Sign) -> None:
        """Take a sign into the evidence; taking it again changes nothing."""
        self.mask &= sign.mask
        if (sign.amount_minor, self.currency) > (self.amount_minor, sign.currency):
            self.amount_minor, self.currency = sign.amount_minor, sign.currency
        signs, order = self.signs, order_of(sign)
        at = len(signs)
        while at and order_of(signs[at - 1]) > order:
            at -= 1
        if at and signs[at - 1].key == sign.key:
            return
        signs.insert(at, sign)
        if len(signs) > EVIDENCE_MAX:
            del signs[EVIDENCE_MAX // 2]

    def confirm(self, wait: Wait) -> None:
        """Take over a wait that nothing ended."""
        self.absent = True
        for sign in wait.signs:
            self.add(sign)
        if wait.head is not None:
            self.head = self.head or wait.head
            self.complete(wait.shown_from)

    def complete(self, instant: int) -> None:
        """Note when the hit was first complete."""
        if self.completed_at == NEVER or instant < self.completed_at:
            self.completed_at = instant


class Line(msgspec.Struct, array_like=True, gc=False):
    """Items without a thread, of one brand and task: the group they are in now, and the instant of the newest."""

    name: bytes
    newest: int
    within: int


class Matches(msgspec.Struct, array_like=True, gc=False):
    """The groups of one pattern, by their name: a thread, or the key of the first touchpoint of items without one.

    `arrived` are the keys under which something awaited came at the instant `arrived_at`, the newest such: what begins
    at that instant need not wait for it.
    """

    groups: dict[bytes, Group] = {}
    lines: dict[bytes, Line] = {}
    arrived_at: int = NEVER
    arrived: list[bytes] = []


def order_of(sign: Sign) -> tuple[int, str, str, bytes]:
    """Order signs as their touchpoints."""
    return (sign.time, sign.source, sign.event_id, sign.key)


def sign_of(touchpoint: Touchpoint, mask: int = ALL_VERDICTS) -> Sign:
    """Note a touchpoint as evidence, with what is at risk: its revenue, or the amount it says is at risk."""
    value = touchpoint.value
    risked = value is not None and value.kind in {"revenue", "at_risk"}
    return Sign(
        touchpoint.event_time,
        touchpoint.source,
        touchpoint.event_id,
        touchpoint.key,
        reading.CHANNEL_NAMES[touchpoint.channel],
        touchpoint.name,
        reading.location_id(touchpoint),
        value.amount_minor if value is not None and risked else 0,
        value.currency if value is not None and risked else "",
        mask,
    )
