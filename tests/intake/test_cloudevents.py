"""CloudEvents 1.0 in structured JSON: the envelope wins, native data speaks, other data is opaque."""

from typing import Any

import pytest

from schemas.identifiers import Kind
from tests.intake.builders import NOON, Taken, event, named, take, who


def cloud(**fields: Any) -> dict[str, Any]:
    plain = {
        "specversion": "1.0",
        "id": "c1",
        "source": "/bank",
        "type": "order.placed",
        "time": "2025-12-31T12:00:00Z",
    }
    return {name: value for name, value in {**plain, **fields}.items() if value is not None}


def clouds(*told: Any, **more: Any) -> Taken:
    return take(*told, adapter="cloudevents", **more)


def test_native_data_speaks_and_the_envelope_wins():
    data = event(identifiers=[who("account_id", "a7")], event_id="other", source="/other", occurred_at=5, name=None)
    touchpoint = clouds(cloud(data=data, traceparent="00-ab")).touchpoint
    assert (touchpoint.event_id, touchpoint.source, touchpoint.event_time) == ("c1", "/bank", NOON)
    assert (touchpoint.name, touchpoint.trace) == ("order.placed", "00-ab")
    assert touchpoint.strong == (named(Kind.ACCOUNT, "a7"),)


@pytest.mark.parametrize("data", [None, "text", 7, [1], {"anything": {"else": 1}}])
def test_opaque_data_counts_and_says_no_more(data: object):
    touchpoint = clouds(cloud(data=data)).touchpoint
    assert (touchpoint.name, touchpoint.channel.value, touchpoint.strong) == ("order.placed", "unknown", ())


@pytest.mark.parametrize(
    ("told", "name"), [("com.example.Order-Placed", "com.example.order_placed"), ("order.placed", "order.placed")]
)
def test_type_becomes_a_name(told: str, name: str):
    assert clouds(cloud(type=told)).touchpoint.name == name


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (cloud(specversion="0.3"), "wrong_type"),
        (cloud(id=None), "no_event_id"),
        (cloud(id=7), "wrong_type"),
        (cloud(source=None), "no_source"),
        (cloud(source=7), "no_source"),
        (cloud(type=None), "no_name"),
        (cloud(type="placed"), "name_pattern"),
        (cloud(time=None), "no_time"),
        (cloud(time="soon"), "unreadable_time"),
        (cloud(data={"identifiers": "all"}), "wrong_type"),
        ([], "empty"),
        (b"[1", "not_decodable"),
    ],
)
def test_event_that_breaks_the_contract_is_a_dead_letter(told: object, reason: str):
    assert clouds(told).reasons == [reason]


def test_batch_counts_each_and_the_record_tells_a_missing_time():
    taken = clouds([cloud(), cloud(id="c2", time=None)], timestamp=NOON + 1)
    assert taken.ledger.totals() == {"in": 2, "accepted": 2, "late": 0, "dead": 0}
