"""Friction of the narrow path: X01, U13 and X23, one hit per person, pattern and key (rules.md 8)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from schemas.identifiers import RANKS, Ident, Kind, PersonId
from tests.oracle.journeys import Journey, channel_class, end_state, is_contact
from tests.oracle.shape import Rows
from tests.oracle.wire import Event

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LATENESS = 15 * MINUTE
SILENCE = 30 * MINUTE
LONG_TASKS = ("checkout", "kiosk_order", "pickup", "delivery", "track_order", "return", "refill")


class Hit(msgspec.Struct):
    """One hit; `first` is what it is described by, `channel_to` where it led."""

    pattern: str
    key: bytes
    severity: str
    brand: str
    task: str
    first: Event
    channel_to: str
    detected_at: int
    evidence: list[Event]


class Failure(msgspec.Struct):
    """A failure of X01 at an instant: a touchpoint's own, or a journey's that was given up."""

    time: int
    evidence: Event
    brand: str
    task: str
    keys: tuple[Ident, ...]

    @property
    def window(self) -> int:
        """How long a contact may take to follow it, ms."""
        return (24 if self.task in LONG_TASKS else 2) * HOUR

    def reaches(self, contact: Event) -> bool:
        """Tell whether a contact follows it in time."""
        return 0 < contact.event_time - self.time <= self.window

    def same_matter(self, contact: Event) -> bool:
        """Tell whether a contact is about the same task, intent or thing."""
        if self.task and self.task == contact.task:
            return True
        if self.evidence.intent and self.evidence.intent == contact.intent:
            return True
        return bool(set(self.keys) & set(contact.keys))


def fails(one: Event) -> bool:
    """Tell whether a touchpoint failed, and not by its user's fault (8)."""
    return one.outcome == "failed" or one.error_class in ("system", "network", "third_party")


def is_self_service(one: Event) -> bool:
    """Tell whether it is where customers help themselves."""
    return channel_class(one) == "digital_self" or one.channel == "kiosk"


def friction(
    by_person: Mapping[PersonId, list[Event]], assigned: Mapping[PersonId, list[Journey]], as_of: int
) -> dict[PersonId, list[Hit]]:
    """Find every hit of every person as of an instant."""
    found = {}
    for person_id, held in by_person.items():
        hits = [*_x01(held, assigned[person_id], as_of), *_u13(held, as_of), *_x23(held, as_of)]
        if hits:
            found[person_id] = hits
    return found


def _x01(held: list[Event], journeys: list[Journey], as_of: int) -> Iterable[Hit]:
    contacts = [one for one in held if is_contact(one)]
    if not contacts:
        return
    for key, failures in _keyed(_failures(held, journeys, as_of)).items():
        pairs = [(failure, one) for failure in failures for one in contacts if failure.reaches(one)]
        if not pairs:
            continue
        reached = sorted({one.key: one for _, one in pairs}.values(), key=lambda one: one.order)
        evidence = {one.key: one for one in [*(failure.evidence for failure in failures), *reached]}
        yield Hit(
            pattern="X01",
            key=key,
            severity="high" if any(failure.same_matter(one) for failure, one in pairs) else "medium",
            brand=failures[0].brand,
            task=failures[0].task,
            first=failures[0].evidence,
            channel_to=reached[0].channel,
            detected_at=reached[0].event_time,
            evidence=sorted(evidence.values(), key=lambda one: one.order),
        )


def _failures(held: list[Event], journeys: list[Journey], as_of: int) -> list[Failure]:
    found = [
        Failure(one.event_time, one, one.brand, one.task, one.keys)
        for one in held
        if one.direction == "inbound" and fails(one) and is_self_service(one)
    ]
    for journey in journeys:
        inbound = [one for one in journey.touchpoints if one.direction == "inbound"]
        given_up = end_state(journey, (), as_of) == "abandoned"
        if given_up and inbound and is_self_service(inbound[-1]):
            time = journey.last + journey.timeout
            found.append(Failure(time, inbound[-1], journey.brand, journey.task, tuple(sorted(journey.keys))))
    return sorted(found, key=lambda failure: (failure.time, failure.evidence.order))


def _keyed(failures: list[Failure]) -> dict[bytes, list[Failure]]:
    """Gather failures by their strongest thing, else in groups of one brand and task, named by the first."""
    keyed: dict[bytes, list[Failure]] = defaultdict(list)
    groups: dict[tuple[str, str], tuple[bytes, int]] = {}
    for failure in failures:
        if failure.keys:
            keyed[failure.keys[0]].append(failure)
            continue
        matter = (failure.brand, failure.task)
        name, newest = groups.get(matter, (b"", 0))
        if not name or failure.time - newest > failure.window:
            name = failure.evidence.key
        groups[matter] = (name, failure.time)
        keyed[name].append(failure)
    return keyed


def _thread(one: Event, *kinds: Kind) -> Ident | None:
    """Pick the first thread of the first of these kinds that a touchpoint has."""
    ranks = [RANKS[kind] for kind in kinds]
    return min((key for key in one.keys if key[0] in ranks), key=lambda key: (ranks.index(key[0]), key), default=None)


def _u13(held: list[Event], as_of: int) -> Iterable[Hit]:
    declined: dict[Ident, list[Event]] = defaultdict(list)
    for one in held:
        thread = _thread(one, Kind.CART, Kind.ORDER)
        if one.name == "payment.failed" and thread is not None:
            declined[thread].append(one)
    for thread, tries in declined.items():
        runs = [run for run in _runs(tries) if len(run) > 1]
        if not runs:
            continue
        evidence = [one for run in runs for one in run]
        second = runs[0][1]
        paid = any(
            one.name == "payment.succeeded"
            and thread in one.keys
            and 0 <= one.event_time - second.event_time <= SILENCE
            for one in held
        )
        severity = "medium" if paid or as_of < second.event_time + SILENCE + LATENESS else "high"
        if all(one.error_class == "user" for one in evidence):
            severity = "low"
        first = evidence[0]
        yield Hit("U13", thread, severity, first.brand, first.task, first, "", second.event_time, evidence)


def _runs(tries: list[Event]) -> list[list[Event]]:
    runs = [[tries[0]]]
    for before, one in pairwise(tries):
        if one.event_time - before.event_time > 15 * MINUTE:
            runs.append([])
        runs[-1].append(one)
    return runs


def _x23(held: list[Event], as_of: int) -> Iterable[Hit]:
    silent: dict[Ident, list[Event]] = defaultdict(list)
    for one in held:
        order = _thread(one, Kind.ORDER)
        if order is None or not _slipped(one) or as_of < one.event_time + SILENCE + LATENESS:
            continue
        told = any(
            other.name == "message.sent"
            and other.direction == "outbound"
            and order in other.keys
            and 0 <= other.event_time - one.event_time <= SILENCE
            for other in held
        )
        if not told:
            silent[order].append(one)
    for order, slips in silent.items():
        first = slips[0]
        yield Hit(
            "X23", order, "high", first.brand, first.task, first, "", first.event_time + SILENCE + LATENESS, slips
        )


def _slipped(one: Event) -> bool:
    if one.name != "order.eta_changed" or not one.previous_due_at:
        return False
    near = one.previous_due_at - one.event_time <= 24 * HOUR
    return one.due_at - one.previous_due_at >= (HOUR if near else DAY)


def rows(hits: Mapping[PersonId, list[Hit]]) -> Rows:
    """Fill the table of friction, keyed by (person, pattern, key in hex)."""
    return {(person_id, hit.pattern, hit.key.hex()): _row(hit) for person_id, held in hits.items() for hit in held}


def _row(hit: Hit) -> tuple[object, ...]:
    times = [one.event_time for one in hit.evidence]
    return (
        hit.severity, hit.brand, hit.task, hit.first.channel, hit.channel_to, hit.first.location_id,
        min(times), max(times), hit.detected_at, tuple(one.key.hex() for one in hit.evidence),
    )  # fmt: skip
