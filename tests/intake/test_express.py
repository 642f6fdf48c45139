"""The quick way in gives what the long way gives, or leaves an event to it."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.check import examples
from schemas.touchpoint import Direction, Touchpoint
from streams.generator.world import generate, tiny_world
from streams.intake.adapt import Adaptation
from streams.intake.adapters.native import NativeShape
from streams.intake.express import Express
from streams.intake.ledger import Ledger
from streams.intake.rejected import Rejected
from streams.intake.rules import IntakeRules, Limits, SourceDefaults
from tests.intake.builders import AVRO, NOON, RULES, event, raw, record, who

FULLEST = {name: msgspec.json.decode(encoded) for name, encoded in examples().items()}
INSIDE = ("key", "event_time", "content_hash", "strong", "observed", "devices", "threads", "flags", "ip", "is_test")
"""Fields of a touchpoint that are ours to fill; a producer's of the same name are unknown fields."""
ODD: list[Any] = [
    None, "", 0, -1, 1.5, 2**53, 2**64, True, [], {}, [None], {"a": "b"}, "x" * 5000, "unknown", "nobody knows",
    "2026-03-02T12:05:00Z", "1970-01-01T00:00:00Z", ["AAAA"],
]  # fmt: skip


class Ways:
    """Both ways of one intake's rules."""

    def __init__(self, rules: IntakeRules = RULES) -> None:
        self.quick_ledger, self.long_ledger = Ledger(), Ledger()
        self._express = Express(rules, Adaptation(rules, self.quick_ledger))
        self._adaptation = Adaptation(rules, self.long_ledger)
        self._native = NativeShape(rules.limits, AVRO)

    def quick(self, told: Any, timestamp: int | None = None) -> Touchpoint | None:
        return self._express.touchpoint_of(raw(told), timestamp)

    def long(self, told: Any, timestamp: int | None = None) -> Touchpoint | Rejected:
        found = self._native.event_of(raw(told), record(raw(told)))
        return found if isinstance(found, Rejected) else self._adaptation.touchpoint_of(found, timestamp)

    def agree(self, told: Any, timestamp: int | None = None) -> bool:
        """Hold both to the same; tells whether the quick way took it."""
        quick, longer = self.quick(told, timestamp), self.long(told, timestamp)
        if quick is not None:
            assert quick == longer
            assert self.quick_ledger.refused_identifiers == self.long_ledger.refused_identifiers
            assert self.quick_ledger.unknown_values == self.long_ledger.unknown_values
        return quick is not None


@pytest.mark.parametrize("name", FULLEST)
def test_examples_of_every_channel_come_out_alike(name: str):
    Ways().agree(FULLEST[name])


def test_nearly_all_of_a_world_is_quick_and_all_of_it_alike():
    ways = Ways()
    told = [delivered.event for delivered in generate(tiny_world(5))]
    quick = sum(Ways().agree(each) for each in told)
    assert quick > 0.8 * len(told)
    assert ways.quick(event()) is not None


def _odd_events() -> st.SearchStrategy[dict[str, Any]]:
    fields = sorted({field for told in FULLEST.values() for field in told} | set(INSIDE))
    changes = st.lists(st.tuples(st.sampled_from(fields), st.sampled_from(ODD)), max_size=3)
    return st.builds(lambda name, odd: {**FULLEST[name], **dict(odd)}, st.sampled_from(sorted(FULLEST)), changes)


@settings(max_examples=400)
@given(_odd_events(), st.sampled_from([None, NOON]))
def test_odd_values_in_any_field_come_out_alike(told: dict[str, Any], timestamp: int | None):
    Ways().agree(told, timestamp)


@settings(max_examples=200)
@given(st.sampled_from(sorted(FULLEST)), st.integers(0, 1 << 30))
def test_damaged_bytes_come_out_alike(name: str, seed: int):
    chance = random.Random(seed)
    damaged = bytearray(msgspec.json.encode(FULLEST[name]))
    for _ in range(chance.randint(1, 3)):
        damaged[chance.randrange(len(damaged))] = chance.choice(b'{}[]",:\\0a\xff\x00')
    Ways().agree(bytes(damaged))


@pytest.mark.parametrize("field", INSIDE)
def test_no_producer_fills_what_is_ours(field: str):
    plain = Ways().quick(event())
    assert plain is not None
    for value in (["AQ=="], "AQ==", 5, True):
        assert Ways().quick(event(**{field: value})) == plain


@pytest.mark.parametrize(
    "told",
    [
        event(is_bot={"flag": True}),
        event(environment="test"),
        event(consent={"analytics": False}),
        event(channel="carrier_pigeon"),
        event(sub_channel=None, task=7),
        event(occurred_at="yesterday"),
        event(eta={"due_at": "soon"}),
        event(identifiers=[who("email", f"{number}@x.org") for number in range(40)]),
        event(name="Page Viewed"),
        event(wait_ms=2**70),
        b"",
        b"[]",
        b'{"event_id": "\\ud800"}',
    ],
)
def test_whatever_is_not_plain_goes_the_long_way(told: Any):
    assert Ways().quick(told) is None


def test_defaults_of_a_source_that_are_its_own_go_the_long_way():
    outbound = SourceDefaults(direction=Direction.OUTBOUND)
    ways = Ways(msgspec.structs.replace(RULES, sources={"/mail/*": outbound, "/web/shop": SourceDefaults(brand="b")}))
    assert ways.quick(event(source="/mail/x")) is None
    assert ways.agree(event())


def test_what_is_refused_is_counted_each_time_it_is_told():
    ways = Ways()
    told = event(identifiers=[who("email", "no address"), who("pigeon", "x")])
    assert [ways.agree(told) for _ in range(3)] == [True, True, True]
    assert set(ways.quick_ledger.refused_identifiers.values()) == {3}


def test_limits_of_lists_hold_on_the_quick_way():
    ways = Ways(msgspec.structs.replace(RULES, limits=Limits(items=1, facts=1, attributes=1, experiments=1)))
    for field, value in (
        ("items", [{"sku": "a"}] * 2),
        ("facts", {"a": "b", "c": "d"}),
        ("attributes", {"a": "b", "c": "d"}),
        ("experiment", [{"experiment_id": "e", "variant": "v"}] * 2),
    ):
        assert ways.quick(event(**{field: value})) is None
