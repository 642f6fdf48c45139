"""When alerts open, are said again, and end."""

import pytest

from schemas.alerts import Alert
from streams.alerting.lifecycle import Lifecycle
from streams.alerting.rules import MEMBERS_MAX
from tests.alerting.builders import hit, journey, newest, rules, said, taken_back

DAY = 86_400_000


def after(*batches, life=None, **changes):
    """Settle after each batch, a second apart; what each settle said."""
    life = life or Lifecycle(rules(**changes))
    told = []
    for number, batch in enumerate(batches):
        for upsert in batch:
            life.take(upsert)
        told.append(said(life.settle(1_000 * (number + 1))))
    return told


def test_a_grave_hit_opens_an_alert():
    assert after([hit()]) == [[("i1", "opened")]]


def test_a_slight_hit_opens_none_until_it_grows_grave():
    assert after([hit(1, severity="medium")], [hit(2, severity="high")]) == [[], [("i1", "opened")]]


def test_which_hits_are_grave_is_a_setting():
    assert after([hit(1, severity="medium")], severity_min="medium") == [[("i1", "opened")]]


def test_growth_is_no_news_but_a_graver_hit_is():
    grown, graver = hit(2, last_at=99_000), hit(3, severity="critical")
    assert after([hit()], [grown], [graver]) == [[("i1", "opened")], [], [("i1", "updated")]]


def test_further_hits_of_an_incident_are_no_alerts_of_their_own():
    told = after([hit()], [hit(person="bob", journey_id="j2")])
    assert told == [[("i1", "opened")], [("i1", "kept")]]


def test_repeats_and_older_words_change_nothing():
    assert after([hit(5)], [hit(5), hit(3, severity="critical"), taken_back(4)]) == [[("i1", "opened")], []]


def test_an_alert_is_resolved_when_the_last_of_its_hits_is_taken_back():
    told = after([hit(), hit(person="bob", journey_id="j2")], [taken_back()], [taken_back(person="bob")])
    assert told == [[("i1", "opened")], [("i1", "kept")], [("i1", "resolved retracted")]]


def test_an_alert_is_resolved_when_its_hits_become_too_weak():
    assert after([hit()], [hit(2, severity="low")])[1] == [("i1", "resolved weaker")]


def test_an_alert_is_resolved_when_the_journey_is_completed():
    told = after([hit()], [journey(1, "open")], [journey(2)])
    assert told == [[("i1", "opened")], [], [("i1", "resolved completed")]]


@pytest.mark.parametrize("end", ["abandoned", "failed_final", "superseded", "escalated_open"])
def test_no_other_end_of_the_journey_resolves_it(end: str):
    assert after([hit()], [journey(1, end)])[1] == []


def test_a_journey_that_was_completed_before_its_hit_is_heard_of_opens_nothing():
    assert after([journey()], [hit()]) == [[], [("i1", "kept")]]


def test_a_journey_of_somebody_else_resolves_nothing():
    assert after([hit()], [journey(person="bob"), journey(journey_id="j2")])[1] == []


def test_an_incident_of_two_journeys_waits_for_both():
    told = after([hit(), hit(person="bob", journey_id="j2")], [journey()], [journey(person="bob", journey_id="j2")])
    assert [entries[-1][1] for entries in told] == ["opened", "kept", "resolved completed"]


def test_a_completion_that_is_taken_back_opens_the_alert_again():
    told = after([hit()], [journey(1)], [journey(2, "abandoned")])
    assert [entries[0][1] for entries in told] == ["opened", "resolved completed", "opened"]


def test_a_hit_that_moves_to_another_person_is_no_news():
    assert after([hit()], [taken_back(), hit(person="bob")]) == [[("i1", "opened")], [("i1", "kept")]]


def test_a_hit_that_moves_slowly_is_none_either_while_it_is_held():
    told = after([hit()], [taken_back()], [hit(person="bob")], hold_ms=5_000)
    assert [("i1", "kept")] in told
    assert not any(entry[1].startswith("resolved") for entries in told for entry in entries)


def test_what_is_held_is_resolved_after_that_time():
    life = Lifecycle(rules(hold_ms=5_000))
    after([hit()], [taken_back()], life=life)
    assert said(life.settle(6_999)) == []
    assert said(life.settle(7_000)) == [("i1", "resolved retracted")]


def test_ids_differ_by_transition_and_stay_when_said_again():
    life = Lifecycle(rules())
    alerts: list[Alert] = []
    for batch in ([hit()], [hit(2, severity="critical")], [taken_back(3)], [hit(4)]):
        life.take(batch[0])
        alerts += life.settle(1_000 * (len(alerts) + 1)).alerts
    assert len({alert.message_id for alert in alerts}) == 4
    assert len({alert.alert_id for alert in alerts}) == 1
    assert [alert.number for alert in alerts] == [1, 2, 3, 4]


def test_who_goes_on_from_the_records_says_nothing_again():
    life = Lifecycle(rules())
    words = [hit(), hit(person="bob", journey_id="j2"), hit(incident="i2", journey_id="j3"), journey(journey_id="j3")]
    alerts = []
    for upsert in words:
        life.take(upsert)
        alerts += life.settle(1_000).alerts
    other = Lifecycle(rules())
    other.restore(newest(alerts).values())
    assert set(other.open_keys()) == set(life.open_keys()) == {"i1"}
    for upsert in words:
        other.take(upsert)
    assert said(other.settle(2_000)) == []
    other.take(taken_back())
    other.take(taken_back(person="bob"))
    assert said(other.settle(3_000)) == [("i1", "resolved retracted")]


def test_who_restarts_while_a_hit_is_held_resolves_it_all_the_same():
    life = Lifecycle(rules(hold_ms=5_000))
    life.take(hit())
    alerts = life.settle(1_000).alerts
    life.take(taken_back())
    alerts += life.settle(2_000).alerts
    other = Lifecycle(rules(hold_ms=5_000))
    other.restore(newest(alerts).values())
    assert said(other.settle(7_000)) == [("i1", "resolved retracted")]


def test_what_was_resolved_is_forgotten_after_a_while():
    life = Lifecycle(rules(remember_ms=DAY))
    after([hit()], [taken_back()], life=life)
    assert life.settle(1_999 + DAY).forgotten == []
    assert life.settle(2_000 + DAY).forgotten == ["i1"]


def test_an_alert_without_news_for_so_long_is_resolved_and_forgotten():
    life = Lifecycle(rules(remember_ms=DAY))
    after([hit()], life=life)
    changes = life.settle(1_000 + DAY)
    assert said(changes) == [("i1", "resolved expired")]
    assert (changes.forgotten, life.open_count) == (["i1"], 0)


def test_a_word_that_comes_again_after_all_was_forgotten_opens_nothing():
    life = Lifecycle(rules(remember_ms=DAY))
    after([hit()], [taken_back()], life=life)
    life.settle(9 * DAY)
    life.take(hit())
    assert said(life.settle(10 * DAY)) == []


def test_beyond_the_bound_the_oldest_that_is_resolved_gives_way():
    life = Lifecycle(rules(), incidents_max=2)
    after([hit()], [taken_back()], [hit(incident="i2", journey_id="j2")], life=life)
    life.take(hit(incident="i3", journey_id="j3"))
    changes = life.settle(9_000)
    assert (said(changes), changes.forgotten, life.refused) == ([("i3", "opened")], ["i1"], 0)
    life.take(hit(incident="i4", journey_id="j4"))
    assert (said(life.settle(9_000)), life.refused) == ([], 1)


def test_hits_of_one_incident_have_a_bound_and_are_counted_beyond_it():
    life = Lifecycle(rules())
    for number in range(MEMBERS_MAX + 3):
        life.take(hit(person=f"p{number}"))
    (alert,) = life.settle(1_000).alerts
    assert (alert.told.hits, alert.told.people, life.refused) == (MEMBERS_MAX, MEMBERS_MAX, 3)
    assert len(alert.told.person_ids) == 10
