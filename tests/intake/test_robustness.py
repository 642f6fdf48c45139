"""Whatever the bytes, intake answers: it never raises, and its ledger adds up."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codecs import AvroSchemas
from schemas.wire import WireEvent
from streams.intake.mapping import shipped_mappings
from streams.intake.rejected import Reason
from streams.intake.shapes import ADAPTERS
from tests.intake.builders import RULES, event, raw, record, take, who
from tests.intake.test_adapt import EVERYTHING
from tests.intake.test_cloudevents import cloud
from tests.intake.test_segment import message

MAPPINGS = shipped_mappings()
READY = msgspec.structs.replace(RULES, mappings=MAPPINGS)
FULL = {**EVERYTHING, "identifiers": [who("account_id", "a7"), who("phone", "+4930901820"), who("anonymous_id", "c")]}
AVRO = AvroSchemas().encode(msgspec.convert(event(identifiers=[who("account_id", "a7")]), WireEvent))
SEEDS = [raw(FULL), raw([FULL, event()]), raw(message(userId="u", properties={"products": [{"sku": "A", "price": 1}]}))]
SEEDS += [raw({"batch": [message()]}), raw(cloud(data=FULL)), AVRO]
SEEDS += [b'198.18.0.2 - - [31/Dec/2025:12:00:00 +0000] "GET /a HTTP/1.1" 503 - "http://x/" "Mozilla"']
SEEDS += [b"h1\t-\t807249601\tGET\t/a\t200\t1839", b"INC1," * 35 + b"x"]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=10), inside, max_size=4),
    max_leaves=12,
)
WAYS = st.sampled_from(
    [(adapter, name) for adapter in ADAPTERS for name in MAPPINGS if adapter == "mapping"]
    + [(adapter, "") for adapter in ADAPTERS if adapter != "mapping"]
)


def answers(told: bytes, way: tuple[str, str]) -> None:
    taken = take(record(told, 1, adapter=way[0], mapping=way[1]), rules=READY)
    totals = taken.ledger.totals()
    assert totals["in"] == totals["accepted"] + totals["late"] + totals["dead"]
    assert totals["in"] >= 1
    assert len(taken.dead) == totals["dead"]
    assert Reason.ADAPTER_FAILED.value not in taken.reasons
    assert len(taken.touchpoints) == totals["accepted"]


@given(told=st.binary(max_size=300), way=WAYS)
def test_any_bytes(told: bytes, way: tuple[str, str]):
    answers(told, way)


@given(told=JSON, way=WAYS)
def test_any_json(told: object, way: tuple[str, str]):
    answers(json.dumps(told).encode(), way)


@given(
    seed=st.sampled_from(SEEDS),
    way=WAYS,
    cuts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4),
)
@settings(max_examples=300)
def test_any_mutation_of_real_records(seed: bytes, way: tuple[str, str], cuts: list[tuple[int, int, bytes]]):
    told = seed
    for at, length, instead in cuts:
        place = at % (len(told) + 1)
        told = told[:place] + instead + told[place + length :]
    answers(told, way)


@given(field=st.sampled_from(sorted(FULL)), value=JSON)
@settings(max_examples=300)
def test_any_value_in_any_field(field: str, value: object):
    answers(json.dumps({**FULL, field: value}).encode(), ("native", ""))


@given(
    kind=st.text(max_size=12) | st.sampled_from(["email", "phone", "email_hash", "order_id"]),
    value=st.text(max_size=40),
)
def test_any_identifier(kind: str, value: str):
    taken = take(json.dumps(event(identifiers=[{"kind": kind, "value": value, "assurance": "asserted"}])).encode())
    assert taken.ledger.accepted == 1


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_taking_a_record_twice_says_the_same_twice(adapter: str):
    for seed in SEEDS:
        way = {"adapter": adapter, "mapping": "nasa_tsv"}
        once, again = (take(record(seed, 1, **way), rules=READY) for _ in range(2))
        assert once.emit == again.emit
