"""The holder of a thread: one order, ticket or call, which belongs wholly to its first claimant.

Threads that met on an event without a strong identifier hang together like strong identifiers do: parents smaller,
and the root decides for all of them.
"""

from collections.abc import Iterator

from schemas.evidence import Adopt, Anonymous, Attribute, Claim, Link, Withdraw
from schemas.identifiers import Ident, PersonId, person_of
from schemas.rows import Row, Table
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.component import EVERYTHING, Component
from streams.identity.device import OWN_EPOCH_BITS, UNOWNED
from streams.identity.holder import Marks, Members, adopt_chunks, forward, parent_member, unite
from streams.identity.members import Decided, Held, Kept, unpack
from streams.identity.post import Post
from streams.identity.projections import alias_row, anonymous_person_row, claim_row
from streams.identity.residence import Residence, RowRef
from streams.identity.threads import component
from streams.processor import Addressed

THREAD_EPOCH = 1 << OWN_EPOCH_BITS
"""Threads count owners in the high bits of an epoch; a device that one hands over to counts in the low ones."""


class ThreadHolder:
    """Holds a thread; at a root, all threads that hang together with it."""

    __slots__ = ("_described", "component", "ident", "marks", "parent", "residence")

    def __init__(self, ident: Ident, residence: Residence, marks: Marks) -> None:
        self.ident = ident
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.component = Component(marks)
        self._described: tuple[set[PersonId], int] | None = None

    # --- taking evidence

    def take(self, letter: Addressed, post: Post) -> None:
        """Add evidence, or forward it to the parent."""
        message = letter.message
        if isinstance(message, Link) and message.larger == self.ident:
            self._link(message, post)
        elif self.parent is not None:
            forward(self.parent, self.ident, letter, post)
        elif isinstance(message, Anonymous):
            self._observe(message.touchpoint, post)
        elif isinstance(message, Claim):
            self.component.claim(message)
        elif isinstance(message, Link) and not message.derived:
            self.component.link((message.smaller, message.larger), message.received_at)
        elif isinstance(message, Adopt):
            for kind, key, value in message.members:
                self.join(kind, key, value, post)

    def _link(self, link: Link, post: Post) -> None:
        before = self.parent
        if not link.derived:
            if before is None:
                self.component.link((link.smaller, link.larger), link.received_at)
            else:
                post.send(before, link, via=self.ident)
        self.parent = unite(before, link.smaller, post)
        if self.parent != before:
            self.marks[kinds.PARENT, b""] = None
        if before is None:
            self._move_to(self.parent, post)

    def _move_to(self, parent: Ident, post: Post) -> None:
        """Hand everything held to the parent, and keep only the way there."""
        moved: Members = [(k, m, v) for k, m in self._keys() if (v := self.member(k, m)) is not None]
        for chunk in adopt_chunks(parent, self.ident, moved):
            post.send(parent, chunk)
        self.marks.update(((kind, key), None) for kind, key, _ in moved if kind != kinds.PUBLISHED)
        self.component = Component(self.marks)
        self.residence.clear()
        self._described = None

    def _observe(self, touchpoint: Touchpoint, post: Post) -> None:
        key, time = touchpoint.key, touchpoint.event_time
        if post.admit(time, is_known=key in self.component.touchpoints):
            self._hold(key, Held(0, self.ident, time, touchpoint), post)

    def _hold(self, key: bytes, held: Held, post: Post) -> None:
        if self.component.hold(key, held):
            post.remember(self.ident, held.event_time)

    # --- settling

    def settle(self, post: Post) -> None:
        """Decide again whatever may have changed hands, tell owners, and keep what nobody owns."""
        if self.parent is not None:
            return
        known = self.component
        asked = known.touched
        if known.is_changed or not post.rules.fast_path:
            known.reconsider()
            asked = set(known.touchpoints)
        for _, key in sorted([(known.touchpoints[key].event_time, key) for key in asked]):
            self._tell(key, post)
        known.touched = set()
        self._describe()

    def _tell(self, key: bytes, post: Post) -> None:
        known = self.component
        touchpoint = known.touchpoints[key].touchpoint
        if touchpoint is None:
            return
        threads, owner = known.owner(touchpoint.threads[0], post.rules.cut(touchpoint))
        last = known.decided.get(key)
        if last is None:
            epoch = THREAD_EPOCH
        elif last.owner == (owner or UNOWNED) and not last.stale:
            epoch = last.epoch
        else:
            epoch = last.epoch + THREAD_EPOCH
        if last is None or epoch != last.epoch:
            self._withdraw(last, epoch, touchpoint, post)
            known.decide(key, Decided(epoch, owner or UNOWNED, touchpoint.event_time))
        elif key not in known.touched and owner is not None:
            return
        if owner is None:
            self.residence.place(touchpoint, person_of(min(threads)), epoch)
        else:
            self.residence.remove(key)
            post.send(owner, Attribute(owner, epoch, touchpoint))

    def _withdraw(self, last: Decided | None, epoch: int, touchpoint: Touchpoint, post: Post) -> None:
        """Tell all who were ever told that they have it that they do not; an attribution of this epoch beats that."""
        if last is not None:
            for owner in sorted({last.owner, *last.stale} - {UNOWNED}):
                post.send(owner, Withdraw(owner, epoch, touchpoint.key, touchpoint.event_time))

    def _describe(self) -> None:
        known, living = self.component, self.residence.people()
        described = (living, known.aspects)
        if described == self._described:
            return
        self._described = described
        rows: dict[RowRef, Row] = {}
        threads = {thread for pair in known.links for thread in pair} if known.links else set()
        if living:
            canonical = {person_of(t): t for t in {*threads, self.ident, *known.claims, *self._first_threads()}}
            for person in sorted(living & canonical.keys()):
                rows[Table.PEOPLE, (person,)] = anonymous_person_row(person, "thread", canonical[person])
        for thread in sorted(threads):
            smallest = min(component(thread, known.links, EVERYTHING))
            alias = alias_row(thread, 0, person_of(smallest))
            rows[Table.PERSON_ALIASES, (alias.alias, 0)] = alias
        for target, firsts in known.firsts.items():
            for owner, first in firsts.items():
                row = claim_row(target, owner, first)
                rows[Table.IDENTITY_LOG, (row.entry, row.left_id, row.right_id)] = row
        self.residence.describe(rows)

    def _first_threads(self) -> Iterator[Ident]:
        held = self.component.touchpoints.values()
        return (h.touchpoint.threads[0] for h in held if h.touchpoint is not None)

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints; claims and links of threads stay, for a thread may live long."""
        self.residence.let_stand(self.residence.forget(self.component.forget(before), before))

    # --- members

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""
        return [held.event_time for held in self.component.touchpoints.values()]

    def _keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member that moves with the component."""
        yield from self.component.keys()
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            return self.component.member(kind, key)
        if kind == kinds.PARENT:
            return parent_member(self.parent)
        if kind in kinds.OF_RESIDENCE:
            return self.residence.member(kind, key)
        return self.component.member(kind, key)

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member, from an Adopt (with the post) or from a store (without)."""
        if kind == kinds.PARENT:
            self.parent = unpack(value, Ident)
        elif kind == kinds.TOUCHPOINT:
            kept = unpack(value, Kept)
            self._join_touchpoint(key, kept.held, post)
            if kept.decided is not None:
                self.component.join_decided(key, kept.decided)
        elif not self.component.join(kind, key, value):
            self.residence.join(kind, key, value)
        self.component.is_changed = True
        self._described = None

    def _join_touchpoint(self, key: bytes, held: Held, post: Post | None) -> None:
        if post is None:
            self.component.touchpoints[key] = held
            return
        if key in self.component.touchpoints:
            post.uncount()
        self._hold(key, held, post)
