"""The blocks of a touchpoint: groups of optional fields that come together, as they are inside.

What producers send is in `wire.py`. Structs are arrays on internal topics, so fields are only ever added at the end.
"""

from enum import StrEnum

import msgspec


class ErrorClass(StrEnum):
    """Whose fault an error was."""

    USER = "user"
    SYSTEM = "system"
    NETWORK = "network"
    THIRD_PARTY = "third_party"
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
