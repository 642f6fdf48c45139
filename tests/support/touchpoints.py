"""Builders of touchpoints for tests: what matters is named, the rest is ordinary."""

import hashlib
from typing import Final

from schemas.identifiers import Ident, Kind, ident, touchpoint_key
from schemas.touchpoint import (
    Channel,
    Direction,
    Error,
    ErrorClass,
    Eta,
    Location,
    Outcome,
    Touchpoint,
    Value,
)
from streams.patterns.durations import DAY, HOUR, MINUTE, SECOND, milliseconds

T0: Final = 1_750_000_000_000 // DAY * DAY
"""Midnight of some day, the beginning of every small story."""
__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "T0", "at_time", "event", "thread"]


def thread(text: str) -> Ident:
    """`order_id:O1` as an identifier."""
    kind, _, value = text.partition(":")
    return ident(Kind(kind), hashlib.blake2b(value.encode(), digest_size=16).digest())


def at_time(at: str | int) -> int:
    """`10:30` of the first day, a duration from its midnight (`3d`), or milliseconds from it."""
    if isinstance(at, int):
        return T0 + at
    if ":" in at:
        hours, minutes = at.split(":")
        return T0 + int(hours) * HOUR + int(minutes) * MINUTE
    return T0 + milliseconds(at)


def event(
    at: str | int,
    channel: str = "web",
    name: str = "page.viewed",
    *,
    source: str | None = None,
    event_id: str | None = None,
    sub_channel: str = "",
    direction: str = "inbound",
    outcome: str = "none",
    error: str | None = None,
    task: str = "",
    intent: str = "",
    brand: str = "main",
    threads: tuple[str, ...] = (),
    device: str = "",
    location: str = "",
    revenue: int | None = None,
    currency: str = "EUR",
    value_kind: str = "revenue",
    eta: tuple[str, str] | None = None,
    duration_ms: int | None = None,
    is_bot: bool = False,
    is_test: bool = False,
) -> Touchpoint:
    """Build one touchpoint; `eta` is (promised before, promised now), `error` its class."""
    time = at_time(at)
    routing = tuple(sorted(thread(one) for one in threads))
    devices = (thread(f"device_id:{device}"),) if device else ()
    source = source or f"/{channel}"
    event_id = event_id or f"{channel}-{name}-{time - T0}"
    return Touchpoint(
        key=touchpoint_key(source, event_id, b"".join(devices + routing)),
        source=source,
        event_id=event_id,
        event_time=time,
        received_at=time,
        content_hash=b"\0" * 16,
        devices=devices,
        threads=routing,
        channel=Channel(channel),
        sub_channel=sub_channel,
        direction=Direction(direction),
        name=name,
        outcome=Outcome(outcome),
        task=task,
        intent=intent,
        brand=brand,
        location=Location(location) if location else None,
        error=Error(error_class=ErrorClass(error)) if error else None,
        value=Value(revenue, currency, value_kind) if revenue is not None else None,
        eta=Eta(due_at=at_time(eta[1]), previous_due_at=at_time(eta[0])) if eta else None,
        duration_ms=duration_ms,
        is_bot=is_bot,
        is_test=is_test,
    )
