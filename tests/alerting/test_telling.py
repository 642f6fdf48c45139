"""What an alert says."""

from schemas.alerts import decode_alert, encode_alert
from streams.alerting.lifecycle import Lifecycle
from tests.alerting.builders import hit, journey, rules


def opened(*upserts):
    life = Lifecycle(rules())
    for upsert in upserts:
        life.take(upsert)
    (alert,) = life.settle(5_000).alerts
    return alert


def test_it_says_who_where_since_when_how_much_why_and_what_to_do():
    told = opened(hit()).told
    assert (told.person_ids, told.people, told.hits) == (("ann",), 1, 1)
    assert (told.brand, told.channel_from, told.channel_to, told.location_id) == ("grill", "web", "support", "store-1")
    assert (told.first_at, told.last_at, told.detected_at) == (1_000, 9_000, 9_000)
    assert (told.value_at_risk_minor, told.currency) == (4_200, "EUR")
    assert (told.pattern, told.meaning, told.remedy) == ("X01", "They failed and phoned.", "Call back.")
    assert (told.parameters, told.evidence) == ({"window": "24h"}, ("aa", "bb"))
    assert told.commands == ("seamline journey ann", "seamline friction show hit-i1", "seamline explain X01 ann")


def test_several_hits_are_told_together_the_gravest_speaks_for_them():
    later = hit(person="bob", severity="critical", first_at=500, last_at=20_000, value_at_risk_minor=900, task="pickup")
    alert = opened(hit(), later)
    told = alert.told
    assert (alert.severity, told.task, told.people, told.hits) == ("critical", "pickup", 2, 2)
    assert (told.first_at, told.last_at, told.value_at_risk_minor) == (500, 20_000, 4_200)


def test_the_order_of_hits_does_not_change_what_is_told():
    hits = [hit(person=name, journey_id=name) for name in ("ann", "bob", "eve")]
    assert opened(*hits).told == opened(*reversed(hits)).told


def test_what_is_settled_already_is_not_counted():
    assert opened(hit(), hit(person="bob", journey_id="j2"), journey()).told.person_ids == ("bob",)


def test_of_health_nothing_is_told_but_the_pattern_and_ids():
    for upsert in (hit(pattern="X18"), hit(task="refill"), hit(pattern="X99")):
        told = opened(upsert).told
        assert told.health
        assert (told.brand, told.task, told.channel_from, told.location_id, told.path) == ("", "", "", "", "")
        assert (told.value_at_risk_minor, told.first_at, told.parameters) == (0, 0, {})
        assert (told.person_ids, told.evidence) == (("ann",), ("aa", "bb"))


def test_one_hit_about_health_makes_the_whole_alert_tell_nothing():
    assert opened(hit(), hit(person="bob", task="refill")).told.task == ""


def test_an_alert_is_read_as_it_was_written():
    alert = opened(hit(), hit(person="bob", journey_id="j2"), journey())
    assert decode_alert(encode_alert(alert)) == alert
