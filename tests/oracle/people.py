"""Who is one person: join pairs of strong identifiers into groups, by the text of rules.md 3.

Groups are resolved per component of bound identifiers, as of a *cut*: only evidence received up to it counts. A
component's structure changes at few cuts (a pair appears, is first seen earlier, is decided); each is resolved once.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from schemas.identifiers import ACCOUNT_RANK, LOYALTY_RANK, Ident, PersonId, person_of
from tests.oracle.evidence import Evidence, Pair, Ruling

FOREVER = 1 << 62
JUNK_ABOVE = 25
GROUP_MOST = 64
JOINED, SHARED, SPLIT, LIMITED, JUNK = "joined", "shared", "split", "limited", "junk"


class Group(msgspec.Struct, eq=False):
    """Identifiers joined (3.4), with head and core (3.5). Without a head its core is the whole of it."""

    members: set[Ident]
    head: Ident | None
    core: set[Ident]

    @property
    def person_id(self) -> PersonId:
        """The id of its person (3.7)."""
        return person_of(min(self.core))


class Resolution(msgspec.Struct, eq=False):
    """One component as of one cut: the group of each identifier, verdicts, contacts and what hangs on them."""

    group: dict[Ident, Group]
    verdicts: dict[Pair, str]
    contacts: set[Ident]
    hangs: dict[Ident, Ident]
    candidates: dict[Ident, list[Pair]]

    def anchor(self, identifier: Ident) -> Ident:
        """What decides for an identifier: the contact it hangs on, or itself."""
        return self.hangs.get(identifier, identifier)


def resolve(seen: dict[Pair, int], split: set[Pair], alone: Iterable[Ident] = ()) -> Resolution:
    """Resolve pairs, each first seen at its time, under split pairs. Junk pairs are left out before."""
    group = {end: Group({end}, None, set()) for pair in seen for end in pair} | {
        end: Group({end}, None, set()) for end in alone
    }
    verdicts = _join(seen, split, group)
    contacts: set[Ident] = set()
    near: dict[Ident, set[Ident]] = defaultdict(set)
    for each in group.values():
        each.head = _head(each.members)
    for (left, right), verdict in verdicts.items():
        if verdict == JOINED:
            near[left].add(right)
            near[right].add(left)
        elif verdict == SHARED:
            contacts.update(end for end in (left, right) if end[0] != ACCOUNT_RANK and end != group[end].head)
    hangs: dict[Ident, Ident] = {}
    for each in {id(each): each for each in group.values()}.values():
        each.core = _core(each, contacts, near)
        loose = each.members - each.core - contacts
        hangs.update({one: _first_contact(one, loose, contacts, near) for one in loose})
    found = Resolution(group, verdicts, contacts, hangs, {})
    found.candidates = _candidates(found, split)
    return found


def _join(seen: dict[Pair, int], split: set[Pair], group: dict[Ident, Group]) -> dict[Pair, str]:
    """Join in order (3.4); the verdict of each pair."""
    verdicts: dict[Pair, str] = {}
    for pair in sorted(seen, key=lambda pair: (seen[pair], pair)):
        left, right = group[pair[0]], group[pair[1]]
        union = left.members | right.members
        verdict = JOINED if left is right else _refusal(union, split)
        verdicts[pair] = verdict
        if verdict == JOINED and left is not right:
            joined = Group(union, None, set())
            group.update(dict.fromkeys(union, joined))
    return {pair: JOINED if group[pair[0]] is group[pair[1]] else verdict for pair, verdict in verdicts.items()}


def _refusal(union: set[Ident], split: set[Pair]) -> str:
    if any(low in union and high in union for low, high in split):
        return SPLIT
    accounts = sum(one[0] == ACCOUNT_RANK for one in union)
    cards = sum(one[0] == LOYALTY_RANK for one in union)
    if accounts > 1 or (cards > 1 and not accounts):
        return SHARED
    return LIMITED if len(union) > GROUP_MOST else JOINED


def _head(members: set[Ident]) -> Ident | None:
    smallest = min(members)
    return smallest if smallest[0] in (ACCOUNT_RANK, LOYALTY_RANK) else None


def _core(group: Group, contacts: set[Ident], near: dict[Ident, set[Ident]]) -> set[Ident]:
    """What is reached from the head and its own cards without touching shared contacts (3.5)."""
    if group.head is None:
        return set(group.members)
    reached = {one for one in group.members if one[0] == LOYALTY_RANK and one not in contacts} | {group.head}
    todo = list(reached)
    while todo:
        fresh = near[todo.pop()] - contacts - reached
        reached |= fresh
        todo.extend(fresh)
    return reached


def _first_contact(start: Ident, loose: set[Ident], contacts: set[Ident], near: dict[Ident, set[Ident]]) -> Ident:
    """The shared contact nearest in pairs, then smallest (3.5)."""
    ring, passed = {start}, {start}
    while ring:
        reached = set().union(*(near[one] for one in ring))
        met = reached & contacts
        if met:
            return min(met)
        ring = (reached & loose) - passed
        passed |= ring
    raise AssertionError("a hanging identifier reaches no contact")


def _candidates(found: Resolution, split: set[Pair]) -> dict[Ident, list[Pair]]:
    """For each shared contact its candidate pairs (contact, other end) (3.6)."""
    candidates: dict[Ident, list[Pair]] = {contact: [] for contact in found.contacts}
    for low, high in found.verdicts:
        if found.verdicts[(low, high)] not in (JOINED, SHARED):
            continue
        for contact, other in ((low, high), (high, low)):
            if contact not in found.contacts:
                continue
            group = found.group[other]
            barred = any(contact in pair and (set(pair) - {contact}) & group.members for pair in split)
            if group.head is not None and other in group.core and not barred:
                candidates[contact].append((contact, other))
    return candidates


class Component:
    """The bound identifiers of one corner of the world, resolved as of any cut."""

    def __init__(self, bindings: dict[Pair, dict[int, int]], ruled: list[Ruling]) -> None:
        self.bindings = bindings
        self.ruled = sorted(ruled, key=lambda ruling: (ruling.decided_at, ruling.decision_id))
        self._dates = sorted(self._changes())
        self._resolved: dict[int, Resolution] = {}

    def _changes(self) -> set[int]:
        """The received times at which the structure can change."""
        dates = {ruling.decided_at for ruling in self.ruled}
        for times in self.bindings.values():
            first = FOREVER
            for received, time in sorted((received, time) for time, received in times.items()):
                if time < first:
                    first = time
                    dates.add(received)
        return dates

    def at(self, cut: int) -> Resolution:
        """Resolve with the evidence received (or decided) up to `cut`."""
        stage = bisect_right(self._dates, cut)
        if stage not in self._resolved:
            seen = {
                pair: min(counted)
                for pair, times in self.bindings.items()
                if (counted := [time for time, received in times.items() if received <= cut])
            }
            held = {ruling.pair: ruling.split for ruling in self.ruled if ruling.decided_at <= cut}
            self._resolved[stage] = resolve(seen, {pair for pair, split in held.items() if split})
        return self._resolved[stage]

    def belongs(self, contact: Ident, time: int, cut: int) -> Group:
        """The group a shared contact belongs to at a time (3.6)."""
        found = self.at(cut)
        best: tuple[int, Ident] | None = None
        first: tuple[int, Ident] | None = None
        for _, other in found.candidates[contact]:
            for bound, received in self.bindings[min((contact, other), (other, contact))].items():
                if received > cut:
                    continue
                if bound <= time and (best is None or bound > best[0] or (bound == best[0] and other < best[1])):
                    best = (bound, other)
                if first is None or (bound, other) < first:
                    first = (bound, other)
        chosen = best or first
        return found.group[chosen[1] if chosen else contact]

    def turns(self, contact: Ident) -> list[tuple[int, Group]]:
        """By all evidence: from when on a shared contact belongs to which group, from 0 on (5.3)."""
        pairs = self.at(FOREVER).candidates[contact]
        bound = sorted({time for _, other in pairs for time in self.bindings[min((contact, other), (other, contact))]})
        turns = [(0, self.belongs(contact, bound[0] if bound else 0, FOREVER))]
        for time in bound:
            group = self.belongs(contact, time, FOREVER)
            if group is not turns[-1][1]:
                turns.append((time, group))
        return turns


class People:
    """Every person, as of any cut and time."""

    def __init__(self, evidence: Evidence, ruled: list[Ruling]) -> None:
        smaller: dict[Ident, int] = defaultdict(int)
        for _, high in evidence.bindings:
            smaller[high] += 1
        self.junk = {one for one, count in smaller.items() if count > JUNK_ABOVE and one[0] != ACCOUNT_RANK}
        self.junk_pairs = {pair for pair in evidence.bindings if self.junk & set(pair)}
        self.component: dict[Ident, Component] = {}
        for component in _components(evidence, self.junk_pairs, ruled):
            for pair in component.bindings:
                self.component.update(dict.fromkeys(pair, component))

    def group(self, identifier: Ident, time: int, cut: int) -> Group | None:
        """The group an owner identifier is in at a time (3.7); None where it stands alone."""
        component = self.component.get(identifier)
        found = component.at(cut) if component else None
        if component is None or found is None or identifier not in found.group:
            return None
        anchor = found.anchor(identifier)
        return component.belongs(anchor, time, cut) if anchor in found.contacts else found.group[anchor]

    def person(self, identifier: Ident, time: int, cut: int) -> PersonId:
        """The person of an owner identifier at a time (3.7)."""
        group = self.group(identifier, time, cut)
        return group.person_id if group else person_of(identifier)


def _components(evidence: Evidence, left_out: set[Pair], ruled: list[Ruling]) -> list[Component]:
    parent: dict[Ident, Ident] = {}
    kept = [pair for pair in evidence.bindings if pair not in left_out]
    for low, high in kept:
        parent[root(parent, high)] = root(parent, low)
    pairs: dict[Ident, dict[Pair, dict[int, int]]] = defaultdict(dict)
    for pair in kept:
        pairs[root(parent, pair[0])][pair] = evidence.bindings[pair]
    rules: dict[Ident, list[Ruling]] = defaultdict(list)
    for ruling in ruled:
        ends = [root(parent, end) for end in ruling.pair]
        if ends[0] == ends[1]:
            rules[ends[0]].append(ruling)
    return [Component(pairs[top], rules[top]) for top in pairs]


def root(parent: dict[Ident, Ident], one: Ident) -> Ident:
    """The representative of a disjoint set; halves paths on the way."""
    while (above := parent.get(one, one)) != one:
        parent[one] = parent.get(above, above)
        one = above
    return one
