"""Words on hits and journeys, short to write."""

from schemas.alerts import Alert, Changes
from schemas.rows import FrictionRow, JourneyRow, Table, Upsert
from streams.alerting.rules import AlertRules, PatternWords

WORDS = {
    "X01": PatternWords("digital_failure_to_contact", "digital care", "They failed and phoned.", "Call back."),
    "X18": PatternWords("refill_portal_to_pharmacy_call", "pharmacy", "A refill failed.", "Settle it.", health=True),
}


def rules(**changes) -> AlertRules:
    return AlertRules(**{"patterns": WORDS, "health_tasks": frozenset({"refill"}), **changes})


def friction(person="ann", incident="i1", severity="high", **changes) -> FrictionRow:
    told = {
        "person_id": person,
        "hit_id": f"hit-{incident}",
        "pattern": "X01",
        "pattern_version": 2,
        "severity": severity,
        "confidence": 0.9,
        "score": 36.0,
        "incident_key": incident,
        "hit_key": "00",
        "brand": "grill",
        "task": "checkout",
        "channel_from": "web",
        "channel_to": "support",
        "location_id": "store-1",
        "first_at": 1_000,
        "last_at": 9_000,
        "detected_at": 9_000,
        "value_at_risk_minor": 4_200,
        "currency": "EUR",
        "evidence": ("aa", "bb"),
        "path": "web:checkout.failed",
        "parameters": {"window": "24h"},
        "journey_id": "j1",
    }
    return FrictionRow(**{**told, **changes})


def hit(revision=1, person="ann", incident="i1", severity="high", **changes) -> Upsert:
    row = friction(person, incident, severity, **changes)
    return Upsert(Table.FRICTION, (person, row.hit_id), revision, row)


def taken_back(revision=2, person="ann", incident="i1") -> Upsert:
    return Upsert(Table.FRICTION, (person, f"hit-{incident}"), revision, None)


def journey(revision=1, end_state="completed", person="ann", journey_id="j1") -> Upsert:
    row = JourneyRow(
        person_id=person, journey_id=journey_id, task="checkout", brand="grill", started_at=0, ended_at=0,
        end_state=end_state, closed=False, touchpoints=1, touches=1, channels=("web",), switches=0, errors=0,
        contacts=0, entry_channel="web", exit_channel="web", value_minor=0, currency="", continues="",
    )  # fmt: skip
    return Upsert(Table.JOURNEYS, (person, journey_id), revision, row)


def said(changes: Changes) -> list[tuple[str, str]]:
    """Each alert's incident and transition, and why."""
    return [
        (alert.incident_key, " ".join(filter(None, (alert.transition.value, alert.reason.value))))
        for alert in changes.alerts
    ]


def newest(alerts: list[Alert]) -> dict[str, Alert]:
    return {alert.incident_key: alert for alert in alerts}
