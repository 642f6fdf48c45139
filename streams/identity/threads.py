"""Decide to whom one thing belongs: an order, a ticket, a call belongs wholly to its first claimant.

Threads that met on an event without a strong identifier are one component, and one owner has it all. The exact rules
are 2.5 of `docs/rules.md`.
"""

from collections.abc import Iterable, Mapping

import msgspec

from schemas.identifiers import LAST_STRONG_RANK, Ident


class ThreadClaim(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """`ids` used this thread at `time`; one device where no strong identifier did."""

    time: int
    ids: tuple[Ident, ...]
    firm: bool
    received: int

    @property
    def weakness(self) -> int:
        """0 for a firm claim of a customer, 1 for an observed one, 2 for a device's: the least wins before any time."""
        if self.ids[0][0] > LAST_STRONG_RANK:
            return 2
        return 0 if self.firm else 1


ThreadPair = tuple[Ident, Ident]


def component(thread: Ident, links: Mapping[ThreadPair, int], cut: int) -> set[Ident]:
    """The threads linked with this one by what was received up to `cut`."""
    members = {thread}
    if not links:
        return members
    neighbours: dict[Ident, list[Ident]] = {}
    for (a, b), received in links.items():
        if received <= cut:
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
    edge = [thread]
    while edge:
        for other in neighbours.get(edge.pop(), ()):
            if other not in members:
                members.add(other)
                edge.append(other)
    return members


def owner_of(claims: Iterable[ThreadClaim], cut: int) -> Ident | None:
    """The first claimant: a strong identifier, or a device, or None."""
    best: tuple[int, int, tuple[Ident, ...]] | None = None
    for claim in claims:
        if claim.received <= cut:
            rank = (claim.weakness, claim.time, claim.ids)
            best = rank if best is None else min(best, rank)
    return None if best is None else best[2][0]


def is_beaten(time: int, ids: tuple[Ident, ...], firm: bool, received: int, claims: Iterable[ThreadClaim]) -> bool:
    """Tell, without making one, whether a claim can never decide beside these: nearly all later ones cannot."""
    strong = ids[0][0] <= LAST_STRONG_RANK
    for claim in claims:
        same = claim.firm == firm and (claim.ids[0][0] <= LAST_STRONG_RANK) == strong
        if same and claim.received <= received and (claim.time, claim.ids) <= (time, ids):
            return True
    return False


def useful(claims: Iterable[ThreadClaim]) -> list[ThreadClaim]:
    """Drop claims that can never decide: another of the same weakness is both earlier and received no later."""
    kept: list[ThreadClaim] = []
    for claim in sorted(claims, key=lambda c: (c.weakness, c.time, c.ids, c.received)):
        same = [k for k in kept if k.weakness == claim.weakness]
        if all(claim.received < k.received for k in same):
            kept.append(claim)
    return kept
