"""Rows: what Seamline publishes, one struct for each table of the warehouse, named by its columns.

A row travels in an `Upsert`: the table, the key (the columns that no correction changes, in the order of the table's
sorting key), a revision, and either the row or a retraction. Of one key the greatest revision holds. Times are integer
milliseconds since 1970 UTC; person ids and other hashes are lower-case hex.
"""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from schemas.cells import ChannelCell, FrictionCell, FunnelCell, LocationCell, TransitionCell
from schemas.touchpoint import Touchpoint

__all__ = [
    "AliasRow",
    "ChannelCell",
    "DeadLetterRow",
    "FreshnessRow",
    "FrictionCell",
    "FrictionRow",
    "FunnelCell",
    "IdentityLogRow",
    "JourneyRow",
    "KeyPart",
    "LateEventRow",
    "LocationCell",
    "PersonRow",
    "Row",
    "RowKey",
    "SessionRow",
    "Table",
    "TouchpointRow",
    "TransitionCell",
    "Upsert",
]

KeyPart: TypeAlias = str | int
RowKey: TypeAlias = tuple[KeyPart, ...]


class Table(StrEnum):
    """Every table the processors write."""

    TOUCHPOINTS = "touchpoints"
    PEOPLE = "people"
    PERSON_ALIASES = "person_aliases"
    IDENTITY_LOG = "identity_log"
    SESSIONS = "sessions"
    JOURNEYS = "journeys"
    FRICTION = "friction"
    AGG_CHANNEL_1M = "agg_channel_1m"
    AGG_TASK_FUNNEL_5M = "agg_task_funnel_5m"
    AGG_CHANNEL_TRANSITION_15M = "agg_channel_transition_15m"
    AGG_FRICTION_5M = "agg_friction_5m"
    AGG_LOCATION_15M = "agg_location_15m"
    DEAD_LETTERS = "dead_letters"
    LATE_EVENTS = "late_events"
    FRESHNESS = "freshness"


class TouchpointRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (received_day, key): received_day = received_at // 86_400_000; key = the touchpoint key in hex.

    `journey_id` is the journey it joined; empty: none.
    """

    person_id: str
    touchpoint: Touchpoint
    journey_id: str = ""


class PersonRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (person_id). `basis` is strong, device or thread; `flags` of junk, limited, quarantined."""

    person_id: str
    basis: str
    canonical: str
    identifiers: tuple[str, ...]
    kinds: tuple[str, ...]
    flags: tuple[str, ...] = ()


class AliasRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (alias, valid_from). `alias` is `person_of(identifier)`: the id this person had, were this its smallest."""

    alias: str
    valid_from: int
    identifier: str
    kind: str
    person_id: str


class IdentityLogRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (entry, left_id, right_id). `entry` is link, decision or claim; `first_seen` is when the evidence is from.

    `verdict` is joined, shared, split, allowed, limited, junk or claimed; `reason` says why in words.
    """

    entry: str
    left_id: str
    left_kind: str
    right_id: str
    right_kind: str
    verdict: str
    reason: str
    first_seen: int
    person_id: str


class SessionRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (person_id, session_id). One source, one device, no gap longer than the channel's."""

    person_id: str
    session_id: str
    source: str
    channel: str
    sub_channel: str
    brand: str
    location_id: str
    started_at: int
    ended_at: int
    touchpoints: int
    errors: int
    ended_explicitly: bool


class JourneyRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (person_id, journey_id). One person, one goal, any channels. Durations in ms, scores from 0 to 100."""

    person_id: str
    journey_id: str
    task: str
    brand: str
    started_at: int
    ended_at: int
    end_state: str
    closed: bool
    touchpoints: int
    touches: int
    channels: tuple[str, ...]
    switches: int
    errors: int
    contacts: int
    entry_channel: str
    exit_channel: str
    value_minor: int
    currency: str
    continues: str
    stage: str = ""
    location_id: str = ""
    duration_ms: int = 0
    active_ms: int = 0
    wait_ms: int = 0
    outbound_touches: int = 0
    visits: int = 0
    backtracks: int = 0
    restarts: int = 0
    retries: int = 0
    repeat_contacts: int = 0
    transfers: int = 0
    reauths: int = 0
    self_service: bool = False
    contained: bool = False
    steps_done: int = 0
    steps_total: int = 0
    completed_at: int | None = None
    value_at_risk_minor: int = 0
    seamless_switches: int = 0
    sentiment_first: float | None = None
    sentiment_last: float | None = None
    sentiment_min: float | None = None
    sentiment_slope: float | None = None
    survey: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    effort: float = 0.0
    friction_score: float = 0.0
    hits: int = 0
    top_pattern: str = ""


class FrictionRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (person_id, hit_id). One hit per (person, pattern, key); it grows instead of multiplying."""

    person_id: str
    hit_id: str
    pattern: str
    pattern_version: int
    severity: str
    confidence: float
    score: float
    incident_key: str
    hit_key: str
    brand: str
    task: str
    channel_from: str
    channel_to: str
    location_id: str
    first_at: int
    last_at: int
    detected_at: int
    value_at_risk_minor: int
    currency: str
    evidence: tuple[str, ...]
    path: str
    parameters: dict[str, str]
    journey_id: str


class DeadLetterRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (input, position). `raw` is encrypted; `raw_bytes` and `raw_hash` describe the record as it came."""

    input: str
    position: str
    reason: str
    detail: str
    source: str
    received_at: int
    raw: bytes
    raw_bytes: int
    raw_hash: str
    key_id: str


class LateEventRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (received_day, key), as for touchpoints. `lateness_ms` = received_at - event_time."""

    lateness_ms: int
    touchpoint: Touchpoint


class FreshnessRow(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Key (source, input). How far this source has been read and what became of its records.

    `input` is the partition of an input topic that counted them; empty: one reader counts them all.
    """

    source: str
    complete_up_to: int
    accepted: int
    late: int
    dead: int
    newest_event_time: int
    input: str = ""


Row = (
    TouchpointRow
    | PersonRow
    | AliasRow
    | IdentityLogRow
    | SessionRow
    | JourneyRow
    | FrictionRow
    | ChannelCell
    | FunnelCell
    | TransitionCell
    | FrictionCell
    | LocationCell
    | DeadLetterRow
    | LateEventRow
    | FreshnessRow
)


class Upsert(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The newest word on one key of one table; `row` is None for a retraction."""

    table: Table
    key: RowKey
    revision: int
    row: Row | None
