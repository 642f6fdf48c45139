"""Say what a cluster looks like from outside: people, aliases, and the log of why.

Projections of present evidence, not histories: each row has a key that no correction changes (rules 5.2 to 5.4).
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from schemas.evidence import SPLIT, Decision
from schemas.identifiers import Ident, PersonId, kind_name, person_of
from schemas.rows import AliasRow, IdentityLogRow, PersonRow, Row, Table
from streams.identity.bindings import Pair
from streams.identity.people import JOINED, JUNK, LIMITED, SHARED, Group, Partition
from streams.identity.residence import RowRef

Verdicts: TypeAlias = dict[Pair, Decision]

REASONS = {
    JOINED: "seen together on one event",
    SHARED: "joining would make one person of two accounts or two cards; the contact follows its newest binding",
    SPLIT: "an operator said that these are two people",
    LIMITED: "joining would give one person too many identifiers",
    JUNK: "one of them is bound to too many people to say anything",
}


def rows_of(
    root: Ident, partition: Partition, verdicts: Verdicts, junk: set[Ident], *, quarantined: bool = False
) -> dict[RowRef, Row]:
    """All identity rows of the cluster whose anchor is `root`, by table and key."""
    rows: dict[RowRef, Row] = {}
    limited = {end for pair, verdict in partition.verdicts.items() if verdict == LIMITED for end in pair}
    for group, identifiers in _listed(partition):
        flags = _flags(identifiers, junk, limited, quarantined=quarantined)
        canonical = min(group.core)
        rows[Table.PEOPLE, (group.person,)] = PersonRow(
            person_id=group.person,
            basis="strong",
            canonical=canonical.hex(),
            identifiers=tuple(i.hex() for i in identifiers),
            kinds=tuple(kind_name(i) for i in identifiers),
            flags=flags,
        )
    for alias in _aliases(partition):
        rows[Table.PERSON_ALIASES, (alias.alias, alias.valid_from)] = alias
    for entry in _log(root, partition, verdicts):
        rows[Table.IDENTITY_LOG, (entry.entry, entry.left_id, entry.right_id)] = entry
    return rows


def anonymous_person_row(person: PersonId, basis: str, canonical: Ident) -> PersonRow:
    """The row of a person known only by a stretch of a device's time, or by a thread."""
    name = canonical.hex()
    return PersonRow(person, basis, name, (name,), (kind_name(canonical),))


def claim_row(target: Ident, owner: Ident, first_seen: int) -> IdentityLogRow:
    """The log's word on a device or thread once used by an identifier."""
    left, right = (target.hex(), kind_name(target)), (owner.hex(), kind_name(owner))
    return IdentityLogRow("claim", *left, *right, "claimed", "an event named both", first_seen, "")


def alias_row(identifier: Ident, valid_from: int, person: PersonId) -> AliasRow:
    """The word that the id a person would have by this identifier means this person, from then on."""
    return AliasRow(person_of(identifier), valid_from, identifier.hex(), kind_name(identifier), person)


def _listed(partition: Partition) -> Iterator[tuple[Group, list[Ident]]]:
    """Each group with the identifiers listed for it: its core, and contacts it shares with what hangs on them."""
    listed = {id(group): set(group.core) for group in partition.groups}
    for group in partition.groups:
        for contact in group.shared:
            along = {contact, *(h for h, on in group.hanging.items() if on == contact)}
            candidates = partition.candidates.get(contact)
            for owner in {id(g) for _, _, g in candidates} if candidates else {id(group)}:
                listed[owner] |= along
    for group in partition.groups:
        yield group, sorted(listed[id(group)])


def _flags(identifiers: list[Ident], junk: set[Ident], limited: set[Ident], *, quarantined: bool) -> tuple[str, ...]:
    flags = []
    if not junk.isdisjoint(identifiers):
        flags.append("junk")
    if not limited.isdisjoint(identifiers):
        flags.append("limited")
    if quarantined:
        flags.append("quarantined")
    return tuple(flags)


def _aliases(partition: Partition) -> Iterator[AliasRow]:
    for group in partition.groups:
        for identifier in sorted(group.members):
            contact = group.hanging.get(identifier, identifier)
            if contact not in partition.candidates:
                yield alias_row(identifier, 0, group.person)
                continue
            for valid_from, person in _turns(partition, contact):
                yield alias_row(identifier, valid_from, person)


def _turns(partition: Partition, contact: Ident) -> Iterator[tuple[int, PersonId]]:
    """From when on a shared contact stands for whom: at first for its first candidate, then at each change."""
    newest: dict[int, PersonId] = {}
    for time, _, _, group in partition.line(contact):
        newest[time] = group.person
    current: PersonId | None = None
    for time, person in newest.items():
        if person != current:
            yield (0 if current is None else time), person
            current = person


def _log(root: Ident, partition: Partition, verdicts: Mapping[Pair, Decision]) -> Iterator[IdentityLogRow]:
    """Why these are together or apart.

    A decision is told to both ends; the cluster of the smaller one writes its row.
    """
    for pair, verdict in partition.verdicts.items():
        first_seen = partition.first_seen(pair)
        yield _entry("link", pair, verdict, REASONS[verdict], first_seen, partition)
    for pair, decision in verdicts.items():
        if pair[0] != root and pair[0] not in partition.group_of:
            continue
        verdict = "split" if decision.verdict == SPLIT else "allowed"
        reason = decision.reason or f"decision {decision.decision_id}"
        yield _entry("decision", pair, verdict, reason, decision.decided_at, partition)


def _entry(entry: str, pair: Pair, verdict: str, reason: str, first_seen: int, partition: Partition) -> IdentityLogRow:
    left, right = pair
    group = partition.group_of.get(left)
    return IdentityLogRow(
        entry=entry,
        left_id=left.hex(),
        left_kind=kind_name(left),
        right_id=right.hex(),
        right_kind=kind_name(right),
        verdict=verdict,
        reason=reason,
        first_seen=first_seen,
        person_id=group.person if group is not None else person_of(left),
    )
