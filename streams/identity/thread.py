"""The holder of a thread: one order, ticket or call, which belongs wholly to its first claimant.

Threads that met on an event without a strong identifier hang together like strong identifiers do: parents smaller, and the
root decides for all of them.
"""

from collections.abc import Iterator

from schemas.evidence import Adopt, Anonymous, Attribute, Claim, Link, Withdraw
from schemas.identifiers import Ident, PersonId, person_of
from schemas.rows import Row, Table
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.device import OWN_EPOCH_BITS, UNOWNED
from streams.identity.holder import Marks, Members, adopt_chunks, is_for_parent, parent_member, unite
from streams.identity.members import Decided, Held, later, pack, unpack
from streams.identity.post import Post
from streams.identity.projections import alias_row, anonymous_person_row, claim_row
from streams.identity.residence import Residence, RowRef
from streams.identity.threads import ThreadClaim, ThreadPair, component, is_beaten, owner_of, useful
from streams.processor import Addressed

THREAD_EPOCH = 1 << OWN_EPOCH_BITS
"""Threads count owners in the high bits of an epoch; a device that one hands over to counts in the low ones."""
EVERYTHING = 1 << 62


class ThreadHolder:
    """Holds a thread; at a root, all threads that hang together with it."""

    __slots__ = (
        "_asked",
        "_changed",
        "_components",
        "_described",
        "claims",
        "decided",
        "firsts",
        "ident",
        "links",
        "marks",
        "parent",
        "residence",
        "touchpoints",
    )

    def __init__(self, ident: Ident, residence: Residence, marks: Marks) -> None:
        self.ident = ident
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.touchpoints: dict[bytes, Held] = {}
        self.claims: dict[Ident, list[ThreadClaim]] = {}
        self.links: dict[ThreadPair, int] = {}
        self.decided: dict[bytes, Decided] = {}
        self.firsts: dict[tuple[Ident, Ident], int] = {}
        self._asked: set[bytes] = set()
        self._changed = False
        self._described: tuple[set[PersonId], int, int, int] | None = None
        self._components: dict[tuple[Ident, int], tuple[set[Ident], Ident | None]] = {}

    # --- taking evidence

    def take(self, letter: Addressed, post: Post) -> None:
        """Add evidence, or forward it to the parent."""
        message = letter.message
        if isinstance(message, Link) and message.larger == self.ident:
            self._link(message, letter, post)
        elif not is_for_parent(self.parent, self.ident, letter, post):
            if isinstance(message, Anonymous):
                self._observe(message.touchpoint, post)
            elif isinstance(message, Claim):
                self._claim(message)
            elif isinstance(message, Link) and not message.derived:
                self._add_link((message.smaller, message.larger), message.received_at)
            elif isinstance(message, Adopt):
                for kind, key, value in message.members:
                    self.join(kind, key, value, post)

    def _link(self, link: Link, letter: Addressed, post: Post) -> None:
        if not link.derived and self.parent is None:
            self._add_link((link.smaller, link.larger), link.received_at)
        before = self.parent
        if before is not None and not link.derived:
            post.send(before, link, via=self.ident)
        self.parent = unite(self.ident, before, link.smaller, post)
        if self.parent != before:
            self.marks.add((kinds.PARENT, b""))
        if before is None:
            self._move_to(self.parent, post)

    def _add_link(self, pair: ThreadPair, received: int) -> None:
        known = self.links.get(pair)
        if known is None or received < known:
            self.links[pair] = received
            self.marks.add((kinds.LINK, pair[0] + pair[1]))
            self._changed = True

    def _move_to(self, parent: Ident, post: Post) -> None:
        moved: Members = [(k, m, v) for k, m in self._keys() if (v := self.member(k, m)) is not None]
        for chunk in adopt_chunks(parent, self.ident, moved):
            post.send(parent, chunk)
        self.marks.update((kind, key) for kind, key, _ in moved)
        self.touchpoints.clear()
        self.claims.clear()
        self.links.clear()
        self.decided.clear()
        self.firsts.clear()
        self.residence.clear()
        self._asked.clear()
        self._changed = False
        self._described = None

    def _observe(self, touchpoint: Touchpoint, post: Post) -> None:
        if post.is_expired(touchpoint.event_time):
            post.count(new=False)
            return
        post.count(new=touchpoint.key not in self.touchpoints)
        self._hold(touchpoint.key, Held(0, self.ident, touchpoint.event_time, touchpoint), post)

    def _hold(self, key: bytes, held: Held, post: Post) -> None:
        mine = self.touchpoints.get(key)
        joined = later(mine, held)
        if joined is not mine:
            self.touchpoints[key] = joined
            self.marks.add((kinds.TOUCHPOINT, key))
            self._asked.add(key)
            post.remember(self.ident, joined.event_time)

    def _claim(self, claim: Claim) -> None:
        mine = self.claims.get(claim.target, [])
        told = [
            ThreadClaim(time, claim.ids, claim.firm, received)
            for time, received in zip(claim.times, claim.received, strict=True)
            if not is_beaten(time, claim.ids, claim.firm, received, mine)
        ]
        if told:
            self._join_claims(claim.target, [*mine, *told])
        self._first(claim.target, claim.ids[0], min(claim.times))

    def _join_claims(self, target: Ident, claims: list[ThreadClaim]) -> None:
        kept = useful(claims)
        if kept != self.claims.get(target):
            self.claims[target] = kept
            self.marks.add((kinds.CLAIM, target))
            self._changed = True

    def _first(self, target: Ident, owner: Ident, time: int) -> None:
        if time < self.firsts.get((target, owner), time + 1):
            self.firsts[target, owner] = time
            self.marks.add((kinds.FIRST, target + owner))

    # --- settling

    def settle(self, post: Post) -> None:
        """Decide again whatever may have changed hands, tell owners, and keep what nobody owns."""
        if self.parent is not None:
            return
        if self._changed or not post.rules.fast_path:
            self._components = {}
            asked = set(self.touchpoints)
        else:
            asked = self._asked
        self._changed = False
        for key in sorted(asked, key=lambda asked_key: (self.touchpoints[asked_key].event_time, asked_key)):
            self._tell(key, post)
        self._asked = set()
        self._describe()

    def _tell(self, key: bytes, post: Post) -> None:
        touchpoint = self.touchpoints[key].touchpoint
        if touchpoint is None:
            return
        threads, owner = self._owner(touchpoint, post)
        last = self.decided.get(key)
        if last is None:
            epoch = THREAD_EPOCH
        elif last.owner == (owner or UNOWNED) and not last.stale:
            epoch = last.epoch
        else:
            epoch = last.epoch + THREAD_EPOCH
        if last is None or epoch != last.epoch:
            self._withdraw(last, epoch, key, touchpoint, post)
            self.decided[key] = Decided(epoch, owner or UNOWNED, touchpoint.event_time)
            self.marks.add((kinds.DECIDED, key))
        elif key not in self._asked and owner is not None:
            return
        if owner is None:
            self.residence.place(touchpoint, person_of(min(threads)), epoch)
        else:
            self.residence.remove(key)
            post.send(owner, Attribute(owner, epoch, touchpoint))

    def _withdraw(self, last: Decided | None, epoch: int, key: bytes, touchpoint: Touchpoint, post: Post) -> None:
        """Tell everyone who was ever told that they have it that they do not; an attribution of this epoch beats that."""
        if last is not None:
            for owner in sorted({last.owner, *last.stale} - {UNOWNED}):
                post.send(owner, Withdraw(owner, epoch, key, touchpoint.event_time))

    def _owner(self, touchpoint: Touchpoint, post: Post) -> tuple[set[Ident], Ident | None]:
        cut = post.rules.cut(touchpoint)
        if cut >= self._latest():
            cut = EVERYTHING
        asked = (touchpoint.threads[0], cut)
        known = self._components.get(asked)
        if known is None:
            threads = component(touchpoint.threads[0], self.links, cut)
            claims = (claim for thread in threads for claim in self.claims.get(thread, ()))
            known = self._components[asked] = (threads, owner_of(claims, cut))
        return known

    def _latest(self) -> int:
        claimed = (claim.received for claims in self.claims.values() for claim in claims)
        return max(max(claimed, default=-1), max(self.links.values(), default=-1))

    def _describe(self) -> None:
        living = self.residence.people()
        described = (living, len(self.links), len(self.firsts), sum(self.firsts.values()))
        if described == self._described:
            return
        self._described = described
        rows: dict[RowRef, Row] = {}
        threads = {thread for pair in self.links for thread in pair}
        canonical = {person_of(t): t for t in {*threads, self.ident, *self.claims, *self._first_threads()}}
        for person in living:
            if person in canonical:
                rows[Table.PEOPLE, (person,)] = anonymous_person_row(person, "thread", canonical[person])
        for thread in threads:
            smallest = min(component(thread, self.links, EVERYTHING))
            alias = alias_row(thread, 0, person_of(smallest))
            rows[Table.PERSON_ALIASES, (alias.alias, 0)] = alias
        for (target, owner), first in self.firsts.items():
            row = claim_row(target, owner, first)
            rows[Table.IDENTITY_LOG, (row.entry, row.left_id, row.right_id)] = row
        self.residence.describe(rows)

    def _first_threads(self) -> Iterator[Ident]:
        return (h.touchpoint.threads[0] for h in self.touchpoints.values() if h.touchpoint is not None)

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints; claims and links of threads stay, for a thread may live long."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        self.residence.let_stand(self.residence.forget(old, before))
        for key in old:
            del self.touchpoints[key]
            self.decided.pop(key, None)
            self.marks |= {(kinds.TOUCHPOINT, key), (kinds.DECIDED, key)}

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""
        return [held.event_time for held in self.touchpoints.values()]

    # --- members

    def _keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member that moves with the component."""
        yield from ((kinds.LINK, a + b) for a, b in self.links)
        yield from ((kinds.CLAIM, thread) for thread in self.claims)
        yield from ((kinds.FIRST, target + owner) for target, owner in self.firsts)
        yield from ((kinds.DECIDED, key) for key in self.decided)
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        found: object | None
        if kind == kinds.PARENT:
            return parent_member(self.parent)
        if kind == kinds.TOUCHPOINT:
            found = self.touchpoints.get(key)
        elif kind == kinds.DECIDED:
            found = self.decided.get(key)
        elif kind == kinds.CLAIM:
            found = self.claims.get(Ident(key))
        elif kind == kinds.LINK:
            found = self.links.get((Ident(key[:17]), Ident(key[17:])))
        elif kind == kinds.FIRST:
            found = self.firsts.get((Ident(key[:17]), Ident(key[17:])))
        else:
            return self.residence.member(kind, key)
        return None if found is None else pack(found)

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member, from an Adopt (with the post) or from a store (without)."""
        self._changed = True
        if kind == kinds.PARENT:
            self.parent = unpack(value, Ident)
        elif kind == kinds.TOUCHPOINT:
            self._join_touchpoint(key, unpack(value, Held), post)
        elif kind == kinds.DECIDED:
            self._join_decided(key, unpack(value, Decided))
        elif kind == kinds.CLAIM:
            self._join_claims(Ident(key), [*self.claims.get(Ident(key), ()), *unpack(value, list[ThreadClaim])])
        elif kind == kinds.LINK:
            self._add_link((Ident(key[:17]), Ident(key[17:])), unpack(value, int))
        elif kind == kinds.FIRST:
            self._first(Ident(key[:17]), Ident(key[17:]), unpack(value, int))
        else:
            self.residence.join(kind, key, value)
            self.marks.add((kind, key))

    def _join_touchpoint(self, key: bytes, held: Held, post: Post | None) -> None:
        if post is None:
            self.touchpoints[key] = held
            return
        if key in self.touchpoints:
            post.uncount()
        self._hold(key, held, post)

    def _join_decided(self, key: bytes, theirs: Decided) -> None:
        """Two deciders that became one: where they told different things, both are taken back and it is told anew."""
        mine = self.decided.get(key)
        if mine is None:
            joined = theirs
        elif (mine.epoch, mine.owner, mine.stale) == (theirs.epoch, theirs.owner, theirs.stale):
            return
        else:
            stale = {mine.owner, *mine.stale, theirs.owner, *theirs.stale}
            newer = max(mine, theirs, key=lambda d: d.epoch)
            joined = Decided(newer.epoch, newer.owner, newer.event_time, tuple(sorted(stale)))
        self.decided[key] = joined
        self.marks.add((kinds.DECIDED, key))
