"""The shape of what is compared: which fields of which row, for each table. Free text and buckets are left out."""

from typing import TypeAlias

RowKey: TypeAlias = tuple[str | int, ...]
Rows: TypeAlias = dict[RowKey, tuple[object, ...]]
Tables: TypeAlias = dict[str, Rows]

TOUCHPOINT = (
    "source", "event_id", "event_time", "received_at", "strong", "devices", "threads", "channel",
    "sub_channel", "direction", "name", "outcome", "task", "intent", "brand", "visit_id",
)  # fmt: skip

FIELDS: dict[str, tuple[str, ...]] = {
    "touchpoints": ("person_id", *(f"touchpoint.{name}" for name in TOUCHPOINT)),
    "late_events": ("lateness_ms", *(f"touchpoint.{name}" for name in TOUCHPOINT)),
    "people": ("basis", "canonical", "identifiers", "kinds"),
    "person_aliases": ("identifier", "kind", "person_id"),
    "identity_log": ("left_kind", "right_kind", "verdict", "first_seen", "person_id"),
    "sessions": (
        "source", "channel", "sub_channel", "brand", "location_id", "started_at", "ended_at", "touchpoints", "errors",
        "ended_explicitly",
    ),
    "journeys": (
        "task", "brand", "started_at", "ended_at", "end_state", "closed", "touchpoints", "touches", "channels",
        "switches", "errors", "contacts", "entry_channel", "exit_channel", "value_minor", "currency", "continues",
    ),
    "friction": (
        "severity", "brand", "task", "channel_from", "channel_to", "location_id", "first_at", "last_at", "detected_at",
        "evidence",
    ),
    "agg_channel_1m": ("events", "people", "errors", "value_minor"),
    "agg_friction_5m": ("hits", "people"),
}  # fmt: skip
