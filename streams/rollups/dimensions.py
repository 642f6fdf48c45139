"""Dimensions of cells: which values are kept, and which become `__other__`.

By configuration only, never by count or order of arrival, so that the same events give the same cells.
"""

from dataclasses import dataclass, field
from typing import Final

OTHER: Final = "__other__"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The values kept of each dimension; None keeps them all. An empty value ("not told") always stays empty.

    `experiments` are those that steps of tasks are told apart by: none of them by default.
    """

    brands: frozenset[str] | None = None
    sub_channels: frozenset[str] | None = None
    location_ids: frozenset[str] | None = None
    names: frozenset[str] | None = None
    tasks: frozenset[str] | None = None
    step_names: frozenset[str] | None = None
    experiments: frozenset[str] = frozenset()
    keep_all: bool = field(init=False)
    """No dimension has a list: nothing need be looked up."""

    def __post_init__(self) -> None:
        """Look once whether anything is limited."""
        lists = (self.brands, self.sub_channels, self.location_ids, self.names, self.tasks, self.step_names)
        object.__setattr__(self, "keep_all", all(allowed is None for allowed in lists))


def kept(value: str, allowed: frozenset[str] | None) -> str:
    """Keep a listed value; an unlisted one is `__other__`."""
    return value if not value or allowed is None or value in allowed else OTHER
