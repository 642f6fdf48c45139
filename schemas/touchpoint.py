"""A touchpoint: one thing that happened between a customer and a brand, typed, corrected in time and pseudonymised.

This is the value inside; what producers send is in `wire.py`. It holds no plain identifier. All times are integer
milliseconds since 1970 UTC. Structs are arrays on internal topics, so fields are only ever added at the end.
"""

from enum import StrEnum

import msgspec

from schemas.blocks import (
    Accessibility,
    Agent,
    Consent,
    Contact,
    Engagement,
    Error,
    ErrorClass,
    Eta,
    Experiment,
    Form,
    Item,
    Location,
    Offer,
    Promise,
    Rx,
    Sentiment,
    Step,
    Survey,
    Value,
)
from schemas.identifiers import Ident

__all__ = [
    "Accessibility",
    "Agent",
    "Channel",
    "Consent",
    "Contact",
    "Direction",
    "Engagement",
    "Error",
    "ErrorClass",
    "Eta",
    "Experiment",
    "Form",
    "Item",
    "Location",
    "Offer",
    "Outcome",
    "Promise",
    "Rx",
    "Sensitivity",
    "Sentiment",
    "Step",
    "Survey",
    "Touchpoint",
    "Value",
    "is_counted_only",
    "order_key",
]


class Channel(StrEnum):
    """Where it happened."""

    WEB = "web"
    APP = "app"
    KIOSK = "kiosk"
    SUPPORT = "support"
    EMAIL = "email"
    STORE = "store"
    POS = "pos"
    SMS = "sms"
    PUSH = "push"
    SOCIAL = "social"
    SURVEY = "survey"
    DELIVERY = "delivery"
    TELEHEALTH = "telehealth"
    PARTNER = "partner"
    IOT = "iot"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who began it: the customer, the brand, or a system."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of the *task*, not of the click."""

    NONE = "none"
    STARTED = "started"
    PROGRESSED = "progressed"
    COMPLETED = "completed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    UNKNOWN = "unknown"


class Sensitivity(StrEnum):
    """How carefully a touchpoint must be shown."""

    PUBLIC = "public"
    PERSONAL = "personal"
    HEALTH = "health"
    PAYMENT = "payment"
    UNKNOWN = "unknown"


class Touchpoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One accepted event. Empty strings and None mean "not told".

    `key` is 16 bytes over source, event id and the event's own routing identifiers, never an alias; `content_hash` is
    16 bytes over the event as adapted, without `received_at` and `sent_at`. `strong`, `observed`, `devices` and
    `threads` are each sorted, strongest first. `received_at` is always set (envelope, else log, else the event's own).
    """

    key: bytes
    source: str
    event_id: str
    event_time: int
    received_at: int
    content_hash: bytes
    strong: tuple[Ident, ...] = ()
    observed: tuple[Ident, ...] = ()
    devices: tuple[Ident, ...] = ()
    threads: tuple[Ident, ...] = ()
    channel: Channel = Channel.UNKNOWN
    sub_channel: str = ""
    direction: Direction = Direction.INBOUND
    name: str = ""
    outcome: Outcome = Outcome.NONE
    outcome_reason: str = ""
    task: str = ""
    intent: str = ""
    brand: str = ""
    region: str = ""
    locale: str = ""
    environment: str = ""
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    location: Location | None = None
    step: Step | None = None
    error: Error | None = None
    value: Value | None = None
    duration_ms: int | None = None
    wait_ms: int | None = None
    handle_ms: int | None = None
    occurred_at: int = 0
    sent_at: int | None = None
    tz_offset_min: int | None = None
    session_id: str = ""
    visit_id: str = ""
    campaign_id: str = ""
    schema_version: str = ""
    items: tuple[Item, ...] = ()
    sentiment: Sentiment | None = None
    survey: Survey | None = None
    experiments: tuple[Experiment, ...] = ()
    agent: Agent | None = None
    engagement: Engagement | None = None
    a11y: Accessibility | None = None
    facts: dict[str, str] | None = None
    promise: Promise | None = None
    consent: Consent | None = None
    form: Form | None = None
    offer: Offer | None = None
    eta: Eta | None = None
    rx: Rx | None = None
    context_carried: bool | None = None
    contact: Contact | None = None
    attributes: dict[str, str] | None = None
    trace: str = ""
    ip: str = ""
    is_bot: bool = False
    bot_reason: str = ""
    is_test: bool = False
    flags: tuple[str, ...] = ()


def order_key(touchpoint: Touchpoint) -> tuple[int, str, str, bytes]:
    """Sort touchpoints of one person: event time, source, event id; the key only to make the order total."""
    return (touchpoint.event_time, touchpoint.source, touchpoint.event_id, touchpoint.key)


def is_counted_only(touchpoint: Touchpoint) -> bool:
    """Tell whether a touchpoint only counts: bots and tests are shown, never stitched nor aggregated as customers."""
    return touchpoint.is_bot or touchpoint.is_test
