"""Scores of a journey: what it cost the customer, and how it was felt (docs/rules.md §7.6)."""

from math import exp
from typing import Final

from streams.journeys.journeys import Journey
from streams.journeys.measures import Scores
from streams.patterns.durations import MINUTE

_SWITCH: Final = 0.10
_SEAMLESS_SWITCH: Final = 0.02
_BACKTRACK: Final = 0.05
_RETRY: Final = 0.08
_RESTART: Final = 0.12
_FIRST_CONTACT: Final = 0.20
_REPEAT_CONTACT: Final = 0.35
_TRANSFER: Final = 0.20
_REAUTH: Final = 0.20
_WAIT: Final = 0.10
_WAIT_MS: Final = 5 * MINUTE
_ERROR: Final = 0.10
_SLOPE_MIN: Final = 3
"""Scores that a slope needs."""
_DIGITS: Final = 6


def effort(journey: Journey) -> float:
    """Score what a journey cost the customer, from 0 to 100."""
    told = journey.measures
    amount = (
        _SWITCH * (journey.switches - told.seamless_switches)
        + _SEAMLESS_SWITCH * told.seamless_switches
        + _BACKTRACK * told.backtracks
        + _RETRY * told.retries
        + _RESTART * told.restarts
        + _FIRST_CONTACT * min(1, journey.contacts)
        + _REPEAT_CONTACT * max(0, journey.contacts - 1)
        + _TRANSFER * told.transfers
        + _REAUTH * told.reauths
        + _WAIT * told.wait_ms / _WAIT_MS
        + _ERROR * journey.errors
    )
    return round(100 * (1 - exp(-amount)), _DIGITS) if amount else 0.0


def slope(scores: Scores) -> float | None:
    """Fit a line through the scores (least squares over 0, 1, 2 ...); None under three."""
    number = scores.number
    if number < _SLOPE_MIN:
        return None
    places = number * (number - 1) // 2
    squares = places * (2 * number - 1) // 3
    found = (number * scores.weighted - places * scores.total) / (number * squares - places * places)
    return round(found, _DIGITS) + 0.0
