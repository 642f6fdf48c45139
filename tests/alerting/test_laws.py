"""The order of words, and how often they come, do not decide which alerts are open at the end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import RANK_OF, SEVERITIES, Transition
from schemas.rows import Table
from streams.alerting.lifecycle import Lifecycle
from tests.alerting.builders import hit, journey, newest, rules, taken_back

PEOPLE, INCIDENTS, JOURNEYS = ("ann", "bob"), ("i1", "i2"), ("j1", "j2")


@st.composite
def words(draw):
    """For each hit and each journey a history of words with rising revisions, in any order and some of them twice."""
    every = []
    for person in PEOPLE:
        for incident in INCIDENTS:
            for revision in range(1, draw(st.integers(1, 4))):
                severity = draw(st.sampled_from((*SEVERITIES, "")))
                told = {"severity": severity, "journey_id": draw(st.sampled_from(JOURNEYS))}
                every.append(
                    hit(revision, person, incident, **told) if severity else taken_back(revision, person, incident)
                )
        for name in JOURNEYS:
            every += [
                journey(revision, draw(st.sampled_from(("open", "completed", "abandoned"))), person, name)
                for revision in range(1, draw(st.integers(1, 3)))
            ]
    return draw(st.permutations(every + draw(st.lists(st.sampled_from(every), max_size=6)) if every else every))


def must_be_open(upserts) -> set[str]:
    """Say from the newest words alone which incidents are open."""
    known = {}
    for upsert in sorted(upserts, key=lambda each: each.revision):
        known[upsert.table, upsert.key] = upsert.row
    done = {key for (table, key), row in known.items() if table == Table.JOURNEYS and row.end_state == "completed"}
    return {
        row.incident_key
        for (table, _), row in known.items()
        if table == Table.FRICTION and row is not None
        if RANK_OF[row.severity] >= RANK_OF["high"] and (row.person_id, row.journey_id) not in done
    }


def run(upserts, cuts, restarts=frozenset()):
    life, alerts = Lifecycle(rules()), []
    for number, upsert in enumerate(upserts):
        life.take(upsert)
        if number in cuts:
            alerts += life.settle(1_000 * number).alerts
    alerts += life.settle(1_000_000).alerts
    return life, alerts


@settings(max_examples=300, deadline=None)
@given(words(), st.sets(st.integers(0, 30)))
def test_any_order_and_repeats_end_with_the_same_alerts_open(upserts, cuts):
    life, alerts = run(upserts, cuts)
    assert set(life.open_keys()) == must_be_open(upserts)
    last = newest(alerts)
    assert {key for key, alert in last.items() if alert.is_open} == must_be_open(upserts)
    assert len({(alert.incident_key, alert.number) for alert in alerts if alert.transition != Transition.KEPT}) == len(
        [alert for alert in alerts if alert.transition != Transition.KEPT]
    )


@settings(max_examples=300, deadline=None)
@given(words(), st.sets(st.integers(0, 30)), st.integers(0, 30))
def test_who_goes_on_from_the_records_ends_with_the_same_alerts_open(upserts, cuts, stop):
    """Words on one hit or journey come in order, as in a log; journeys are heard again, hits from where it stopped."""
    once = {(each.table, each.key, each.revision): each for each in upserts}
    log = sorted(once.values(), key=lambda each: each.revision)
    _, alerts = run(log[:stop], cuts)
    other = Lifecycle(rules())
    other.restore(newest(alerts).values())
    for upsert in (*(each for each in log[:stop] if each.table == Table.JOURNEYS), *log[stop:]):
        other.take(upsert)
    other.settle(2_000_000)
    assert set(other.open_keys()) == must_be_open(upserts)
