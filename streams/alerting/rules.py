"""What the lifecycle of alerts goes by, and the bounds of what it remembers."""

from collections.abc import Mapping
from typing import Final

import msgspec

MEMBERS_MAX: Final = 100
"""Hits of one incident that are followed; further ones are counted as refused."""
INCIDENTS_MAX: Final = 50_000
"""Incidents remembered; beyond it the oldest that is not open gives way, and if all are open a new one is refused."""
WORDS_MAX: Final = 200_000
"""Newest words on hits of no incident that are remembered, so that older ones that come again change nothing."""
JOURNEYS_MAX: Final = 100_000
"""Likewise of journeys that no hit points to: a hit may be heard of after its journey's end."""
IDS_MAX: Final = 10
"""Ids of people and journeys that an alert names."""


class PatternWords(msgspec.Struct, frozen=True):
    """What an alert says of a pattern. `health`: it says nothing else but ids."""

    name: str
    owner: str
    meaning: str
    remedy: str
    health: bool = False


class AlertRules(msgspec.Struct, frozen=True, kw_only=True):
    """How alerts live. Times in ms.

    `severity_min` opens one. `hold_ms`: so long must an incident be without hits before it is resolved, so that a hit
    that moves to another person (taken back here, said there) is no news. `remember_ms`: after so long without change
    an incident is resolved if it is open, and forgotten. `health_tasks` tell of health by their name.
    """

    patterns: Mapping[str, PatternWords]
    severity_min: str = "high"
    hold_ms: int = 0
    remember_ms: int = 14 * 86_400_000
    health_tasks: frozenset[str] = frozenset()
