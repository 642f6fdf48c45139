"""Tell a pattern's example to the engine: its events as touchpoints, and the hits that come of them."""

import msgspec

from schemas.blocks import Contact, Error, ErrorClass, Eta, Form, Location, Offer, Promise, Rx, Step
from schemas.rows import FrictionRow, Table
from schemas.touchpoint import Touchpoint
from streams.journeys.book import load_book
from streams.journeys.timeline import Timeline, rows, take
from streams.patterns.examples import Example, ExampleEvent
from streams.patterns.pattern import Pattern
from tests.support.touchpoints import at_time, event


def touchpoint_of(written: ExampleEvent) -> Touchpoint:
    """Build the touchpoint an example's event stands for."""
    plain = event(
        written.at,
        written.channel.value,
        written.name,
        source=written.source or None,
        brand=written.brand,
        sub_channel=written.sub_channel,
        direction=written.direction.value,
        outcome=written.outcome.value,
        task=written.task,
        intent=written.intent,
        threads=written.threads,
    )
    return msgspec.structs.replace(
        plain,
        outcome_reason=written.outcome_reason,
        context_carried=written.context_carried,
        error=_error(written),
        step=Step(index=written.step) if written.step is not None else None,
        location=Location("L1", written.location_type) if written.location_type else None,
        form=Form(written.field_group) if written.field_group else None,
        contact=_contact(written),
        rx=Rx(written.days_supply_left) if written.days_supply_left is not None else None,
        offer=Offer(written.offer, at_time(written.expires) if written.expires else None) if written.offer else None,
        promise=Promise(written.promise, at_time(written.due)) if written.promise else None,
        eta=Eta(at_time(written.eta), at_time(written.previous_eta)) if written.eta else None,
    )


def hits_of_example(pattern: Pattern, example: Example) -> list[FrictionRow]:
    """Fold an example with its pattern alone, and write the hits as of the example's end."""
    book, timeline = load_book(patterns=(pattern,)), Timeline()
    for written in example.events:
        take(timeline, touchpoint_of(written), book)
    written_rows = rows(timeline, "p", at_time(example.as_of), book, touched_only=False)
    return [row for table, _, row in written_rows if table is Table.FRICTION and isinstance(row, FrictionRow)]


def _error(written: ExampleEvent) -> Error | None:
    if written.error_class is None and not written.error_code and written.http_status is None:
        return None
    return Error(written.error_code, written.error_class or ErrorClass.UNKNOWN, written.http_status)


def _contact(written: ExampleEvent) -> Contact | None:
    if not written.dropped and not written.requested_by_agent:
        return None
    return Contact(written.dropped, written.requested_by_agent)
