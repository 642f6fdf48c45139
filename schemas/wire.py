"""What producers send: the native event envelope, field by field, as it stands on the wire.

Decoding is strict about types and tolerant about everything else: unknown fields are ignored, unknown words of an
enumeration survive as plain strings, and nothing is required here, so that intake can say *which* thing is missing.
Times are integer milliseconds since 1970 UTC or RFC 3339 strings. `contract.py` says the same with descriptions.
"""

from typing import Final, TypeAlias

import msgspec

Time: TypeAlias = int | str
"""Epoch milliseconds, or an RFC 3339 date-time with an offset."""

NAME_PATTERN: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
NAME_CHARS_MAX: Final = 64
IDENTIFIERS_MAX: Final = 32
ITEMS_MAX: Final = 50
EXPERIMENTS_MAX: Final = 32
FACTS_MAX: Final = 32
ATTRIBUTES_MAX: Final = 32
EVENT_BYTES_MAX: Final = 64 * 1024
"""One event is at most 64 KiB encoded; a longer record is a dead letter."""

REQUIRED: Final = ("event_id", "source", "channel", "name", "occurred_at")
"""What a native event cannot do without; `brand`, `consent` and the like have configured defaults."""


class WireStruct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A group of optional fields; a field left out is None and is not written."""


class WireIdentifier(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One way the customer was known: `kind` as named in `identifiers.Kind`, or a context kind, or `<kind>_hash`."""

    kind: str
    value: str
    assurance: str | None = None
    scope: str | None = None


class WireLocation(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A place of the brand; the terminal is context and never identity."""

    location_id: str | None = None
    type: str | None = None
    terminal_id: str | None = None
    geohash5: str | None = None


class WireStep(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where in the task's flow."""

    name: str | None = None
    index: int | None = None
    total: int | None = None


class WireError(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What went wrong; never the message itself, which could name a person."""

    code: str | None = None
    error_class: str | None = msgspec.field(default=None, name="class")
    http_status: int | None = None
    message_hash: str | None = None


class WireCorrelation(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Business threads; all but `campaign_id` belong to one person each."""

    order_id: str | None = None
    cart_id: str | None = None
    rx_id: str | None = None
    case_id: str | None = None
    ticket_id: str | None = None
    campaign_id: str | None = None
    message_id: str | None = None
    payment_id: str | None = None
    appointment_id: str | None = None
    call_id: str | None = None


class WireValue(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Money in minor units, never as a float."""

    amount_minor: int
    currency: str
    kind: str | None = None


class WireItem(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line of a basket."""

    sku: str
    qty: int | None = None
    price_minor: int | None = None
    category: str | None = None


class WireSentiment(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A score from -1 to 1 and the model that gave it."""

    score: float
    label: str | None = None
    confidence: float | None = None
    model: str | None = None
    source: str | None = None


class WireSurvey(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A raw survey score on the instrument's own scale."""

    instrument: str
    score: float
    scale_min: float
    scale_max: float
    verbatim_ref: str | None = None
    invited_by_event: str | None = None


class WireExperiment(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An experiment and the arm this customer is in."""

    experiment_id: str
    variant: str
    unit: str | None = None


class WireAgent(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who or which queue served the contact, as a pseudonym."""

    agent_ref: str | None = None
    team: str | None = None
    queue: str | None = None
    from_queue: str | None = None


class WireEngagement(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How closely something was looked at."""

    scroll_pct: float | None = None
    focus_ms: int | None = None
    depth: int | None = None


class WireAccessibility(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Assistive technology in use; kept with consent class `a11y` only."""

    assistive_tech: bool | str | None = None
    zoom: float | None = None
    contrast: str | None = None
    input: str | None = None


class WirePromise(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something the brand said it would do, and by when."""

    kind: str
    due_at: Time
    ref: str | None = None


class WireConsent(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What the customer agreed to; a purpose left out takes the configured default."""

    basis: str | None = None
    analytics: bool | None = None
    personalization: bool | None = None
    alerts: bool | None = None
    health: bool | None = None
    a11y: bool | None = None
    version: str | None = None


class WireBot(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The producer's own finding that no human was there."""

    flag: bool
    reason: str | None = None


class WireForm(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Which group of details the customer was asked for."""

    field_group: str | None = None
    field: str | None = None


class WireOffer(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An offer or reward, and how long it holds."""

    offer_id: str
    expires_at: Time | None = None
    terms_ref: str | None = None


class WireEta(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """When it is promised to arrive, and when it was promised before."""

    due_at: Time
    previous_due_at: Time | None = None


class WireRx(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How many days the customer's supply still lasts."""

    days_supply_left: int | None = None


class WireContact(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What kind of contact it was: cut off, or asked for by the agent."""

    dropped: bool | None = None
    requested_by_agent: bool | None = None


class WireEvent(WireStruct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One native event. Every field is optional here; `REQUIRED` names those that intake insists on."""

    event_id: str | None = None
    source: str | None = None
    schema_version: str | None = None
    channel: str | None = None
    sub_channel: str | None = None
    direction: str | None = None
    name: str | None = None
    occurred_at: Time | None = None
    sent_at: Time | None = None
    received_at: Time | None = None
    tz_offset_min: int | None = None
    identifiers: tuple[WireIdentifier, ...] | None = None
    session_id: str | None = None
    visit_id: str | None = None
    brand: str | None = None
    region: str | None = None
    locale: str | None = None
    environment: str | None = None
    location: WireLocation | None = None
    task: str | None = None
    intent: str | None = None
    step: WireStep | None = None
    outcome: str | None = None
    outcome_reason: str | None = None
    error: WireError | None = None
    duration_ms: int | None = None
    wait_ms: int | None = None
    handle_ms: int | None = None
    correlation: WireCorrelation | None = None
    value: WireValue | None = None
    items: tuple[WireItem, ...] | None = None
    sentiment: WireSentiment | None = None
    survey: WireSurvey | None = None
    experiment: tuple[WireExperiment, ...] | None = None
    agent: WireAgent | None = None
    engagement: WireEngagement | None = None
    a11y: WireAccessibility | None = None
    facts: dict[str, str] | None = None
    promise: WirePromise | None = None
    consent: WireConsent | None = None
    sensitivity: str | None = None
    is_bot: WireBot | None = None
    form: WireForm | None = None
    offer: WireOffer | None = None
    eta: WireEta | None = None
    rx: WireRx | None = None
    context_carried: bool | None = None
    contact: WireContact | None = None
    attributes: dict[str, str] | None = None
    trace: str | None = None
