"""The small job that everybody runs: per customer sessions by a gap, and ten patterns of three steps in a window.

One record per closed session and one per hit. It knows no lateness, no repeats, no second identifier. The state of a
customer is a plain list, so that every framework can keep it in its usual encoding.
"""

from typing import Any, Final, NamedTuple

from benchmarks.kafka.events import CHANNELS, NAMES, OUTCOMES, Event

MINUTE_MS: Final = 60_000
GAP_MS: Final = 30 * MINUTE_MS
SESSIONS, HITS = OUTPUTS = ("sessions", "hits")
"""What the records are of: names of output topics begin with these."""
STEPS: Final = 3

LAST, BEGAN, EVENTS, CLOSED, SEEN, TROUBLES, REACHED, SINCE = range(8)
"""Where things stand in a state; `LAST` is -1 before the first event, times are milliseconds."""

State = list[Any]
Told = dict[str, Any]


class Step(NamedTuple):
    """What an event must be: sets of names, channels and outcomes as bits."""

    names: int
    channels: int
    outcomes: int


class Pattern(NamedTuple):
    """Three steps, the last at most so long after the first."""

    steps: tuple[Step, Step, Step]
    within_ms: int


def _bits(words: tuple[str, ...], *chosen: str) -> int:
    return sum(1 << words.index(word) for word in chosen) if chosen else (1 << len(words)) - 1


def _step(*names: str, on: tuple[str, ...] = (), outcomes: tuple[str, ...] = ()) -> Step:
    return Step(_bits(NAMES, *names), _bits(CHANNELS, *on), _bits(OUTCOMES, *outcomes))


def _pattern(minutes: int, *steps: Step) -> Pattern:
    first, second, third = steps
    return Pattern((first, second, third), minutes * MINUTE_MS)


_BAD: Final = ("failed", "abandoned", "unknown")
_TICKET: Final = _step("ticket.opened")
PATTERNS: Final = (
    _pattern(15, _step("form.failed"), _step("form.failed"), _TICKET),
    _pattern(
        30,
        _step("checkout.failed", on=("web", "app")),
        _step("checkout.failed"),
        _step("ticket.opened", on=("support",)),
    ),
    _pattern(10, _step("search.performed"), _step("search.performed", outcomes=_BAD), _step("search.performed")),
    _pattern(60, *(_step("checkout.started", on=(channel,)) for channel in ("web", "app", "kiosk"))),
    _pattern(30, _step("app.crashed", on=("app",)), _step("page.viewed", "element.clicked", on=("web",)), _TICKET),
    _pattern(120, _TICKET, _step("ticket.replied", outcomes=_BAD), _TICKET),
    _pattern(
        60,
        _step("message.clicked", on=("email",)),
        _step("page.viewed", on=("web",), outcomes=("failed", "unknown")),
        _TICKET,
    ),
    _pattern(
        20,
        _step("kiosk.idle", on=("kiosk",)),
        _step("kiosk.idle", on=("kiosk",)),
        _step("kiosk.ordered", outcomes=_BAD),
    ),
    _pattern(
        15,
        _step("form.started"),
        _step("form.started", outcomes=("abandoned",)),
        _step("form.started", outcomes=("abandoned",)),
    ),
    _pattern(5, *(_step(outcomes=("failed",)) for _ in range(STEPS))),
)
ASKED: Final = tuple(
    tuple(number for number, each in enumerate(PATTERNS) if any(step.names >> name & 1 for step in each.steps))
    for name in range(len(NAMES))
)
"""The patterns to ask about an event, by the number of its name."""
_NUMBER_OF_NAME: Final = {name: number for number, name in enumerate(NAMES)}
_BIT_OF_CHANNEL: Final = {channel: 1 << number for number, channel in enumerate(CHANNELS)}
_BIT_OF_OUTCOME: Final = {outcome: 1 << number for number, outcome in enumerate(OUTCOMES)}


def new_state() -> State:
    """Begin with a customer."""
    return [-1, 0, 0, 0, 0, 0, [0] * len(PATTERNS), [0] * len(PATTERNS)]


def step(state: State, event: Event) -> tuple[Told | None, list[Told]]:
    """Take a decoded event; gives the session that it closed, if it did, and the patterns that it completed."""
    return advance(
        state,
        event["identifiers"][0]["value"],
        event["event_id"],
        event["occurred_at"],
        event["name"],
        event["channel"],
        event["outcome"],
    )


def advance(
    state: State, customer: str, event_id: str, at: int, named: str, channel: str, outcome: str
) -> tuple[Told | None, list[Told]]:
    """Take what the job needs of an event."""
    session, last = None, state[LAST]
    if last < 0:
        state[BEGAN] = at
    elif at - last > GAP_MS:
        session = _close(state, customer)
        state[BEGAN] = at
    if at > last:
        state[LAST] = at
    name, where, how = _NUMBER_OF_NAME[named], _BIT_OF_CHANNEL[channel], _BIT_OF_OUTCOME[outcome]
    state[EVENTS] += 1
    state[SEEN] |= where
    if how != 1:
        state[TROUBLES] += 1
    hits: list[Told] = []
    reached, since, bit = state[REACHED], state[SINCE], 1 << name
    for number in ASKED[name]:
        steps, within_ms = PATTERNS[number]
        at_step = reached[number]
        if at_step and at - since[number] > within_ms:
            at_step = reached[number] = 0
        names, channels, outcomes = steps[at_step]
        if names & bit and channels & where and outcomes & how:
            if at_step == 0:
                since[number] = at
            reached[number] = (at_step + 1) % STEPS
            if at_step + 1 == STEPS:
                begun = since[number]
                hits.append({
                    "customer": customer, "pattern": number, "started_at": begun, "at": at, "event_id": event_id,
                })  # fmt: skip
    return session, hits


def _close(state: State, customer: str) -> Told:
    session = {
        "customer": customer,
        "session": state[CLOSED],
        "started_at": state[BEGAN],
        "ended_at": state[LAST],
        "events": state[EVENTS],
        "channels": state[SEEN],
        "errors": state[TROUBLES],
    }
    state[EVENTS] = state[SEEN] = state[TROUBLES] = 0
    state[CLOSED] += 1
    return session
