"""Collect what events say of identity (rules.md 1.5): bindings, claims, sign-outs, thread links, device claims.

Equal items of several copies are one, with the least received time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from schemas.evidence import Decision
from schemas.identifiers import Ident
from tests.oracle.wire import Event, Reader

Pair: TypeAlias = tuple[Ident, Ident]
Ids: TypeAlias = tuple[Ident, ...]
ClaimItem: TypeAlias = tuple[int, Ids, bool]
"""(time, identifiers, firm); no identifiers for a sign-out."""


class Ruling(msgspec.Struct, frozen=True):
    """An operator's decision on a pair; of one pair the greatest (decided_at, decision_id) holds."""

    pair: Pair
    decided_at: int
    decision_id: str
    split: bool


class Evidence(msgspec.Struct):
    """All evidence; every innermost value is the least received time of its item."""

    strong: set[Ident]
    bindings: dict[Pair, dict[int, int]]
    claims: dict[Ident, dict[ClaimItem, int]]
    device_claims: dict[Ident, dict[tuple[int, Ident], int]]
    thread_links: dict[Pair, int]


def least(held: dict[Any, int], item: object, received_at: int) -> None:
    """Keep an item with its least received time."""
    held[item] = min(held.get(item, received_at), received_at)


def collect(events: Iterable[Event]) -> Evidence:
    """Gather the evidence of events, late ones too."""
    found = Evidence(set(), defaultdict(dict), defaultdict(dict), defaultdict(dict), {})
    for event in events:
        time, received = event.event_time, event.received_at
        found.strong.update(event.firm)
        for other in event.firm[1:]:
            least(found.bindings[(event.firm[0], other)], time, received)
        _claims(event, found)
        if event.firm or not event.threads:
            continue
        first = event.threads[0]
        for thread in event.threads[1:]:
            least(found.thread_links, (first, thread), received)
        if event.devices:
            least(found.device_claims[first], (time, event.devices[0]), received)
    return found


def _claims(event: Event, found: Evidence) -> None:
    """A firm or else a not-firm claim on everything; `identity.reset` signs devices out instead."""
    claimants = event.firm or event.observed
    item = (event.event_time, claimants, bool(event.firm))
    for thread in event.threads:
        if claimants:
            least(found.claims[thread], item, event.received_at)
    for device in event.devices:
        if event.name == "identity.reset":
            least(found.claims[device], (event.event_time, (), True), event.received_at)
        elif claimants:
            least(found.claims[device], item, event.received_at)


def rulings(decisions: Iterable[Decision | Mapping[str, Any]], reader: Reader) -> list[Ruling]:
    """Read decisions, hashed already or as written: {decision_id, decided_at, verdict, left and right, or pair}."""
    read = []
    for told in decisions:
        if isinstance(told, Decision):
            low, high = sorted(told.pair)
            read.append(Ruling((low, high), told.decided_at, told.decision_id, told.verdict == "split"))
            continue
        ends = [told[side] for side in ("left", "right")] if "left" in told else told["pair"]
        found = [_end(end, reader) for end in ends]
        if found[0] is None or found[1] is None or found[0] == found[1]:
            continue
        low, high = sorted((found[0], found[1]))
        decided = reader.instant(told["decided_at"])
        read.append(Ruling((low, high), decided, told["decision_id"], told["verdict"] == "split"))
    return read


def _end(end: Mapping[str, str], reader: Reader) -> Ident | None:
    return reader.identifier(end["kind"], end["value"], end.get("scope") or "")
