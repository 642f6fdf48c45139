"""What threads that hang together know: a set of members that does not care about order or repeats."""

from collections.abc import Iterator

import msgspec

from schemas.evidence import Claim
from schemas.identifiers import Ident
from streams.identity import members as kinds
from streams.identity.holder import Marks
from streams.identity.members import Decided, Held, keep, later, pack, pair_of, unpack
from streams.identity.threads import ThreadClaim, ThreadPair, component, is_beaten, owner_of, useful

EVERYTHING = 1 << 62
"""A cut in received time that leaves nothing out."""


class Claimed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who used a thread, as it is stored: the claims that can still decide, and when each claimant was first seen."""

    claims: list[ThreadClaim]
    firsts: dict[Ident, int]


class Component:
    """Evidence about threads: their touchpoints, claims and links, and what was decided.

    `is_changed`: owners may differ. `aspects` grows whenever the threads themselves are to be described anew.
    """

    __slots__ = (
        "_latest",
        "_owners",
        "aspects",
        "claims",
        "decided",
        "firsts",
        "is_changed",
        "links",
        "marks",
        "touched",
        "touchpoints",
    )

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.touchpoints: dict[bytes, Held] = {}
        self.touched: set[bytes] = set()
        self.claims: dict[Ident, list[ThreadClaim]] = {}
        self.links: dict[ThreadPair, int] = {}
        self.decided: dict[bytes, Decided] = {}
        self.firsts: dict[Ident, dict[Ident, int]] = {}
        self.aspects = 0
        self.is_changed = False
        self._latest: int | None = None
        self._owners: dict[tuple[Ident, int], tuple[set[Ident], Ident | None]] = {}

    # --- adding evidence

    def link(self, pair: ThreadPair, received: int) -> None:
        """Two threads met on an event that names no customer."""
        known = self.links.get(pair)
        if known is None or received < known:
            self.links[pair] = received
            self.aspects += 1
            self.marks[kinds.LINK, pair[0] + pair[1]] = None
            self.is_changed = True

    def claim(self, claim: Claim) -> None:
        """Somebody used a thread; only what can still decide is kept, and when each claimant was first seen."""
        mine = self.claims.get(claim.target)
        if mine is None and len(claim.times) == 1:  # nearly always: whoever opened the thread
            self._keep(claim.target, [ThreadClaim(claim.times[0], claim.ids, claim.firm, claim.received[0])])
            self._first(claim.target, claim.ids[0], claim.times[0])
            return
        mine = mine or []
        told = [
            ThreadClaim(time, claim.ids, claim.firm, received)
            for time, received in zip(claim.times, claim.received, strict=True)
            if not is_beaten(time, claim.ids, claim.firm, received, mine)
        ]
        if told:
            self._keep(claim.target, useful([*mine, *told]))
        self._first(claim.target, claim.ids[0], min(claim.times))

    def hold(self, key: bytes, held: Held) -> bool:
        """Join one version of a touchpoint; False if it says nothing new."""
        mine = self.touchpoints.get(key)
        joined = held if mine is None else later(mine, held)
        if joined is mine:
            return False
        self.touchpoints[key] = joined
        self.marks[kinds.TOUCHPOINT, key] = None
        self.touched.add(key)
        return True

    def decide(self, key: bytes, decided: Decided) -> None:
        """Remember what was told of a touchpoint's owner."""
        self.decided[key] = decided
        self.marks[kinds.TOUCHPOINT, key] = None

    def forget(self, before: int) -> list[bytes]:
        """Drop touchpoints with an event time below this, and give their keys; claims and links of threads stay."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        for key in old:
            del self.touchpoints[key]
            self.decided.pop(key, None)
            self.marks[kinds.TOUCHPOINT, key] = None
        return old

    def _keep(self, target: Ident, kept: list[ThreadClaim]) -> None:
        if kept != self.claims.get(target):
            self.claims[target] = kept
            self.marks[kinds.CLAIMED, target] = None
            self.is_changed = True

    def _first(self, target: Ident, owner: Ident, time: int) -> None:
        firsts = self.firsts.setdefault(target, {})
        if time < firsts.get(owner, time + 1):
            firsts[owner] = time
            self.aspects += 1
            self.marks[kinds.CLAIMED, target] = None

    # --- owners

    def reconsider(self) -> None:
        """Owners are worked out anew from here."""
        self.is_changed = False
        self._owners = {}
        self._latest = None

    def owner(self, thread: Ident, cut: int) -> tuple[set[Ident], Ident | None]:
        """The threads that hang together with this one, and who owns them all, by what counts up to a cut."""
        if self._latest is None:
            claimed = (claim.received for claims in self.claims.values() for claim in claims)
            self._latest = max(max(claimed, default=-1), max(self.links.values(), default=-1))
        if cut >= self._latest:
            cut = EVERYTHING
        known = self._owners.get((thread, cut))
        if known is None:
            threads = component(thread, self.links, cut)
            claims = (claim for one in threads for claim in self.claims.get(one, ()))
            known = self._owners[thread, cut] = (threads, owner_of(claims, cut))
        return known

    # --- members

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member of the component."""
        yield from ((kinds.LINK, a + b) for a, b in self.links)
        yield from ((kinds.CLAIMED, thread) for thread in self.claims)
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            held = self.touchpoints.get(key)
            return None if held is None else keep(held, self.decided.get(key))
        if kind == kinds.CLAIMED:
            thread = Ident(key)
            claims = self.claims.get(thread)
            return None if claims is None else pack(Claimed(claims, self.firsts.get(thread, {})))
        received = self.links.get(pair_of(key))
        return None if received is None else pack(received)

    def join(self, kind: str, key: bytes, value: bytes) -> bool:
        """Join a member, touchpoints aside; False if it is of a kind that a component does not have."""
        if kind == kinds.CLAIMED:
            claimed = unpack(value, Claimed)
            self._join_claims(Ident(key), claimed.claims)
            for owner, time in claimed.firsts.items():
                self._first(Ident(key), owner, time)
        elif kind == kinds.DECIDED:
            self.join_decided(key, unpack(value, Decided))
        elif kind == kinds.CLAIM:
            self._join_claims(Ident(key), unpack(value, list[ThreadClaim]))
        elif kind == kinds.LINK:
            self.link(pair_of(key), unpack(value, int))
        elif kind == kinds.FIRST:
            self._first(*pair_of(key), unpack(value, int))
        else:
            return False
        self.is_changed = True
        return True

    def _join_claims(self, thread: Ident, theirs: list[ThreadClaim]) -> None:
        self._keep(thread, useful([*self.claims.get(thread, ()), *theirs]))

    def join_decided(self, key: bytes, theirs: Decided) -> None:
        """Two deciders that became one: where they told different things, both are taken back and it is told anew."""
        mine = self.decided.get(key)
        if mine is None:
            self.decide(key, theirs)
        elif (mine.epoch, mine.owner, mine.stale) != (theirs.epoch, theirs.owner, theirs.stale):
            stale = {mine.owner, *mine.stale, theirs.owner, *theirs.stale}
            newer = max(mine, theirs, key=_epoch)
            self.decide(key, Decided(newer.epoch, newer.owner, newer.event_time, tuple(sorted(stale))))


def _epoch(decided: Decided) -> int:
    return decided.epoch
