"""Measures of one journey: what is counted as touchpoints join it, in order (docs/rules.md §7.6). `scores` sums it up.

Everything is of bounded size: of texts that are listed the first `LISTED_MAX` count, of changes of channel the first
`TRANSITIONS_MAX`, of scores their sums are kept.
"""

from typing import Final

import msgspec

from schemas.blocks import Experiment, Sentiment, Step, Survey, Value
from schemas.touchpoint import Channel, Outcome, Touchpoint
from streams.journeys.book import Book
from streams.patterns.reading import CHANNEL_NAMES, COMPLETED, DIGITAL_SELF

LISTED_MAX: Final = 64
"""Distinct steps, survey scores, distinct variants, currencies, and things started, that one journey remembers."""
TRANSITIONS_MAX: Final = 64
"""Changes of channel of one journey that are counted."""

_HELD: Final = "contact.held"
_TRANSFERRED: Final = "contact.transferred"
_REAUTHENTICATED: Final = "contact.reauthenticated"
_NAMED: Final = frozenset((_HELD, _TRANSFERRED, _REAUTHENTICATED, "case.resolved", "ticket.resolved"))
_DONE: Final = frozenset((Outcome.PROGRESSED, COMPLETED))
_OVER: Final = frozenset((COMPLETED, Outcome.FAILED, Outcome.ABANDONED))
_NO_OUTCOME: Final = Outcome.NONE
_AT_STAKE: Final = frozenset(("revenue", "at_risk"))
_KIOSK: Final = Channel.KIOSK


class Transition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A change of channel between neighbouring inbound touchpoints, at the time of the later one."""

    time: int
    channel_from: str
    channel_to: str
    lag_ms: int
    is_seamless: bool


class Scores(msgspec.Struct, array_like=True, gc=False):
    """Sentiment scores: `weighted` is the sum of each times its number, from 0."""

    first: float
    last: float
    least: float
    number: int = 0
    total: float = 0.0
    weighted: float = 0.0


class Measures(msgspec.Struct, array_like=True, gc=False):
    """What is counted of a journey. `place`, `channel`, `touched_at`, `step_index`: of the newest inbound touchpoint.

    `started` are the names of beginnings since the last outcome; `failed` is the first part of the name of the newest
    touchpoint with an error, empty once that was tried again; `stakes` the greatest amount by currency.
    """

    location_id: str = ""
    active_ms: int = 0
    wait_ms: int = 0
    outbound_touches: int = 0
    visits: int = 0
    backtracks: int = 0
    restarts: int = 0
    retries: int = 0
    transfers: int = 0
    reauths: int = 0
    seamless_switches: int = 0
    steps_total: int = 0
    self_service: bool = False
    is_resolved: bool = False
    place: str = ""
    channel: str = ""
    touched_at: int = 0
    step_index: int | None = None
    failed: str = ""
    started: list[str] = []
    steps: list[str] = []
    survey: list[str] = []
    variants: list[str] = []
    stakes: dict[str, int] = {}
    scores: Scores | None = None
    transitions: list[Transition] = []


def add(measures: Measures, touchpoint: Touchpoint, pause_ms: int, book: Book) -> None:
    """Count what a touchpoint of any direction tells; `pause_ms` since the one before it, 0 for the first."""
    if pause_ms and pause_ms <= book.gap(touchpoint):
        measures.active_ms += pause_ms
    if touchpoint.name in _NAMED:
        _add_named(measures, touchpoint)
    if touchpoint.wait_ms is not None:
        measures.wait_ms += touchpoint.wait_ms
    if touchpoint.location is not None and not measures.location_id:
        measures.location_id = touchpoint.location.location_id
    if touchpoint.step is not None:
        _add_step(measures, touchpoint, touchpoint.step)
    if touchpoint.value is not None:
        _add_stake(measures.stakes, touchpoint.value)
    if touchpoint.sentiment is not None:
        measures.scores = _with_score(measures.scores, touchpoint.sentiment)
    if touchpoint.survey is not None:
        _add_survey(measures.survey, touchpoint.survey)
    if touchpoint.experiments:
        _add_variants(measures.variants, touchpoint.experiments)


def add_touch(measures: Measures, touchpoint: Touchpoint, place: str, name: str, book: Book) -> None:
    """Count what an inbound touchpoint adds, at its place; `name` is its channel class."""
    now, channel = touchpoint.event_time, CHANNEL_NAMES[touchpoint.channel]
    if place != measures.place or now - measures.touched_at > book.place_gap_ms:
        measures.visits += 1
    if channel != measures.channel:
        if measures.channel and len(measures.transitions) < TRANSITIONS_MAX:
            lag_ms = now - measures.touched_at
            measures.transitions.append(Transition(now, measures.channel, channel, lag_ms, is_seamless(touchpoint)))
        measures.channel = channel
    measures.place, measures.touched_at = place, now
    if name == DIGITAL_SELF or touchpoint.channel is _KIOSK:
        measures.self_service = True
    if touchpoint.step is not None and touchpoint.step.index is not None:
        if measures.step_index is not None and touchpoint.step.index < measures.step_index:
            measures.backtracks += 1
        measures.step_index = touchpoint.step.index
    if measures.failed and touchpoint.name.partition(".")[0] == measures.failed:
        measures.retries += 1
        measures.failed = ""
    if touchpoint.name.endswith(".started"):
        _add_start(measures, touchpoint.name)


def note_result(measures: Measures, touchpoint: Touchpoint, *, is_error: bool) -> None:
    """Note what may be tried or begun again from now on: an error, and an outcome after which nothing is begun."""
    if is_error:
        measures.failed = touchpoint.name.partition(".")[0]
    if touchpoint.outcome is not _NO_OUTCOME and measures.started and touchpoint.outcome in _OVER:
        measures.started.clear()


def is_seamless(touchpoint: Touchpoint) -> bool:
    """Tell whether a change to its channel was seamless: what was known came along, and the task went on."""
    return touchpoint.context_carried is True and touchpoint.outcome in _DONE


def _add_named(measures: Measures, touchpoint: Touchpoint) -> None:
    name = touchpoint.name
    if name == _HELD:
        measures.wait_ms += touchpoint.duration_ms or 0
    elif name == _TRANSFERRED:
        measures.transfers += 1
    elif name == _REAUTHENTICATED:
        measures.reauths += 1
    else:
        measures.is_resolved = True


def _add_step(measures: Measures, touchpoint: Touchpoint, step: Step) -> None:
    if step.total is not None and step.total > measures.steps_total:
        measures.steps_total = step.total
    if step.name and (touchpoint.outcome in _DONE or touchpoint.name.endswith(".step_completed")):
        _add_distinct(measures.steps, step.name)


def _add_stake(stakes: dict[str, int], value: Value) -> None:
    if value.kind not in _AT_STAKE or value.amount_minor <= stakes.get(value.currency, 0):
        return
    if value.currency in stakes or len(stakes) < LISTED_MAX:
        stakes[value.currency] = value.amount_minor


def _with_score(scores: Scores | None, told: Sentiment) -> Scores:
    if scores is None:
        scores = Scores(told.score, told.score, told.score)
    scores.last = told.score
    scores.least = min(scores.least, told.score)
    scores.total += told.score
    scores.weighted += told.score * scores.number
    scores.number += 1
    return scores


def _add_survey(listed: list[str], told: Survey) -> None:
    if len(listed) < LISTED_MAX:
        listed.append(f"{told.instrument}:{told.score:g}")


def _add_variants(listed: list[str], told: tuple[Experiment, ...]) -> None:
    for one in told:
        _add_distinct(listed, f"{one.experiment_id}:{one.variant}")


def _add_start(measures: Measures, name: str) -> None:
    if name in measures.started:
        measures.restarts += 1
    else:
        _add_distinct(measures.started, name)


def _add_distinct(listed: list[str], text: str) -> None:
    if text not in listed and len(listed) < LISTED_MAX:
        listed.append(text)
