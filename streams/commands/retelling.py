"""Read touchpoints back from the warehouse, with everything patterns and journeys ask of them."""

import msgspec

from schemas.blocks import Contact, Error, ErrorClass, Eta, Form, Location, Offer, Promise, Rx, Step, Value
from schemas.identifiers import Ident
from schemas.touchpoint import Channel, Direction, Outcome, Touchpoint


class Retold(msgspec.Struct, frozen=True):
    """A row of the question `touchpoints_of`; times in milliseconds UTC, keys and threads in hex."""

    key: str
    source: str
    event_id: str
    event_time: int
    received_at: int
    threads: tuple[str, ...]
    channel: Channel
    sub_channel: str
    direction: Direction
    name: str
    outcome: Outcome
    outcome_reason: str
    task: str
    intent: str
    brand: str
    context_carried: bool | None
    location_id: str
    location_type: str
    step_name: str
    step_index: int | None
    error_code: str
    error_class: str
    error_http_status: int | None
    value_amount_minor: int | None
    value_currency: str
    value_kind: str
    promise_kind: str
    promise_due_at: int | None
    form_field_group: str
    offer_id: str
    offer_expires_at: int | None
    eta_due_at: int | None
    eta_previous_due_at: int | None
    rx_days_supply_left: int | None
    contact_dropped: bool | None
    contact_requested_by_agent: bool | None
    newest: int
    """The instant the warehouse has come to."""


def touchpoint_of(row: Retold) -> Touchpoint:
    """Build the touchpoint; blocks of which nothing was told are left out."""
    due, told_due = row.promise_due_at, row.eta_due_at
    is_placed = bool(row.location_id or row.location_type)
    amount, step = row.value_amount_minor, row.step_index
    return Touchpoint(
        key=bytes.fromhex(row.key),
        source=row.source,
        event_id=row.event_id,
        event_time=row.event_time,
        received_at=row.received_at,
        content_hash=b"",
        threads=tuple(Ident(bytes.fromhex(thread)) for thread in row.threads),
        channel=row.channel,
        sub_channel=row.sub_channel,
        direction=row.direction,
        name=row.name,
        outcome=row.outcome,
        outcome_reason=row.outcome_reason,
        task=row.task,
        intent=row.intent,
        brand=row.brand,
        context_carried=row.context_carried,
        location=Location(row.location_id, row.location_type) if is_placed else None,
        step=Step(row.step_name, step) if step is not None or row.step_name else None,
        error=Error(row.error_code, ErrorClass(row.error_class), row.error_http_status) if row.error_class else None,
        value=Value(amount, row.value_currency, row.value_kind) if amount is not None else None,
        promise=Promise(row.promise_kind, due) if due is not None else None,
        form=Form(row.form_field_group) if row.form_field_group else None,
        offer=Offer(row.offer_id, row.offer_expires_at) if row.offer_id else None,
        eta=Eta(told_due, row.eta_previous_due_at) if told_due is not None else None,
        rx=Rx(row.rx_days_supply_left) if row.rx_days_supply_left is not None else None,
        contact=_contact(row),
    )


def _contact(row: Retold) -> Contact | None:
    if row.contact_dropped is None and row.contact_requested_by_agent is None:
        return None
    return Contact(bool(row.contact_dropped), bool(row.contact_requested_by_agent))
