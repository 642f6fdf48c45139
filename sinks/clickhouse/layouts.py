"""Layouts: for every table, which column holds which field of its row.

The tables are made by the migrations, in the same names; the tests hold the two together, and every field of every row
against its column.
"""

from schemas.rows import (
    AliasRow,
    ChannelCell,
    DeadLetterRow,
    FreshnessRow,
    FrictionCell,
    FrictionRow,
    FunnelCell,
    IdentityLogRow,
    JourneyRow,
    LateEventRow,
    LocationCell,
    PersonRow,
    SessionRow,
    Table,
    TouchpointRow,
    TransitionCell,
)
from sinks.clickhouse.kinds import (
    BYTES,
    FLAG,
    INTEGER,
    INTEGERS,
    NUMBER,
    OPTIONAL_NUMBER,
    OPTIONAL_TIME,
    PAIRS,
    TEXT,
    TEXTS,
    TIME,
)
from sinks.clickhouse.layout import Column, Group, Layout, columns
from sinks.clickhouse.touchpoint_columns import NO_TOUCHPOINT, TOUCHPOINT_GROUPS, TOUCHPOINT_KEY


def _flat(*columns: Column) -> tuple[Group, ...]:
    return (Group("", columns),)


_LAYOUTS = (
    Layout(
        Table.TOUCHPOINTS,
        TouchpointRow,
        TOUCHPOINT_KEY,
        (Group("", columns(TEXT, "person_id journey_id")), *TOUCHPOINT_GROUPS),
        TouchpointRow("", NO_TOUCHPOINT),
    ),
    Layout(
        Table.LATE_EVENTS,
        LateEventRow,
        TOUCHPOINT_KEY,
        (Group("", (Column("lateness_ms", INTEGER),)), *TOUCHPOINT_GROUPS),
        LateEventRow(0, NO_TOUCHPOINT),
    ),
    Layout(
        Table.PEOPLE,
        PersonRow,
        columns(TEXT, "person_id"),
        _flat(*columns(TEXT, "basis canonical"), *columns(TEXTS, "identifiers kinds flags")),
        PersonRow("", "", "", (), ()),
    ),
    Layout(
        Table.PERSON_ALIASES,
        AliasRow,
        (Column("alias", TEXT), Column("valid_from", TIME)),
        _flat(*columns(TEXT, "identifier kind person_id")),
        AliasRow("", 0, "", "", ""),
    ),
    Layout(
        Table.IDENTITY_LOG,
        IdentityLogRow,
        columns(TEXT, "entry left_id right_id"),
        _flat(
            *columns(TEXT, "left_kind right_kind verdict reason"), Column("first_seen", TIME), Column("person_id", TEXT)
        ),
        IdentityLogRow("", "", "", "", "", "", "", 0, ""),
    ),
    Layout(
        Table.SESSIONS,
        SessionRow,
        columns(TEXT, "person_id session_id"),
        _flat(
            *columns(TEXT, "source channel sub_channel brand location_id"),
            *columns(TIME, "started_at ended_at"),
            *columns(INTEGER, "touchpoints errors"),
            Column("ended_explicitly", FLAG),
        ),
        SessionRow("", "", "", "", "", "", "", 0, 0, 0, 0, ended_explicitly=False),
    ),
    Layout(
        Table.JOURNEYS,
        JourneyRow,
        columns(TEXT, "person_id journey_id"),
        _flat(
            *columns(TEXT, "task brand"),
            *columns(TIME, "started_at ended_at"),
            Column("end_state", TEXT),
            Column("closed", FLAG),
            *columns(INTEGER, "touchpoints touches"),
            Column("channels", TEXTS),
            *columns(INTEGER, "switches errors contacts"),
            *columns(TEXT, "entry_channel exit_channel"),
            Column("value_minor", INTEGER),
            *columns(TEXT, "currency continues stage location_id"),
            *columns(INTEGER, "duration_ms active_ms wait_ms outbound_touches visits backtracks restarts retries"),
            *columns(INTEGER, "repeat_contacts transfers reauths"),
            *columns(FLAG, "self_service contained"),
            *columns(INTEGER, "steps_done steps_total"),
            Column("completed_at", OPTIONAL_TIME),
            *columns(INTEGER, "value_at_risk_minor seamless_switches"),
            *columns(OPTIONAL_NUMBER, "sentiment_first sentiment_last sentiment_min sentiment_slope"),
            *columns(TEXTS, "survey variants cases"),
            *columns(NUMBER, "effort friction_score"),
            Column("hits", INTEGER),
            Column("top_pattern", TEXT),
        ),
        JourneyRow("", "", "", "", 0, 0, "", False, 0, 0, (), 0, 0, 0, "", "", 0, "", ""),
    ),
    Layout(
        Table.FRICTION,
        FrictionRow,
        columns(TEXT, "person_id hit_id"),
        _flat(
            Column("pattern", TEXT),
            Column("pattern_version", INTEGER),
            Column("severity", TEXT),
            *columns(NUMBER, "confidence score"),
            *columns(TEXT, "incident_key hit_key brand task channel_from channel_to location_id"),
            *columns(TIME, "first_at last_at detected_at"),
            Column("value_at_risk_minor", INTEGER),
            Column("currency", TEXT),
            Column("evidence", TEXTS),
            Column("path", TEXT),
            Column("parameters", PAIRS),
            Column("journey_id", TEXT),
        ),
        FrictionRow(
            *("", "", "", 0, "", 0.0, 0.0, "", "", "", "", "", "", "", 0, 0, 0, 0, "", (), "", {}, ""),
        ),
    ),
    Layout(
        Table.AGG_CHANNEL_1M,
        ChannelCell,
        (
            Column("partition", INTEGER),
            Column("window_start", TIME),
            *columns(TEXT, "brand channel sub_channel location_id name outcome"),
        ),
        _flat(*columns(INTEGER, "events people errors value_minor"), Column("duration_buckets", INTEGERS)),
        ChannelCell(0, 0, "", "", "", "", "", "", 0, 0, 0, 0, ()),
    ),
    Layout(
        Table.AGG_TASK_FUNNEL_5M,
        FunnelCell,
        (
            Column("partition", INTEGER),
            Column("window_start", TIME),
            *columns(TEXT, "brand task step_name channel variant"),
        ),
        _flat(
            *columns(INTEGER, "events people started progressed completed failed abandoned"),
            Column("duration_buckets", INTEGERS),
        ),
        FunnelCell(0, 0, "", "", "", "", "", 0, 0, 0, 0, 0, 0, 0, ()),
    ),
    Layout(
        Table.AGG_CHANNEL_TRANSITION_15M,
        TransitionCell,
        (
            Column("partition", INTEGER),
            Column("window_start", TIME),
            *columns(TEXT, "brand channel_from channel_to task lag"),
        ),
        _flat(*columns(INTEGER, "transitions people seamless converted with_friction")),
        TransitionCell(0, 0, "", "", "", "", "", 0, 0, 0, 0, 0),
    ),
    Layout(
        Table.AGG_FRICTION_5M,
        FrictionCell,
        (
            Column("partition", INTEGER),
            Column("window_start", TIME),
            *columns(TEXT, "pattern severity brand channel_from channel_to task location_id"),
        ),
        _flat(*columns(INTEGER, "hits people value_at_risk_minor")),
        FrictionCell(0, 0, "", "", "", "", "", "", "", 0, 0, 0),
    ),
    Layout(
        Table.AGG_LOCATION_15M,
        LocationCell,
        (
            Column("partition", INTEGER),
            Column("window_start", TIME),
            *columns(TEXT, "brand location_id channel task"),
        ),
        _flat(
            *columns(INTEGER, "events people completed failed abandoned"),
            Column("wait_buckets", INTEGERS),
            Column("hits", INTEGER),
        ),
        LocationCell(0, 0, "", "", "", "", 0, 0, 0, 0, 0, (), 0),
    ),
    Layout(
        Table.DEAD_LETTERS,
        DeadLetterRow,
        columns(TEXT, "input position"),
        _flat(
            *columns(TEXT, "reason detail source"),
            Column("received_at", TIME),
            Column("raw", BYTES),
            Column("raw_bytes", INTEGER),
            *columns(TEXT, "raw_hash key_id"),
        ),
        DeadLetterRow("", "", "", "", "", 0, b"", 0, "", ""),
    ),
    Layout(
        Table.FRESHNESS,
        FreshnessRow,
        columns(TEXT, "source input"),
        _flat(
            Column("complete_up_to", TIME), *columns(INTEGER, "accepted late dead"), Column("newest_event_time", TIME)
        ),
        FreshnessRow("", 0, 0, 0, 0, 0),
    ),
)
LAYOUTS: dict[Table, Layout] = {layout.table: layout for layout in _LAYOUTS}
