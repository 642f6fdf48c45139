"""What an event says becomes a touchpoint: defaults, unknown words, context, consent, bots and tests."""

import msgspec
import pytest

from schemas.identifiers import Kind
from schemas.touchpoint import (
    Accessibility,
    Agent,
    Channel,
    Consent,
    Direction,
    Error,
    ErrorClass,
    Eta,
    Item,
    Location,
    Outcome,
    Promise,
    Sensitivity,
    Value,
)
from streams.intake.rules import SourceDefaults
from tests.intake.builders import NOON, RULES, Taken, event, named, take, who

EVERYTHING = event(
    schema_version="1.2",
    sub_channel="ios",
    direction="outbound",
    sent_at=NOON + 1,
    received_at=NOON + 2,
    tz_offset_min=60,
    session_id="s1",
    visit_id="v1",
    brand="shop",
    region="EU",
    locale="de-DE",
    environment="production",
    location={"location_id": "store-118", "type": "store", "terminal_id": "k3", "geohash5": "u33db"},
    task="checkout",
    intent="order_status",
    step={"name": "payment", "index": 2, "total": 4},
    outcome="failed",
    outcome_reason="card_declined",
    error={"code": "E1", "class": "third_party", "http_status": 502, "message_hash": "ab"},
    duration_ms=10,
    wait_ms=20,
    handle_ms=30,
    correlation={"order_id": "O1", "campaign_id": "C1"},
    value={"amount_minor": 1299, "currency": "EUR"},
    items=[{"sku": "A"}, {"sku": "B", "qty": 2, "price_minor": 5, "category": "c"}],
    sentiment={"score": -0.5, "model": "m1"},
    survey={"instrument": "nps", "score": 6, "scale_min": 0, "scale_max": 10},
    experiment=[{"experiment_id": "x", "variant": "b"}],
    agent={"agent_ref": "a1", "queue": "billing"},
    engagement={"scroll_pct": 0.5},
    a11y={"assistive_tech": True},
    facts={"price:A": "1299"},
    promise={"kind": "refund", "due_at": "2025-12-31T12:00:01Z"},
    consent={"basis": "contract", "analytics": True, "a11y": True},
    sensitivity="payment",
    form={"field_group": "address"},
    offer={"offer_id": "of"},
    eta={"due_at": NOON + 5, "previous_due_at": NOON},
    rx={"days_supply_left": 2},
    context_carried=True,
    contact={"dropped": True},
    attributes={"k": "v"},
    trace="00-abc",
)


def test_every_field_of_the_envelope_arrives():
    touchpoint = take(EVERYTHING).touchpoint
    blank = take(event(event_id="other")).touchpoint
    same = [f for f in touchpoint.__struct_fields__ if getattr(touchpoint, f) == getattr(blank, f)]
    told_alike = {"source", "channel", "name", "occurred_at", "event_time"}
    named_by_identifiers = {"strong", "observed", "devices", "ip", "flags"}
    assert set(same) == told_alike | named_by_identifiers | {"is_bot", "bot_reason", "is_test"}
    assert touchpoint.error == Error("E1", ErrorClass.THIRD_PARTY, 502, "ab")
    assert touchpoint.location == Location("store-118", "store", "k3", "u33db")
    assert touchpoint.value == Value(1299, "EUR", "revenue")
    assert touchpoint.items == (Item("A"), Item("B", 2, 5, "c"))
    assert touchpoint.promise == Promise("refund", NOON + 1000)
    assert touchpoint.eta == Eta(NOON + 5, NOON)
    assert touchpoint.a11y == Accessibility("true")
    assert touchpoint.campaign_id == "C1"
    assert touchpoint.threads == (named(Kind.ORDER, "o1", "shop"), named(Kind.SESSION, "s1", "/web/shop"))


def test_what_is_not_told_is_the_sources_default_or_the_shipped_one():
    shipped = take(event()).touchpoint
    assert (shipped.brand, shipped.direction, shipped.outcome) == ("acme", Direction.INBOUND, Outcome.NONE)
    assert (shipped.sensitivity, shipped.consent) == (Sensitivity.PERSONAL, Consent(basis="default", analytics=True))
    clinic = SourceDefaults(Channel.TELEHEALTH, "clinic", "DE", Direction.OUTBOUND, Outcome.STARTED, Sensitivity.HEALTH)
    rules = msgspec.structs.replace(RULES, sources={"/web/*": SourceDefaults(brand="w"), "/web/shop*": clinic})
    own = take(event(channel=None), rules=rules).touchpoint
    assert (own.channel, own.brand, own.direction) == (Channel.TELEHEALTH, "clinic", Direction.OUTBOUND)
    assert (own.outcome, own.sensitivity) == (Outcome.STARTED, Sensitivity.HEALTH)
    assert take(event(brand="told"), rules=rules).touchpoint.brand == "told"
    assert take(event(source="/web/other"), rules=rules).touchpoint.brand == "w"


def test_phone_without_plus_needs_the_region_of_its_source():
    told = event(identifiers=[who("phone", "030 901820")])
    assert take(told).touchpoint.flags == ("identifier_rejected:phone",)
    rules = msgspec.structs.replace(RULES, sources={"/web/shop": SourceDefaults(region="DE")})
    assert take(told, rules=rules).touchpoint.strong == (named(Kind.PHONE, "+4930901820"),)


@pytest.mark.parametrize("field", ["channel", "direction", "outcome", "sensitivity"])
def test_unknown_word_becomes_unknown_and_is_counted(field: str):
    taken = take(event(**{field: "hologram"}))
    assert getattr(taken.touchpoint, field).value == "unknown"
    assert taken.ledger.unknown_values == {field: 1}


def test_identifiers_fall_into_their_classes_sorted_and_distinct():
    told = [
        who("email", "ada@example.com", "asserted"),
        who("account_id", "A7"),
        who("email", " ADA@example.com"),
        who("phone", "+4930901820", "observed"),
        who("anonymous_id", "c1"),
        who("device_id", "d1"),
        who("ticket_id", "T1"),
    ]
    touchpoint = take(event(identifiers=told, correlation={"cart_id": "K1"}, brand="shop")).touchpoint
    assert touchpoint.strong == (named(Kind.ACCOUNT, "a7"), named(Kind.EMAIL, "ada@example.com"))
    assert touchpoint.observed == (named(Kind.PHONE, "+4930901820"),)
    assert touchpoint.devices == (named(Kind.DEVICE, "d1"), named(Kind.ANONYMOUS, "c1"))
    assert touchpoint.threads == (named(Kind.TICKET, "t1", "shop"), named(Kind.CART, "k1", "shop"))


@pytest.mark.parametrize("assurance", [None, "observed", "inferred", "guessed"])
def test_only_authenticated_and_asserted_are_firm(assurance: str | None):
    taken = take(event(identifiers=[who("email", "ada@example.com", assurance)]))
    assert taken.touchpoint.strong == ()
    assert taken.touchpoint.observed == (named(Kind.EMAIL, "ada@example.com"),)
    assert taken.ledger.unknown_values == ({"identifiers.assurance": 1} if assurance == "guessed" else {})


def test_thread_among_the_identifiers_is_the_same_as_in_correlation():
    listed = take(event(identifiers=[who("order_id", "O1")])).touchpoint
    assert listed.threads == take(event(correlation={"order_id": "o1"})).touchpoint.threads
    listed = take(event(identifiers=[who("message_link_token", "L1")])).touchpoint
    assert listed.threads == (named(Kind.MESSAGE_LINK, "l1", "acme"),)
    listed = take(event(identifiers=[who("session_id", "S1")])).touchpoint
    assert listed.threads == take(event(session_id="s1")).touchpoint.threads


def test_message_and_session_count_only_where_there_is_no_device():
    threads = {"session_id": "s1", "correlation": {"message_id": "m1", "order_id": "o1"}}
    alone = take(event(**threads)).touchpoint
    assert [thread[0] for thread in alone.threads] == [20, 30, 32]
    beside = take(event(**threads, identifiers=[who("anonymous_id", "c1")])).touchpoint
    assert [thread[0] for thread in beside.threads] == [20]
    blocked = take(event(**threads, identifiers=[who("anonymous_id", "0000")])).touchpoint
    assert [thread[0] for thread in blocked.threads] == [20, 30, 32]


def test_refused_identifier_is_flagged_and_the_event_stays():
    told = [who("email", "no mail"), who("account_id", "guest"), who("shoe_size", "44"), who("account_id", "a\u200b7")]
    taken = take(event(identifiers=told))
    assert taken.touchpoint.flags == (
        "identifier_rejected:email",
        "identifier_blocked:account_id",
        "identifier_unknown_kind",
        "identifier_rejected:account_id",
    )
    assert taken.touchpoint.strong == ()
    assert taken.ledger.unknown_values == {"identifiers.kind": 1}
    assert taken.ledger.totals() == {"in": 1, "accepted": 1, "late": 0, "dead": 0}


def test_refused_identifiers_are_counted_each_time_although_remembered():
    taken = take(*(event(event_id=f"e{n}", identifiers=[who("email", "no mail")]) for n in range(3)))
    assert taken.ledger.refused_identifiers == {"identifier_rejected:email": 3}


def test_terminal_agent_address_and_payment_token_are_context_and_never_identity():
    context = [who("terminal_id", "k3"), who("agent_ref", "a1"), who("ip", "198.18.0.1"), who("payment_token", "tok")]
    touchpoint = take(event(identifiers=context)).touchpoint
    assert (touchpoint.strong, touchpoint.observed, touchpoint.devices, touchpoint.threads) == ((), (), (), ())
    assert (touchpoint.location, touchpoint.agent) == (Location(terminal_id="k3"), Agent("a1"))
    assert touchpoint.ip == "198.18.0.1"
    assert touchpoint.attributes is not None
    assert "tok" not in touchpoint.attributes["payment_token"]


@pytest.mark.parametrize("mark", [{"environment": "test"}, {"is_bot": {"flag": True, "reason": "headless"}}])
def test_bots_and_tests_have_no_identifiers_at_all(mark: dict):
    taken = take(event(identifiers=[who("account_id", "a7"), who("anonymous_id", "c")], session_id="s", **mark))
    touchpoint = taken.touchpoint
    assert (touchpoint.strong, touchpoint.devices, touchpoint.threads) == ((), (), ())
    assert (touchpoint.is_test, touchpoint.is_bot) == ("environment" in mark, "is_bot" in mark)
    assert taken.said == ["anonymous touchpoint"]


def denied() -> Taken:
    told = {**EVERYTHING, "consent": {"analytics": False}}
    told["identifiers"] = [who("account_id", "a7"), who("ip", "198.18.0.1"), who("anonymous_id", "c1")]
    return take(told)


def test_without_consent_nothing_that_names_anyone_is_kept():
    taken = denied()
    touchpoint = taken.touchpoint
    kept = msgspec.json.encode(msgspec.structs.asdict(touchpoint)).decode()
    secrets = (
        "e1",
        "s1",
        "v1",
        "O1",
        "C1",
        "k3",
        "u33db",
        "a1",
        "order_status",
        "price:A",
        "198.18.0.1",
        "00-abc",
        "sku",
    )
    assert [secret for secret in secrets if f'"{secret}"' in kept] == []
    assert (touchpoint.strong, touchpoint.devices, touchpoint.threads) == ((), (), ())
    assert taken.said == ["anonymous touchpoint"]


def test_without_consent_an_event_still_counts_once_in_aggregates():
    touchpoint = denied().touchpoint
    assert (touchpoint.name, touchpoint.outcome, touchpoint.brand) == ("page.viewed", Outcome.FAILED, "shop")
    assert touchpoint.location == Location("store-118", "store")
    assert touchpoint.value == Value(1299, "EUR", "revenue")
    assert touchpoint.key == denied().touchpoint.key
    assert take(event(event_id="e2", consent={"analytics": False})).touchpoint.key != touchpoint.key


def test_consent_not_told_is_the_configured_default():
    opt_in = msgspec.structs.replace(RULES, consent_default=False)
    told = event(identifiers=[who("account_id", "a7")])
    assert take(told).touchpoint.strong != ()
    assert take(told, rules=opt_in).touchpoint.strong == ()
    assert take({**told, "consent": {"analytics": True}}, rules=opt_in).touchpoint.strong != ()
    assert take({**told, "consent": {"version": "2"}}, rules=opt_in).touchpoint.strong == ()


def test_assistive_technology_needs_a_consent_of_its_own():
    assert take(event(a11y={"zoom": 2.0})).touchpoint.a11y is None
    assert take(event(a11y={"zoom": 2.0}, consent={"a11y": True})).touchpoint.a11y == Accessibility(zoom=2.0)


def test_content_hash_ignores_delivery_and_nothing_else():
    first = take(event(sent_at=NOON, received_at=NOON + 9)).touchpoint
    again = take(event(sent_at=NOON + 4000, received_at=NOON + 9000)).touchpoint
    assert (first.key, first.content_hash) == (again.key, again.content_hash)
    for other in (event(task="checkout"), event(occurred_at=NOON + 1), event(identifiers=[who("account_id", "a")])):
        assert take(other).touchpoint.content_hash != first.content_hash


def test_same_event_id_with_other_identifiers_is_another_key():
    keys = {
        take(event(identifiers=[who(kind, "x1")])).touchpoint.key for kind in ("account_id", "device_id", "order_id")
    }
    assert len(keys) == 3
    observed = event(identifiers=[who("account_id", "x1", "observed")])
    assert take(observed).touchpoint.key == take(event()).touchpoint.key
