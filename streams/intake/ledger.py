"""The ledger: every event that came in ends as exactly one of accepted, late or dead, and the sums say so."""

from collections import Counter, deque
from typing import Final

import msgspec

from streams.intake.rejected import Reason

OTHER_SOURCES: Final = "__other__"
"""Counts sources beyond the limit, so that invented source names can not fill the memory."""
FLOOD_WINDOW: Final = 1000
FLOOD_DEAD: Final = 200
FLOOD_RUN: Final = 100
"""More than `FLOOD_DEAD` dead among the last `FLOOD_WINDOW`, or `FLOOD_RUN` in a row: the input itself is wrong."""


class SourceCounts(msgspec.Struct, array_like=True):
    """What became of one source's events; times in milliseconds, -1 before the first."""

    accepted: int = 0
    late: int = 0
    dead: int = 0
    newest_event_time: int = -1
    newest_received_at: int = -1
    told: int = 0

    @property
    def total(self) -> int:
        """Every event of the source; `told` is what it was when freshness was last told."""
        return self.accepted + self.late + self.dead


class Ledger:
    """Counts what intake did. `records` are as read, `taken` are events (a record may carry several).

    `dead_reasons`, `unknown_values` (field -> times an enumeration was met with an unknown word) and
    `refused_identifiers` (`why:kind`) explain the totals. `is_flooded` stays set once a flood was seen.
    """

    def __init__(self, sources_max: int = 1024) -> None:
        self.records = 0
        self.skipped = 0
        self.taken = 0
        self.accepted = 0
        self.late = 0
        self.dead = 0
        self.is_flooded = False
        self.dead_reasons: Counter[str] = Counter()
        self.unknown_values: Counter[str] = Counter()
        self.refused_identifiers: Counter[str] = Counter()
        self.sources: dict[str, SourceCounts] = {}
        self._sources_max = sources_max
        self._run_of_dead = 0
        self._dead_at: deque[int] = deque(maxlen=FLOOD_DEAD + 1)

    def accept(self, source: str, event_time: int, received_at: int, is_late: bool) -> None:
        """Count an event that was read, with its times; `is_late` ones are no touchpoints."""
        self.taken += 1
        self._run_of_dead = 0
        counts = self.sources.get(source) or self._counts_of(source)
        if is_late:
            self.late += 1
            counts.late += 1
        else:
            self.accepted += 1
            counts.accepted += 1
        if event_time > counts.newest_event_time:  # noqa: PLR1730 - twice as quick as calling `max`, for every event
            counts.newest_event_time = event_time
        if received_at > counts.newest_received_at:  # noqa: PLR1730 - as above
            counts.newest_received_at = received_at

    def reject(self, source: str, reason: Reason) -> None:
        """Count a dead event; `source` is the event's where it could be read, else where the record came from."""
        self.taken += 1
        self.dead += 1
        self.dead_reasons[reason.value] += 1
        self._counts_of(source).dead += 1
        self._run_of_dead += 1
        self._dead_at.append(self.taken)
        crowded = len(self._dead_at) > FLOOD_DEAD and self.taken - self._dead_at[0] < FLOOD_WINDOW
        self.is_flooded = self.is_flooded or crowded or self._run_of_dead >= FLOOD_RUN

    def dump(self) -> bytes:
        """Write down what became of each source, so that the next process goes on counting where this one ended."""
        return msgspec.msgpack.encode(self.sources)

    @classmethod
    def load(cls, dumped: bytes, sources_max: int = 1024) -> "Ledger":
        """Begin with the sources of an earlier ledger; totals and reasons begin at nothing."""
        ledger = cls(sources_max)
        ledger.sources = msgspec.msgpack.decode(dumped, type=dict[str, SourceCounts])
        return ledger

    def totals(self) -> dict[str, int]:
        """Give the figures that must add up: in = accepted + late + dead."""
        return {"in": self.taken, "accepted": self.accepted, "late": self.late, "dead": self.dead}

    def changed(self) -> list[str]:
        """Name the sources whose counts changed since this was last asked, sorted."""
        changed = [source for source, counts in self.sources.items() if counts.total != counts.told]
        for source in changed:
            counts = self.sources[source]
            counts.told = counts.total
        return sorted(changed)

    def _counts_of(self, source: str) -> SourceCounts:
        """Count a source beyond the limit with the others."""
        known = source in self.sources or len(self.sources) < self._sources_max
        return self.sources.setdefault(source if known else OTHER_SOURCES, SourceCounts())
