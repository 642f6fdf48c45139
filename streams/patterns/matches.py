"""What a person's timeline remembers of patterns: groups of items under one key, small and of bounded size."""

from typing import Final

import msgspec

from schemas.identifiers import Ident
from schemas.touchpoint import Touchpoint
from streams.patterns import reading

EVIDENCE_MAX: Final = 20
"""Event ids a hit names; of more, the first ten and the last ten in touchpoint order."""
ALL_VERDICTS: Final = 0xFF
NEVER: Final = -1


class Sign(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A touchpoint as evidence; the first four fields are the touchpoint order. `mask`: verdicts whose `every` it meets."""

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


class Open(msgspec.Struct, array_like=True):
    """Items that can still be followed and look alike: the newest instant, and the one before (NEVER: none)."""

    newest: int
    before: int
    within: int
    task: str
    intent: str
    threads: tuple[Ident, ...]


class Wait(msgspec.Struct, array_like=True, frozen=True):
    """Something should follow after `since` until `deadline`; its absence shows from `shown_from` on."""

    since: int
    deadline: int
    shown_from: int
    signs: tuple[Sign, ...]


class Group(msgspec.Struct, array_like=True):
    """Items of one pattern under one key. `brand` .. `journey_id` are of the first item, `first` is its touchpoint key."""

    slot: bytes
    hit_key: str
    first: bytes
    brand: str
    channel: str
    task: str
    journey_id: str
    newest: int
    run: int = 0
    held: list[Sign] = []
    signs: list[Sign] = []
    mask: int = ALL_VERDICTS
    amount_minor: int = 0
    currency: str = ""
    completed_at: int = NEVER
    related: bool = False
    absent: bool = False
    opens: list[Open] = []
    waits: list[Wait] = []

    def add(self, sign: Sign) -> None:
        """Take a sign into the evidence; taking it again changes nothing."""
        signs = self.signs
        self.mask &= sign.mask
        if (sign.amount_minor, self.currency) > (self.amount_minor, sign.currency):
            self.amount_minor, self.currency = sign.amount_minor, sign.currency
        order = (sign.time, sign.source, sign.event_id, sign.key)
        at = len(signs)
        while at and (before := signs[at - 1]) and (before.time, before.source, before.event_id, before.key) > order:
            at -= 1
        if at and signs[at - 1].key == sign.key:
            return
        signs.insert(at, sign)
        if len(signs) > EVIDENCE_MAX:
            del signs[EVIDENCE_MAX // 2]

    def complete(self, instant: int) -> None:
        """Note when the hit was first complete."""
        if self.completed_at == NEVER or instant < self.completed_at:
            self.completed_at = instant


class Matches(msgspec.Struct, array_like=True):
    """The groups of one pattern: by key the one that can still grow, and past ones that are not forgotten yet."""

    slots: dict[bytes, Group] = {}
    past: list[Group] = []


def sign_of(touchpoint: Touchpoint, mask: int = ALL_VERDICTS) -> Sign:
    """Note a touchpoint as evidence, with what is at risk: its revenue, or the amount it says is at risk."""
    value = touchpoint.value
    risked = value is not None and value.kind in {"revenue", "at_risk"}
    return Sign(
        touchpoint.event_time,
        touchpoint.source,
        touchpoint.event_id,
        touchpoint.key,
        touchpoint.channel.value,
        touchpoint.name,
        reading.location_id(touchpoint),
        value.amount_minor if value is not None and risked else 0,
        value.currency if value is not None and risked else "",
        mask,
    )
