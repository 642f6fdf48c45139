"""One person at a holder: the touchpoints shown, and the timeline folded over them.

A touchpoint that is the newest is one step of the fold; one that lands before others, or leaves, means replaying what
is remembered from the *seed*, the fold over what is forgotten. Both ways give the same rows, and a test holds them to
it.
"""

from bisect import bisect_left
from collections.abc import Collection

import msgspec

from schemas.identifiers import NOBODY, PersonId
from schemas.rows import Table
from schemas.touchpoint import Touchpoint, order_key
from streams.identity.residence import RowRef
from streams.identity.rules import DAY_MS
from streams.journeys import timeline as timelines
from streams.journeys.book import Book
from streams.journeys.timeline import Timeline, Written
from streams.patterns.matcher import is_crowded
from streams.processors.shares import Shares

_JOURNEYS = Table.JOURNEYS
CopyId = tuple[str, str]
SNAPSHOT_EVERY = 16
"""So many touchpoints apart the state of the fold is kept, so that one that lands late replays the last few only."""
BURIED_MS = 7 * DAY_MS
"""How much later than the shown copy of an event another copy may be forgotten."""


def copy_rank(touchpoint: Touchpoint) -> tuple[int, int, bytes, bytes]:
    """Of several copies of one event at one person the least of these is shown (rule 4)."""
    routing = len(touchpoint.strong) + len(touchpoint.devices) + len(touchpoint.threads)
    return (-routing, touchpoint.received_at, touchpoint.content_hash, touchpoint.key)


class Past(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is left of a person's forgotten touchpoints: the fold over them, and which events have been shown.

    A copy of such an event that is still remembered must stay hidden, though the copy that was shown is gone.
    """

    timeline: bytes
    buried: tuple[tuple[str, str, int], ...] = ()


class Resident:
    """A person who has touchpoints here. Nobody is a resident too, without a timeline."""

    __slots__ = (
        "_folded",
        "_joined",
        "_moved",
        "_snapshots",
        "_stale_from",
        "book",
        "buried",
        "copies",
        "due",
        "live",
        "person",
        "refs",
        "seed",
        "shares",
        "shown",
    )

    def __init__(self, person: PersonId, book: Book, shares: Shares) -> None:
        self.person = person
        self.book = book
        self.shares = shares
        self.copies: dict[CopyId, list[Touchpoint]] = {}
        self.shown: list[Touchpoint] = []
        self.buried: dict[CopyId, int] = {}
        self.seed: Timeline | None = None
        self.live = Timeline()
        self.refs: set[RowRef] = set()
        self.due: int | None = None
        self._joined: dict[bytes, str] = {}
        self._moved: list[bytes] = []
        self._snapshots: list[tuple[int, bytes]] = []
        self._folded = 0
        self._stale_from: int | None = None

    def enter(self, touchpoint: Touchpoint) -> Collection[bytes]:
        """Add a copy; gives the keys of which it changed whether they are shown."""
        copy_id = self._copy_id(touchpoint)
        copies = self.copies.get(copy_id)
        if copies is None:
            self.copies[copy_id] = [touchpoint]
            if copy_id not in self.buried:
                self._show(touchpoint)
            return (touchpoint.key,)
        before = copies[0]
        copies.append(touchpoint)
        if copy_id in self.buried:
            return (touchpoint.key,)
        copies.sort(key=copy_rank)
        return (*self._exchange(before, copies[0]), touchpoint.key)

    def leave(self, touchpoint: Touchpoint) -> Collection[bytes]:
        """Take a copy away; gives the keys of which it changed whether they are shown."""
        copy_id = self._copy_id(touchpoint)
        copies = self.copies[copy_id]
        before = copies[0]
        copies[:] = [copy for copy in copies if copy.key != touchpoint.key]
        if copy_id in self.buried:
            if not copies:
                del self.copies[copy_id]
            return (touchpoint.key,)
        if copies:
            return (*self._exchange(before, copies[0]), touchpoint.key)
        del self.copies[copy_id]
        self._hide(touchpoint)
        return (touchpoint.key,)

    def is_shown(self, touchpoint: Touchpoint) -> bool:
        """Tell whether this copy is the one shown of its event."""
        copy_id = self._copy_id(touchpoint)
        return copy_id not in self.buried and self.copies[copy_id][0].key == touchpoint.key

    def is_gone(self) -> bool:
        """Tell whether nothing is left of this person here, neither touchpoints nor a remembered past."""
        return not self.copies and self.seed is None

    def rows(self, as_of: int) -> tuple[list[Written], bool]:
        """Rows as of now, and whether they are all there are (else: only those that changed)."""
        if self.person == NOBODY:
            return [], False
        whole = self._stale_from is not None
        if self._stale_from is not None:
            self._rewind(self._stale_from)
        self._moved = []
        for number in range(self._folded, len(self.shown)):
            touchpoint = self.shown[number]
            self._join(touchpoint.key, timelines.take(self.live, touchpoint, self.book))
            if number % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1:
                self._snapshots.append((number + 1, timelines.encode(self.live)))
        self._folded, self._stale_from = len(self.shown), None
        rows = timelines.rows(self.live, self.person, as_of, self.book, touched_only=not whole)
        self._share_journeys(rows, whole=whole)
        self.due = timelines.clear_touched(self.live, as_of, self.book)
        return rows, whole

    def _share_journeys(self, rows: list[Written], *, whole: bool) -> None:
        for row, transitions in timelines.transitions(self.live, rows):
            self.shares.journey(row, transitions)
        if whole:
            self.shares.only_journeys({str(key[1]) for table, key, _ in rows if table is _JOURNEYS})

    def journey_of(self, key: bytes) -> str:
        """Name the journey of a shown touchpoint, once `rows` were worked out; empty for none, and where not shown."""
        return self._joined.get(key, "")

    def moved_journeys(self) -> list[bytes]:
        """Keys of the touchpoints, known before, that the last `rows` found in another journey than before."""
        return self._moved

    def _join(self, key: bytes, journey_id: str) -> None:
        """Note the journey a touchpoint joined. One that is folded for the first time did not move."""
        if self._joined.get(key, journey_id) != journey_id:
            self._moved.append(key)
        self._joined[key] = journey_id

    def _rewind(self, position: int) -> None:
        """Go back to the fold over no more than this many touchpoints: to a snapshot, or to the seed."""
        while self._snapshots and self._snapshots[-1][0] > position:
            self._snapshots.pop()
        if self._snapshots:
            self._folded, encoded = self._snapshots[-1]
            self.live = timelines.decode(encoded)
        else:
            self._folded = 0
            self.live = timelines.copy(self.seed) if self.seed is not None else Timeline()

    def _spoil(self, position: int) -> None:
        """What was folded from this position on does not hold any more."""
        if position < self._folded:
            self._stale_from = position if self._stale_from is None else min(position, self._stale_from)

    def forget(self, old: list[Touchpoint], before: int) -> list[RowRef]:
        """Fold old touchpoints into the seed for good. Gives the rows that stand as they are from now on."""
        shown = [touchpoint for touchpoint in old if self.is_shown(touchpoint)]
        for touchpoint in shown:
            self.buried[self._copy_id(touchpoint)] = touchpoint.event_time
            self._joined.pop(touchpoint.key, None)
        for touchpoint in old:
            copy_id = self._copy_id(touchpoint)
            copies = [copy for copy in self.copies[copy_id] if copy.key != touchpoint.key]
            if copies:
                self.copies[copy_id] = copies
            else:
                del self.copies[copy_id]
        self.shares.forget(before)
        if self.person == NOBODY:
            self.buried.clear()
            return []
        del self.shown[: len(shown)]
        return self._fold(sorted(shown, key=order_key), before)

    def _fold(self, past: list[Touchpoint], before: int) -> list[RowRef]:
        seed, folded = self._seed_from(len(past))
        for touchpoint in past[folded:]:
            timelines.take(seed, touchpoint, self.book)
        final: list[RowRef] = list(timelines.forget(seed, self.person, before, self.book))
        for table, key in final:
            if table is _JOURNEYS:
                self.shares.seal_journey(str(key[1]))
        self.seed = None if timelines.is_empty(seed) else seed
        self.buried = {copy_id: time for copy_id, time in self.buried.items() if time >= before - BURIED_MS}
        if not self._go_on_from(len(past), final, before, timelines.held(seed)):
            self.redo()
        return final

    def _seed_from(self, forgotten: int) -> tuple[Timeline, int]:
        """Take the newest snapshot that holds nothing but what is forgotten, else the seed; how much it has folded."""
        holds = forgotten if self._stale_from is None else min(forgotten, self._stale_from)
        for folded, encoded in reversed(self._snapshots):
            if folded <= holds:
                seed = timelines.decode(encoded)
                seed.settled_at = Timeline().settled_at
                return seed, folded
        return (self.seed if self.seed is not None else Timeline()), 0

    def _go_on_from(self, forgotten: int, final: list[RowRef], before: int, held: set[str]) -> bool:
        """Let the live timeline forget what the seed forgot, instead of a replay; tell whether they forgot the same.

        They do, a law of timelines, but where there are too many traces: which of them go depends on what came later.
        """
        if self._stale_from is not None or self._folded < forgotten or is_crowded(self.live.friction):
            return False
        self._folded -= forgotten
        self._snapshots = []
        return set(timelines.forget(self.live, self.person, before, self.book, held)) == set(final)

    def past(self) -> Past | None:
        """What a store must keep of the forgotten touchpoints."""
        if self.seed is None and not self.buried:
            return None
        buried = tuple(sorted((source, event_id, time) for (source, event_id), time in self.buried.items()))
        return Past(timelines.encode(self.seed) if self.seed is not None else b"", buried)

    def recall(self, past: Past) -> None:
        """Take up what a store or another holder kept."""
        if past.timeline:
            self.seed = timelines.decode(past.timeline)
        self.buried |= {(source, event_id): time for source, event_id, time in past.buried}
        self.redo()

    def move_out(self) -> None:
        """Take back everything this person contributes here."""
        for touchpoint in self.shown:
            self.shares.hide(touchpoint)
        self.shares.withdraw()

    def redo(self) -> None:
        """Ask for a replay from the seed at the next chance, and remember nothing of the last one."""
        self.live = Timeline()
        self._snapshots = []
        self._folded, self._stale_from = 0, 0

    def _copy_id(self, touchpoint: Touchpoint) -> CopyId:
        if self.person == NOBODY:
            return ("", touchpoint.key.hex())
        return (touchpoint.source, touchpoint.event_id)

    def _exchange(self, before: Touchpoint, after: Touchpoint) -> tuple[bytes, ...]:
        if before is after:
            return ()
        self._hide(before)
        self._show(after)
        return (before.key, after.key)

    def _show(self, touchpoint: Touchpoint) -> None:
        self.shares.show(touchpoint)
        if self.person != NOBODY:
            shown = self.shown
            if not shown or touchpoint.event_time > shown[-1].event_time:
                shown.append(touchpoint)
                return
            position = bisect_left(shown, order_key(touchpoint), key=order_key)
            shown.insert(position, touchpoint)
            self._spoil(position)

    def _hide(self, touchpoint: Touchpoint) -> None:
        self.shares.hide(touchpoint)
        if self.person != NOBODY:
            position = bisect_left(self.shown, order_key(touchpoint), key=order_key)
            del self.shown[position]
            self._joined.pop(touchpoint.key, None)
            self._spoil(position)
