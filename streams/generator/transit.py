"""What befalls an event between happening and arriving: clocks, waits, retries, second deliveries.

Stamps are consistent: a producer's clock is off by the same amount in `occurred_at` and `sent_at`, while `received_at`
is always true; so the corrected event time is the true one but for the way from producer to collector. A copy under
other identifiers, or resent, is received later than its original; no two copies share identifiers and `received_at`
without being equal byte for byte.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from streams.generator.cast import Person
from streams.generator.dice import Dice
from streams.generator.names import ident
from streams.generator.rules import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WorldRules
from streams.generator.scene import Draft, Event, Identifier, Scene

PROMPT: Final = "prompt"
DELAYED: Final = "delayed"
LATE: Final = "late"
ORIGINAL: Final = "original"
REIDENTIFIED: Final = "reidentified"
RESENT: Final = "resent"
REDELIVERED: Final = "redelivered"

_DELAY_MS: Final = (MINUTE_MS, 70 * HOUR_MS)
_LATE_MS: Final = (int(3.1 * DAY_MS), 10 * DAY_MS)
_RETRY_MS: Final = (SECOND_MS, HOUR_MS)
_FEWER: Final = 0.4
_MORE: Final = 0.4
"""Shares of copies that know less and more than the original; the others name somebody else."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZONES: Final = (UTC, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5)))


class Written(msgspec.Struct, gc=False):
    """One copy of an event as its producer wrote it and the collector stamped it; `received_at` is the true time."""

    event: Event
    received_at: int
    at: int
    customer: str
    journey: str
    fate: str
    copy: str
    delivered_at: tuple[int, ...]
    """When each delivery of this copy reaches the log; two of them for a duplicate."""


def send(scene: Scene) -> Iterator[Written]:
    """Send everything a scene told; each event yields its original and any copies."""
    rules = scene.rules
    dice = scene.dice
    for draft in scene.drafts:
        original = _original(rules, dice, draft)
        yield original
        luck = dice.roll()
        if luck < rules.reidentified:
            yield _copy(rules, dice, original, REIDENTIFIED, _other_identifiers(scene, draft))
        elif luck < rules.reidentified + rules.resent:
            yield _copy(rules, dice, original, RESENT, None)


def _original(rules: WorldRules, dice: Dice, draft: Draft) -> Written:
    event = draft.event
    fate, held = _hold(rules, dice)
    latency = dice.spread(20, 900) if dice.chance(0.99) else dice.spread(900, 20_000)
    received_at = draft.at + held + latency
    clock_ms = draft.visit.clock_ms
    event["occurred_at"] = draft.at + clock_ms
    if draft.visit.stamped:
        event["sent_at"] = draft.at + held + clock_ms + min(latency, dice.between(0, 40))
    event["received_at"] = received_at
    if dice.chance(rules.rfc3339):
        _spell_out(event, dice.pick(_ZONES))
    return Written(
        event=event,
        received_at=received_at,
        at=draft.at,
        customer=draft.visit.customer,
        journey=draft.journey,
        fate=fate,
        copy=ORIGINAL,
        delivered_at=_deliveries(rules, dice, received_at),
    )


def _hold(rules: WorldRules, dice: Dice) -> tuple[str, int]:
    """Draw how long the producer keeps the event back: offline, or a nightly batch."""
    luck = dice.roll()
    if luck < rules.delayed:
        return DELAYED, dice.spread(*_DELAY_MS)
    if luck < rules.delayed + rules.late:
        return LATE, dice.between(*_LATE_MS)
    return PROMPT, 0


def _deliveries(rules: WorldRules, dice: Dice, received_at: int) -> tuple[int, ...]:
    first = received_at
    if dice.chance(rules.out_of_order):
        first += dice.between(1, rules.shuffle_ms)
    if dice.chance(rules.duplicated):
        return (first, first + dice.between(0, rules.redelivery_ms))
    return (first,)


def _copy(rules: WorldRules, dice: Dice, original: Written, copy: str, identifiers: list[Identifier] | None) -> Written:
    """Send the same event again, with new stamps and, if given, other identifiers."""
    later = dice.spread(*_RETRY_MS)
    event = original.event.copy()
    for stamp in ("sent_at", "received_at"):
        if stamp in event:
            event[stamp] = _shifted(event[stamp], later)
    if identifiers is not None:
        event["identifiers"] = identifiers
    received_at = original.received_at + later
    return Written(
        event=event,
        received_at=received_at,
        at=original.at,
        customer=original.customer,
        journey=original.journey,
        fate=original.fate,
        copy=copy,
        delivered_at=_deliveries(rules, dice, received_at),
    )


def _other_identifiers(scene: Scene, draft: Draft) -> list[Identifier]:
    """Draw fewer identifiers than the draft has, or more, or, rarely, those of somebody else."""
    dice = scene.dice
    known = draft.identifiers
    luck = dice.roll()
    if luck < _FEWER and known:
        return known[: int(dice.roll() * len(known))]
    if luck < _FEWER + _MORE or not scene.others:
        return [*known, *_named(scene.person, scene.now, dice)]
    devices = [one for one in known if one["kind"] in ("device_id", "anonymous_id")]
    return [*devices, *_named(dice.pick(scene.others), scene.now, dice)]


def _named(person: Person, now: int, dice: Dice) -> list[Identifier]:
    account = person.account_at(now)
    named = [ident("email", person.email)]
    if account and dice.chance(0.7):
        named.append(ident("account_id", account, "authenticated"))
    return named if dice.chance(0.7) else named[-1:]


def _spell_out(event: Event, zone: timezone) -> None:
    for stamp in ("occurred_at", "sent_at", "received_at"):
        if stamp in event:
            event[stamp] = _rfc3339(event[stamp], zone)


def _rfc3339(at_ms: object, zone: timezone) -> str:
    since = timedelta(milliseconds=at_ms if isinstance(at_ms, int) else 0)
    return (_EPOCH + since).astimezone(zone).isoformat(timespec="milliseconds")


def _shifted(stamp: object, by_ms: int) -> object:
    if isinstance(stamp, int):
        return stamp + by_ms
    at = datetime.fromisoformat(str(stamp))
    return (at + timedelta(milliseconds=by_ms)).isoformat(timespec="milliseconds")
