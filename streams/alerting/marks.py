"""Which journeys were completed, as far as incidents need to know."""

from schemas.alerts import Mark
from streams.alerting.rules import JOURNEYS_MAX

JourneyKey = tuple[str, str]
"""Person and journey."""


class Marks:
    """The newest word on each journey. Those that incidents point to are kept, of others the newest `journeys_max`."""

    def __init__(self, journeys_max: int = JOURNEYS_MAX) -> None:
        self._journeys_max = journeys_max
        self._pointing: dict[JourneyKey, set[str]] = {}
        self._pointed: dict[JourneyKey, Mark] = {}
        self._others: dict[JourneyKey, Mark] = {}

    def take(self, mark: Mark) -> list[str]:
        """Take the word on a journey and name the incidents it changes; an older word than known changes nothing."""
        key = (mark.person_id, mark.journey_id)
        known = self._pointed.get(key) or self._others.get(key)
        if known is not None and known.revision >= mark.revision:
            return []
        if key in self._pointing:
            self._pointed[key] = mark
            is_news = mark.is_completed != (known is not None and known.is_completed)
            return sorted(self._pointing[key]) if is_news else []
        self._others.pop(key, None)
        self._others[key] = mark
        if len(self._others) > self._journeys_max:
            del self._others[next(iter(self._others))]
        return []

    def point(self, key: JourneyKey, incident: str) -> None:
        """Remember a journey for as long as this incident points to it."""
        self._pointing.setdefault(key, set()).add(incident)
        if (mark := self._others.pop(key, None)) is not None:
            self._pointed[key] = mark

    def release(self, key: JourneyKey, incident: str) -> None:
        """Let an incident point to a journey no more."""
        incidents = self._pointing.get(key, set())
        incidents.discard(incident)
        if not incidents:
            self._pointing.pop(key, None)
            if (mark := self._pointed.pop(key, None)) is not None:
                self._others[key] = mark

    def of(self, key: JourneyKey) -> Mark | None:
        """Give the newest word on a journey that is pointed to."""
        return self._pointed.get(key)
