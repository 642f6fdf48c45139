"""The shape of what is compared: which fields of which row, for each table. Free text is left out."""

from typing import TypeAlias

RowKey: TypeAlias = tuple[str | int, ...]
Rows: TypeAlias = dict[RowKey, tuple[object, ...]]
Tables: TypeAlias = dict[str, Rows]

TOUCHPOINT = (
    "source", "event_id", "event_time", "received_at", "strong", "devices", "threads", "channel",
    "sub_channel", "direction", "name", "outcome", "task", "intent", "brand", "visit_id",
)  # fmt: skip

FIELDS: dict[str, tuple[str, ...]] = {
    "touchpoints": ("person_id", *(f"touchpoint.{name}" for name in TOUCHPOINT), "journey_id"),
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
        "stage", "location_id", "duration_ms", "active_ms", "wait_ms", "outbound_touches", "visits", "backtracks",
        "restarts", "retries", "repeat_contacts", "transfers", "reauths", "self_service", "contained", "steps_done",
        "steps_total", "completed_at", "value_at_risk_minor", "seamless_switches", "sentiment_first", "sentiment_last",
        "sentiment_min", "sentiment_slope", "survey", "variants", "cases", "effort", "friction_score", "hits",
        "top_pattern",
    ),
    "friction": (
        "hit_id", "severity", "confidence", "score", "brand", "task", "channel_from", "channel_to", "location_id",
        "first_at", "last_at", "detected_at", "value_at_risk_minor", "currency", "evidence", "journey_id",
    ),
    "agg_channel_1m": ("events", "people", "errors", "value_minor", "duration_buckets"),
    "agg_task_funnel_5m": (
        "events", "people", "started", "progressed", "completed", "failed", "abandoned", "duration_buckets",
    ),
    "agg_channel_transition_15m": ("transitions", "people", "seamless", "converted", "with_friction"),
    "agg_friction_5m": ("hits", "people", "value_at_risk_minor"),
    "agg_location_15m": ("events", "people", "completed", "failed", "abandoned", "wait_buckets", "hits"),
}  # fmt: skip
CELLS = tuple(name for name in FIELDS if name.startswith("agg_"))
