"""X04 repeat_contact and X29 reopened_resolution: what was not settled the first time (rules.md 8)."""

from collections.abc import Iterator

from schemas.identifiers import RANKS, Kind
from tests.oracle.hits import DAY, Hit, Life, fresh_contacts, gather, in_order, runs, thread
from tests.oracle.wire import Event

WEEK = 7 * DAY
CRITICAL_CONTACTS = 4
RESOLVED = ("ticket.resolved", "case.resolved")
REOPENED = ("ticket.reopened", "case.reopened")
CASES = (RANKS[Kind.CASE], RANKS[Kind.TICKET])


def repeat_contact(life: Life) -> Iterator[Hit]:
    """X04."""
    keyed = gather(
        fresh_contacts(life.held),
        thread=lambda one: thread(one, Kind.CASE, Kind.ORDER, Kind.PRESCRIPTION),
        share=_matter,
        width=lambda _: WEEK,
    )
    for key, contacts in keyed.items():
        repeated = runs(contacts, WEEK)
        if not repeated:
            continue
        head, second = repeated[0][:2]
        yield Hit(
            pattern="X04",
            key=key,
            severity="critical" if max(map(len, repeated)) >= CRITICAL_CONTACTS else "high",
            confidence=0.9,
            head=head,
            evidence=[one for run in repeated for one in run],
            detected_at=second.event_time,
            channel_to=second.channel,
            brand=head.brand,
            task=head.task,
        )


def _matter(one: Event) -> object | None:
    if one.intent:
        return ("intent", one.brand, one.intent)
    return ("task", one.brand, one.task) if one.task else None


def reopened_resolution(life: Life) -> Iterator[Hit]:
    """X29."""
    contacts = list(fresh_contacts(life.held))
    reopened = [one for one in life.held if one.name in REOPENED]
    keyed = gather(
        (one for one in life.held if one.name in RESOLVED),
        thread=lambda one: thread(one, Kind.CASE, Kind.TICKET),
        share=lambda one: (one.brand, one.intent) if one.intent else None,
        width=lambda _: WEEK,
    )
    for key, resolved in keyed.items():
        after = [other for one in resolved for other in reopened if _soon(one, other) and _shared_cases(one, other)]
        after += [other for one in resolved for other in contacts if _soon(one, other) and _same_matter(one, other)]
        if not after:
            continue
        head, first = resolved[0], in_order(after)[0]
        yield Hit(
            pattern="X29",
            key=key,
            severity="high",
            confidence=0.9,
            head=head,
            evidence=in_order(resolved, after),
            detected_at=first.event_time,
            channel_to=first.channel,
            brand=head.brand,
            task=head.task,
        )


def _soon(resolution: Event, one: Event) -> bool:
    return 0 < one.event_time - resolution.event_time <= WEEK


def _shared_cases(resolution: Event, one: Event) -> bool:
    return any(key in one.keys for key in resolution.keys if key[0] in CASES)


def _same_matter(resolution: Event, one: Event) -> bool:
    if set(resolution.keys) & set(one.keys):
        return True
    return resolution.brand == one.brand and resolution.intent == one.intent != ""
