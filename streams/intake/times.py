"""Times: epoch milliseconds or RFC 3339 in, integer milliseconds UTC out; and the corrected time of an event."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, TypeAlias

from schemas.wire import Time
from streams.intake.rejected import Reason, Rejected

Times: TypeAlias = tuple[int, int | None, int, int]
"""Occurred at, sent at, received at, event time, in milliseconds."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
DAY_MS: Final = 86_400_000
SKEW_MS: Final = 2_000
"""A transmission stamped at both ends whose stamps differ by more than this comes from a clock that is wrong."""
TIME_END: Final = 7_258_118_400_000
"""2200-01-01: times from 1970 up to here can be kept in every table."""
RFC3339_CHARS_MAX: Final = 35


class Timed(Protocol):
    """An event with its times as told."""

    @property
    def occurred_at(self) -> Time | None:
        """When it happened, by the clock of where it happened."""

    @property
    def sent_at(self) -> Time | None:
        """When it was sent, by the same clock."""

    @property
    def received_at(self) -> Time | None:
        """When it was received, by the receiver's clock."""


def parse_time(told: int | str) -> int | None:
    """Read a time; None where it is neither epoch milliseconds nor RFC 3339 with an offset, or not in 1970 to 2199."""
    if not isinstance(told, str):
        return told if 0 <= told < TIME_END else None
    if not 20 <= len(told) <= RFC3339_CHARS_MAX or told[7] != "-" or told[10] not in "Tt " or told[13] != ":":  # noqa: PLR2004
        return None  # other ways of ISO 8601: without dashes or colons, by weeks, dates alone
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return parse_time(told[:-1] + "Z") if told[-1] == "z" else None
    if moment.tzinfo is None:
        return None
    time = (moment - EPOCH) // MILLISECOND
    return time if 0 <= time < TIME_END else None


def times_of(event: Timed, timestamp: int | None) -> Times | Rejected:
    """Read the times of an event (docs/rules.md 1.2); `timestamp` is its log record's own, in milliseconds."""
    told_at, told_sent, told_received = event.occurred_at, event.sent_at, event.received_at
    if told_at is None:
        return Rejected(Reason.NO_TIME, "occurred_at is missing")
    occurred_at = told_at if type(told_at) is int and 0 <= told_at < TIME_END else parse_time(told_at)
    if occurred_at is None:
        return Rejected(Reason.UNREADABLE_TIME, "occurred_at")
    sent_at = received_told = None
    if told_sent is not None and (sent_at := parse_time(told_sent)) is None:
        return Rejected(Reason.UNREADABLE_TIME, "sent_at")
    if told_received is not None and (received_told := parse_time(told_received)) is None:
        return Rejected(Reason.UNREADABLE_TIME, "received_at")
    received_at = received_told if received_told is not None else timestamp
    if received_at is None:
        received_at = occurred_at if sent_at is None else sent_at
    return (occurred_at, sent_at, received_at, event_time_of(occurred_at, sent_at, received_told, received_at))


def event_time_of(occurred_at: int, sent_at: int | None, received_told: int | None, received_at: int) -> int:
    """Correct a device's clock (docs/rules.md 1.2); never later than `received_at`.

    `received_told` is the envelope's own; only where it stands beside `sent_at` is the difference of clocks known.
    """
    if sent_at is not None and received_told is not None and abs(sent_at - received_told) > SKEW_MS:
        return min(received_told - (sent_at - occurred_at), received_told)
    return occurred_at if occurred_at < received_at else received_at  # noqa: FURB136 - quicker than calling `min`
