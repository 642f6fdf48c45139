"""The body of a message, as receivers read it. Its JSON Schema is made from these structs (`seamline alerts schema`).

All texts come from events and are a stranger's: escape them wherever they are shown.
"""

from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from schemas.alerts import Alert, Told, Transition
from sinks.alerts.destination import Message


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happened; a text is empty where it is not known."""

    brand: str
    task: str
    channel_from: str
    """Channel of the first item."""
    channel_to: str
    """Channel it led to."""
    location_id: str


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """Value at risk, in the currency's minor unit."""

    amount_minor: int
    currency: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The pattern that matched, and on what."""

    pattern: str
    version: int
    name: str
    meaning: str
    confidence: float | None
    """From 0 to 1."""
    parameters: dict[str, str]
    """The pattern's parameters that held."""
    path: str
    """The evidence in a line: channel and name of each touchpoint."""
    evidence: list[str]
    """Keys of the touchpoints; twenty at most."""


class AlertData(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as of this transition. Where `health` is true all but the pattern and ids is left out."""

    alert_id: str
    """The same for all transitions of an incident."""
    incident_key: str
    number: int
    """Counts transitions: a smaller number that arrives later is old news."""
    state: Literal["open", "resolved"]
    reason: Literal["", "retracted", "weaker", "completed", "expired"]
    """Why it was resolved."""
    severity: Literal["info", "low", "medium", "high", "critical"]
    """The gravest since it was opened."""
    opened_at: str
    owner: str
    """Who acts on this pattern."""
    remedy: str
    """What can be done."""
    people: int
    hits: int
    person_ids: list[str]
    """Pseudonyms; ten at most, `people` counts all."""
    journey_ids: list[str]
    health: bool
    where: Where | None
    first_at: str | None
    """When the first item happened."""
    last_at: str | None
    detected_at: str | None
    value_at_risk: Worth | None
    why: Why
    commands: list[str]
    """What shows more, typed where Seamline runs."""


class AlertMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One transition of one alert. Times are RFC 3339 in UTC."""

    type: Literal["friction.opened", "friction.updated", "friction.resolved", "friction.test"]
    timestamp: str
    """When it was decided: by the time of the log without a broker, by the machine's clock with one."""
    data: AlertData


_ENCODE: Final = msgspec.json.Encoder().encode


def message_of(alert: Alert) -> Message:
    """Write the message of an alert's newest transition."""
    return Message(alert.message_id, alert.alert_id, _ENCODE(body_of(alert)))


def message_schema() -> dict[str, object]:
    """Give the JSON Schema of the body."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(AlertMessage)}


def body_of(alert: Alert, *, is_test: bool = False) -> AlertMessage:
    """Say what may leave the house."""
    if alert.transition is Transition.KEPT:
        raise ValueError(f"{alert.message_id}: nothing is told of what was only kept")
    told = alert.told
    return AlertMessage(
        type="friction.test" if is_test else _TYPES[alert.transition],
        timestamp=_rfc3339(alert.at),
        data=AlertData(
            alert_id=alert.alert_id,
            incident_key=alert.incident_key,
            number=alert.number,
            state="open" if alert.is_open else "resolved",
            reason=alert.reason.value,
            severity=_severity(alert.severity),
            opened_at=_rfc3339(alert.opened_at),
            owner=told.owner,
            remedy=told.remedy,
            people=told.people,
            hits=told.hits,
            person_ids=list(told.person_ids),
            journey_ids=list(told.journey_ids),
            health=told.health,
            where=_where(told),
            first_at=_rfc3339(told.first_at) if told.first_at else None,
            last_at=_rfc3339(told.last_at) if told.last_at else None,
            detected_at=_rfc3339(told.detected_at) if told.detected_at else None,
            value_at_risk=_worth(told),
            why=_why(told),
            commands=list(told.commands),
        ),
    )


_TYPES: Final[dict[Transition, Literal["friction.opened", "friction.updated", "friction.resolved"]]] = {
    Transition.OPENED: "friction.opened",
    Transition.UPDATED: "friction.updated",
    Transition.RESOLVED: "friction.resolved",
}


def _severity(text: str) -> Literal["info", "low", "medium", "high", "critical"]:
    told: Literal["info", "low", "medium", "high", "critical"] = msgspec.convert(
        text, Literal["info", "low", "medium", "high", "critical"]
    )
    return told


def _where(told: Told) -> Where | None:
    if told.health:
        return None
    names = Where.__struct_fields__
    return Where(**{name: getattr(told, name) for name in names})


def _worth(told: Told) -> Worth | None:
    return Worth(amount_minor=told.value_at_risk_minor, currency=told.currency) if told.value_at_risk_minor else None


def _why(told: Told) -> Why:
    return Why(
        pattern=told.pattern,
        version=told.pattern_version,
        name=told.name,
        meaning=told.meaning,
        confidence=told.confidence or None,
        parameters=told.parameters,
        path=told.path,
        evidence=list(told.evidence),
    )


def _rfc3339(instant_ms: int) -> str:
    moment = datetime.fromtimestamp(instant_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant_ms % 1000:03d}Z"
