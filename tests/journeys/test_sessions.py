"""Sessions: one source, one device, no pause longer than the channel's (docs/rules.md §6)."""

import pytest

from schemas.identifiers import derived_id
from tests.support.rows import sessions_of
from tests.support.touchpoints import MINUTE, SECOND, event


@pytest.mark.parametrize(
    ("channel", "sub_channel", "gap_ms"),
    [
        ("web", "", 30 * MINUTE),
        ("app", "", 5 * MINUTE),
        ("kiosk", "", 90 * SECOND),
        ("support", "phone", 10 * MINUTE),
        ("support", "chat", 15 * MINUTE),
        ("support", "ticket", 72 * 60 * MINUTE),
        ("email", "", 7 * 24 * 60 * MINUTE),
        ("delivery", "", 24 * 60 * MINUTE),
        ("store", "", 30 * MINUTE),
    ],
)
def test_a_pause_longer_than_the_gap_of_the_channel_begins_a_session(channel: str, sub_channel: str, gap_ms: int):
    first = event(0, channel, sub_channel=sub_channel)
    assert len(sessions_of(first, event(gap_ms, channel, sub_channel=sub_channel))) == 1
    assert len(sessions_of(first, event(gap_ms + 1, channel, sub_channel=sub_channel))) == 2


def test_each_source_and_device_has_sessions_of_its_own():
    told = [
        event("10:00", source="/web/a", device="d1"),
        event("10:01", source="/web/a", device="d2"),
        event("10:02", source="/web/b", device="d1"),
        event("10:03", source="/web/a"),
    ]
    assert len(sessions_of(*told)) == 4


def test_an_explicit_end_belongs_to_the_session_it_ends():
    told = [event("10:00", "kiosk"), event("10:01", "kiosk", "session.timed_out"), event("10:02", "kiosk")]
    sessions = sessions_of(*told)
    assert [session.touchpoints for session in sessions] == [2, 1]
    assert [session.ended_explicitly for session in sessions] == [True, False]


def test_an_app_in_the_background_has_not_ended_its_session():
    told = [event("10:00", "app"), event("10:01", "app", "app.backgrounded"), event("10:02", "app")]
    assert len(sessions_of(*told)) == 1


def test_messages_to_the_customer_are_in_no_session():
    assert sessions_of(event("10:00", "email", "message.sent", direction="outbound")) == []


def test_a_session_is_described_by_its_first_touchpoint_and_counts_errors_of_all():
    first = event("10:00", "kiosk", location="L1", brand="grill")
    told = [first, event("10:01", "kiosk", error="user", location="L2"), event("10:02", "kiosk", outcome="failed")]
    (session,) = sessions_of(*told)
    assert session.session_id == derived_id(first.key)
    assert (session.location_id, session.brand, session.channel) == ("L1", "grill", "kiosk")
    assert (session.touchpoints, session.errors) == (3, 2)
    assert session.ended_at - session.started_at == 2 * MINUTE
