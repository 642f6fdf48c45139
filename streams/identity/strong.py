"""The holder of a strong identifier: a node of a distributed union-find, and at its root the evidence of a cluster.

Parents are always smaller, so every cluster ends with its smallest identifier as the one root. What a holder had before it
found a parent travels there as members of a set; what still reaches it is forwarded unchanged.
"""

from collections.abc import Iterator

from schemas.evidence import SPLIT, Adopt, Attribute, Decision, Edge, Junk, Link, Observe, Withdraw
from schemas.identifiers import ACCOUNT_RANK, NOBODY, Ident, PersonId
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.bindings import Bindings, Pair
from streams.identity.holder import Marks, Members, adopt_chunks, is_for_parent, parent_member, unite
from streams.identity.members import Held, later, pack, unpack
from streams.identity.people import Partition, resolve
from streams.identity.post import Post
from streams.identity.projections import Verdicts, rows_of
from streams.identity.residence import Residence
from streams.identity.rules import DAY_MS
from streams.processor import Addressed

IDENT_SIZE = 17


class StrongHolder:
    """Holds a strong identifier; at a root, the cluster."""

    __slots__ = (
        "_latest",
        "_partition",
        "_partitions_at",
        "_restructured",
        "_touched",
        "bindings",
        "decisions",
        "ident",
        "junk",
        "known",
        "marks",
        "neighbours",
        "parent",
        "quarantined",
        "residence",
        "touchpoints",
    )

    def __init__(self, ident: Ident, residence: Residence, marks: Marks) -> None:
        self.ident = ident
        self.parent: Ident | None = None
        self.residence = residence
        self.marks = marks
        self.neighbours: set[Ident] = set()
        self.known: set[Ident] = set()
        self.junk: set[Ident] = set()
        self.touchpoints: dict[bytes, Held] = {}
        self.bindings = Bindings()
        self.decisions: dict[Pair, list[Decision]] = {}
        self.quarantined: int | None = None
        self._partition: Partition | None = None
        self._partitions_at: dict[int, Partition] = {}
        self._latest = -1
        self._restructured = False
        self._touched: set[bytes] = set()

    # --- taking evidence

    def take(self, letter: Addressed, post: Post) -> None:
        """Add evidence, or forward it to the parent."""
        message = letter.message
        if isinstance(message, Link):
            self._link(message, post)
        elif not is_for_parent(self.parent, self.ident, letter, post):
            if isinstance(message, Observe):
                self._observe(message.touchpoint, post)
            elif isinstance(message, Edge):
                self._bind(message.ids, message.time, message.received_at)
            elif isinstance(message, Attribute):
                touchpoint = message.touchpoint
                self._hold(touchpoint.key, Held(message.epoch, message.owner, touchpoint.event_time, touchpoint), post)
            elif isinstance(message, Withdraw):
                self._hold(message.key, Held(message.epoch, message.owner, message.event_time, None), post)
            elif isinstance(message, Decision):
                self._decide(message)
            elif isinstance(message, Junk):
                self._mark_junk(message.identifier)
            elif isinstance(message, Adopt):
                for kind, key, value in message.members:
                    self.join(kind, key, value, post)

    def _link(self, link: Link, post: Post) -> None:
        if link.smaller == self.ident or link.larger != self.ident:
            return
        if not link.derived and not self._is_welcome(link.smaller, post):
            return
        before = self.parent
        self.parent = unite(self.ident, before, link.smaller, post)
        if self.parent != before:
            self.marks.add((kinds.PARENT, b""))
        if before is None:
            self._move_to(self.parent, post)

    def _is_welcome(self, neighbour: Ident, post: Post) -> bool:
        """Count the people this identifier is bound to; beyond the limit it is junk and links nobody any more."""
        if neighbour in self.neighbours or self.ident[0] == ACCOUNT_RANK:
            return True
        limit = post.rules.people_per_identifier
        if len(self.neighbours) >= limit:
            if self.ident not in self.junk:
                post.ledger["junk"] += 1
                self._mark_junk(self.ident)
                if self.parent is not None:
                    post.send(self.parent, Junk(self.ident))
            post.send(neighbour, Junk(self.ident))
            return False
        self.neighbours.add(neighbour)
        self.marks.add((kinds.NEIGHBOUR, neighbour))
        return True

    def _move_to(self, parent: Ident, post: Post) -> None:
        """Hand everything held to the parent, and keep only the way there."""
        moved = [(k, m, v) for k, m in self._keys() if (v := self.member(k, m)) is not None]
        moved_members: Members = moved
        for chunk in adopt_chunks(parent, self.ident, moved_members):
            post.send(parent, chunk)
        self.marks.update((kind, key) for kind, key, _ in moved)
        self.known.clear()
        self.touchpoints.clear()
        self.bindings = Bindings()
        self.decisions.clear()
        self.residence.clear()
        self._touched.clear()
        self._forget_partition()
        self._restructured = False

    def _observe(self, touchpoint: Touchpoint, post: Post) -> None:
        self._bind(touchpoint.strong, touchpoint.event_time, touchpoint.received_at)
        if post.is_expired(touchpoint.event_time):
            post.count(new=False)
            return
        post.count(new=touchpoint.key not in self.touchpoints)
        self._hold(touchpoint.key, Held(0, touchpoint.strong[0], touchpoint.event_time, touchpoint), post)

    def _bind(self, ids: tuple[Ident, ...], time: int, received: int) -> None:
        first = ids[0]
        for identifier in ids:
            if identifier not in self.known:
                self.known.add(identifier)
                self.marks.add((kinds.KNOWN, identifier))
                self._restructured = True
        for other in ids[1:]:
            self._add_binding((first, other), time, received)

    def _add_binding(self, pair: Pair, time: int, received: int) -> None:
        changed = self.bindings.add(pair, time, received)
        if changed is None:
            return
        self.marks.add((kinds.BINDING, pair[0] + pair[1] + (time // DAY_MS).to_bytes(4, "big", signed=True)))
        partition = self._partition
        if changed or (partition is not None and not partition.candidates.keys().isdisjoint(pair)):
            self._restructured = True

    def _hold(self, key: bytes, held: Held, post: Post) -> None:
        mine = self.touchpoints.get(key)
        joined = later(mine, held)
        if joined is mine:
            return
        self.touchpoints[key] = joined
        self.marks.add((kinds.TOUCHPOINT, key))
        self._touched.add(key)
        post.remember(self.ident, joined.event_time)
        if joined.owner not in self.known:
            self._restructured = True

    def _decide(self, decision: Decision) -> None:
        said = self.decisions.setdefault(decision.pair, [])
        if decision not in said:
            said.append(decision)
            self.marks.add((kinds.DECISION, decision.pair[0] + decision.pair[1]))
            self._restructured = True

    def _mark_junk(self, identifier: Ident) -> None:
        if identifier not in self.junk:
            self.junk.add(identifier)
            self.marks.add((kinds.JUNK, identifier))
            self._restructured = True

    # --- settling

    def settle(self, post: Post) -> None:
        """Place every touchpoint that may have moved at its person, and describe the people anew if they changed."""
        if self.parent is not None:
            return
        keys = self._touched
        if self.quarantined is None and len(self.touchpoints) > post.rules.touchpoints_per_holder:
            self._quarantine()
        if self._restructured or not post.rules.fast_path:
            self._restructured = False
            self._forget_partition()
            partition = self._whole(post)
            quarantined = self.quarantined is not None
            rows = rows_of(self.ident, partition, self._verdicts(), self.junk, quarantined=quarantined)
            self.residence.describe(rows)
            keys = set(self.touchpoints)
        for held, key in sorted(((self.touchpoints[key], key) for key in keys), key=_in_time):
            if held.touchpoint is None:
                self.residence.remove(key)
            else:
                self.residence.place(held.touchpoint, self._person(held, held.touchpoint, post), held.epoch)
        self._touched = set()

    def _quarantine(self) -> None:
        """Too much happens here for one person: what was received after this is counted, but stitched to nobody."""
        self.quarantined = max(h.touchpoint.received_at for h in self.touchpoints.values() if h.touchpoint is not None)
        self.marks.add((kinds.QUARANTINED, b""))
        self._restructured = True

    def _person(self, held: Held, touchpoint: Touchpoint, post: Post) -> PersonId:
        if self.quarantined is not None and touchpoint.received_at > self.quarantined:
            return NOBODY
        cut = post.rules.cut(touchpoint)
        return self._at(cut, post).person_at(held.owner, touchpoint.event_time, cut)

    def _whole(self, post: Post) -> Partition:
        if self._partition is None:
            self._partition = self._resolve(None, post)
            decided = max((d.decided_at for said in self.decisions.values() for d in said), default=-1)
            self._latest = max(self.bindings.latest_step(), decided)
        return self._partition

    def _at(self, cut: int, post: Post) -> Partition:
        """The partition by what counts up to a cut in received time; nearly always the whole one."""
        whole = self._whole(post)
        if cut >= self._latest:
            return whole
        known = self._partitions_at.get(cut)
        if known is None:
            known = self._partitions_at[cut] = self._resolve(cut, post)
        return known

    def _resolve(self, cut: int | None, post: Post) -> Partition:
        owners = (held.owner for held in self.touchpoints.values() if held.touchpoint is not None)
        splits = [pair for pair, verdict in self._verdicts(cut).items() if verdict.verdict == SPLIT]
        limit = post.rules.identifiers_per_person
        return resolve({*self.known, *owners}, self.bindings, splits, self.junk, limit=limit, cut=cut)

    def _verdicts(self, cut: int | None = None) -> Verdicts:
        """Per pair the decision that holds: the greatest (decided_at, id)."""
        holding: Verdicts = {}
        for pair, said in self.decisions.items():
            counted = [d for d in said if cut is None or d.decided_at <= cut]
            if counted:
                holding[pair] = max(counted, key=lambda d: (d.decided_at, d.decision_id))
        return holding

    def _forget_partition(self) -> None:
        self._partition = None
        self._partitions_at = {}

    def forget(self, before: int, post: Post) -> None:
        """Forget old touchpoints; the identifiers they belong to stay known."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        self.residence.forget(old, before)
        for key in old:
            held = self.touchpoints.pop(key)
            self.marks.add((kinds.TOUCHPOINT, key))
            if held.touchpoint is not None and held.owner not in self.known:
                self.known.add(held.owner)
                self.marks.add((kinds.KNOWN, held.owner))

    def remembered(self) -> list[int]:
        """The event times of all touchpoints held."""
        return [held.event_time for held in self.touchpoints.values()]

    # --- members

    def _keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member that moves with the cluster."""
        yield from ((kinds.KNOWN, identifier) for identifier in self.known)
        yield from ((kinds.JUNK, identifier) for identifier in self.junk)
        if self.quarantined is not None:
            yield (kinds.QUARANTINED, b"")
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)
        for (a, b), days in self.bindings.days.items():
            yield from ((kinds.BINDING, a + b + day.to_bytes(4, "big", signed=True)) for day in days)
        yield from ((kinds.DECISION, a + b) for a, b in self.decisions)
        yield from self.residence.keys()

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            held = self.touchpoints.get(key)
            return None if held is None else pack(held)
        if kind == kinds.KNOWN:
            return kinds.FORMAT if key in self.known else None
        if kind == kinds.BINDING:
            return self._binding_member(key)
        if kind == kinds.PARENT:
            return parent_member(self.parent)
        if kind == kinds.NEIGHBOUR:
            return kinds.FORMAT
        if kind == kinds.JUNK:
            return kinds.FORMAT if key in self.junk else None
        if kind == kinds.QUARANTINED:
            return None if self.quarantined is None else pack(self.quarantined)
        if kind == kinds.DECISION:
            said = self.decisions.get(_pair(key))
            return None if said is None else pack(said)
        return self.residence.member(kind, key)

    def _binding_member(self, key: bytes) -> bytes | None:
        day = int.from_bytes(key[2 * IDENT_SIZE :], "big", signed=True)
        times = self.bindings.days.get(_pair(key), {}).get(day)
        return None if times is None else pack(list(times.items()))

    def join(self, kind: str, key: bytes, value: bytes, post: Post | None) -> None:
        """Join a member, from an Adopt (with the post) or from a store (without)."""
        if kind == kinds.TOUCHPOINT:
            held = unpack(value, Held)
            self._join_touchpoint(key, held, post)
        elif kind == kinds.KNOWN:
            self.known.add(Ident(key))
        elif kind == kinds.BINDING:
            for time, received in unpack(value, list[tuple[int, int]]):
                self._add_binding(_pair(key), time, received)
        elif kind == kinds.PARENT:
            self.parent = unpack(value, Ident)
        elif kind == kinds.NEIGHBOUR:
            self.neighbours.add(Ident(key))
        elif kind == kinds.JUNK:
            self.junk.add(Ident(key))
        elif kind == kinds.QUARANTINED:
            self.quarantined = unpack(value, int)
        elif kind == kinds.DECISION:
            for decision in unpack(value, list[Decision]):
                self._decide(decision)
        else:
            self.residence.join(kind, key, value)
        self.marks.add((kind, key))
        self._restructured = True

    def _join_touchpoint(self, key: bytes, held: Held, post: Post | None) -> None:
        if post is None:
            self.touchpoints[key] = held
            self._touched.add(key)
            return
        if held.epoch == 0 and key in self.touchpoints:
            post.uncount()
        self._hold(key, held, post)


def _in_time(held: tuple[Held, bytes]) -> tuple[int, bytes]:
    """Place older touchpoints first: a fold that goes forward is cheap."""
    return (held[0].event_time, held[1])


def _pair(key: bytes) -> Pair:
    return Ident(key[:IDENT_SIZE]), Ident(key[IDENT_SIZE : 2 * IDENT_SIZE])
