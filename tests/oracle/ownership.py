"""Who owns a touchpoint: firm identifiers, else threads, else the sittings of a device (rules.md 2)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import TypeAlias

import msgspec

from schemas.identifiers import (
    ACCOUNT_RANK,
    LAST_DEVICE_RANK,
    LAST_STRONG_RANK,
    Ident,
    PersonId,
    anonymous_person,
    person_of,
)
from tests.oracle.evidence import ClaimItem, Evidence, Ids, Pair
from tests.oracle.people import root
from tests.oracle.wire import Event

HOUR = 3_600_000
KEEP = 17 * 24 * HOUR
SITTING_GAP = HOUR // 2
OWNERSHIP = 30 * 24 * HOUR

Seat: TypeAlias = tuple[int, int, Event | ClaimItem]
"""(time, claim 0 or touchpoint 1 or sign-out 2, which)."""
CLAIM, TOUCHPOINT, SIGN_OUT = range(3)


class Owner(msgspec.Struct, frozen=True):
    """Who owns a touchpoint: a strong identifier, or an anonymous person and what it is named after."""

    identifier: Ident
    anonymous: PersonId | None = None


class ThreadComponent:
    """Threads linked by all evidence; answers for any cut."""

    def __init__(self) -> None:
        self.threads: set[Ident] = set()
        self.links: dict[Pair, int] = {}
        self.claims: list[tuple[Ident, ClaimItem, int]] = []
        self.device_claims: list[tuple[Ident, tuple[int, Ident], int]] = []
        self._dates: list[int] = []
        self._answers: dict[tuple[Ident, int], Ident] = {}

    def ready(self) -> None:
        """Note the dates of all evidence, once it is all in."""
        dates = set(self.links.values()) | {received for *_, received in self.claims}
        self._dates = sorted(dates | {received for *_, received in self.device_claims})

    def owner(self, thread: Ident, cut: int) -> Ident:
        """A strong identifier, a device, or the smallest thread where no-one owns them (2.5)."""
        asked = (thread, bisect_right(self._dates, cut))
        if asked not in self._answers:
            self._answers[asked] = self._decide(thread, cut)
        return self._answers[asked]

    def _decide(self, thread: Ident, cut: int) -> Ident:
        parent: dict[Ident, Ident] = {}
        for (low, high), received in self.links.items():
            if received <= cut:
                parent[root(parent, high)] = root(parent, low)
        top = root(parent, thread)
        counted = [item for on, item, received in self.claims if received <= cut and root(parent, on) == top]
        for firm in (True, False):
            claims = [(time, ids) for time, ids, is_firm in counted if is_firm == firm]
            if claims:
                return min(claims)[1][0]
        devices = [item for on, item, received in self.device_claims if received <= cut and root(parent, on) == top]
        if devices:
            return min(devices)[1]
        return min(one for one in self.threads if root(parent, one) == top)


def thread_components(evidence: Evidence, threads: Iterable[Ident]) -> dict[Ident, ThreadComponent]:
    """The component of each thread, under all thread links."""
    parent: dict[Ident, Ident] = {}
    for low, high in evidence.thread_links:
        parent[root(parent, high)] = root(parent, low)
    tops: dict[Ident, ThreadComponent] = defaultdict(ThreadComponent)
    of = {thread: tops[root(parent, thread)] for thread in threads}
    for thread, component in of.items():
        component.threads.add(thread)
        component.claims.extend((thread, item, received) for item, received in evidence.claims.get(thread, {}).items())
        told = evidence.device_claims.get(thread, {}).items()
        component.device_claims.extend((thread, item, received) for item, received in told)
    for pair, received in evidence.thread_links.items():
        of[pair[0]].links[pair] = received
    for component in tops.values():
        component.ready()
    return of


def device_owners(device: Ident, claims: dict[ClaimItem, int], touchpoints: list[Event]) -> dict[bytes, Owner]:
    """Say who owns each of a device's anonymous touchpoints, by key (2.6).

    The line is drawn once with all claims where none of them can be cut off for a touchpoint that it could matter to:
    none came more than the horizon late, and no sitting is longer than a few days. Else it is drawn per cut.
    """
    tardy = any(received - time > 72 * HOUR for (time, _, _), received in claims.items())
    sittings = _sittings(_line(claims, touchpoints))
    if not tardy and all(sitting[-1][0] - sitting[0][0] < 240 * HOUR for sitting in sittings):
        return _owners(device, sittings)
    return device_owners_per_cut(device, claims, touchpoints)


def device_owners_per_cut(device: Ident, claims: dict[ClaimItem, int], touchpoints: list[Event]) -> dict[bytes, Owner]:
    """Draw the line once for each set of claims that counts for some touchpoint."""
    owners: dict[bytes, Owner] = {}
    dates = sorted(claims.values())
    by_cut: dict[int, list[Event]] = defaultdict(list)
    for touchpoint in touchpoints:
        by_cut[bisect_right(dates, touchpoint.event_time + KEEP)].append(touchpoint)
    for asking in by_cut.values():
        cut = asking[0].event_time + KEEP
        counted = {item: received for item, received in claims.items() if received <= cut}
        answers = _owners(device, _sittings(_line(counted, touchpoints)))
        owners.update({touchpoint.key: answers[touchpoint.key] for touchpoint in asking})
    return owners


def _line(claims: dict[ClaimItem, int], touchpoints: list[Event]) -> list[Seat]:
    """Claims, touchpoints and sign-outs in one line; of two claims at one time the strongest stands last."""
    told = sorted((item for item in claims if item[1]), key=itemgetter(1), reverse=True)
    seats: list[Seat] = [(item[0], CLAIM, item) for item in told]
    seats += [(one.event_time, TOUCHPOINT, one) for one in sorted(touchpoints, key=lambda one: one.order)]
    seats += [(item[0], SIGN_OUT, item) for item in claims if not item[1]]
    return sorted(seats, key=itemgetter(0, 1))


def _sittings(line: list[Seat]) -> list[list[Seat]]:
    """Cut the line after gaps and sign-outs."""
    sittings: list[list[Seat]] = []
    for seat in line:
        last = sittings[-1][-1] if sittings else None
        if last is None or seat[0] - last[0] > SITTING_GAP or last[1] == SIGN_OUT:
            sittings.append([])
        sittings[-1].append(seat)
    return sittings


def _owners(device: Ident, sittings: list[list[Seat]]) -> dict[bytes, Owner]:
    owners: dict[bytes, Owner] = {}
    newest: tuple[int, Ids] | None = None
    for sitting in sittings:
        claims = [said for _, sort, said in sitting if sort == CLAIM and not isinstance(said, Event)]
        any_firm = any(firm for _, _, firm in claims)
        sole = _one_owner([ids for _, ids, firm in claims if firm == any_firm])
        for time, sort, said in sitting:
            if isinstance(said, Event):
                owners[said.key] = Owner(sole) if sole else _by_newest(device, time, newest)
            elif sort == SIGN_OUT or said[2] == any_firm:
                newest = (time, said[1])
    return owners


def _one_owner(claims: list[Ids]) -> Ident | None:
    """The smallest identifier, if the claims form one group with at most one account."""
    if not claims:
        return None
    group, rest = set(claims[0]), list(claims[1:])
    while met := [ids for ids in rest if group & set(ids)]:
        group.update(*met)
        rest = [ids for ids in rest if not set(ids) <= group]
    accounts = sum(one[0] == ACCOUNT_RANK for one in group)
    return min(group) if not rest and accounts <= 1 else None


def _by_newest(device: Ident, time: int, newest: tuple[int, Ids] | None) -> Owner:
    if newest is None:
        return Owner(device, anonymous_person(device))
    claimed, ids = newest
    if ids and time - claimed <= OWNERSHIP:
        return Owner(ids[0])
    stamp = claimed.to_bytes(8, "big", signed=claimed < 0) + (ids[0] if ids else b"")
    return Owner(device, anonymous_person(device, stamp))


def owners(evidence: Evidence, touchpoints: Iterable[Event]) -> dict[bytes, Owner | None]:
    """The owner of every touchpoint by key; None for nobody's."""
    held = list(touchpoints)
    components = thread_components(
        evidence, {thread for one in held for thread in one.threads} | _told_threads(evidence)
    )
    found: dict[bytes, Owner | None] = {}
    waiting: dict[Ident, list[Event]] = defaultdict(list)
    for one in held:
        if one.firm:
            found[one.key] = Owner(one.firm[0])
        elif one.threads:
            owner = components[one.threads[0]].owner(one.threads[0], one.event_time + KEEP)
            if owner[0] > LAST_DEVICE_RANK:
                found[one.key] = Owner(owner, person_of(owner))
            elif owner[0] > LAST_STRONG_RANK:
                waiting[owner].append(one)
            else:
                found[one.key] = Owner(owner)
        elif one.devices:
            waiting[one.devices[0]].append(one)
        else:
            found[one.key] = None
    for device, anonymous in waiting.items():
        found.update(device_owners(device, evidence.claims.get(device, {}), anonymous))
    return found


def _told_threads(evidence: Evidence) -> set[Ident]:
    """Threads that evidence speaks of, those of late events too."""
    linked = {thread for pair in evidence.thread_links for thread in pair}
    return linked | {on for on in evidence.claims if on[0] > LAST_DEVICE_RANK} | set(evidence.device_claims)
