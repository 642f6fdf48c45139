"""Tell a pattern's examples as touchpoints: what matters is written in them, the rest is ordinary."""

from hashlib import blake2b
from typing import Final

from schemas.blocks import Contact, Error, ErrorClass, Eta, Form, Location, Offer, Promise, Rx, Step
from schemas.identifiers import Ident, IdentClass, Kind, class_of, ident, touchpoint_key
from schemas.touchpoint import Touchpoint, order_key
from streams.patterns.durations import DAY, milliseconds
from streams.patterns.examples import Example, ExampleEvent

BEGINNING: Final = 20_000 * DAY
"""The instant at which every example begins; it plays no part."""
_THREAD_KINDS: Final = frozenset(kind.value for kind in Kind if class_of(ident(kind, b"")) is IdentClass.THREAD)


def touchpoints_of(example: Example) -> list[Touchpoint]:
    """Tell an example in touchpoint order; ValueError for a time or a thread that can not be read."""
    return sorted((touchpoint_of(event, number) for number, event in enumerate(example.events)), key=order_key)


def instant(text: str) -> int:
    """Read an example's time, a duration from its beginning; ValueError says how one is written."""
    return BEGINNING + milliseconds(text)


def touchpoint_of(event: ExampleEvent, number: int) -> Touchpoint:
    """Tell one event; `number` tells it from the others."""
    time, source, event_id = instant(event.at), event.source or f"/{event.channel.value}", f"{number:03d}"
    threads = tuple(sorted(_thread(text) for text in event.threads))
    return Touchpoint(
        key=touchpoint_key(source, event_id, b"".join(threads)),
        source=source,
        event_id=event_id,
        event_time=time,
        received_at=time,
        content_hash=bytes(16),
        threads=threads,
        channel=event.channel,
        sub_channel=event.sub_channel,
        direction=event.direction,
        name=event.name,
        outcome=event.outcome,
        outcome_reason=event.outcome_reason,
        task=event.task,
        intent=event.intent,
        brand=event.brand,
        context_carried=event.context_carried,
        error=_error(event),
        step=Step(index=event.step) if event.step is not None else None,
        location=Location("L1", event.location_type) if event.location_type else None,
        form=Form(event.field_group) if event.field_group else None,
        contact=Contact(event.dropped, event.requested_by_agent) if event.dropped or event.requested_by_agent else None,
        rx=Rx(event.days_supply_left) if event.days_supply_left is not None else None,
        offer=Offer(event.offer, instant(event.expires) if event.expires else None) if event.offer else None,
        promise=Promise(event.promise, instant(event.due)) if event.promise else None,
        eta=Eta(instant(event.eta), instant(event.previous_eta) if event.previous_eta else None) if event.eta else None,
    )


def _thread(text: str) -> Ident:
    kind, _, value = text.partition(":")
    if kind not in _THREAD_KINDS or not value:
        raise ValueError(f"{text!r} is no thread: write its kind and a value, like order_id:O1")
    return ident(Kind(kind), blake2b(value.encode(), digest_size=16).digest())


def _error(event: ExampleEvent) -> Error | None:
    if event.error_class is None and not event.error_code and event.http_status is None:
        return None
    return Error(event.error_code, event.error_class or ErrorClass.UNKNOWN, event.http_status)
