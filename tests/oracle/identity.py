"""The tables of identity: touchpoints, late events, people, aliases, the log (rules.md 4 and 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schemas.identifiers import KINDS, LAST_DEVICE_RANK, NOBODY, Ident, PersonId, person_of
from tests.oracle.evidence import Evidence, Pair, Ruling
from tests.oracle.ownership import KEEP, Owner, owners, thread_components
from tests.oracle.people import FOREVER, JUNK, Group, People
from tests.oracle.shape import Rows
from tests.oracle.wire import Event, winners

DAY = 86_400_000


class Identity:
    """Everything the oracle knows of who is who. `shown` are the touchpoints shown, `person` theirs, by key."""

    def __init__(self, events: list[Event], evidence: Evidence, ruled: list[Ruling]) -> None:
        self.evidence = evidence
        self.ruled = ruled
        self.people = People(evidence, ruled)
        self.late = [event for event in events if event.late]
        touchpoints = winners(event for event in events if not event.late)
        self.owners = owners(evidence, touchpoints.values())
        person = {key: self._person(touchpoints[key], owner) for key, owner in self.owners.items()}
        self.shown = _shown(touchpoints, person)
        self.person = {key: person[key] for key in self.shown}

    def _person(self, touchpoint: Event, owner: Owner | None) -> PersonId:
        """The person of a touchpoint, all for it (3.8)."""
        if owner is None:
            return NOBODY
        time = touchpoint.event_time
        return owner.anonymous or self.people.person(owner.identifier, time, time + KEEP)

    def by_person(self) -> dict[PersonId, list[Event]]:
        """Each person's shown touchpoints in order; nobody's left out."""
        held: dict[PersonId, list[Event]] = defaultdict(list)
        for key, person_id in self.person.items():
            if person_id != NOBODY:
                held[person_id].append(self.shown[key])
        return {person_id: sorted(each, key=lambda one: one.order) for person_id, each in held.items()}

    def strong(self) -> set[Ident]:
        """Every identifier that joining starts with (3.4)."""
        owning = {owner.identifier for owner in self.owners.values() if owner and owner.anonymous is None}
        return self.evidence.strong | owning

    def groups(self) -> dict[Ident, Group]:
        """The present group of each strong identifier, by all evidence (3.4)."""
        found: dict[Ident, Group] = {}
        for one in self.strong():
            component = self.people.component.get(one)
            found[one] = component.at(FOREVER).group[one] if component else Group({one}, None, {one})
        return found


def _shown(touchpoints: dict[bytes, Event], person: Mapping[bytes, PersonId]) -> dict[bytes, Event]:
    """One of each person's copies of an event: most routing identifiers, least (received, content), key (4)."""
    best: dict[tuple[str, str, str], Event] = {}
    shown = {}
    for key, one in touchpoints.items():
        if person[key] == NOBODY:
            shown[key] = one
            continue
        copy_of = (person[key], one.source, one.event_id)
        held = best.get(copy_of)
        if held is None or _preference(one) < _preference(held):
            best[copy_of] = one
    return shown | {one.key: one for one in best.values()}


def _preference(one: Event) -> tuple[int, int, bytes, bytes]:
    return (-len(one.routing), one.received_at, one.content, one.key)


def columns(one: Event) -> tuple[object, ...]:
    """The columns of a touchpoint that are compared (see `shape.FIELDS`)."""
    return (
        one.source, one.event_id, one.event_time, one.received_at, one.firm, one.devices, one.threads, one.channel,
        one.sub_channel, one.direction, one.name, one.outcome, one.task, one.intent, one.brand, one.visit_id,
    )  # fmt: skip


def touchpoints(identity: Identity, joined: Mapping[bytes, str]) -> Rows:
    """5.1: every touchpoint shown, with the journey it joined (7.7)."""
    return {
        (one.received_at // DAY, key.hex()): (identity.person[key], *columns(one), joined.get(key, ""))
        for key, one in identity.shown.items()
    }


def late_events(identity: Identity) -> Rows:
    """5.1: every late event, once for each day it was received on."""
    days: dict[int, list[Event]] = defaultdict(list)
    for one in identity.late:
        days[one.received_at // DAY].append(one)
    return {
        (day, key.hex()): (one.received_at - one.event_time, *columns(one))
        for day, copies in days.items()
        for key, one in winners(copies).items()
    }


def people(identity: Identity) -> Rows:
    """5.2: persons of present groups, and anonymous persons that have a touchpoint."""
    groups = identity.groups()
    members: dict[PersonId, set[Ident]] = defaultdict(set)
    for one, group in groups.items():
        for person_id in _listed_with(identity, one, group):
            members[person_id].add(one)
    canonical = {group.person_id: min(group.core).hex() for group in groups.values()}
    rows: Rows = {
        (person_id,): ("strong", canonical[person_id], _hexes(held), tuple(str(KINDS[one[0]]) for one in sorted(held)))
        for person_id, held in members.items()
    }
    for key in identity.shown:
        owner = identity.owners[key]
        if owner is not None and owner.anonymous is not None:
            basis = "device" if owner.identifier[0] <= LAST_DEVICE_RANK else "thread"
            one = owner.identifier
            rows[(owner.anonymous,)] = (basis, one.hex(), (one.hex(),), (str(KINDS[one[0]]),))
    return rows


def _listed_with(identity: Identity, one: Ident, group: Group) -> list[PersonId]:
    """The persons an identifier is listed with: its group, or every candidate of its contact."""
    component = identity.people.component.get(one)
    if component is None:
        return [group.person_id]
    found = component.at(FOREVER)
    candidates = found.candidates.get(found.anchor(one), [])
    return [found.group[other].person_id for _, other in candidates] or [group.person_id]


def _hexes(identifiers: Iterable[Ident]) -> tuple[str, ...]:
    return tuple(one.hex() for one in sorted(identifiers))


def person_aliases(identity: Identity) -> Rows:
    """5.3: what each old id resolves to, from when on."""
    rows: Rows = {}
    for one, group in identity.groups().items():
        component = identity.people.component.get(one)
        anchor = component.at(FOREVER).anchor(one) if component else one
        turning = component is not None and anchor in component.at(FOREVER).contacts
        turns = component.turns(anchor) if component and turning else [(0, group)]
        for valid_from, belongs in turns:
            rows[(person_of(one), valid_from)] = (one.hex(), str(KINDS[one[0]]), belongs.person_id)
    linked = {thread for pair in identity.evidence.thread_links for thread in pair}
    components = thread_components(identity.evidence, linked)
    for one in linked:
        smallest = min(components[one].threads)
        rows[(person_of(one), 0)] = (one.hex(), str(KINDS[one[0]]), person_of(smallest))
    return rows


def identity_log(identity: Identity) -> Rows:
    """5.4: links with their verdicts, decisions, claims."""
    rows: Rows = {}
    groups = identity.groups()

    def put(entry: str, pair: Pair, verdict: str, first_seen: int, person_id: str) -> None:
        left, right = pair
        kinds = (str(KINDS[left[0]]), str(KINDS[right[0]]))
        rows[(entry, left.hex(), right.hex())] = (*kinds, verdict, first_seen, person_id)

    for pair, times in identity.evidence.bindings.items():
        component = identity.people.component.get(pair[0])
        junk = pair in identity.people.junk_pairs
        verdict = JUNK if junk or component is None else component.at(FOREVER).verdicts[pair]
        put("link", pair, verdict, min(times), groups[pair[0]].person_id)
    for ruling in sorted(identity.ruled, key=lambda ruling: (ruling.decided_at, ruling.decision_id)):
        group = groups.get(ruling.pair[0])
        person_id = group.person_id if group else person_of(ruling.pair[0])
        put("decision", ruling.pair, "split" if ruling.split else "allowed", ruling.decided_at, person_id)
    for (target, first), time in _first_claims(identity.evidence).items():
        put("claim", (target, first), "claimed", time, "")
    return rows


def _first_claims(evidence: Evidence) -> dict[Pair, int]:
    """The least time of a claim, for each device or thread and each first identifier of a claim on it."""
    first: dict[Pair, int] = {}
    for target, claims in evidence.claims.items():
        for time, ids, _ in claims:
            if ids:
                first[(target, ids[0])] = min(time, first.get((target, ids[0]), time))
    for target, told in evidence.device_claims.items():
        for time, device in told:
            first[(target, device)] = min(time, first.get((target, device), time))
    return first
