"""A log in memory for one member at a time, whose rebalances come when a test says so."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from streams.kafka.broker import Away, Lost, Position, Rebalanced
from streams.kafka.names import Place


class FakeRecord(msgspec.Struct, frozen=True):
    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = b"key"
    timestamp: int = 1_000
    headers: Sequence[tuple[str, bytes]] = ()


class FakeLog:
    """Partitions and what a group has committed; a `Broker` as far as the warehouse role needs one."""

    def __init__(self, *places: Place) -> None:
        self.records: dict[Place, list[FakeRecord]] = {place: [] for place in places}
        self.group: dict[Place, Position] = {}
        self.commits: list[Mapping[Place, int]] = []
        self.is_away = False
        self.on_commit: Callable[[Mapping[Place, int]], None] = self.commits.append
        self.consumer: FakeConsumer | None = None
        self.topics: Sequence[str] = ()

    def append(self, place: Place, *values: bytes | None) -> None:
        of_place = self.records[place]
        for value in values:
            of_place.append(FakeRecord(*place, len(of_place), value))

    def member(self, group: str, topics: Sequence[str], assigned: Rebalanced, revoked: Rebalanced) -> "FakeConsumer":
        assert group == "shop-warehouse"
        self.topics = topics
        self.consumer = FakeConsumer(self, assigned, revoked)
        return self.consumer

    def committed(self, place: Place) -> int:
        return self.group[place].offset if place in self.group else 0


class FakeConsumer:
    def __init__(self, log: FakeLog, assigned: Rebalanced, revoked: Rebalanced) -> None:
        self._log = log
        self._assigned, self._revoked = assigned, revoked
        self._ours: frozenset[Place] = frozenset()
        self._positions: dict[Place, int] = {}
        self.paused: set[Place] = set()
        self.polls = 0
        self.is_stopped = False
        self.surprise: Literal["", "old", "early"] = ""
        """A rebalance during the next poll, which then answers with records of the assignment before, or of the next
        one before its callback has run: both were seen of aiokafka."""

    async def start(self) -> None:
        await self._revoked(frozenset())
        await self.rebalance(frozenset(self._log.records))

    async def stop(self) -> None:
        self.is_stopped = True

    async def rebalance(self, ours: Iterable[Place]) -> None:
        """Take everything away, and give these back."""
        await self._revoked(self._ours)
        self._ours = frozenset()
        await asyncio.sleep(0)
        self._ours, self.paused = frozenset(ours), set()
        self._positions = {place: self._log.committed(place) for place in self._ours}
        await self._assigned(self._ours)

    def assignment(self) -> frozenset[Place]:
        return self._ours

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[FakeRecord]]:
        self.polls += 1
        polled = self._fetched(records_max)
        if self.surprise:
            return await self._surprised(polled, records_max)
        await asyncio.sleep(0 if polled else timeout_ms / 10_000)
        return polled

    def _fetched(self, records_max: int) -> dict[Place, list[FakeRecord]]:
        fetched: dict[Place, list[FakeRecord]] = {}
        for place in self._ours - self.paused:
            at = self._positions[place]
            found = self._log.records[place][at : at + records_max]
            if found:
                fetched[place] = found
                self._positions[place] = at + len(found)
        return fetched

    async def _surprised(self, old: dict[Place, list[FakeRecord]], records_max: int) -> dict[Place, list[FakeRecord]]:
        ours = self._ours
        await self._revoked(ours)
        self._positions = {place: self._log.committed(place) for place in ours}
        self.paused = set()
        early = self._fetched(records_max) if self.surprise == "early" else {}
        self.surprise = ""
        await self._assigned(ours)
        await asyncio.sleep(0.05)
        return early or old

    def pause(self, places: Iterable[Place]) -> None:
        self.paused |= self._ours & set(places)

    def resume(self, places: Iterable[Place]) -> None:
        self.paused -= set(places)

    def seek(self, place: Place, offset: int) -> None:
        if place not in self._ours:
            raise Lost
        self._positions[place] = offset

    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        return {place: self._log.group[place] for place in places if place in self._log.group}

    async def commit(self, positions: Mapping[Place, Position]) -> None:
        if self._log.is_away:
            raise Away("nobody there")
        ours = {place: at for place, at in positions.items() if place in self._ours}
        self._log.group.update(ours)
        self._log.on_commit({place: at.offset for place, at in ours.items()})

    async def begins(self, places: Iterable[Place]) -> dict[Place, int]:
        return dict.fromkeys(places, 0)

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        return {place: len(self._log.records[place]) for place in places}

    async def position(self, place: Place) -> int:
        return self._positions[place]

    async def caught_up_at(self, place: Place) -> int | None:
        return None
