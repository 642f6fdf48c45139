"""Avro and JSON outside: what comes back is what was written, and bad bytes are one typed error."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codecs import (
    EVENT_SCHEMA_ID,
    AvroSchemas,
    FramingError,
    TooLarge,
    Unencodable,
    UnknownSchema,
    avro_fields,
    decode_json,
    frame,
    packaged_schema,
    unframe,
)
from schemas.formats import CodecError, Undecodable
from schemas.linter import RefusedSchema
from schemas.wire import EVENT_BYTES_MAX, WireEvent
from tests.support.examples import example_events

AVRO = AvroSchemas()
EXAMPLES = example_events()
PLAIN = WireEvent(event_id="1", source="s", channel="web", name="a.b", occurred_at=1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_survives_json(name: str) -> None:
    assert decode_json(msgspec.json.encode(EXAMPLES[name])) == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_survives_avro_with_times_in_milliseconds(name: str) -> None:
    normal = msgspec.convert(avro_fields(EXAMPLES[name]), WireEvent)
    assert AVRO.decode(AVRO.encode(EXAMPLES[name])) == normal
    assert isinstance(normal.occurred_at, int)


def test_date_time_with_offset_becomes_the_same_instant() -> None:
    event = msgspec.structs.replace(PLAIN, occurred_at="2026-03-02T11:00:00.123+01:00")
    assert AVRO.decode(AVRO.encode(event)).occurred_at == 1772445600123


@pytest.mark.parametrize("told", ["yesterday", "2026-03-02T11:00:00"])
def test_date_time_that_names_no_instant_is_not_encoded(told: str) -> None:
    with pytest.raises(Unencodable):
        AVRO.encode(msgspec.structs.replace(PLAIN, occurred_at=told))


def test_unknown_words_are_written_as_unknown() -> None:
    event = decode_json(
        b'{"event_id":"1","source":"s","channel":"fax","name":"a.b","occurred_at":1,"error":{"class":"gremlin"}}'
    )
    back = AVRO.decode(AVRO.encode(event))
    assert (back.channel, back.error and back.error.error_class) == ("unknown", "unknown")


def test_facts_are_free_text_even_where_they_are_called_like_a_field() -> None:
    event = msgspec.structs.replace(PLAIN, facts={"due_at": "soon", "channel": "fax"})
    assert AVRO.decode(AVRO.encode(event)).facts == {"due_at": "soon", "channel": "fax"}


def test_unknown_json_fields_are_ignored() -> None:
    assert decode_json(b'{"event_id":"1","novelty":{"deep":[1]}}') == WireEvent(event_id="1")


def test_missing_required_field_is_not_encodable_as_avro() -> None:
    with pytest.raises(Unencodable):
        AVRO.encode(WireEvent(event_id="1"))


def test_framing_is_a_zero_byte_and_four_bytes_of_id() -> None:
    assert frame(258, b"xy") == b"\x00\x00\x00\x01\x02xy"
    assert unframe(b"\x00\x00\x00\x01\x02xy") == (258, b"xy")


@pytest.mark.parametrize("message", [b"", b"\x00", b"\x00\x00\x00\x00", b"\x01\x00\x00\x00\x01x", b'{"event_id":1}'])
def test_message_without_framing_is_refused(message: bytes) -> None:
    with pytest.raises(FramingError):
        AVRO.decode(message)


def test_unknown_schema_id_is_named() -> None:
    with pytest.raises(UnknownSchema, match="77"):
        AVRO.decode(frame(77, b"x"))


def test_message_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        AVRO.decode(b"\x00" * (EVENT_BYTES_MAX + 1))
    with pytest.raises(TooLarge):
        decode_json(b" " * (EVENT_BYTES_MAX + 1))


def test_bytes_left_over_after_the_datum_are_refused() -> None:
    with pytest.raises(Undecodable, match="1 bytes left over"):
        AVRO.decode(AVRO.encode(PLAIN) + b"\x00")


def test_every_truncation_is_refused() -> None:
    message = AVRO.encode(EXAMPLES["web.checkout_failed"])
    for length in range(len(message)):
        with pytest.raises(CodecError):
            AVRO.decode(message[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_codec_error(body: bytes) -> None:
    for decode, message in ((AVRO.decode, frame(EVENT_SCHEMA_ID, body)), (AVRO.decode, body), (decode_json, body)):
        with suppress(CodecError):
            assert isinstance(decode(message), WireEvent)


@given(st.sampled_from(sorted(EXAMPLES)), st.integers(min_value=5), st.binary(min_size=1, max_size=3))
def test_damaged_event_is_an_event_or_a_codec_error(name: str, at: int, damage: bytes) -> None:
    message = AVRO.encode(EXAMPLES[name])
    at = 5 + at % (len(message) - 5)
    with suppress(CodecError):
        assert isinstance(AVRO.decode(message[:at] + damage + message[at + len(damage) :]), WireEvent)


@pytest.mark.parametrize(
    "message",
    [b"[" * 50_000, b'{"a":' * 9_000, b'{"event_id":"\\ud800"}', b'{"duration_ms":NaN}', b"null", b'"x"', b"\xff\xfe"],
)
def test_hostile_json_is_undecodable(message: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_json(message)


def test_events_of_an_older_schema_are_read_with_the_new_fields_empty() -> None:
    old = msgspec.json.decode(packaged_schema("event"))
    old["fields"] = [field for field in old["fields"] if field["name"] not in {"rx", "trace", "contact"}]
    schemas = AvroSchemas({5: msgspec.json.encode(old)})
    back = schemas.decode(schemas.encode(EXAMPLES["kiosk.payment_failed"], 5))
    assert back.name == "payment.failed"
    assert back.trace is None


def test_word_of_a_newer_schema_is_read_as_unknown() -> None:
    new = msgspec.json.decode(packaged_schema("event"))
    channel = next(field for field in new["fields"] if field["name"] == "channel")
    channel["type"]["symbols"].insert(0, "hologram")
    schemas = AvroSchemas({6: msgspec.json.encode(new)})
    message = schemas.encode(PLAIN, 6)
    assert schemas.decode(message).channel == "web"
    at = message.index(b"\x02s\x00") + 3  # the channel stands behind `source` and the empty `schema_version`
    assert schemas.decode(message[:at] + b"\x00" + message[at + 1 :]).channel == "unknown"


def test_bombs_are_refused_before_any_byte_is_decoded() -> None:
    recursive = b'{"type":"record","name":"N","fields":[{"name":"n","type":["null","N"]}]}'
    nothings = b'{"type":"record","name":"N","fields":[{"name":"n","type":{"type":"array","items":"null"}}]}'
    for bomb in (recursive, nothings):
        with pytest.raises(RefusedSchema):
            AvroSchemas({1: bomb})
