"""Rows with every field told, and upserts of them under the keys that rows.py states."""

from typing import Any

import msgspec

from schemas.identifiers import Ident, Kind, ident
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
    Row,
    RowKey,
    SessionRow,
    Table,
    TouchpointRow,
    TransitionCell,
    Upsert,
)
from schemas.touchpoint import (
    Accessibility,
    Agent,
    Channel,
    Consent,
    Contact,
    Direction,
    Engagement,
    Error,
    ErrorClass,
    Eta,
    Experiment,
    Form,
    Item,
    Location,
    Offer,
    Outcome,
    Promise,
    Rx,
    Sensitivity,
    Sentiment,
    Step,
    Survey,
    Touchpoint,
    Value,
)

NOON = 1_782_000_000_000
MINUTE = 60_000
DAY = 86_400_000
ANNA, BERT, CARL = "a" * 32, "b" * 32, "c" * 32


def some_ident(kind: Kind, number: int) -> Ident:
    return ident(kind, number.to_bytes(16, "big"))


def touchpoint(number: int = 1, **told: object) -> Touchpoint:
    """Build a plain touchpoint on the web, numbered; its times are minutes after noon."""
    at = NOON + number * MINUTE
    fields: dict[str, Any] = {
        "key": number.to_bytes(16, "big"),
        "source": "shop-web",
        "event_id": f"event-{number}",
        "event_time": at,
        "received_at": at + 250,
        "content_hash": bytes(reversed(number.to_bytes(16, "big"))),
        "channel": Channel.WEB,
        "name": "page.viewed",
        **told,
    }
    return Touchpoint(**fields)


FULL_TOUCHPOINT = touchpoint(
    7,
    strong=(some_ident(Kind.ACCOUNT, 1), some_ident(Kind.EMAIL, 2)),
    observed=(some_ident(Kind.PHONE, 3),),
    devices=(some_ident(Kind.DEVICE, 4),),
    threads=(some_ident(Kind.ORDER, 5), some_ident(Kind.CART, 6)),
    channel=Channel.KIOSK,
    sub_channel="drive-in",
    direction=Direction.INTERNAL,
    outcome=Outcome.FAILED,
    outcome_reason="not_eligible",
    task="kiosk_order",
    intent="lunch",
    brand="Bistró",
    region="EU",
    locale="de-AT",
    environment="production",
    sensitivity=Sensitivity.PAYMENT,
    location=Location("store-12", "restaurant", "terminal-3", "u2edk"),
    step=Step("payment", 3, 5),
    error=Error("card_declined", ErrorClass.THIRD_PARTY, 502, "9f86d081"),
    value=Value(-1_299, "EUR", "refund"),
    duration_ms=8_000,
    wait_ms=1_000,
    handle_ms=2_000,
    occurred_at=NOON + 6 * MINUTE,
    sent_at=NOON + 7 * MINUTE + 1,
    tz_offset_min=-120,
    session_id="s-1",
    visit_id="v-1",
    campaign_id="spring",
    schema_version="1.2",
    items=(Item("burger", 2, 649, "food"), Item("cola", 1, 250, "drink")),
    sentiment=Sentiment(-0.5, "negative", 0.9, "m-1", "chat"),
    survey=Survey("csat", 2.0, 1.0, 5.0, "ref-1", "event-3"),
    experiments=(Experiment("e-1", "b", "device"), Experiment("e-2", "a", "person")),
    agent=Agent("agent-1", "team-1", "queue-1", "queue-0"),
    engagement=Engagement(0.75, 4_000, 3),
    a11y=Accessibility("screen_reader", 2.0, "high", "voice"),
    facts={"price": "12.99", "opening_hours": "9-17"},
    promise=Promise("callback", NOON + DAY, "promise-1"),
    consent=Consent("consent", True, True, True, True, True, "2026-01"),
    form=Form("address", "postcode"),
    offer=Offer("offer-1", NOON + 2 * DAY, "terms-1"),
    eta=Eta(NOON + 3 * MINUTE, NOON + 2 * MINUTE),
    rx=Rx(4),
    context_carried=True,
    contact=Contact(dropped=True, requested_by_agent=True),
    attributes={"ключ": "wert", "empty": ""},
    trace="00-abc-def-01",
    ip="192.0.2.1",
    is_bot=True,
    bot_reason="user_agent",
    is_test=True,
    flags=("clock_ahead", "late"),
)
_JOURNEY: tuple[Any, ...] = (
    *(ANNA, "10a1", "checkout", "bistro", NOON, NOON + DAY, "abandoned", True, 9, 8, ("kiosk", "web"), 3, 2, 1),
    *("kiosk", "web", 2_598, "EUR", "10a0", "purchase", "store-12", 86_400_000, 60_000, 5_000, 1, 4, 2, 1, 3),
    *(1, 2, 1, True, True, 3, 5, NOON + MINUTE, 1_500, 1, 0.5, -0.25, -0.75, -0.125, ("nps:9", "ces:4.5")),
    *(("exp-1:b",), ("16cd", "17ab"), 47.5, 36.25, 2, "X01"),
)
FULL_ROWS: dict[Table, Row] = {
    Table.TOUCHPOINTS: TouchpointRow(ANNA, FULL_TOUCHPOINT, "10a1"),
    Table.LATE_EVENTS: LateEventRow(300_000_000, FULL_TOUCHPOINT),
    Table.PEOPLE: PersonRow(ANNA, "strong", "01ab", ("01ab", "03cd"), ("account_id", "email"), ("limited",)),
    Table.PERSON_ALIASES: AliasRow(BERT, NOON, "03cd", "email", ANNA),
    Table.IDENTITY_LOG: IdentityLogRow(
        "link", "01ab", "account_id", "03cd", "email", "joined", "seen together", NOON, ANNA
    ),
    Table.SESSIONS: SessionRow(
        ANNA,
        "5e55",
        "shop-web",
        "web",
        "mobile",
        "bistro",
        "store-12",
        NOON,
        NOON + MINUTE,
        9,
        2,
        ended_explicitly=True,
    ),
    Table.JOURNEYS: JourneyRow(*_JOURNEY),
    Table.FRICTION: FrictionRow(
        *(ANNA, "417", "X01", 3, "high", 0.9, 36.0, "incident", "order-1", "bistro", "checkout", "web", "support"),
        *("store-12", NOON, NOON + MINUTE, NOON + 2 * MINUTE, 2_598, "EUR", ("00", "01"), "web > support"),
        *({"within": "2h"}, "10a1"),
    ),
    Table.AGG_CHANNEL_1M: ChannelCell(
        *(3, NOON, "bistro", "web", "mobile", "store-12", "payment.failed", "failed", 12, 10, 12, 900, (0, 3, 9)),
    ),
    Table.AGG_TASK_FUNNEL_5M: FunnelCell(
        *(3, NOON, "bistro", "checkout", "payment", "web", "exp-1:b", 12, 10, 1, 2, 3, 4, 2, (0, 3, 9)),
    ),
    Table.AGG_CHANNEL_TRANSITION_15M: TransitionCell(
        3, NOON, "bistro", "web", "support", "checkout", "10m", 5, 4, 3, 2, 1
    ),
    Table.AGG_LOCATION_15M: LocationCell(
        3, NOON, "bistro", "store-12", "kiosk", "kiosk_order", 12, 10, 4, 3, 2, (0, 3, 9), 6
    ),
    Table.AGG_FRICTION_5M: FrictionCell(
        3, NOON, "X01", "high", "bistro", "web", "support", "checkout", "store-12", 4, 3, 10_000
    ),
    Table.DEAD_LETTERS: DeadLetterRow(
        "events-web-3", "1007", "not_decodable", "byte 3", "shop-web", NOON, b"\x00\xff\xfe'\\", 5, "9f86", "key-1"
    ),
    Table.FRESHNESS: FreshnessRow("shop-web", NOON + DAY, 1_000, 3, 2, NOON + 7 * MINUTE),
}


def key_of(table: Table, row: Row) -> RowKey:
    """Build the key that rows.py states for the row of a table."""
    if isinstance(row, TouchpointRow | LateEventRow):
        return (row.touchpoint.received_at // DAY, row.touchpoint.key.hex())
    values = msgspec.structs.asdict(row)
    return tuple(values[name] for name in KEYS[table])


KEYS: dict[Table, tuple[str, ...]] = {
    Table.PEOPLE: ("person_id",),
    Table.PERSON_ALIASES: ("alias", "valid_from"),
    Table.IDENTITY_LOG: ("entry", "left_id", "right_id"),
    Table.SESSIONS: ("person_id", "session_id"),
    Table.JOURNEYS: ("person_id", "journey_id"),
    Table.FRICTION: ("person_id", "hit_id"),
    Table.AGG_CHANNEL_1M: (
        *("partition", "window_start", "brand", "channel", "sub_channel", "location_id", "name", "outcome"),
    ),
    Table.AGG_TASK_FUNNEL_5M: ("partition", "window_start", "brand", "task", "step_name", "channel", "variant"),
    Table.AGG_CHANNEL_TRANSITION_15M: (
        *("partition", "window_start", "brand", "channel_from", "channel_to", "task", "lag"),
    ),
    Table.AGG_LOCATION_15M: ("partition", "window_start", "brand", "location_id", "channel", "task"),
    Table.AGG_FRICTION_5M: (
        *(
            "partition",
            "window_start",
            "pattern",
            "severity",
            "brand",
            "channel_from",
            "channel_to",
            "task",
            "location_id",
        ),
    ),
    Table.DEAD_LETTERS: ("input", "position"),
    Table.FRESHNESS: ("source", "input"),
}


def upsert(table: Table, row: Row, revision: int = 1) -> Upsert:
    return Upsert(table, key_of(table, row), revision, row)


def retraction(table: Table, row: Row, revision: int) -> Upsert:
    return Upsert(table, key_of(table, row), revision, None)


def seen(number: int, person: str = ANNA, revision: int = 1, **told: object) -> Upsert:
    """Build a touchpoint of a person, as an upsert."""
    return upsert(Table.TOUCHPOINTS, TouchpointRow(person, touchpoint(number, **told)), revision)


def alias(of: str, person: str, valid_from: int = 0, revision: int = 1) -> Upsert:
    return upsert(Table.PERSON_ALIASES, AliasRow(of, valid_from, "03" + of, "email", person), revision)
