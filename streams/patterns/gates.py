"""Which touchpoints a match can hold for at all: by their name, and by what they have about them."""

from dataclasses import dataclass
from typing import Final

from schemas.touchpoint import Direction, Outcome, Touchpoint
from streams.patterns import reading
from streams.patterns.reading import COMPLETED, FAILED, INBOUND
from streams.patterns.written import Match

TROUBLE: Final = 1
"""The outcome is failed, or an error was told."""
TASKED: Final = 2
"""It comes from the customer and tells a task."""
PROMISED: Final = 4
"""Something was promised."""
REMARKED: Final = 8
"""Something was told of the contact itself."""
DONE: Final = 16
"""The outcome is completed."""
PLACED: Final = 32
"""It happened at a place that was told."""
GATES: Final = 64
"""So many combinations of these there are."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Touchpoints with one of these names (None: any) and all that `marks` ask for."""

    names: frozenset[str] | None
    marks: int


def marks_of(touchpoint: Touchpoint) -> int:
    """Note what a touchpoint has about it."""
    marks, outcome = 0, touchpoint.outcome
    if touchpoint.error is not None or outcome is FAILED:
        marks = TROUBLE
    if touchpoint.task and touchpoint.direction is INBOUND:
        marks |= TASKED
    if touchpoint.promise is not None:
        marks |= PROMISED
    if touchpoint.contact is not None:
        marks |= REMARKED
    if outcome is COMPLETED:
        marks |= DONE
    if touchpoint.location is not None:
        marks |= PLACED
    return marks


def is_told_by_gate(match: Match) -> bool:
    """Tell whether a touchpoint that passes the gate of a match needs no further test."""
    told = Match(direction=match.direction, tells=match.tells, outcome=match.outcome)
    return match == told and _marks(match) in {TASKED, TASKED | DONE} and match.tells == ("task",)


def gates(match: Match) -> tuple[Gate, ...]:
    """Name the gates a touchpoint must pass one of for the match to hold; they let through more, never less."""
    marks = _marks(match)
    if match.name:
        return (Gate(frozenset(match.name), marks),)
    if match.contact:
        return (Gate(reading.CONTACT_NAMES, marks),)
    if match.any_of:
        options = [gate for option in match.any_of for gate in gates(option)]
        return tuple(dict.fromkeys(Gate(gate.names, gate.marks | marks) for gate in options))
    return (Gate(None, marks),)


def _marks(match: Match) -> int:
    marks = 0
    asks_error = match.error_class or match.error_code or match.http_status or match.http_status_at_least is not None
    if match.fault or asks_error or match.outcome == (Outcome.FAILED,):
        marks |= TROUBLE
    if (match.task or "task" in match.tells) and match.direction == (Direction.INBOUND,):
        marks |= TASKED
    if match.promise or match.promise_ahead is not None:
        marks |= PROMISED
    if match.dropped or match.requested_by_agent:
        marks |= REMARKED
    if match.outcome == (Outcome.COMPLETED,):
        marks |= DONE
    if match.location_type:
        marks |= PLACED
    return marks
