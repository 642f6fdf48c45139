"""Count who is held on a partition, a few holders at a time, so that no checkpoint waits for it."""

from collections.abc import Iterator
from typing import Final

from schemas.identifiers import Ident
from streams.identity.strong import StrongHolder
from streams.kafka.operation.metrics import StitcherCounts
from streams.processors.stitcher import Stitcher

HOLDERS_A_STEP: Final = 500
"""One or two milliseconds of work."""
ROUND_MS: Final = 60_000
"""A new round begins at most once a minute."""


class Census:
    """Goes round the holders of one partition; its counts are those of the last round that was finished."""

    def __init__(self, stitcher: Stitcher, counts: StitcherCounts) -> None:
        self._stitcher = stitcher
        self._counts = counts
        self._left: Iterator[Ident] = iter(())
        self._begun_ms = -ROUND_MS
        self._is_idle = True
        self._people = self._identifiers = self._largest = 0

    def step(self, now_ms: int) -> None:
        """Count the next holders; to be called where much else is worked out, in the thread that runs the stitcher."""
        if self._is_idle:
            if now_ms - self._begun_ms < ROUND_MS:
                return
            self._begun_ms, self._is_idle = now_ms, False
            self._people = self._identifiers = self._largest = 0
            self._left = iter(list(self._stitcher.holders))
        for _ in range(HOLDERS_A_STEP):
            ident = next(self._left, None)
            if ident is None:
                self._finish()
                return
            self._count(ident)

    def _count(self, ident: Ident) -> None:
        holder = self._stitcher.holders[ident]
        self._people += len(self._stitcher.households[ident].people())
        if isinstance(holder, StrongHolder) and holder.parent is None:
            size = len(holder.cluster.known)
            self._identifiers += size
            self._largest = max(self._largest, size)

    def _finish(self) -> None:
        self._is_idle = True
        counts = self._counts
        counts.holders = len(self._stitcher.holders)
        counts.people, counts.identifiers, counts.largest_cluster = self._people, self._identifiers, self._largest
