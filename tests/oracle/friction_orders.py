"""X22 order_status_anxiety and X23 eta_slip_silence: waiting for an order (rules.md 8)."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.identifiers import RANKS, Ident, Kind
from tests.oracle.hits import DAY, HOUR, LATENESS, MINUTE, Hit, Life, in_order, thread
from tests.oracle.journeys import is_contact
from tests.oracle.wire import Event

POLLED = 10 * MINUTE
ANXIOUS_CHECKS = 4
ANXIOUS_AFTER_SLIP = 3
SILENCE = 30 * MINUTE


def order_status_anxiety(life: Life) -> Iterator[Hit]:
    """X22."""
    checked: dict[Ident, list[Event]] = defaultdict(list)
    for one in life.held:
        order = thread(one, Kind.ORDER)
        if one.direction == "inbound" and one.name == "status.viewed" and order is not None:
            checks = checked[order]
            if not checks or one.event_time - checks[-1].event_time > POLLED:
                checks.append(one)
    for order, checks in checked.items():
        detected_at = min([*_often(checks), *_since_slips(life, order, checks)], default=None)
        if detected_at is None:
            continue
        asked = [one for one in life.held if _asks(one, order) and 0 < one.event_time - detected_at <= 2 * DAY]
        yield Hit(
            pattern="X22",
            key=order,
            severity="high" if asked else "medium",
            confidence=0.9 if asked else 0.7,
            head=checks[0],
            evidence=in_order(checks, asked),
            detected_at=detected_at,
            channel_to=asked[0].channel if asked else "",
            brand=checks[0].brand,
            task=checks[0].task,
        )


def _often(checks: list[Event]) -> list[int]:
    """List when a check was the fourth within a day."""
    fourths = zip(checks, checks[ANXIOUS_CHECKS - 1 :], strict=False)
    return [one.event_time for first, one in fourths if one.event_time - first.event_time <= DAY]


def _since_slips(life: Life, order: Ident, checks: list[Event]) -> list[int]:
    """List when a check was the third within a day of a slip."""
    found = []
    for slip in life.held:
        slipped = slip.name == "order.eta_changed" and slip.previous_due_at and slip.due_at > slip.previous_due_at
        if slipped and order in slip.keys:
            since = [one for one in checks if 0 < one.event_time - slip.event_time <= DAY]
            found += [one.event_time for one in since[ANXIOUS_AFTER_SLIP - 1 : ANXIOUS_AFTER_SLIP]]
    return found


def _asks(one: Event, order: Ident) -> bool:
    """Tell whether a contact asks about this order, or about none."""
    orders = [key for key in one.keys if key[0] == RANKS[Kind.ORDER]]
    return is_contact(one) and one.intent == "order_status" and (not orders or order in orders)


def eta_slip_silence(life: Life) -> Iterator[Hit]:
    """X23."""
    silent: dict[Ident, list[Event]] = defaultdict(list)
    for one in life.held:
        order = thread(one, Kind.ORDER)
        if order is None or not _slipped(one) or life.as_of < one.event_time + SILENCE + LATENESS:
            continue
        if not any(_tells(other, order) and 0 <= other.event_time - one.event_time <= SILENCE for other in life.held):
            silent[order].append(one)
    for order, slips in silent.items():
        head = slips[0]
        yield Hit(
            pattern="X23",
            key=order,
            severity="high",
            confidence=0.9,
            head=head,
            evidence=slips,
            detected_at=head.event_time + SILENCE + LATENESS,
            brand=head.brand,
            task=head.task,
        )


def _tells(one: Event, order: Ident) -> bool:
    return one.name == "message.sent" and one.direction == "outbound" and order in one.keys


def _slipped(one: Event) -> bool:
    if one.name != "order.eta_changed" or not one.previous_due_at:
        return False
    near = one.previous_due_at - one.event_time <= DAY
    return one.due_at - one.previous_due_at >= (HOUR if near else DAY)
