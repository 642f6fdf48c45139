"""The columns of a touchpoint, shared by the tables `touchpoints` and `late_events`."""

from schemas.touchpoint import Touchpoint
from sinks.clickhouse.kinds import (
    DAY,
    FLAG,
    HEXES,
    INTEGER,
    OPTIONAL_FLAG,
    OPTIONAL_INTEGER,
    OPTIONAL_NUMBER,
    OPTIONAL_TIME,
    PAIRS,
    TEXT,
    TEXTS,
    TIME,
)
from sinks.clickhouse.layout import Column, Group, block, columns, hexed, hexes, pairs, repeated

TOUCHPOINT_KEY = (Column("received_day", DAY), Column("key", TEXT))
TOUCHPOINT_GROUPS = (
    Group(
        "touchpoint",
        (
            *columns(TEXT, "source event_id"),
            *columns(TIME, "event_time received_at"),
            Column("content_hash", TEXT, convert=hexed),
            *(Column(name, HEXES, convert=hexes) for name in ("strong", "observed", "devices", "threads")),
            *columns(TEXT, "channel sub_channel direction name outcome outcome_reason task intent brand region locale"),
            *columns(
                TEXT, "environment sensitivity session_id visit_id campaign_id schema_version trace ip bot_reason"
            ),
            *columns(OPTIONAL_INTEGER, "duration_ms wait_ms handle_ms tz_offset_min"),
            Column("occurred_at", TIME),
            Column("sent_at", OPTIONAL_TIME),
            Column("context_carried", OPTIONAL_FLAG),
            Column("facts", PAIRS, convert=pairs),
            Column("attributes", PAIRS, convert=pairs),
            *columns(FLAG, "is_bot is_test"),
            Column("flags", TEXTS),
        ),
    ),
    Group(
        "touchpoint.location",
        (
            Column("location_id", TEXT),
            Column("location_type", TEXT, "type"),
            Column("terminal_id", TEXT),
            Column("geohash5", TEXT),
        ),
    ),
    block("step", name=TEXT, index=OPTIONAL_INTEGER, total=OPTIONAL_INTEGER),
    Group(
        "touchpoint.error",
        (
            Column("error_code", TEXT, "code"),
            Column("error_class", TEXT),
            Column("error_http_status", OPTIONAL_INTEGER, "http_status"),
            Column("error_message_hash", TEXT, "message_hash"),
        ),
    ),
    block("value", amount_minor=OPTIONAL_INTEGER, currency=TEXT, kind=TEXT),
    repeated("items", "item", sku=TEXT, qty=INTEGER, price_minor=INTEGER, category=TEXT),
    block("sentiment", score=OPTIONAL_NUMBER, label=TEXT, confidence=OPTIONAL_NUMBER, model=TEXT, source=TEXT),
    block(
        "survey",
        instrument=TEXT,
        score=OPTIONAL_NUMBER,
        scale_min=OPTIONAL_NUMBER,
        scale_max=OPTIONAL_NUMBER,
        verbatim_ref=TEXT,
        invited_by_event=TEXT,
    ),
    Group(
        "touchpoint.experiments",
        (
            Column("experiment_ids", TEXTS, "experiment_id"),
            Column("experiment_variants", TEXTS, "variant"),
            Column("experiment_units", TEXTS, "unit"),
        ),
        many=True,
    ),
    Group(
        "touchpoint.agent",
        (
            Column("agent_ref", TEXT),
            Column("agent_team", TEXT, "team"),
            Column("agent_queue", TEXT, "queue"),
            Column("agent_from_queue", TEXT, "from_queue"),
        ),
    ),
    block("engagement", scroll_pct=OPTIONAL_NUMBER, focus_ms=OPTIONAL_INTEGER, depth=OPTIONAL_INTEGER),
    block("a11y", assistive_tech=TEXT, zoom=OPTIONAL_NUMBER, contrast=TEXT, input=TEXT),
    block("promise", kind=TEXT, due_at=OPTIONAL_TIME, ref=TEXT),
    block(
        "consent",
        basis=TEXT,
        analytics=OPTIONAL_FLAG,
        personalization=OPTIONAL_FLAG,
        alerts=OPTIONAL_FLAG,
        health=OPTIONAL_FLAG,
        a11y=OPTIONAL_FLAG,
        version=TEXT,
    ),
    block("form", field_group=TEXT, field=TEXT),
    Group(
        "touchpoint.offer",
        (
            Column("offer_id", TEXT),
            Column("offer_expires_at", OPTIONAL_TIME, "expires_at"),
            Column("offer_terms_ref", TEXT, "terms_ref"),
        ),
    ),
    block("eta", due_at=OPTIONAL_TIME, previous_due_at=OPTIONAL_TIME),
    block("rx", days_supply_left=OPTIONAL_INTEGER),
    block("contact", dropped=OPTIONAL_FLAG, requested_by_agent=OPTIONAL_FLAG),
)
NO_TOUCHPOINT = Touchpoint(key=b"", source="", event_id="", event_time=0, received_at=0, content_hash=b"")
"""Stands in a retraction, which says nothing but its key."""
