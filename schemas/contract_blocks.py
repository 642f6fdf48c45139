"""The blocks of the event contract: groups of optional fields that come together, each field with its meaning.

The same groups as in `wire.py`, as pydantic models: for JSON Schema, for the generated reference and the Avro contract,
and for `seamline schemas check`, which names every fault of an event and not only the first.
"""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome, Sensitivity


class Words:
    """Marks a string that comes from a list; a word not on it is read as `unknown` and counted, never refused."""

    def __init__(self, words: type[StrEnum]) -> None:
        self.words = words


def _word_schema(words: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [str(word) for word in words]})


class Instant:
    """Marks a moment: epoch milliseconds or RFC 3339 with an offset; `timestamp-millis` in Avro."""


ChannelWord: TypeAlias = Annotated[str, Words(Channel), _word_schema(Channel)]
DirectionWord: TypeAlias = Annotated[str, Words(Direction), _word_schema(Direction)]
OutcomeWord: TypeAlias = Annotated[str, Words(Outcome), _word_schema(Outcome)]
ErrorClassWord: TypeAlias = Annotated[str, Words(ErrorClass), _word_schema(ErrorClass)]
SensitivityWord: TypeAlias = Annotated[str, Words(Sensitivity), _word_schema(Sensitivity)]
Moment: TypeAlias = Annotated[int | Annotated[AwareDatetime, Field(strict=False)], Instant()]


class Block(BaseModel):
    """Types are strict, unknown fields are ignored, values are frozen, and NaN is no number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False, populate_by_name=True)


class Identifier(Block):
    """One way the customer was known. Plain values stop at intake, which normalises and pseudonymises them."""

    kind: str = Field(
        description="account_id, loyalty_id, email, phone, device_id, anonymous_id ..., or email_hash ..."
    )
    value: str = Field(description="the identifier itself, or for a _hash kind the keyed hash in hex")
    assurance: str | None = Field(None, description="authenticated, asserted, observed or inferred; default observed")
    scope: str | None = Field(None, description="brand or vendor inside which it is unique; default the tenant")


class Location(Block):
    """A place of the brand."""

    location_id: str | None = Field(None, description="the store, restaurant, pharmacy or warehouse")
    type: str | None = Field(None, description="store, pharmacy, restaurant, warehouse")
    terminal_id: str | None = Field(None, description="the kiosk or till: context, never identity")
    geohash5: str | None = Field(None, description="geohash of five characters, about 5 km")


class Step(Block):
    """Where in the task's flow."""

    name: str | None = Field(None, description="the step's name, stable over releases")
    index: int | None = Field(None, description="its place, from 1")
    total: int | None = Field(None, description="how many steps the flow has")


class Error(Block):
    """What went wrong. Never the message itself, which could name a person."""

    code: str | None = Field(None, description="card_declined, token_expired, E1234 ...")
    error_class: ErrorClassWord | None = Field(None, alias="class", description="whose fault")
    http_status: int | None = Field(None, description="status of the response, where there was one")
    message_hash: str | None = Field(None, description="hash of the message, to count equal ones")


class Correlation(Block):
    """Business threads. Each but the campaign belongs to one person and joins journeys."""

    order_id: str | None = Field(None, description="an order")
    cart_id: str | None = Field(None, description="a basket")
    rx_id: str | None = Field(None, description="a prescription")
    case_id: str | None = Field(None, description="a case spanning contacts")
    ticket_id: str | None = Field(None, description="a support ticket")
    campaign_id: str | None = Field(None, description="a campaign: shared by many, never a thread")
    message_id: str | None = Field(None, description="one message to one recipient")
    payment_id: str | None = Field(None, description="a payment attempt")
    appointment_id: str | None = Field(None, description="an appointment")
    call_id: str | None = Field(None, description="a call")


class Value(Block):
    """Money, in minor units."""

    amount_minor: int = Field(description="cents and the like, never a float")
    currency: str = Field(description="ISO 4217")
    kind: str | None = Field(None, description="revenue (default), refund, discount, cost, at_risk")


class Item(Block):
    """One line of a basket."""

    sku: str = Field(description="article")
    qty: int | None = Field(None, description="how many; default 1")
    price_minor: int | None = Field(None, description="price of one, minor units")
    category: str | None = Field(None, description="group of articles")


class Sentiment(Block):
    """How it was felt, and who says so."""

    score: float = Field(ge=-1, le=1, description="-1 worst to 1 best")
    label: str | None = Field(None, description="word for it")
    confidence: float | None = Field(None, description="0 to 1")
    model: str | None = Field(None, description="the model and its version; scores of two models are not compared")
    source: str | None = Field(None, description="text, voice, agent, emoji")


class Survey(Block):
    """A raw score on the instrument's own scale."""

    instrument: str = Field(description="nps, csat, ces, sus, umux_lite, star")
    score: float = Field(description="as given")
    scale_min: float = Field(description="least score possible")
    scale_max: float = Field(description="greatest score possible")
    verbatim_ref: str | None = Field(None, description="where the free text is kept; never the text")
    invited_by_event: str | None = Field(None, description="event id that led to the invitation")


class Experiment(Block):
    """An experiment and the arm this customer is in."""

    experiment_id: str = Field(description="the experiment")
    variant: str = Field(description="the arm")
    unit: str | None = Field(None, description="what is randomised: person, device, session")


class Agent(Block):
    """Who served the contact, as a pseudonym."""

    agent_ref: str | None = Field(None, description="pseudonym: context, never identity")
    team: str | None = Field(None, description="team")
    queue: str | None = Field(None, description="queue")
    from_queue: str | None = Field(None, description="queue it was transferred from")


class Engagement(Block):
    """How closely something was looked at."""

    scroll_pct: float | None = Field(None, description="0 to 100")
    focus_ms: int | None = Field(None, description="time in focus, milliseconds")
    depth: int | None = Field(None, description="pages or screens deep")


class Accessibility(Block):
    """Assistive technology in use: sensitive, kept with consent class `a11y` only."""

    assistive_tech: bool | str | None = Field(None, description="whether, or which")
    zoom: float | None = Field(None, description="1.0 is none")
    contrast: str | None = Field(None, description="mode of contrast")
    input: str | None = Field(None, description="keyboard, voice, switch")


class Promise(Block):
    """Something the brand said it would do."""

    kind: str = Field(description="callback, eta, refill_ready, refund")
    due_at: Moment = Field(description="by when")
    ref: str | None = Field(None, description="what it refers to")


class Consent(Block):
    """What the customer agreed to. A purpose left out takes the configured default."""

    basis: str | None = Field(None, description="consent, contract, legitimate_interest ...")
    analytics: bool | None = Field(None, description="without it no identifier is kept and nothing is stitched")
    personalization: bool | None = Field(None, description="may be used to suit the offer to the person")
    alerts: bool | None = Field(None, description="may be named in an alert")
    health: bool | None = Field(None, description="health details may be kept")
    a11y: bool | None = Field(None, description="accessibility details may be kept")
    version: str | None = Field(None, description="version of the text agreed to")


class Bot(Block):
    """The producer's own finding that no human was there."""

    flag: bool = Field(description="true: a scanner, prefetcher, monitor ...")
    reason: str | None = Field(None, description="why it thinks so")


class Form(Block):
    """Which details the customer was asked for."""

    field_group: str | None = Field(None, description="address, payment, insurance ...: what re-entry is told by")
    field: str | None = Field(None, description="the single field")


class Offer(Block):
    """An offer or reward."""

    offer_id: str = Field(description="the offer")
    expires_at: Moment | None = Field(None, description="holds until")
    terms_ref: str | None = Field(None, description="where its terms are")


class Eta(Block):
    """When it is promised to arrive."""

    due_at: Moment = Field(description="promised now")
    previous_due_at: Moment | None = Field(None, description="promised before")


class Rx(Block):
    """What matters of a prescription."""

    days_supply_left: int | None = Field(None, description="days the customer's supply still lasts")


class Contact(Block):
    """What kind of contact it was."""

    dropped: bool | None = Field(None, description="the line was cut")
    requested_by_agent: bool | None = Field(None, description="the customer was asked to come back")
