"""Native events as they really come: single, in arrays, as Avro, and broken in every way."""

import json

import msgspec
import pytest

from schemas.codecs import AvroSchemas, frame
from schemas.identifiers import Kind
from schemas.wire import WireEvent
from streams.intake.adapters.json_text import is_deeper
from tests.intake.builders import NOON, event, named, raw, record, take, who

AVRO = AvroSchemas()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"[]", "empty"),
        (b"{", "not_decodable"),
        (raw(event())[:-1], "not_decodable"),
        (raw(event()) + b"}", "not_decodable"),
        (b"\xff\xfe\x00garbage", "not_decodable"),
        (bytes(range(1, 256)), "not_decodable"),
        (b"[{]", "not_decodable"),
        (b'{"event_id": NaN}', "not_decodable"),
        (b'{"event_id": Infinity}', "not_decodable"),
        (b'{"sentiment": {"score": 1e999}}', "wrong_type"),
        (b'{"event_id": "\xe9"}', "not_decodable"),
        (b"7", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"[[]]", "not_an_object"),
        (b"\x00", "not_decodable"),
        (frame(1, b"\x01\x02\x03"), "not_decodable"),
        (frame(4711, b""), "unknown_schema"),
        (b"{" + b" " * 65_536 + b"}", "too_large"),
        (b"\x00" * 65_537, "too_large"),
        (b"[" + b"{}," * 1000 + b"{}]", "list_too_long"),
        (b"[" + b" " * (1 << 20) + b"{}]", "too_large"),
        (b'{"a":' + nested(17).encode() + b"}", "too_deep"),
        (b'{"a":' + nested(30_000).encode() + b"}", "too_deep"),
        (nested(30_000).encode(), "too_deep"),
    ],
)
def test_bytes_that_are_no_event_are_one_dead_letter_with_its_reason(told: bytes, reason: str):
    assert take(told).reasons == [reason]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event_id": None}, "no_event_id"),
        ({"event_id": ""}, "no_event_id"),
        ({"source": None}, "no_source"),
        ({"channel": None}, "no_channel"),
        ({"name": None}, "no_name"),
        ({"occurred_at": None}, "no_time"),
        ({"name": "Page Viewed"}, "name_pattern"),
        ({"name": "viewed"}, "name_pattern"),
        ({"name": "page.viewed\n"}, "name_pattern"),
        ({"name": "page." + "v" * 60}, "name_pattern"),
        ({"event_id": 7}, "wrong_type"),
        ({"occurred_at": 1.5}, "wrong_type"),
        ({"occurred_at": []}, "wrong_type"),
        ({"identifiers": {"kind": "email"}}, "wrong_type"),
        ({"identifiers": [{"kind": "email", "value": 7}]}, "wrong_type"),
        ({"identifiers": [{"kind": "email"}]}, "wrong_type"),
        ({"value": {"amount_minor": 12.99, "currency": "EUR"}}, "wrong_type"),
        ({"attributes": {"a": 1}}, "wrong_type"),
        ({"is_bot": True}, "wrong_type"),
        ({"identifiers": [who("email", f"m{n}@example.com") for n in range(33)]}, "list_too_long"),
        ({"items": [{"sku": "A"}] * 51}, "list_too_long"),
        ({"attributes": {f"k{n}": "v" for n in range(33)}}, "list_too_long"),
        ({"facts": {f"k{n}": "v" for n in range(33)}}, "list_too_long"),
        ({"experiment": [{"experiment_id": "x", "variant": "a"}] * 33}, "list_too_long"),
        ({"event_id": "e" * 5000}, "text_too_long"),
        ({"duration_ms": 2**70}, "number_out_of_bounds"),
    ],
)
def test_event_that_breaks_the_contract_is_one_dead_letter_with_its_reason(fields: dict, reason: str):
    taken = take(json.dumps(event() | fields).encode() if None not in fields.values() else event(**fields))
    assert taken.reasons == [reason]
    assert taken.ledger.totals() == {"in": 1, "accepted": 0, "late": 0, "dead": 1}


def test_dead_letter_is_counted_at_the_source_it_names():
    assert take(event(event_id=7)).dead[0].source == "/web/shop"
    assert take(b"{", source="/configured").dead[0].source == "/configured"
    assert take(b"{").dead[0].source == "topic-0"


def test_detail_of_a_dead_letter_names_the_field_and_not_its_value():
    (row,) = take(event(identifiers=[{"kind": "email", "value": ["ada@example.com"]}])).dead
    assert "identifiers" in row.detail
    assert "ada" not in row.detail


def test_unknown_fields_are_no_fault_and_the_last_of_two_equal_keys_counts():
    assert take(event(colour="blue", more={"deep": [1, 2]})).ledger.accepted == 1
    assert take(raw(event())[:-1] + b',"name":"page.failed"}').touchpoint.name == "page.failed"


def test_no_identifiers_is_no_fault():
    assert take(event(identifiers=[])).ledger.accepted == 1


def test_source_that_is_configured_serves_events_that_name_none():
    assert take(event(source=None), source="/configured").touchpoint.source == "/configured"
    assert take(event(), source="/configured").touchpoint.source == "/web/shop"


@pytest.mark.parametrize("mangled", ["\\ud800", "\\udfff", "\\ud800\\ud800"])
def test_lone_surrogate_costs_the_identifier_and_not_the_event(mangled: str):
    told = raw(event(identifiers=[who("account_id", "a7"), who("email", "X")], task="X"))
    touchpoint = take(told.replace(b'"X"', f'"{mangled}"'.encode())).touchpoint
    assert touchpoint.strong == (named(Kind.ACCOUNT, "a7"),)
    assert touchpoint.flags == ("identifier_rejected:email",)
    assert set(touchpoint.task) == {"\ufffd"}


def test_surrogate_written_as_bytes_and_a_byte_order_mark_are_read_too():
    assert take(raw(event(task="X")).replace(b'"X"', b'"\xed\xa0\x80"')).ledger.accepted == 1
    assert take(b"\xef\xbb\xbf" + raw(event())).ledger.accepted == 1


def test_array_of_events_counts_each():
    events = [event(event_id="a"), event(event_id="b"), 7, event(event_id=None)]
    taken = take(events)
    assert taken.ledger.totals() == {"in": 4, "accepted": 2, "late": 0, "dead": 2}
    assert [(row.position, row.reason) for row in taken.dead] == [("0.2", "not_an_object"), ("0.3", "no_event_id")]


def test_avro_and_json_of_one_event_are_one_touchpoint():
    told = event(identifiers=[who("account_id", "a7")], correlation={"order_id": "o1"}, outcome="failed")
    framed = AVRO.encode(msgspec.convert(told, WireEvent))
    from_avro, from_json = take(record(framed)).touchpoint, take(told).touchpoint
    assert (from_avro.key, from_avro.content_hash) == (from_json.key, from_json.content_hash)


def test_avro_that_says_nan_is_a_dead_letter():
    told = event(sentiment={"score": 0.5, "model": "m"})
    framed = AVRO.encode(msgspec.convert(told, WireEvent))
    import struct

    poisoned = framed.replace(struct.pack("<d", 0.5), struct.pack("<d", float("nan")))
    assert poisoned != framed
    assert [(row.reason, row.detail) for row in take(poisoned).dead] == [
        ("wrong_type", "sentiment.score is not a number")
    ]


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{}", 1),
        (nested(16), 16),
        ('{"a":"[[[[[[[[[[[[[[[[[[[[[["}', 1),
        ('{"a":"\\"[[["}' + "[]" * 30, 1),
        (nested(17), 17),
        ('{"a":"]]]]]]]]]]]]]]]]]","b":' + nested(16) + "}", 17),
        ("[" + "{}," * 40 + "{}]", 2),
        ("[" * 40, 40),
    ],
)
def test_depth_is_measured_outside_of_strings(text: str, depth: int):
    assert is_deeper(text.encode(), 16) == (depth > 16)


def test_unknown_adapter_and_unknown_mapping_are_dead_letters():
    assert take(event(), adapter="telepathy").reasons == ["unknown_adapter"]
    assert take(b"a,b", adapter="mapping", mapping="nobody").reasons == ["unknown_mapping"]


def test_year_2100_and_1970_end_as_stated_without_a_log():
    assert take(event(occurred_at="2100-06-01T00:00:00Z", received_at=NOON)).touchpoint.event_time == NOON
    assert take(event(occurred_at=0, received_at=NOON)).ledger.late == 1
