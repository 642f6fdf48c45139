"""The holder of a strong identifier: a node of a distributed union-find, and at its root the anchor of a cluster.

Parents are always smaller, so every cluster ends with its smallest identifier as the one root. What a holder had
before it found a parent travels there as members of a set; what still reaches it is forwarded unchanged.
"""

from collections.abc import Iterator

from schemas.evidence import Adopt, Attribute, Decision, Edge, Junk, Link, Message, Observe, Withdraw
from schemas.identifiers import ACCOUNT_RANK, Ident
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.cluster import Cluster
from streams.identity.holder import Marks, Members, adopt_chunks, forward, parent_member, unite
from streams.identity.members import Held, unpack
from streams.identity.post import Post
from streams.identity.projections import rows_of
from streams.identity.residence import Residence
from streams.processor import Addressed


class StrongHolder:
    """Holds a strong identifier; at a root, the cluster."""

    __slots__ = ("cluster", "ident", "marks", "neighbours", "parent", "residence")

    def __init__(self, ident: Ident, residence: Residence, marks: Marks) -> None:
        self.ident = ident
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.neighbours: set[Ident] = set()
        self.cluster = Cluster(marks)

    # --- taking evidence

    def take(self, letter: Addressed, post: Post) -> None:
        """Add evidence, or forward it to the parent."""
        message = letter.message
        if self.parent is None and isinstance(message, Observe):
            self._observe(message.touchpoint, post)
        elif isinstance(message, Link):
            self._link(message, post)
        elif self.parent is not None:
            forward(self.parent, self.ident, letter, post)
        elif isinstance(message, Attribute):
            touchpoint = message.touchpoint
            held = Held(message.epoch, message.owner, touchpoint.event_time, touchpoint)
            self._hold(touchpoint.key, held, post)
        else:
            self._take_rarer(message, post)

    def _take_rarer(self, message: Message, post: Post) -> None:
        if isinstance(message, Edge):
            self.cluster.bind(message.ids, message.time, message.received_at)
        elif isinstance(message, Withdraw):
            self._hold(message.key, Held(message.epoch, message.owner, message.event_time, None), post)
        elif isinstance(message, Decision):
            self.cluster.decide(message)
        elif isinstance(message, Junk):
            self.cluster.mark_junk(message.identifier)
        elif isinstance(message, Adopt):
            for kind, key, value in message.members:
                self.join(kind, key, value, post)

    def _link(self, link: Link, post: Post) -> None:
        if link.smaller == self.ident or link.larger != self.ident:
            return
        if not link.derived and not self._is_welcome(link.smaller, post):
            return
        before = self.parent
        self.parent = unite(before, link.smaller, post)
        if self.parent != before:
            self.marks[kinds.PARENT, b""] = None
        if before is None:
            self._move_to(self.parent, post)

    def _is_welcome(self, neighbour: Ident, post: Post) -> bool:
        """Count the people this identifier is bound to; beyond the limit it is junk and links nobody any more."""
        if neighbour in self.neighbours or self.ident[0] == ACCOUNT_RANK:
            return True
        if len(self.neighbours) >= post.rules.people_per_identifier:
            if self.ident not in self.cluster.junk:
                post.ledger["junk"] += 1
                self.cluster.mark_junk(self.ident)
                if self.parent is not None:
                    post.send(self.parent, Junk(self.ident))
            post.send(neighbour, Junk(self.ident))
            return False
        self.neighbours.add(neighbour)
        self.marks[kinds.NEIGHBOUR, neighbour] = None
        return True

    def _move_to(self, parent: Ident, post: Post) -> None:
        """Hand everything held to the parent, and keep only the way there."""
        moved: Members = [(k, m, v) for k, m in self._keys() if (v := self.member(k, m)) is not None]
        for chunk in adopt_chunks(parent, self.ident, moved):
            post.send(parent, chunk)
        self.marks.update(((kind, key), None) for kind, key, _ in moved if kind != kinds.PUBLISHED)
        self.cluster = Cluster(self.marks)
        self.residence.clear()

    def _observe(self, touchpoint: Touchpoint, post: Post) -> None:
        cluster, key, time = self.cluster, touchpoint.key, touchpoint.event_time
        cluster.bind(touchpoint.strong, time, touchpoint.received_at)
        if post.admit(time, is_known=key in cluster.touchpoints):
            self._hold(key, Held(0, touchpoint.strong[0], time, touchpoint), post)

    def _hold(self, key: bytes, held: Held, post: Post) -> None:
        if self.cluster.hold(key, held):
            post.remember(self.ident, held.event_time)

    # --- settling

    def settle(self, post: Post) -> None:
        """Place every touchpoint that may have moved at its person, and describe the people anew if they changed."""
        if self.parent is not None:
            return
        cluster = self.cluster
        if cluster.quarantined is None and len(cluster.touchpoints) > post.rules.touchpoints_per_holder:
            cluster.quarantine(post.rules.touchpoints_per_holder)
        if cluster.is_restructured or not post.rules.fast_path:
            partition = cluster.restructure(post.rules)
            quarantined = cluster.quarantined is not None
            rows = rows_of(self.ident, partition, cluster.verdicts(), cluster.junk, quarantined=quarantined)
            self.residence.describe(rows)
        if cluster.touched:
            self._place(cluster, post)

    def _place(self, cluster: Cluster, post: Post) -> None:
        """Put what moved at its person, older touchpoints first: a fold that goes forward is cheap."""
        residence, touchpoints = self.residence, cluster.touchpoints
        person_at = cluster.person_at(post.rules)
        for _, key in sorted([(touchpoints[key].event_time, key) for key in cluster.touched]):
            held = touchpoints[key]
            touchpoint = held.touchpoint
            if touchpoint is None:
                residence.remove(key)
            else:
                residence.place(touchpoint, person_at(held.owner, touchpoint), held.epoch)
        cluster.touched = set()

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints; the identifiers they belong to stay known."""
        self.residence.forget(self.cluster.forget(before), before)

    # --- members

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""
        return [held.event_time for held in self.cluster.touchpoints.values()]

    def _keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member that moves with the cluster."""
        yield from self.cluster.keys()
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            return self.cluster.member(kind, key)
        if kind == kinds.PARENT:
            return parent_member(self.parent)
        if kind == kinds.NEIGHBOUR:
            return kinds.FORMAT
        if kind in kinds.OF_RESIDENCE:
            return self.residence.member(kind, key)
        return self.cluster.member(kind, key)

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member, from an Adopt (with the post) or from a store (without)."""
        if kind == kinds.TOUCHPOINT:
            self._join_touchpoint(key, unpack(value, Held), post)
        elif kind == kinds.PARENT:
            self.parent = unpack(value, Ident)
        elif kind == kinds.NEIGHBOUR:
            self.neighbours.add(Ident(key))
        elif not self.cluster.join(kind, key, value):
            self.residence.join(kind, key, value)
        self.cluster.is_restructured = True

    def _join_touchpoint(self, key: bytes, held: Held, post: Post | None) -> None:
        if post is not None and held.epoch == 0 and key in self.cluster.touchpoints:
            post.uncount()
        if self.cluster.hold(key, held) and post is not None:
            post.remember(self.ident, held.event_time)
