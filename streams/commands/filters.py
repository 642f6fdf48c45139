"""Filters that lists share: a word that names nothing is a mistake of typing, and no empty list of good news."""

from collections.abc import Callable, Collection
from typing import Annotated, Final, TypeAlias, get_args

import typer

from streams.journeys.ends import END_STATES
from streams.patterns.loader import load_catalogue
from streams.patterns.written import Severity

SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)


def _one_of(allowed: Callable[[], Collection[str]]) -> Callable[[str], str]:
    def check(told: str) -> str:
        known = allowed() if told else ()
        if told and told not in known:
            raise typer.BadParameter(f"{told!r} is none of {', '.join(known)}")
        return told

    return check


def _patterns() -> list[str]:
    return [pattern.id for pattern in load_catalogue()]


def _severities() -> tuple[str, ...]:
    return SEVERITIES


def _end_states() -> tuple[str, ...]:
    return END_STATES


OfPattern: TypeAlias = Annotated[
    str, typer.Option("--pattern", help="Only this pattern, e.g. X01.", callback=_one_of(_patterns))
]
OfSeverity: TypeAlias = Annotated[
    str,
    typer.Option("--severity", help=f"Only this severity: {', '.join(SEVERITIES)}.", callback=_one_of(_severities)),
]
OfState: TypeAlias = Annotated[
    str, typer.Option("--state", help=f"Only this end: {', '.join(END_STATES)}.", callback=_one_of(_end_states))
]
