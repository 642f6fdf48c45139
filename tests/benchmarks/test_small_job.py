"""The small job that everybody runs, and the traffic it runs over."""

import pytest

from benchmarks.kafka.events import NAMES, Event, arrivals
from benchmarks.kafka.small_job import ASKED, CLOSED, EVENTS, GAP_MS, MINUTE_MS, PATTERNS, State, Told, new_state, step
from schemas.wire import REQUIRED

SESSIONS_OF_40_000, HITS_OF_40_000 = 6, 225


def event(name: str, minute: float, channel: str = "web", outcome: str = "progressed") -> Event:
    return {
        "event_id": f"{name}-{minute}",
        "identifiers": [{"kind": "account_id", "value": "ada"}],
        "name": name,
        "channel": channel,
        "outcome": outcome,
        "occurred_at": round(minute * MINUTE_MS),
    }


def run(*events: Event) -> tuple[State, list[Told], list[Told]]:
    state, sessions, hits = new_state(), [], []
    for each in events:
        closed, found = step(state, each)
        sessions += [closed] if closed is not None else []
        hits += found
    return state, sessions, hits


def test_a_pause_of_more_than_the_gap_closes_a_session():
    gap = GAP_MS / MINUTE_MS
    state, sessions, _ = run(event("page.viewed", 0), event("page.viewed", gap), event("page.viewed", 2 * gap + 1))
    assert [(each["started_at"], each["events"]) for each in sessions] == [(0, 2)]
    assert (state[CLOSED], state[EVENTS]) == (1, 1)


@pytest.mark.parametrize(("last", "hits"), [(15, [0]), (15.1, [])])
def test_a_pattern_is_three_steps_within_its_window(last: float, hits: list[int]):
    _, _, found = run(event("form.failed", 0), event("form.failed", 5), event("ticket.opened", last))
    assert [each["pattern"] for each in found] == hits


def test_a_step_asks_for_channels():
    steps = [event("checkout.started", minute, channel) for minute, channel in enumerate(("web", "kiosk", "app"))]
    _, _, found = run(*steps)
    assert found == []
    _, _, found = run(*steps, event("checkout.started", 4, "kiosk"))
    assert [(each["pattern"], each["started_at"]) for each in found] == [(3, 0)]


def test_three_failures_of_any_name_are_a_burst():
    _, _, found = run(
        *(event(name, 0, outcome="failed") for name in ("page.viewed", "order.placed", "cart.item_added"))
    )
    assert [each["pattern"] for each in found] == [len(PATTERNS) - 1]


def test_every_name_asks_about_the_burst():
    assert all(asked[-1] == len(PATTERNS) - 1 for asked in ASKED)
    assert len(ASKED) == len(NAMES)


def test_same_traffic_every_time():
    assert list(arrivals(300)) == list(arrivals(500))[:300]
    assert list(arrivals(100, seed=1)) != list(arrivals(100, seed=2))


def test_every_event_is_a_native_one():
    assert all(set(REQUIRED) <= set(each.event) for each in arrivals(200))


def test_the_job_gives_what_it_gave():
    states: dict[str, State] = {}
    sessions = hits = 0
    for customer, each, _ in arrivals(40_000):
        closed, found = step(states.setdefault(customer, new_state()), each)
        sessions += closed is not None
        hits += len(found)
    assert (sessions, hits) == (SESSIONS_OF_40_000, HITS_OF_40_000)
