# ruff: noqa: RUF001 - characters that look alike are what some of these tests are about
"""Times are read strictly and corrected as docs/rules.md 1.2 and 1.3 say."""

import msgspec
import pytest

from streams.intake.times import event_time_of, parse_time
from tests.intake.builders import HOUR, MINUTE, NOON, RULES, event, take

DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("told", "time"),
    [
        (0, 0),
        (NOON, NOON),
        ("2025-12-31T12:00:00Z", NOON),
        ("2025-12-31t12:00:00z", NOON),
        ("2025-12-31 12:00:00+00:00", NOON),
        ("2025-12-31T13:30:00.5+01:30", NOON + 500),
        ("2025-12-31T12:00:00.123456789Z", NOON + 123),
        ("1970-01-01T00:00:00.001Z", 1),
        ("2100-01-01T00:00:00Z", 4_102_444_800_000),
    ],
)
def test_epoch_milliseconds_and_rfc_3339_are_read(told: int | str, time: int):
    assert parse_time(told) == time


@pytest.mark.parametrize(
    "told",
    [
        -1,
        10**15,
        "",
        "now",
        "2025-12-31",
        "2025-12-31T12:00:00",
        "20251231T120000Z",
        "2025-W01-1T12:00:00Z",
        "1767182400000",
        "2025-13-31T12:00:00Z",
        "2025-12-31T25:00:00Z",
        "1969-12-31T23:59:59Z",
        "2025-12-31T12:00:00+99:00",
        "２０２５-12-31T12:00:00Z",
    ],
)
def test_anything_else_is_no_time(told: int | str):
    assert parse_time(told) is None


@pytest.mark.parametrize(
    ("occurred", "sent", "received", "at", "expected"),
    [
        (0, None, None, 500, 0),
        (900, None, None, 500, 500),
        (0, 1000, 1000 + 2000, 3000, 0),
        (0, 1000, 1000 + 2001, 3001, 2001),
        (-DAY, 0, 2 * DAY, 2 * DAY, DAY),
        (500, 0, 10_000, 10_000, 10_000),
        (100, 5000, None, 9000, 100),
    ],
    ids=[
        "as told",
        "clock ahead",
        "skew of two seconds",
        "skew beyond",
        "clock two days behind",
        "future",
        "one stamp",
    ],
)
def test_event_time(occurred: int, sent: int | None, received: int | None, at: int, expected: int):
    assert event_time_of(occurred, sent, received, at) == expected


def test_received_at_is_the_envelopes_then_the_logs_then_sent_then_occurred():
    assert take(event(received_at=NOON + 4, sent_at=NOON + 2), timestamp=NOON + 3).touchpoint.received_at == NOON + 4
    assert take(event(sent_at=NOON + 2), timestamp=NOON + 3).touchpoint.received_at == NOON + 3
    assert take(event(sent_at=NOON + 2)).touchpoint.received_at == NOON + 2
    assert take(event()).touchpoint.received_at == NOON


def test_kiosk_clock_two_days_ahead_is_corrected():
    told = event(occurred_at=NOON + 2 * DAY - MINUTE, sent_at=NOON + 2 * DAY, received_at=NOON)
    assert take(told).touchpoint.event_time == NOON - MINUTE


def test_late_begins_just_beyond_the_horizon():
    on_time = take(event(occurred_at=NOON - 72 * HOUR, received_at=NOON))
    late = take(event(occurred_at=NOON - 72 * HOUR - 1, received_at=NOON))
    assert (on_time.ledger.accepted, on_time.ledger.late) == (1, 0)
    assert (late.ledger.accepted, late.ledger.late) == (0, 1)
    assert late.late[0].lateness_ms == 72 * HOUR + 1


def test_the_year_1970_is_late_and_2100_is_clamped():
    assert take(event(occurred_at=0), timestamp=NOON).ledger.late == 1
    assert take(event(occurred_at="2100-01-01T00:00:00Z"), timestamp=NOON).touchpoint.event_time == NOON


def test_received_ahead_of_the_clock_is_a_dead_letter_that_moves_no_log_time():
    rules = msgspec.structs.replace(RULES, received_before=NOON + DAY)
    for told in (event(occurred_at="2100-01-01T00:00:00Z"), event(received_at="2100-01-01T00:00:00Z")):
        taken = take(told, rules=rules)
        assert [row.reason for row in taken.dead] == ["future_time"]
        assert taken.ledger.sources["/web/shop"].newest_received_at == -1
    assert take(event(received_at=NOON + DAY - 1), rules=rules).ledger.accepted == 1


@pytest.mark.parametrize("field", ["occurred_at", "sent_at", "received_at"])
def test_unreadable_time_is_a_dead_letter(field: str):
    taken = take(event(**{field: "yesterday"}))
    assert [(row.reason, row.detail, row.source) for row in taken.dead] == [("unreadable_time", field, "/web/shop")]


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ({"promise": {"kind": "refund", "due_at": "soon"}}, "promise.due_at"),
        ({"offer": {"offer_id": "o", "expires_at": "soon"}}, "offer.expires_at"),
        ({"eta": {"due_at": NOON, "previous_due_at": "soon"}}, "eta.previous_due_at"),
    ],
)
def test_unreadable_time_in_a_block_is_a_dead_letter_that_names_it(block: dict, field: str):
    assert [(row.reason, row.detail) for row in take(event(**block)).dead] == [("unreadable_time", field)]
