"""How great the numbers of an event may be: sums of them must fit 64 bits, and scores must mean something.

One number beyond its bounds would spoil what is summed or fitted over a whole journey, so its event is a dead letter.
"""

from typing import Final, Protocol

from schemas.wire import WireError, WireItem, WireRx, WireSentiment, WireStep, WireSurvey, WireValue

AMOUNT_MAX: Final = 10**12
"""Minor units of money; nine million of such amounts can be added up in 64 bits."""
LENGTH_MS_MAX: Final = 10**12
"""Some thirty years; no length of time is negative."""
COUNT_MAX: Final = 10**9
"""Steps, pieces, days, statuses and scores of a survey."""
OFFSET_MIN_MAX: Final = 24 * 60 - 1
"""No place is a whole day from UTC."""


class Numbered(Protocol):
    """An event with the numbers it tells; what only a few tell is asked of those (`check.py`)."""

    @property
    def tz_offset_min(self) -> int | None:
        """Offset of the device from UTC, minutes."""

    @property
    def duration_ms(self) -> int | None:
        """How long it took."""

    @property
    def wait_ms(self) -> int | None:
        """How long the customer waited."""

    @property
    def handle_ms(self) -> int | None:
        """How long the agent handled it."""

    @property
    def step(self) -> WireStep | None:
        """Where in the task's flow."""

    @property
    def error(self) -> WireError | None:
        """What went wrong."""

    @property
    def value(self) -> WireValue | None:
        """Money."""

    @property
    def items(self) -> tuple[WireItem, ...] | None:
        """The basket."""

    @property
    def sentiment(self) -> WireSentiment | None:
        """How it was felt."""

    @property
    def survey(self) -> WireSurvey | None:
        """Answer to a survey."""

    @property
    def rx(self) -> WireRx | None:
        """What matters of a prescription."""


def out_of_bounds(event: Numbered) -> str:
    """Name the first field whose number is out of its bounds; empty where none is."""
    duration_ms, wait_ms, handle_ms = event.duration_ms, event.wait_ms, event.handle_ms
    if duration_ms is not None and not 0 <= duration_ms <= LENGTH_MS_MAX:
        return "duration_ms"
    if wait_ms is not None and not 0 <= wait_ms <= LENGTH_MS_MAX:
        return "wait_ms"
    if handle_ms is not None and not 0 <= handle_ms <= LENGTH_MS_MAX:
        return "handle_ms"
    if event.tz_offset_min is not None and not within(event.tz_offset_min, OFFSET_MIN_MAX):
        return "tz_offset_min"
    if event.value is not None and not within(event.value.amount_minor, AMOUNT_MAX):
        return "value.amount_minor"
    return _of_blocks(event)


def _of_blocks(event: Numbered) -> str:
    step, error, rx, sentiment = event.step, event.error, event.rx, event.sentiment
    if step is not None and not within(step.index, COUNT_MAX):
        return "step.index"
    if step is not None and not within(step.total, COUNT_MAX):
        return "step.total"
    if error is not None and not within(error.http_status, COUNT_MAX):
        return "error.http_status"
    if rx is not None and not within(rx.days_supply_left, COUNT_MAX):
        return "rx.days_supply_left"
    if sentiment is not None and not within(sentiment.score, 1):
        return "sentiment.score"
    if event.survey is not None and not _is_scale(event.survey):
        return "survey"
    if event.items and not all(
        within(item.qty, COUNT_MAX) and within(item.price_minor, AMOUNT_MAX) for item in event.items
    ):
        return "items"
    return ""


def within(number: float | None, greatest: float) -> bool:
    """Tell whether a number, if it is told, is at most this far from zero."""
    return number is None or -greatest <= number <= greatest


def _is_scale(survey: WireSurvey) -> bool:
    return (
        within(survey.score, COUNT_MAX) and within(survey.scale_min, COUNT_MAX) and within(survey.scale_max, COUNT_MAX)
    )
