"""What hits weigh in their journeys: which hits each journey has, as last written, and their score together."""

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from schemas.rows import FrictionRow
from streams.patterns.hits import WEIGHTS
from streams.patterns.matcher import GroupName

_DIGITS: Final = 6


class Share(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """What one hit adds to the friction of its journey; in the order in which hits of one pattern count."""

    detected_at: int
    hit_id: str
    pattern: str
    weight: float


def share_of(hit: FrictionRow) -> Share:
    """Weigh a hit: the weight of its severity times its confidence."""
    return Share(hit.detected_at, hit.hit_id, hit.pattern, WEIGHTS[hit.severity] * hit.confidence)


class Standing(msgspec.Struct, gc=False):
    """The hits of one person that are in journeys, as last written."""

    by_journey: dict[str, dict[GroupName, Share]] = {}
    journey_of: dict[GroupName, str] = {}

    def of(self, journey_id: str) -> Collection[Share]:
        """List what the hits of a journey weigh."""
        shares = self.by_journey.get(journey_id)
        return shares.values() if shares is not None else ()

    def note(self, name: GroupName, hit: FrictionRow | None) -> set[str]:
        """Note the hit of a group as it is now, None for none; the journeys whose score may differ by that."""
        before, now = self.journey_of.get(name, ""), hit.journey_id if hit is not None else ""
        if not before and not now:
            return set()
        share = share_of(hit) if hit is not None else None
        if before == now and share == self.by_journey[now][name]:
            return set()
        self.drop(name)
        if share is not None and now:
            self.by_journey.setdefault(now, {})[name] = share
            self.journey_of[name] = now
        return {one for one in (before, now) if one}

    def drop(self, name: GroupName) -> None:
        """Leave out the hit of a group."""
        journey_id = self.journey_of.pop(name, "")
        if journey_id:
            shares = self.by_journey[journey_id]
            del shares[name]
            if not shares:
                del self.by_journey[journey_id]


def friction(shares: Iterable[Share]) -> tuple[float, str]:
    """Score the hits of a journey together, from 0 to 100, and name the pattern of the one that weighs most.

    Each hit of a pattern weighs half as much as it would in the place of the one before it.
    """
    smooth, heaviest, top = 1.0, 0.0, ""
    before: dict[str, int] = {}
    for share in sorted(shares):
        earlier = before.get(share.pattern, 0)
        before[share.pattern] = earlier + 1
        weight = share.weight * 0.5**earlier
        smooth *= 1 - weight
        if weight > heaviest:
            heaviest, top = weight, share.pattern
    return round(100 * (1 - smooth), _DIGITS), top
