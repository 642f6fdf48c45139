"""Messages of the Segment specification, new and old, become native events."""

from typing import Any

import pytest

from schemas.identifiers import Kind
from schemas.touchpoint import Channel, Direction, Item, Outcome, Value
from streams.intake.adapters.segment_names import CALLS, MEANINGS, meaning_of
from streams.intake.check import is_name
from tests.intake.builders import NOON, Taken, named, take

AT = "2025-12-31T12:00:00Z"


def message(**fields: Any) -> dict[str, Any]:
    plain = {"type": "track", "event": "Product Viewed", "messageId": "m1", "timestamp": AT, "anonymousId": "c1"}
    return {name: value for name, value in {**plain, **fields}.items() if value is not None}


def segment(*told: Any, **more: Any) -> Taken:
    return take(*told, adapter="segment", **more)


@pytest.mark.parametrize(
    ("event", "name", "channel"),
    [
        ("Product Added", "item.added", Channel.UNKNOWN),
        ("Added Product", "item.added", Channel.UNKNOWN),
        ("Checkout Started", "checkout.started", Channel.UNKNOWN),
        ("Order Completed", "order.placed", Channel.UNKNOWN),
        ("Live Chat Conversation Started", "contact.started", Channel.SUPPORT),
        ("Email Link Clicked", "message.clicked", Channel.EMAIL),
        ("Application Crashed", "app.crashed", Channel.APP),
        ("Push Notification Tapped", "push.opened", Channel.PUSH),
        ("Signed Out", "identity.reset", Channel.UNKNOWN),
        ("  signed   IN ", "auth.succeeded", Channel.UNKNOWN),
        ("Course Clicked", "track.course_clicked", Channel.UNKNOWN),
        ("Ünïcode & Co. (2)", "track.unicode_co_2", Channel.UNKNOWN),
    ],
)
def test_title_case_names_become_ours(event: str, name: str, channel: Channel):
    touchpoint = segment(message(event=event)).touchpoint
    assert (touchpoint.name, touchpoint.channel) == (name, channel)


def test_every_known_meaning_is_a_name_and_a_channel_that_exist():
    for meaning in (*MEANINGS.values(), *CALLS.values()):
        assert is_name(meaning.name)
        assert meaning.channel in ("", *Channel)
        assert meaning.direction in tuple(Direction)
        assert meaning.outcome in ("", *Outcome)


@pytest.mark.parametrize("event", ["x" * 300, "a b " * 40, "9 lives"])
def test_names_nobody_listed_stay_within_the_pattern(event: str):
    name = meaning_of(event).name
    assert is_name(name)
    assert len(name) <= 64


@pytest.mark.parametrize(
    ("call", "name", "channel"),
    [
        ("identify", "identity.linked", "web"),
        ("alias", "identity.linked", "web"),
        ("group", "group.joined", "web"),
        ("page", "page.viewed", "web"),
        ("screen", "screen.viewed", "app"),
    ],
)
def test_calls_without_an_event_have_names_of_their_own(call: str, name: str, channel: str):
    touchpoint = segment(message(type=call, event=None, channel="browser")).touchpoint
    assert (touchpoint.name, touchpoint.channel) == (name, Channel(channel))


def test_user_is_firm_and_browser_is_a_device():
    touchpoint = segment(message(userId="U1")).touchpoint
    assert touchpoint.strong == (named(Kind.ACCOUNT, "u1"),)
    assert touchpoint.devices == (named(Kind.ANONYMOUS, "c1"),)


def test_alias_names_both():
    touchpoint = segment(message(type="alias", previousId="old", userId="U1", anonymousId=None)).touchpoint
    assert touchpoint.strong == (named(Kind.ACCOUNT, "u1"),)
    assert touchpoint.devices == (named(Kind.ANONYMOUS, "old"),)
    mailed = segment(message(type="alias", previousId="Jen@example.com", userId="U1")).touchpoint
    assert mailed.strong == (named(Kind.ACCOUNT, "u1"), named(Kind.EMAIL, "jen@example.com"))


def test_traits_tell_email_and_device_of_the_app():
    context = {"traits": {"email": "ada@example.com"}, "device": {"id": "D1", "token": "T1"}, "ip": "198.18.0.1"}
    touchpoint = segment(message(context=context)).touchpoint
    assert touchpoint.strong == (named(Kind.EMAIL, "ada@example.com"),)
    assert [device[0] for device in touchpoint.devices] == [10, 11, 12]
    assert touchpoint.ip == "198.18.0.1"


def test_older_pages_write_snake_case_and_action():
    old = {"action": "track", "user_id": "U1", "event": "Email Opened", "message_id": "m1", "timestamp": AT}
    new = message(event="Email Opened", userId="U1", anonymousId=None)
    assert segment(old).touchpoint == segment(new).touchpoint


@pytest.mark.parametrize(
    ("library", "word", "channel"),
    [
        ("analytics.js", None, "web"),
        ("analytics-ios", None, "app"),
        ("analytics-android", "browser", "app"),
        ("analytics-react-native", None, "app"),
        (None, "mobile", "app"),
        ("analytics-python", None, "unknown"),
        (None, "server", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_channel_follows_the_library_and_then_the_messages_word(library: str | None, word: str | None, channel: str):
    told = message(event="Course Clicked", channel=word, context={"library": {"name": library}})
    assert segment(told).touchpoint.channel.value == channel


def test_order_brings_its_value_items_and_thread():
    products = [{"sku": "A", "price": 19.99, "quantity": 2, "category": "Games"}, {"product_id": "B"}, "nonsense"]
    properties = {"order_id": "O1", "revenue": 25.5, "currency": "usd", "products": products}
    touchpoint = segment(message(event="Order Completed", properties=properties)).touchpoint
    assert touchpoint.value == Value(2550, "USD", "revenue")
    assert touchpoint.items == (Item("A", 2, 1999, "Games"), Item("B"))
    assert touchpoint.threads == (named(Kind.ORDER, "o1"),)
    assert (touchpoint.task, touchpoint.outcome) == ("checkout", Outcome.COMPLETED)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (10, "EUR", 1000),
        ("10.005", "EUR", 1000),
        (500, "JPY", 500),
        (1.2345, "KWD", 1234),
        (-5, "EUR", -500),
        ("ten", "EUR", None),
        (True, "EUR", None),
        (1e300, "EUR", None),
        (5, "", None),
        ("NaN", "EUR", None),
    ],
)
def test_amounts_become_minor_units(amount: object, currency: str, minor: int | None):
    properties = {"order_id": "O1", "total": amount, "currency": currency}
    value = segment(message(event="Order Completed", properties=properties)).touchpoint.value
    assert (None if value is None else value.amount_minor) == minor


def test_chat_is_a_thread_of_support():
    told = message(event="Live Chat Message Received", properties={"conversation_id": "K1"})
    touchpoint = segment(told).touchpoint
    assert (touchpoint.channel, touchpoint.sub_channel, touchpoint.direction) == (
        Channel.SUPPORT,
        "chat",
        Direction.OUTBOUND,
    )
    assert touchpoint.threads == (named(Kind.TICKET, "k1"),)


def test_only_listed_properties_are_kept():
    properties = {"url": "/x", "first_name": "Peter", "email": "p@example.com", "message_body": "secret", "rating": 5}
    assert segment(message(properties=properties)).touchpoint.attributes == {"url": "/x", "rating": "5"}


def test_missing_message_id_is_made_of_the_content_and_not_of_its_delivery():
    first = segment(message(messageId=None, receivedAt=AT)).touchpoint
    again = segment(message(messageId=None, receivedAt="2025-12-31T12:00:09Z")).touchpoint
    other = segment(message(messageId=None, receivedAt=AT, event="Product Added")).touchpoint
    assert first.event_id == again.event_id != other.event_id


def test_message_without_any_time_takes_its_records_or_is_dead():
    assert segment(message(timestamp=None)).reasons == ["no_time"]
    touchpoint = segment(message(timestamp=None), timestamp=NOON).touchpoint
    assert (touchpoint.event_time, touchpoint.received_at) == (NOON, NOON)


def test_corrected_time_is_not_corrected_twice_and_an_original_one_is():
    stamps = {"sentAt": "2025-12-31T12:00:10Z", "receivedAt": "2025-12-31T13:00:00Z"}
    corrected = segment(message(timestamp="2025-12-31T12:59:50Z", **stamps)).touchpoint
    assert corrected.event_time == NOON + 3_590_000
    original = segment(message(timestamp=None, originalTimestamp=AT, **stamps)).touchpoint
    assert original.event_time == NOON + 3_590_000


def test_batch_and_array_count_each_message():
    batch = {"batch": [message(messageId="a"), message(messageId="b"), {"type": "track"}], "sentAt": AT}
    assert segment(batch).ledger.totals() == {"in": 3, "accepted": 2, "late": 0, "dead": 1}
    assert segment([message(messageId="a"), message(messageId="b")]).ledger.accepted == 2


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (message(event=None), "no_name"),
        (message(event={"nested": 1}), "wrong_type"),
        (message(type="dance"), "wrong_type"),
        (message(type=None), "wrong_type"),
        (message(timestamp="yesterday"), "unreadable_time"),
        (message(timestamp={"a": 1}), "wrong_type"),
        ([1], "not_an_object"),
        (b"{", "not_decodable"),
        (message(event="Order Completed", properties={"products": [{"sku": "A"}] * 60}), "list_too_long"),
    ],
)
def test_message_that_is_none_is_a_dead_letter(told: object, reason: str):
    assert segment(told).reasons == [reason]
