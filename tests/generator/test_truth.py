"""The truth beside the events agrees with them, and the stories that a demonstration needs are there."""

from collections import Counter, defaultdict

import phonenumbers
import pytest
from email_validator import validate_email

from streams.generator.cast import people_of
from streams.generator.heroes import heroes_of
from streams.generator.rules import WorldRules
from streams.generator.scene import Event
from streams.generator.world import decisions, demo_world, oracle_world, truth, written

RULES = demo_world(seed=2)


@pytest.fixture(scope="module")
def facts() -> dict[object, list[Event]]:
    by_kind = defaultdict(list)
    for fact in truth(RULES):
        by_kind[fact["kind"]].append(fact)
    return by_kind


@pytest.fixture(scope="module")
def events() -> dict[object, Event]:
    """Each event as first written: a copy may know less."""
    return {event["event_id"]: event for event in reversed(list(written(RULES)))}


def test_there_is_one_fact_for_each_source_and_event_id(
    facts: dict[object, list[Event]], events: dict[object, Event]
) -> None:
    told = Counter((fact["source"], fact["event_id"]) for fact in facts["event"])
    assert set(told.values()) == {1}
    assert set(told) == {(event["source"], event["event_id"]) for event in events.values()}


def test_every_event_is_of_a_known_customer_or_of_nobody(facts: dict[object, list[Event]]) -> None:
    customers = {fact["customer"] for fact in facts["customer"]}
    assert {fact["customer"] for fact in facts["event"]} <= customers | {""}
    assert len(customers) == RULES.people + 3


def test_accounts_and_cards_name_one_customer_each(facts: dict[object, list[Event]]) -> None:
    holders = Counter(
        (one["kind"], one["value"])
        for fact in facts["customer"]
        for one in fact["identifiers"]  # type: ignore[attr-defined]
        if one["kind"] in ("account_id", "loyalty_id", "device_id")
    )
    assert set(holders.values()) == {1}


def test_no_event_carries_the_true_name_of_its_customer(events: dict[object, Event]) -> None:
    assert not any("customer-0" in str(event) for event in events.values())


@pytest.mark.parametrize("seed", [1, 3])
def test_heroes_cross_three_channels_and_meet_friction_of_their_own(seed: int) -> None:
    told = {event["event_id"]: event for event in written(demo_world(seed))}
    channels, met = defaultdict(set), defaultdict(set)
    for fact in truth(demo_world(seed)):
        if fact["kind"] == "event":
            channels[fact["customer"]].add(told[fact["event_id"]]["channel"])
        elif fact["kind"] == "plant":
            assert not (fact["ambiguous"] and str(fact["customer"]).startswith("hero-"))
            met[fact["customer"]].add(fact["pattern"])
    for hero in ("hero-mara", "hero-jonas", "hero-ines"):
        assert len(channels[hero] & {"web", "app", "kiosk", "support", "email"}) >= 3
    assert met["hero-mara"] == {"X01", "X15", "X23"}
    assert met["hero-jonas"] == {"X01", "X18", "X04", "X25"}
    assert met["hero-ines"] == {"X03", "X22"}


def test_every_story_of_identity_is_told(events: dict[object, Event]) -> None:
    names = Counter(event["name"] for event in events.values())
    assert min(names[name] for name in ("identity.reset", "identity.linked", "auth.succeeded", "loyalty.scanned")) > 10
    kinds = Counter(one["kind"] for event in events.values() for one in _identifiers(event))
    wanted = ("account_id", "loyalty_id", "email", "phone", "ticket_requester_id", "patient_ref", "push_token")
    assert all(kinds[kind] > 10 for kind in (*wanted, "device_id", "anonymous_id", "message_link_token"))
    threads = Counter(kind for event in events.values() for kind in _threads(event))
    for kind in ("order_id", "cart_id", "rx_id", "case_id", "ticket_id", "call_id", "message_id", "campaign_id"):
        assert threads[kind] > 10


def test_couriers_know_only_the_order(events: dict[object, Event]) -> None:
    couriers = [event for event in events.values() if str(event["source"]).startswith("/courier/")]
    named = [{*_threads(event), *(one["kind"] for one in _identifiers(event))} for event in couriers]
    assert all("order_id" in kinds for kinds in named)
    assert sum(kinds == {"order_id"} for kinds in named) / len(named) > 0.95


def test_addresses_and_telephones_are_valid_and_reserved() -> None:
    people = [*people_of(WorldRules(people=1_500)), *heroes_of(RULES)]
    for person in people:
        assert validate_email(person.email, check_deliverability=False).domain.endswith(("example.com", ".org", ".net"))
        assert phonenumbers.is_valid_number(phonenumbers.parse(person.phone))
        assert person.phone[5:8] == "555"


def test_operators_split_and_some_allow_again() -> None:
    rules = oracle_world(60_000)
    verdicts = list(decisions(rules))
    assert {one.verdict for one in verdicts} == {"split", "allow"}
    assert len({one.decision_id for one in verdicts}) == len(verdicts)
    assert all(one.pair[0] != one.pair[1] for one in verdicts)


def _threads(event: Event) -> dict[str, str]:
    threads = event.get("correlation", {})
    assert isinstance(threads, dict)
    return threads


def _identifiers(event: Event) -> list[dict[str, str]]:
    identifiers = event["identifiers"]
    assert isinstance(identifiers, list)
    return identifiers
