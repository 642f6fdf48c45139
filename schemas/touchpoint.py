"""A touchpoint: one thing that happened between a customer and a brand, typed, corrected in time and pseudonymised.

This is the value inside; what producers send is in `wire.py`. It holds no plain identifier. All times are integer
milliseconds since 1970 UTC. Structs are arrays on internal topics, so fields are only ever added at the end.
"""

from enum import StrEnum

import msgspec

from schemas.identifiers import Ident


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


class ErrorClass(StrEnum):
    """Whose fault an error was."""

    USER = "user"
    SYSTEM = "system"
    NETWORK = "network"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class Sensitivity(StrEnum):
    """How carefully a touchpoint must be shown."""

    PUBLIC = "public"
    PERSONAL = "personal"
    HEALTH = "health"
    PAYMENT = "payment"
    UNKNOWN = "unknown"


class Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A group of optional fields that come together."""


class Location(Block, frozen=True, array_like=True, gc=False):
    """A place of the brand; the terminal is context, never identity."""

    location_id: str = ""
    type: str = ""
    terminal_id: str = ""
    geohash5: str = ""


class Step(Block, frozen=True, array_like=True, gc=False):
    """Where in the task's flow."""

    name: str = ""
    index: int | None = None
    total: int | None = None


class Error(Block, frozen=True, array_like=True, gc=False):
    """What went wrong, without the message."""

    code: str = ""
    error_class: ErrorClass = ErrorClass.UNKNOWN
    http_status: int | None = None
    message_hash: str = ""


class Value(Block, frozen=True, array_like=True, gc=False):
    """Money in minor units."""

    amount_minor: int
    currency: str
    kind: str = "revenue"


class Item(Block, frozen=True, array_like=True, gc=False):
    """One line of a basket; price of one in minor units."""

    sku: str
    qty: int = 1
    price_minor: int = 0
    category: str = ""


class Sentiment(Block, frozen=True, array_like=True, gc=False):
    """How it was felt, -1 to 1, by which model."""

    score: float
    label: str = ""
    confidence: float | None = None
    model: str = ""
    source: str = ""


class Survey(Block, frozen=True, array_like=True, gc=False):
    """A raw score on the instrument's own scale."""

    instrument: str
    score: float
    scale_min: float
    scale_max: float
    verbatim_ref: str = ""
    invited_by_event: str = ""


class Experiment(Block, frozen=True, array_like=True, gc=False):
    """An experiment and the arm this customer is in."""

    experiment_id: str
    variant: str
    unit: str = ""


class Agent(Block, frozen=True, array_like=True, gc=False):
    """Who served the contact, as a pseudonym."""

    agent_ref: str = ""
    team: str = ""
    queue: str = ""
    from_queue: str = ""


class Engagement(Block, frozen=True, array_like=True, gc=False):
    """How closely something was looked at."""

    scroll_pct: float | None = None
    focus_ms: int | None = None
    depth: int | None = None


class Accessibility(Block, frozen=True, array_like=True, gc=False):
    """Assistive technology in use; sensitive."""

    assistive_tech: str = ""
    zoom: float | None = None
    contrast: str = ""
    input: str = ""


class Promise(Block, frozen=True, array_like=True, gc=False):
    """Something the brand said it would do by `due_at`."""

    kind: str
    due_at: int
    ref: str = ""


class Consent(Block, frozen=True, array_like=True, gc=False):
    """What the customer agreed to."""

    basis: str = ""
    analytics: bool = True
    personalization: bool = False
    alerts: bool = False
    health: bool = False
    a11y: bool = False
    version: str = ""


class Form(Block, frozen=True, array_like=True, gc=False):
    """Which details the customer was asked for."""

    field_group: str = ""
    field: str = ""


class Offer(Block, frozen=True, array_like=True, gc=False):
    """An offer or reward, and until when it holds."""

    offer_id: str
    expires_at: int | None = None
    terms_ref: str = ""


class Eta(Block, frozen=True, array_like=True, gc=False):
    """When it is promised to arrive, and when it was promised before."""

    due_at: int
    previous_due_at: int | None = None


class Rx(Block, frozen=True, array_like=True, gc=False):
    """How many days the supply still lasts."""

    days_supply_left: int | None = None


class Contact(Block, frozen=True, array_like=True, gc=False):
    """What kind of contact it was."""

    dropped: bool = False
    requested_by_agent: bool = False


class Touchpoint(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
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
