"""X25 promise_broken: said, due, and not done (rules.md 8)."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.identifiers import Ident, Kind
from tests.oracle.hits import DAY, LATENESS, MINUTE, Hit, Life, thread
from tests.oracle.wire import Event

GRACE = 15 * MINUTE
PROMISED_AHEAD = 14 * DAY
BROKEN_OFTEN = 2
KEPT_BY = {
    "callback": ("callback.completed",),
    "eta": ("order.delivered", "order.picked_up"),
    "refill_ready": ("refill.ready", "refill.picked_up"),
    "refund": ("order.refunded",),
}
THREADS = (Kind.CASE, Kind.TICKET, Kind.CALL, Kind.ORDER, Kind.PRESCRIPTION, Kind.APPOINTMENT)


def promise_broken(life: Life) -> Iterator[Hit]:
    """X25."""
    broken: dict[Ident, list[Event]] = defaultdict(list)
    for one in life.held:
        key = thread(one, *THREADS)
        if key is not None and _promises(one) and life.as_of >= _shown_at(one) and not _kept(life, one, key):
            broken[key].append(one)
    for key, promises in broken.items():
        head = promises[0]
        yield Hit(
            pattern="X25",
            key=key,
            severity="critical" if len(promises) >= BROKEN_OFTEN else "high",
            confidence=0.9,
            head=head,
            evidence=promises,
            detected_at=min(map(_shown_at, promises)),
            brand=head.brand,
            task=head.task,
        )


def _promises(one: Event) -> bool:
    due_at = one.told.promise_due_at
    return due_at is not None and one.told.promise_kind in KEPT_BY and due_at - one.event_time <= PROMISED_AHEAD


def _until(promise: Event) -> int:
    """Give the last instant at which it may be kept, ms."""
    return max(promise.told.promise_due_at or 0, promise.event_time) + GRACE


def _shown_at(promise: Event) -> int:
    return _until(promise) + LATENESS


def _kept(life: Life, promise: Event, key: Ident) -> bool:
    names = KEPT_BY[promise.told.promise_kind]
    return any(
        one.name in names and key in one.keys and promise.event_time <= one.event_time <= _until(promise)
        for one in life.held
    )
