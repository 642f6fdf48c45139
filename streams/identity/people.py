"""Partition a cluster of strong identifiers into people: a pure function of pairs, decisions and junk.

Older bindings first, so that a stranger who signs in later with a shared address cannot take an earlier history over.
The exact rules are §3 of `docs/rules.md`; the names here are the names there.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from schemas.identifiers import ACCOUNT_RANK, LOYALTY_RANK, Ident, PersonId, person_of
from streams.identity.bindings import Bindings, Pair

JOINED, SHARED, SPLIT, LIMITED, JUNK = "joined", "shared", "split", "limited", "junk"


class Group:
    """Identifiers joined with each other, and what of them is beyond doubt."""

    __slots__ = ("core", "hanging", "head", "members", "person", "shared")

    def __init__(self, members: set[Ident]) -> None:
        self.members = members
        self.head = _head(members)
        self.core: set[Ident] = members
        self.shared: set[Ident] = set()
        self.hanging: dict[Ident, Ident] = {}
        self.person: PersonId = PersonId("")


class Partition:
    """The people of a cluster, going by evidence received up to `cut` (None: all of it)."""

    __slots__ = ("_bindings", "_lines", "candidates", "cut", "group_of", "groups", "verdicts")

    def __init__(self, bindings: Bindings, cut: int | None) -> None:
        self._bindings = bindings
        self._lines: dict[Ident, list[tuple[int, Ident, int, Group]]] = {}
        self.cut = cut
        self.groups: list[Group] = []
        self.group_of: dict[Ident, Group] = {}
        self.verdicts: dict[Pair, str] = {}
        self.candidates: dict[Ident, list[tuple[Ident, Pair, Group]]] = {}

    def person_at(self, owner: Ident, time: int, cut: int) -> PersonId:
        """The person this identifier stands for at `time` (rules 3.6 and 3.7), by evidence received up to `cut`."""
        group = self.group_of.get(owner)
        if group is None:
            return person_of(owner)
        contact = group.hanging.get(owner, owner)
        if contact not in self.candidates:
            return group.person
        return self._followed(contact, time, cut, group).person

    def line(self, contact: Ident) -> list[tuple[int, Ident, int, Group]]:
        """Every binding of a shared contact to a candidate: (time, other end, received, group), oldest first.

        Of several at one time the smallest other end stands last, where a search for the newest finds it.
        """
        line = self._lines.get(contact)
        if line is None:
            rows = [
                (time, other, received, group)
                for other, pair, group in self.candidates[contact]
                for time, received in self._bindings.sightings(pair)
            ]
            rows.sort(key=lambda row: (row[0], _descending(row[1])))
            line = self._lines[contact] = rows
        return line

    def first_seen(self, pair: Pair) -> int:
        """When the pair was first seen, by this partition's evidence."""
        return self._bindings.first_seen(pair, self.cut) or 0

    def _followed(self, contact: Ident, time: int, cut: int, home: Group) -> Group:
        line = self.line(contact)
        position = bisect_right(line, time, key=lambda row: row[0])
        for row in reversed(line[:position]):
            if row[2] <= cut:
                return row[3]
        first = next((row for row in line[position:] if row[2] <= cut), None)
        if first is None:
            return home
        ties = [row for row in line if row[0] == first[0] and row[2] <= cut]
        return ties[-1][3]


def resolve(
    identifiers: Iterable[Ident],
    bindings: Bindings,
    splits: Iterable[Pair],
    junk: Iterable[Ident] = (),
    *,
    limit: int = 64,
    cut: int | None = None,
) -> Partition:
    """Partition a cluster.

    `splits` are the pairs whose deciding word is split, `limit` the most identifiers a person has.
    """
    partition = Partition(bindings, cut)
    out = set(junk)
    groups, refused = _join(identifiers, _ordered(bindings, cut), set(splits), out, limit, partition.verdicts)
    partition.groups = [Group(members) for members in groups]
    partition.group_of = {member: group for group in partition.groups for member in group.members}
    if refused:
        _share(partition, refused, set(splits))
    for group in partition.groups:
        group.person = person_of(min(group.core))
    return partition


def _ordered(bindings: Bindings, cut: int | None) -> list[tuple[int, Pair]]:
    seen = ((bindings.first_seen(pair, cut), pair) for pair in bindings.hours)
    return sorted((time, pair) for time, pair in seen if time is not None)


def _join(
    identifiers: Iterable[Ident],
    pairs: list[tuple[int, Pair]],
    splits: set[Pair],
    junk: set[Ident],
    limit: int,
    verdicts: dict[Pair, str],
) -> tuple[list[set[Ident]], list[Pair]]:
    """Rule 3.4: join the pairs, oldest first. Gives the groups and the pairs refused for uniqueness."""
    group_of: dict[Ident, set[Ident]] = {identifier: {identifier} for identifier in identifiers}
    for _, pair in pairs:
        for end in pair:
            if end not in group_of:
                group_of[end] = {end}
    for _, pair in pairs:
        left, right = group_of[pair[0]], group_of[pair[1]]
        verdict = _verdict(left, right, pair, splits, junk, limit)
        verdicts[pair] = verdict
        if verdict == JOINED and left is not right:
            small, large = sorted((left, right), key=len)
            large |= small
            for member in small:
                group_of[member] = large
    for pair, verdict in verdicts.items():
        if verdict != JUNK and group_of[pair[0]] is group_of[pair[1]]:
            verdicts[pair] = JOINED
    groups = list({id(group): group for group in group_of.values()}.values())
    return groups, [pair for pair, verdict in verdicts.items() if verdict == SHARED]


def _verdict(left: set[Ident], right: set[Ident], pair: Pair, splits: set[Pair], junk: set[Ident], limit: int) -> str:
    if junk and not junk.isdisjoint(pair):
        return JUNK
    if left is right:
        return JOINED
    if splits and _stands_between(splits, left, right):
        return SPLIT
    if _is_refused_by_uniqueness(left, right):
        return SHARED
    return LIMITED if len(left) + len(right) > limit else JOINED


def _stands_between(splits: set[Pair], left: set[Ident], right: set[Ident]) -> bool:
    return any((a in left and b in right) or (a in right and b in left) for a, b in splits)


def _is_refused_by_uniqueness(left: set[Ident], right: set[Ident]) -> bool:
    """Two accounts are two people; so are two loyalty cards without an account that carries both."""
    left_head, right_head = _head(left), _head(right)
    if left_head is None or right_head is None:
        return False
    left_has_account, right_has_account = left_head[0] == ACCOUNT_RANK, right_head[0] == ACCOUNT_RANK
    return left_has_account == right_has_account


def _head(members: set[Ident]) -> Ident | None:
    smallest = min(members)
    return smallest if smallest[0] in (ACCOUNT_RANK, LOYALTY_RANK) else None


def _share(partition: Partition, refused: list[Pair], splits: set[Pair]) -> None:
    """Rules 3.5 and 3.6: find shared contacts, cores, what hangs, and the candidates of each contact."""
    for pair in refused:
        for end in pair:
            group = partition.group_of[end]
            if end[0] != ACCOUNT_RANK and end != group.head:
                group.shared.add(end)
    neighbours = _neighbours(partition.verdicts)
    for group in partition.groups:
        if group.shared:
            group.core = _core(group, neighbours)
            group.hanging = _hanging(group, neighbours)
    for group in partition.groups:
        for contact in group.shared:
            found = _candidates(contact, partition, splits)
            if found:
                partition.candidates[contact] = found


def _neighbours(verdicts: Mapping[Pair, str]) -> dict[Ident, set[Ident]]:
    neighbours: dict[Ident, set[Ident]] = {}
    for (a, b), verdict in verdicts.items():
        if verdict == JOINED:
            neighbours.setdefault(a, set()).add(b)
            neighbours.setdefault(b, set()).add(a)
    return neighbours


def _core(group: Group, neighbours: Mapping[Ident, set[Ident]]) -> set[Ident]:
    start = {m for m in group.members if m == group.head or (m[0] == LOYALTY_RANK and m not in group.shared)}
    core, edge = set(start), list(start)
    while edge:
        for other in neighbours.get(edge.pop(), ()):
            if other not in core and other not in group.shared:
                core.add(other)
                edge.append(other)
    return core


def _hanging(group: Group, neighbours: Mapping[Ident, set[Ident]]) -> dict[Ident, Ident]:
    """The shared contact each hanging identifier hangs on: the nearest, then the smaller."""
    hanging: dict[Ident, Ident] = {}
    edge = {contact: contact for contact in sorted(group.shared)}
    while edge:
        reached: dict[Ident, Ident] = {}
        for identifier, contact in edge.items():
            for other in neighbours.get(identifier, ()):
                if other in group.core or other in group.shared or other in hanging:
                    continue
                reached[other] = min(contact, reached.get(other, contact))
        hanging |= reached
        edge = reached
    return hanging


def _candidates(contact: Ident, partition: Partition, splits: set[Pair]) -> list[tuple[Ident, Pair, Group]]:
    found: list[tuple[Ident, Pair, Group]] = []
    for pair, verdict in partition.verdicts.items():
        if contact not in pair or verdict not in (JOINED, SHARED):
            continue
        other = pair[1] if pair[0] == contact else pair[0]
        group = partition.group_of[other]
        if group.head is None or other not in group.core or _stands_between(splits, {contact}, group.members):
            continue
        found.append((other, pair, group))
    return found


def _descending(identifier: Ident) -> bytes:
    return bytes(255 - byte for byte in identifier)
