"""What the plain loop with patterns reads in an event, and the lengths of time it knows. Left alone, as the loop is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PATTERNS = ("X01", "X03", "X04", "X06", "X13", "X15", "X18", "X22", "X23", "X25", "X29", "U13", "U14")
CONTACTS = ("contact.started", "ticket.created", "message.replied")
SELF_SERVICE = frozenset(("web", "app", "kiosk", "email", "sms", "push"))
FAULTS = frozenset(("system", "network", "third_party"))
THREADS = ("order_id", "rx_id", "ticket_id", "case_id", "call_id", "appointment_id", "payment_id", "cart_id")
Event: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[object, ...]
Hits: TypeAlias = dict[str, set[Key]]
See: TypeAlias = Callable[[Event, str, int], None]


def milliseconds(told: int | str) -> int:
    """Read a time, told in milliseconds or as RFC 3339."""
    if isinstance(told, str):
        return int(datetime.fromisoformat(told).astimezone(UTC).timestamp() * 1000)
    return told


def thread_of(event: Event, kinds: tuple[str, ...]) -> Key | None:
    """Name the first thread of these kinds."""
    correlation = event.get("correlation", {})
    return next(((kind, correlation[kind]) for kind in kinds if kind in correlation), None)


def is_self_service(event: Event) -> bool:
    """Tell whether no person of the brand was there."""
    return event["channel"] in SELF_SERVICE or event.get("sub_channel") in {"bot", "ivr"}
