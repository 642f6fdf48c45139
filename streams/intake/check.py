"""What makes a decoded event dead: something required is missing, malformed or beyond a limit."""

import re
from functools import lru_cache
from math import isfinite
from typing import Final, Protocol

from schemas.wire import (
    NAME_PATTERN,
    Time,
    WireEta,
    WireEvent,
    WireExperiment,
    WireItem,
    WireOffer,
    WirePromise,
)
from streams.intake.numbers import out_of_bounds
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import Limits
from streams.intake.times import parse_time

NAMES_CACHED: Final = 4096

_matches = re.compile(NAME_PATTERN.replace("$", r"\Z")).match


@lru_cache(maxsize=NAMES_CACHED)
def is_name(name: str) -> bool:
    """Tell whether a name is made of lower-case words joined by dots, two at least."""
    return _matches(name) is not None


def wrong_with(event: WireEvent, limits: Limits, has_channel: bool) -> Rejected | None:
    """Find what makes an event dead; None where nothing does. `has_channel`: its source has one configured."""
    event_id = event.event_id
    if not event_id:
        return Rejected(Reason.NO_EVENT_ID, "event_id is missing")
    name = event.name
    if not name:
        return Rejected(Reason.NO_NAME, "name is missing")
    if len(name) > limits.name_chars or not is_name(name):
        return Rejected(Reason.NAME_PATTERN, f"name is not {NAME_PATTERN}, at most {limits.name_chars} characters")
    if event.channel is None and not has_channel:
        return Rejected(Reason.NO_CHANNEL, "channel is missing, and its source has none configured")
    if len(event_id) > limits.text_chars or len(event.source or "") > limits.text_chars:
        return Rejected(Reason.TEXT_TOO_LONG, f"event_id and source have at most {limits.text_chars} characters")
    if event.identifiers is not None and len(event.identifiers) > limits.identifiers:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.identifiers} identifiers")
    return too_long(event, limits) or _unreadable(event)


class Listed(Protocol):
    """An event with its lists, but for identifiers."""

    @property
    def attributes(self) -> dict[str, str] | None:
        """Whatever has no field of its own."""

    @property
    def items(self) -> tuple[WireItem, ...] | None:
        """The basket."""

    @property
    def facts(self) -> dict[str, str] | None:
        """What the source holds to be so."""

    @property
    def experiment(self) -> tuple[WireExperiment, ...] | None:
        """The experiments the customer is in."""


def too_long(event: Listed, limits: Limits) -> Rejected | None:
    """Find a list of an event, identifiers aside, that is over its limit; None where none is."""
    if event.attributes is not None and len(event.attributes) > limits.attributes:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.attributes} attributes")
    if event.items is not None and len(event.items) > limits.items:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.items} items")
    if event.facts is not None and len(event.facts) > limits.facts:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.facts} facts")
    if event.experiment is not None and len(event.experiment) > limits.experiments:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.experiments} experiments")
    return None


def _unreadable(event: WireEvent) -> Rejected | None:
    field = unreadable_time(event)
    if field:
        return Rejected(Reason.UNREADABLE_TIME, field)
    field = not_a_number(event)
    if field:
        return Rejected(Reason.WRONG_TYPE, f"{field} is not a number")
    field = out_of_bounds(event)
    return Rejected(Reason.NUMBER_OUT_OF_BOUNDS, field) if field else None


class Dated(Protocol):
    """An event with the groups that hold times."""

    @property
    def promise(self) -> WirePromise | None:
        """What the brand said it would do."""

    @property
    def offer(self) -> WireOffer | None:
        """What was offered."""

    @property
    def eta(self) -> WireEta | None:
        """When it is promised to arrive."""


def unreadable_time(event: Dated) -> str:
    """Name the first optional time of an event that can not be read; empty where all can."""
    if event.promise is None and event.offer is None and event.eta is None:
        return ""
    told: list[tuple[str, Time | None]] = []
    if event.promise is not None:
        told.append(("promise.due_at", event.promise.due_at))
    if event.offer is not None:
        told.append(("offer.expires_at", event.offer.expires_at))
    if event.eta is not None:
        told += [("eta.due_at", event.eta.due_at), ("eta.previous_due_at", event.eta.previous_due_at)]
    return next((field for field, time in told if time is not None and parse_time(time) is None), "")


def not_a_number(event: WireEvent) -> str:
    """Name the first field that holds NaN or an infinity, which JSON can not but Avro can; empty where none does."""
    if event.sentiment is None and event.survey is None and event.engagement is None and event.a11y is None:
        return ""
    told: list[tuple[str, float | None]] = []
    if event.sentiment is not None:
        told += [("sentiment.score", event.sentiment.score), ("sentiment.confidence", event.sentiment.confidence)]
    if event.survey is not None:
        scale = event.survey
        told += [
            ("survey.score", scale.score),
            ("survey.scale_min", scale.scale_min),
            ("survey.scale_max", scale.scale_max),
        ]
    if event.engagement is not None:
        told.append(("engagement.scroll_pct", event.engagement.scroll_pct))
    if event.a11y is not None:
        told.append(("a11y.zoom", event.a11y.zoom))
    return next((field for field, number in told if number is not None and not isfinite(number)), "")
