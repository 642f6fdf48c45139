"""What a touchpoint must be, as it is written in patterns; and what all tables of a pattern file are."""

from typing import Literal, TypeAlias

import msgspec

from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome

Severity: TypeAlias = Literal["info", "low", "medium", "high", "critical"]
ClassName: TypeAlias = Literal["digital_self", "physical", "assisted_human", "feedback", "outbound"]
Told: TypeAlias = Literal["task", "intent", "offer", "field_group"]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of a pattern file."""


class Span(Written, frozen=True):
    """Bounds of a length of time, both included; empty: unbounded."""

    at_least: str = ""
    at_most: str = ""


class Match(Written, frozen=True, rename={"channel_class": "class", "any_of": "any", "none_of": "none"}):
    """What a touchpoint must be: every key given must hold; a list holds if the touchpoint has one of its values."""

    name: tuple[str, ...] = ()
    channel: tuple[Channel, ...] = ()
    channel_class: tuple[ClassName, ...] = ()
    sub_channel: tuple[str, ...] = ()
    direction: tuple[Direction, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    outcome_reason: tuple[str, ...] = ()
    error_class: tuple[ErrorClass, ...] = ()
    error_code: tuple[str, ...] = ()
    http_status: tuple[int, ...] = ()
    http_status_at_least: int | None = None
    task: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    location_type: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()
    """The kind of promise that was made."""
    tells: tuple[Told, ...] = ()
    """Fields that must be told, all of them."""
    fault: bool | None = None
    """The task failed, or an error that is not the customer's."""
    contact: bool | None = None
    """The customer asked a person for help."""
    context_carried: bool | None = None
    """What was known already came along; false also where nothing was told of it."""
    dropped: bool | None = None
    """The contact broke off."""
    requested_by_agent: bool | None = None
    """An agent asked the customer to come back."""
    days_supply_at_most: int | None = None
    """The supply was told, and lasts no longer."""
    eta_slip: Span | None = None
    """By how much a promised time moved; holds only where it moved from a known time."""
    eta_ahead: Span | None = None
    """How far ahead the promise was before it moved."""
    promise_ahead: Span | None = None
    """How far ahead a promise is due."""
    any_of: tuple["Match", ...] = ()
    none_of: tuple["Match", ...] = ()
    """None of these may hold."""
