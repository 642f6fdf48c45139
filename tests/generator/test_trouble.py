"""Events are mistreated at the rates asked for, and stamped so that the true time can be told again."""

from collections import Counter
from datetime import datetime

import pytest

from streams.generator.cast import people_of
from streams.generator.rules import HORIZON_MS, WorldRules
from streams.generator.scene import Event
from streams.generator.transit import LATE, REDELIVERED, REIDENTIFIED, RESENT
from streams.generator.truth import chapter_facts
from streams.generator.world import Chapter, chapters, truth, written

RULES = WorldRules(seed=3, people=1_000, days=5.0)


@pytest.fixture(scope="module")
def told() -> list[Chapter]:
    return list(chapters(RULES))


@pytest.fixture(scope="module")
def facts(told: list[Chapter]) -> list[Event]:
    facts = (fact for chapter in told for fact in chapter_facts(chapter.scene, chapter.written))
    return [fact for fact in facts if fact["kind"] == "event"]


def test_delayed_and_late_events_are_as_frequent_as_asked(facts: list[Event]) -> None:
    fates = Counter(fact["fate"] for fact in facts)
    assert fates["delayed"] / len(facts) == pytest.approx(RULES.delayed, rel=0.12)
    assert fates["late"] / len(facts) == pytest.approx(RULES.late, rel=0.4)


def test_copies_are_as_frequent_as_asked(facts: list[Event]) -> None:
    befell = Counter(copy for fact in facts for copy in fact["copies"])  # type: ignore[attr-defined]
    assert befell[REDELIVERED] / len(facts) == pytest.approx(RULES.duplicated, rel=0.15)
    assert befell[REIDENTIFIED] / len(facts) == pytest.approx(RULES.reidentified, rel=0.2)
    assert befell[RESENT] / len(facts) == pytest.approx(RULES.resent, rel=0.35)


def test_shared_devices_are_as_frequent_as_asked() -> None:
    rules = WorldRules(seed=9, people=4_000)
    people = people_of(rules)
    homes = Counter(person.circle for person in people)
    tablets = sum(size > 1 for size in homes.values())
    devices = 2 * len(people) + tablets
    assert tablets / devices == pytest.approx(rules.shared_devices, rel=0.2)


def test_corrected_time_is_the_true_time_but_for_the_way_to_the_collector() -> None:
    rules = WorldRules(seed=4, people=200, bad_clocks=0.5)
    for chapter in chapters(rules):
        for one in chapter.written:
            assert abs(event_time(one.event) - one.at) <= 21_000


def test_late_events_alone_are_beyond_the_horizon(told: list[Chapter]) -> None:
    for chapter in told:
        for one in chapter.written:
            assert (one.received_at - event_time(one.event) > HORIZON_MS) == (one.fate == LATE)


def test_a_world_without_trouble_has_every_event_once_and_promptly() -> None:
    calm = WorldRules(people=50, delayed=0, late=0, duplicated=0, reidentified=0, resent=0, out_of_order=0)
    facts = [fact for fact in truth(calm) if fact["kind"] == "event"]
    assert {fact["fate"] for fact in facts} == {"prompt"}
    assert len(list(written(calm))) == len(facts)


def test_some_times_are_written_as_rfc_3339_with_an_offset(told: list[Chapter]) -> None:
    events = [one.event for chapter in told for one in chapter.written]
    spelled = [event for event in events if isinstance(event["occurred_at"], str)]
    assert all(datetime.fromisoformat(str(event["received_at"])).tzinfo is not None for event in spelled)
    assert len(spelled) / len(events) == pytest.approx(RULES.rfc3339, rel=0.1)


def event_time(event: Event) -> int:
    """Event time by rule 1.2, from the event alone."""
    occurred, received = ms(event["occurred_at"]), ms(event["received_at"])
    if "sent_at" in event and abs(ms(event["sent_at"]) - received) > 2_000:
        return min(received, received - (ms(event["sent_at"]) - occurred))
    return min(occurred, received)


def ms(stamp: object) -> int:
    if isinstance(stamp, int):
        return stamp
    return round(datetime.fromisoformat(str(stamp)).timestamp() * 1000)
