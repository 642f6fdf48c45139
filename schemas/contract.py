"""The event contract for people and tools: every field of the envelope with type, meaning and limit.

`Event` validates as intake does and says *everything* that is wrong. Its JSON Schema, the Avro schema in `avro/` and
the reference in `docs/schemas.md` are made from it; tests hold it equal to `wire.py`, which is what runs.
"""

from typing import NamedTuple

from pydantic import Field, ValidationError

from schemas import contract_blocks as blocks
from schemas.wire import (
    ATTRIBUTES_MAX,
    EXPERIMENTS_MAX,
    FACTS_MAX,
    IDENTIFIERS_MAX,
    ITEMS_MAX,
    NAME_CHARS_MAX,
    NAME_PATTERN,
)


class Event(blocks.Block):
    """One thing that happened between a customer and a brand, as its producer tells it."""

    event_id: str = Field(min_length=1, description="unique with `source`; a retry of the same event keeps it")
    source: str = Field(min_length=1, description="URI reference of the producer: /web/shop-eu, /kiosk/store-118/k3")
    schema_version: str | None = Field(None, description="version of the producer's payload contract")
    channel: blocks.ChannelWord = Field(description="where it happened")
    sub_channel: str | None = Field(None, description="phone, chat, ticket, bot, ivr; ios, android; marketing ...")
    direction: blocks.DirectionWord | None = Field(None, description="who began it; default inbound")
    name: str = Field(pattern=NAME_PATTERN, max_length=NAME_CHARS_MAX, description="object.past_tense_verb")
    occurred_at: blocks.Moment = Field(description="when, by the device's clock")
    sent_at: blocks.Moment | None = Field(None, description="when it was transmitted, by the device's clock")
    received_at: blocks.Moment | None = Field(None, description="when that transmission arrived, by the server's clock")
    tz_offset_min: int | None = Field(None, description="the device's offset from UTC, minutes")
    identifiers: list[blocks.Identifier] | None = Field(
        None, max_length=IDENTIFIERS_MAX, description="how the customer was known; may be empty"
    )
    session_id: str | None = Field(None, description="the source's own session")
    visit_id: str | None = Field(None, description="the source's own visit")
    brand: str | None = Field(None, description="brand; default the tenant")
    region: str | None = Field(None, description="market, ISO 3166 where it can be; national phone numbers need it")
    locale: str | None = Field(None, description="BCP 47")
    environment: str | None = Field(None, description="`test` keeps it out of every metric")
    location: blocks.Location | None = Field(None, description="place of the brand")
    task: str | None = Field(None, description="the job the customer is doing: checkout, refill, return ...")
    intent: str | None = Field(None, description="finer than the task: order_status, side_effect_question ...")
    step: blocks.Step | None = Field(None, description="where in the task's flow")
    outcome: blocks.OutcomeWord | None = Field(None, description="what became of the task, not of the click")
    outcome_reason: str | None = Field(
        None, description="card_declined, validation, out_of_stock, timeout, customer_left, technical, refused ..."
    )
    error: blocks.Error | None = Field(None, description="what went wrong")
    duration_ms: int | None = Field(None, ge=0, description="the interaction, milliseconds")
    wait_ms: int | None = Field(None, ge=0, description="time in a queue, milliseconds")
    handle_ms: int | None = Field(None, ge=0, description="the agent's handling, milliseconds")
    correlation: blocks.Correlation | None = Field(None, description="business threads, strongest joiner of journeys")
    value: blocks.Value | None = Field(None, description="money")
    items: list[blocks.Item] | None = Field(None, max_length=ITEMS_MAX, description="basket")
    sentiment: blocks.Sentiment | None = Field(None, description="how it was felt")
    survey: blocks.Survey | None = Field(None, description="answer to a survey")
    experiment: list[blocks.Experiment] | None = Field(
        None, max_length=EXPERIMENTS_MAX, description="experiments the customer is in"
    )
    agent: blocks.Agent | None = Field(None, description="who served the contact")
    engagement: blocks.Engagement | None = Field(None, description="how closely it was looked at")
    a11y: blocks.Accessibility | None = Field(None, description="assistive technology; sensitive")
    facts: dict[str, str] | None = Field(
        None, max_length=FACTS_MAX, description="what was told as true: price:SKU1 = 1299, rx_status:R7 = ready"
    )
    promise: blocks.Promise | None = Field(None, description="what was promised")
    consent: blocks.Consent | None = Field(None, description="what was agreed to")
    sensitivity: blocks.SensitivityWord | None = Field(None, description="how carefully to show it; default personal")
    is_bot: blocks.Bot | None = Field(None, description="no human was there")
    form: blocks.Form | None = Field(None, description="details asked for")
    offer: blocks.Offer | None = Field(None, description="offer or reward")
    eta: blocks.Eta | None = Field(None, description="promised arrival")
    rx: blocks.Rx | None = Field(None, description="prescription")
    context_carried: bool | None = Field(None, description="the next channel knew what the last one was told")
    contact: blocks.Contact | None = Field(None, description="kind of contact")
    attributes: dict[str, str] | None = Field(
        None, max_length=ATTRIBUTES_MAX, description="anything else, as text; promoted by configuration"
    )
    trace: str | None = Field(None, description="W3C traceparent")


class Fault(NamedTuple):
    """One thing wrong with an event: where (a JSON path) and what."""

    path: str
    problem: str


def faults(encoded: bytes | str) -> list[Fault]:
    """Name everything that keeps a JSON event from being accepted; empty for a good one."""
    found: dict[str, str] = {}
    try:
        Event.model_validate_json(encoded)
    except ValidationError as error:
        for entry in error.errors(include_input=False, include_url=False):
            path = _path(entry["loc"])
            found[path] = f"{found[path]}; or: {entry['msg']}" if path in found else entry["msg"]
    return [Fault(path, problem) for path, problem in found.items()]


def _path(location: tuple[int | str, ...]) -> str:
    # Pydantic appends the alternative it tried (`occurred_at.int`); to a producer that is one field with two ways.
    steps = location[:-1] if location and location[-1] in {"int", "datetime", "bool", "str"} else location
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
