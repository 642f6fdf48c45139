"""What a cluster of strong identifiers knows: a set of members that does not care about order or repeats.

The anchor's holder keeps one; `structure` grows whenever the people in it may have changed.
"""

from collections.abc import Callable, Iterator

from schemas.evidence import SPLIT, Decision
from schemas.identifiers import IDENT_BYTES, NOBODY, Ident, PersonId
from schemas.touchpoint import Touchpoint
from streams.identity import members as kinds
from streams.identity.bindings import Bindings, Pair
from streams.identity.holder import Marks
from streams.identity.members import Held, later, pack, pair_of, unpack
from streams.identity.people import Partition, resolve
from streams.identity.projections import Verdicts
from streams.identity.rules import HOUR_MS, IdentityRules


class Cluster:
    """Evidence about one cluster, and its partition into people while nothing changes it."""

    __slots__ = (
        "_latest",
        "_partition",
        "_partitions_at",
        "bindings",
        "decisions",
        "is_restructured",
        "junk",
        "known",
        "marks",
        "quarantined",
        "touched",
        "touchpoints",
    )

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.known: set[Ident] = set()
        self.junk: set[Ident] = set()
        self.touchpoints: dict[bytes, Held] = {}
        self.touched: set[bytes] = set()
        self.bindings = Bindings()
        self.decisions: dict[Pair, list[Decision]] = {}
        self.quarantined: int | None = None
        self.is_restructured = False
        self._partition: Partition | None = None
        self._partitions_at: dict[int, Partition] = {}
        self._latest = -1

    # --- adding evidence

    def bind(self, ids: tuple[Ident, ...], time: int, received: int) -> None:
        """All of these, strongest first, were seen on one event."""
        known = self.known
        for identifier in ids:
            if identifier not in known:
                self.know(identifier)
        if len(ids) > 1:
            for other in ids[1:]:
                self.add_binding((ids[0], other), time, received)

    def know(self, identifier: Ident) -> None:
        """This identifier exists; it is a person of its own until something joins it."""
        if identifier not in self.known:
            self.known.add(identifier)
            self.marks[kinds.KNOWN, identifier] = None
            self.is_restructured = True

    def add_binding(self, pair: Pair, time: int, received: int) -> None:
        """Two identifiers were seen together."""
        changed = self.bindings.add(pair, time, received)
        if changed is None:
            return
        self.marks[kinds.BINDING, pair[0] + pair[1] + (time // HOUR_MS).to_bytes(4, "big", signed=True)] = None
        partition = self._partition
        if changed or (partition is not None and not partition.candidates.keys().isdisjoint(pair)):
            self.is_restructured = True

    def hold(self, key: bytes, held: Held) -> bool:
        """Join one version of a touchpoint; False if it says nothing new."""
        mine = self.touchpoints.get(key)
        joined = held if mine is None else later(mine, held)
        if joined is mine:
            return False
        self.touchpoints[key] = joined
        self.marks[kinds.TOUCHPOINT, key] = None
        self.touched.add(key)
        if joined.owner not in self.known:
            self.is_restructured = True
        return True

    def decide(self, decision: Decision) -> None:
        """An operator spoke."""
        said = self.decisions.setdefault(decision.pair, [])
        if decision not in said:
            said.append(decision)
            self.marks[kinds.DECISION, decision.pair[0] + decision.pair[1]] = None
            self.is_restructured = True

    def mark_junk(self, identifier: Ident) -> None:
        """This identifier says nothing any more. There is no way back."""
        if identifier not in self.junk:
            self.junk.add(identifier)
            self.marks[kinds.JUNK, identifier] = None
            self.is_restructured = True

    def quarantine(self, limit: int) -> None:
        """More touchpoints than this are too much for one person: what is received from now on is stitched to nobody.

        It is still counted. Touchpoints that were withdrawn do not count towards the limit.
        """
        received = [h.touchpoint.received_at for h in self.touchpoints.values() if h.touchpoint is not None]
        if len(received) > limit:
            self.quarantined = max(received)
            self.marks[kinds.QUARANTINED, b""] = None
            self.is_restructured = True

    def forget(self, before: int) -> list[bytes]:
        """Drop touchpoints with an event time below this, and give their keys; whose they were stays known."""
        old = [key for key, held in self.touchpoints.items() if held.event_time < before]
        for key in old:
            held = self.touchpoints.pop(key)
            self.marks[kinds.TOUCHPOINT, key] = None
            if held.touchpoint is not None and held.owner not in self.known:
                self.known.add(held.owner)
                self.marks[kinds.KNOWN, held.owner] = None
        return old

    # --- people

    def restructure(self, rules: IdentityRules) -> Partition:
        """Partition anew, by everything known; touchpoints that may have moved by that are touched."""
        before, latest = self._partition, self._latest
        self.is_restructured = False
        self._partition = None
        self._partitions_at = {}
        now = self._whole(rules)
        if before is None or before.candidates or now.candidates or not rules.fast_path:
            self.touched = set(self.touchpoints)
        else:
            self._touch_moved(before, now, max(latest, self._latest) - rules.keep_ms)
        return now

    def _touch_moved(self, before: Partition, now: Partition, dated: int) -> None:
        """Touch what belongs to an identifier whose person is another, and what is older than some evidence allows."""
        moved = {
            identifier
            for identifier, group in now.group_of.items()
            if identifier not in before.group_of or before.group_of[identifier].person != group.person
        }
        self.touched |= {k for k, h in self.touchpoints.items() if h.owner in moved or h.event_time < dated}

    def person_at(self, rules: IdentityRules) -> Callable[[Ident, Touchpoint], PersonId]:
        """Give what tells whose a touchpoint of an owner is, while nothing is added."""
        whole, latest, quarantined = self._whole(rules), self._latest, self.quarantined
        group_of, keep_ms = whole.group_of, rules.keep_ms
        is_plain = quarantined is None and not whole.candidates

        def person_of_touchpoint(owner: Ident, touchpoint: Touchpoint) -> PersonId:
            if is_plain and touchpoint.event_time + keep_ms >= latest and owner in group_of:
                return group_of[owner].person
            if quarantined is not None and touchpoint.received_at > quarantined:
                return NOBODY
            cut = rules.cut(touchpoint)
            return (whole if cut >= latest else self.at(cut, rules)).person_at(owner, touchpoint.event_time, cut)

        return person_of_touchpoint

    def at(self, cut: int, rules: IdentityRules) -> Partition:
        """The partition by what counts up to a cut in received time; nearly always the whole one."""
        whole = self._whole(rules)
        if cut >= self._latest:
            return whole
        known = self._partitions_at.get(cut)
        if known is None:
            known = self._partitions_at[cut] = self._resolve(cut, rules)
        return known

    def verdicts(self, cut: int | None = None) -> Verdicts:
        """Per pair the decision that holds: the greatest (decided_at, id)."""
        holding: Verdicts = {}
        for pair, said in self.decisions.items():
            counted = [d for d in said if cut is None or d.decided_at <= cut]
            if counted:
                holding[pair] = max(counted, key=lambda d: (d.decided_at, d.decision_id))
        return holding

    def _whole(self, rules: IdentityRules) -> Partition:
        if self._partition is None:
            self._partition = self._resolve(None, rules)
            decided = max((d.decided_at for said in self.decisions.values() for d in said), default=-1)
            self._latest = max(self.bindings.latest_step(), decided)
        return self._partition

    def _resolve(self, cut: int | None, rules: IdentityRules) -> Partition:
        owners = (held.owner for held in self.touchpoints.values() if held.touchpoint is not None)
        splits = [pair for pair, verdict in self.verdicts(cut).items() if verdict.verdict == SPLIT]
        limit = rules.identifiers_per_person
        return resolve(sorted({*self.known, *owners}), self.bindings, splits, self.junk, limit=limit, cut=cut)

    # --- members

    def keys(self) -> Iterator[tuple[str, bytes]]:
        """Every member of the cluster."""
        yield from ((kinds.KNOWN, identifier) for identifier in sorted(self.known))
        yield from ((kinds.JUNK, identifier) for identifier in sorted(self.junk))
        if self.quarantined is not None:
            yield (kinds.QUARANTINED, b"")
        yield from ((kinds.TOUCHPOINT, key) for key in self.touchpoints)
        for (a, b), hours in self.bindings.hours.items():
            yield from ((kinds.BINDING, a + b + hour.to_bytes(4, "big", signed=True)) for hour in hours)
        yield from ((kinds.DECISION, a + b) for a, b in self.decisions)

    def member(self, kind: str, key: bytes) -> bytes | None:
        """Encode one member; None where it is gone."""
        if kind == kinds.TOUCHPOINT:
            held = self.touchpoints.get(key)
            return None if held is None else pack(held)
        if kind == kinds.KNOWN:
            return kinds.FORMAT if key in self.known else None
        if kind == kinds.BINDING:
            hour = int.from_bytes(key[2 * IDENT_BYTES :], "big", signed=True)
            times = self.bindings.hours.get(pair_of(key), {}).get(hour)
            return None if times is None else pack(list(times.items()))
        if kind == kinds.JUNK:
            return kinds.FORMAT if key in self.junk else None
        if kind == kinds.QUARANTINED:
            return None if self.quarantined is None else pack(self.quarantined)
        said = self.decisions.get(pair_of(key))
        return None if said is None else pack(said)

    def join(self, kind: str, key: bytes, value: bytes) -> bool:
        """Join a member; False if it is of a kind that a cluster does not have."""
        if kind == kinds.KNOWN:
            self.known.add(Ident(key))
        elif kind == kinds.BINDING:
            for time, received in unpack(value, list[tuple[int, int]]):
                self.add_binding(pair_of(key), time, received)
        elif kind == kinds.JUNK:
            self.junk.add(Ident(key))
        elif kind == kinds.QUARANTINED:
            self.quarantined = unpack(value, int)
        elif kind == kinds.DECISION:
            for decision in unpack(value, list[Decision]):
                self.decide(decision)
        else:
            return False
        self.marks[kind, key] = None
        self.is_restructured = True
        return True
