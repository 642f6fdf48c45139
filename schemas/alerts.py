"""Alerts: what is said of an incident while it opens, grows worse and ends, and what is remembered of it.

An incident is everything that shares an `incident_key`: one pattern and one thread (or line) of things, however many
hits and people. Its newest `Alert` holds all that its lifecycle needs to go on, so that the newest record of each key
is the state. What may leave the house is `Told` alone.
"""

from enum import StrEnum
from typing import Final

import msgspec

from schemas.identifiers import derived_id
from schemas.rows import FrictionRow

SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
"""From the least to the gravest."""
RANK_OF: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Transition(StrEnum):
    """What became of an alert. `kept` is told to nobody: it only brings what is remembered up to date."""

    OPENED = "opened"
    UPDATED = "updated"
    RESOLVED = "resolved"
    KEPT = "kept"


class Reason(StrEnum):
    """Why an alert was resolved: hits taken back or now too weak, the journey completed, or nothing new for long."""

    NONE = ""
    RETRACTED = "retracted"
    WEAKER = "weaker"
    COMPLETED = "completed"
    EXPIRED = "expired"


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an alert says of its incident. Times in ms. With `health` only the pattern and ids are told.

    `person_ids` (pseudonyms), `journey_ids` and `evidence` (keys of touchpoints) are the first few; `people` and
    `hits` count all. Value at risk is the greatest of a hit: hits of one incident speak of the same goods.
    """

    pattern: str
    pattern_version: int
    name: str
    owner: str
    meaning: str
    remedy: str
    people: int
    hits: int
    person_ids: tuple[str, ...]
    journey_ids: tuple[str, ...]
    evidence: tuple[str, ...]
    commands: tuple[str, ...]
    health: bool = False
    brand: str = ""
    task: str = ""
    channel_from: str = ""
    channel_to: str = ""
    location_id: str = ""
    first_at: int = 0
    last_at: int = 0
    detected_at: int = 0
    value_at_risk_minor: int = 0
    currency: str = ""
    confidence: float = 0.0
    path: str = ""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)


class Member(msgspec.Struct, frozen=True, array_like=True):
    """The newest word on one hit of an incident; no row: it was taken back, or (`is_weaker`) is now too weak."""

    person_id: str
    hit_id: str
    revision: int
    row: FrictionRow | None
    is_weaker: bool = False


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """The newest word on a journey that hits of an incident point to."""

    person_id: str
    journey_id: str
    revision: int
    is_completed: bool


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word on an incident. `number` counts what was told of it, `at` is when, in ms of log time.

    `severity` is the gravest since it was opened. `told` is as of the last time it was open.
    """

    incident_key: str
    number: int
    transition: Transition
    reason: Reason
    is_open: bool
    at: int
    opened_at: int
    severity: str
    told: Told
    members: tuple[Member, ...]
    marks: tuple[Mark, ...]

    @property
    def alert_id(self) -> str:
        """The id of the alert: one for each incident, for ever."""
        return alert_id(self.incident_key)

    @property
    def message_id(self) -> str:
        """The id of this transition: the same however often it is sent, another where an incident comes again."""
        return f"{self.alert_id}.{self.opened_at}.{self.number}"


class Changes(msgspec.Struct):
    """What a settle of the lifecycle came to: alerts in order, and incidents of which nothing is kept any more."""

    alerts: list[Alert] = msgspec.field(default_factory=list)
    forgotten: list[str] = msgspec.field(default_factory=list)


class Delivered(msgspec.Struct, frozen=True):
    """What became of a message at a destination: `error` is empty where it arrived."""

    message_id: str
    destination: str
    attempts: int
    error: str = ""


_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode
_DECODE: Final = msgspec.json.Decoder(Alert).decode


def alert_id(incident_key: str) -> str:
    """Name the alert of an incident."""
    return derived_id(b"alert", incident_key.encode())


def encode_alert(alert: Alert) -> bytes:
    """Write an alert as JSON; equal alerts give equal bytes."""
    return _ENCODE(alert)


def decode_alert(record: bytes) -> Alert:
    """Read what `encode_alert` wrote; msgspec.DecodeError for anything else."""
    return _DECODE(record)
