"""A world is told by its rules alone: the same every time, and everything in it can be read."""

from collections import Counter

import msgspec
import pytest
from msgspec import structs

from schemas.touchpoint import Channel
from schemas.wire import EVENT_BYTES_MAX, IDENTIFIERS_MAX, REQUIRED, WireEvent
from streams.generator.rules import DAY_MS, SECOND_MS
from streams.generator.scene import Event
from streams.generator.world import (
    Delivered,
    WorldRules,
    chapters,
    decisions,
    demo_world,
    generate,
    load_world,
    oracle_world,
    tiny_world,
    truth,
    written,
)

ENCODE = msgspec.json.Encoder(order="sorted").encode


@pytest.fixture(scope="module")
def demo() -> list[Delivered]:
    return list(generate(demo_world()))


def test_equal_rules_tell_equal_worlds_byte_for_byte() -> None:
    rules = tiny_world(7)
    assert [ENCODE(one.event) for one in generate(rules)] == [ENCODE(one.event) for one in generate(rules)]
    assert list(truth(rules)) == list(truth(rules))
    assert list(decisions(rules)) == list(decisions(rules))


def test_another_seed_tells_another_world() -> None:
    assert [ENCODE(event) for event in written(tiny_world(1))] != [ENCODE(event) for event in written(tiny_world(7))]


def test_every_event_of_the_demo_decodes_as_a_wire_event_with_all_that_is_required(demo: list[Delivered]) -> None:
    for one in demo:
        encoded = msgspec.json.encode(one.event)
        event = msgspec.json.decode(encoded, type=WireEvent)
        assert len(encoded) < EVENT_BYTES_MAX
        assert all(getattr(event, field) for field in REQUIRED)
        assert len(event.identifiers or ()) <= IDENTIFIERS_MAX
        assert event.received_at is not None


def test_events_say_nothing_that_the_wire_would_ignore(demo: list[Delivered]) -> None:
    for one in demo:
        decoded = msgspec.json.decode(msgspec.json.encode(one.event), type=WireEvent)
        assert msgspec.json.decode(msgspec.json.encode(decoded)) == one.event


def test_the_demo_has_about_twenty_thousand_events_on_all_five_channels(demo: list[Delivered]) -> None:
    channels = Counter(one.event["channel"] for one in demo)
    assert 18_000 < len(demo) < 22_500
    assert all(channels[channel] > 500 for channel in ("web", "app", "kiosk", "support", "email"))
    assert set(channels) <= {channel.value for channel in Channel}


def test_deliveries_come_in_the_order_of_arrival(demo: list[Delivered]) -> None:
    arrived = [one.received_at for one in demo]
    assert arrived == sorted(arrived)


def test_what_is_delivered_is_what_was_written_and_redeliveries_are_the_same_bytes() -> None:
    rules = tiny_world(11)
    once = Counter(ENCODE(event) for event in written(rules))
    arrived = Counter(ENCODE(one.event) for one in generate(rules))
    assert set(once) == set(arrived)
    assert set(once.values()) == {1}
    assert set(arrived.values()) <= {1, 2}


def test_copies_with_equal_identifiers_and_received_time_do_not_exist_twice() -> None:
    for seed in range(40):
        seen = Counter(_copy_key(event) for event in written(tiny_world(seed)))
        assert set(seen.values()) == {1}


def test_received_at_never_comes_before_it_happened_by_the_true_clock() -> None:
    for chapter in chapters(tiny_world(3)):
        for one in chapter.written:
            assert one.at >= chapter.scene.begins
            assert one.received_at > one.at
            assert min(one.delivered_at) >= one.received_at


@pytest.mark.parametrize("seed", range(0, 80, 7))
def test_tiny_worlds_are_small_and_within_their_size(seed: int) -> None:
    rules = tiny_world(seed)
    events = list(written(rules))
    assert 3 <= rules.people <= 8
    assert 0 < len(events) <= rules.events_max <= 150


def test_most_tiny_worlds_reach_their_thirty_events() -> None:
    sizes = [len(list(written(tiny_world(seed)))) for seed in range(60)]
    assert sum(size >= 30 for size in sizes) >= 54


def test_an_oracle_world_holds_exactly_the_events_asked_for_and_spans_forty_days() -> None:
    rules = oracle_world(6_000, seed=5)
    happened = [one.at for chapter in chapters(rules) for one in chapter.written]
    assert len(happened) == 6_000
    assert max(happened) - min(happened) > 36 * DAY_MS


def test_worlds_of_strangers_share_no_identifier() -> None:
    here, there = tiny_world(1), structs.replace(tiny_world(2), first_person=1_000)
    assert not _customer_values(here) & _customer_values(there)


def test_a_load_world_is_streamed_not_held() -> None:
    first = next(generate(load_world(people=2_000)))
    assert first.received_at - WorldRules().start_ms < 600 * SECOND_MS


def _customer_values(rules: WorldRules) -> set[str]:
    facts = [fact["identifiers"] for fact in truth(rules) if fact["kind"] == "customer"]
    return {one["value"] for identifiers in facts for one in identifiers}  # type: ignore[attr-defined]


def _copy_key(event: Event) -> bytes:
    return ENCODE([event["source"], event["event_id"], event["identifiers"], event["received_at"]])
