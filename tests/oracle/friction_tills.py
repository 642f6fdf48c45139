"""U13 payment_retry_loop and U14 kiosk_walkaway: trouble where one pays or orders (rules.md 8)."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.identifiers import Ident, Kind
from tests.oracle.hits import LATENESS, MINUTE, Hit, Life, in_order, runs, thread
from tests.oracle.wire import Event

RETRIED = 15 * MINUTE
UNPAID = 30 * MINUTE
WALKED_AWAY = 30 * MINUTE
ADDED = ("item.added", "item.customized")
LEFT = ("session.timed_out", "session.ended")


def payment_retry_loop(life: Life) -> Iterator[Hit]:
    """U13."""
    declined: dict[Ident, list[Event]] = defaultdict(list)
    for one in life.held:
        bought = thread(one, Kind.CART, Kind.ORDER)
        if one.name == "payment.failed" and bought is not None:
            declined[bought].append(one)
    for key, tries in declined.items():
        retried = runs(tries, RETRIED)
        if not retried:
            continue
        evidence = [one for run in retried for one in run]
        head, second = retried[0][:2]
        severity = (
            "medium" if _paid(life, key, second) or life.as_of < second.event_time + UNPAID + LATENESS else "high"
        )
        yield Hit(
            pattern="U13",
            key=key,
            severity="low" if all(one.error_class == "user" for one in evidence) else severity,
            confidence=0.9,
            head=head,
            evidence=evidence,
            detected_at=second.event_time,
            brand=head.brand,
            task=head.task,
        )


def _paid(life: Life, key: Ident, second: Event) -> bool:
    return any(
        one.name == "payment.succeeded" and key in one.keys and 0 <= one.event_time - second.event_time <= UNPAID
        for one in life.held
    )


def kiosk_walkaway(life: Life) -> Iterator[Hit]:
    """U14."""
    lines: dict[str, list[Event]] = {}
    for one in life.held:
        line = lines.get(one.source, [])
        since = one.event_time - line[-1].event_time if line else 0
        at_kiosk = one.channel == "kiosk" and one.direction == "inbound"
        if at_kiosk and one.name in ADDED:
            lines[one.source] = [*line, one] if since <= WALKED_AWAY else [one]
        elif line and at_kiosk and one.name in LEFT and 0 < since <= WALKED_AWAY:
            yield _walked_away(life, lines.pop(one.source), one)
        elif one.name == "order.placed":
            lines.pop(one.source, None)


def _walked_away(life: Life, items: list[Event], end: Event) -> Hit:
    head = items[0]
    broken = [
        one
        for one in life.held
        if one.name == "peripheral.failed" and one.source == head.source and head.order < one.order < end.order
    ]
    return Hit(
        pattern="U14",
        key=head.key,
        severity="high" if broken else "medium",
        confidence=0.8,
        head=head,
        evidence=in_order(items, broken, [end]),
        detected_at=end.event_time,
        brand=head.brand,
        task=head.task,
    )
