"""The alerting processor: upserts of friction and journeys in; the newest words on alerts out.

One instance hears all of them: an incident may have people on several partitions. Its state is the topic `alerts`
itself, the newest record of each incident.
"""

from collections.abc import Iterable

from schemas.alerts import Alert, Changes
from schemas.rows import Upsert
from streams.alerting.lifecycle import READS, Lifecycle
from streams.alerting.rules import AlertRules, PatternWords
from streams.patterns.pattern import Pattern


class Alerting:
    """Takes upserts, of any table, and settles into alerts. Never raises for what they may hold."""

    def __init__(self, rules: AlertRules, known: Iterable[Alert] = ()) -> None:
        self._lifecycle = Lifecycle(rules)
        self._lifecycle.restore(known)

    def take(self, upsert: Upsert) -> None:
        """Hear of one row."""
        if upsert.table in READS:
            self._lifecycle.take(upsert)

    def settle(self, as_of: int) -> Changes:
        """Tell what changed, as of this instant (ms)."""
        return self._lifecycle.settle(as_of)

    @property
    def open_count(self) -> int:
        """How many incidents are open."""
        return self._lifecycle.open_count

    @property
    def refused(self) -> int:
        """How many hits were beyond a bound and are not followed."""
        return self._lifecycle.refused


def pattern_words(patterns: Iterable[Pattern]) -> dict[str, PatternWords]:
    """Say what alerts tell of each pattern, by its id."""
    return {
        pattern.id: PatternWords(
            name=pattern.written.name,
            owner=pattern.written.owner,
            meaning=pattern.written.meaning,
            remedy=pattern.written.remedy,
            health=pattern.written.health,
        )
        for pattern in patterns
    }
