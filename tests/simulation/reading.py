"""A consumer as aiokafka's is: it fetches ahead, forgets what it fetched when paused or moved, and leaps over gaps."""

import asyncio
from collections.abc import Iterable, Mapping

from streams.kafka.broker import Lost, Position, Record
from streams.kafka.names import Place
from tests.simulation.link import Link
from tests.simulation.log import FETCH_RECORDS, Entry, Log


class Fetched:
    """What was fetched of a partition and not handed out yet; `after` is where to read on."""

    def __init__(self, begin: int, records: list[Entry], after: int) -> None:
        self.begin = begin
        self.records = records
        self.after = after


class Spot:
    """One partition within one assignment."""

    def __init__(self, position: int | None) -> None:
        self.position = position
        self.is_paused = False
        self.fetched: Fetched | None = None
        self.caught_up_at: int | None = None

    def take(self, limit: int) -> list[Record]:
        """Hand out what was fetched; dropped where paused or moved meanwhile."""
        fetched = self.fetched
        if fetched is None:
            return []
        if self.is_paused or self.position != fetched.begin:
            self.fetched = None
            return []
        taken = fetched.records[:limit]
        fetched.records = fetched.records[limit:]
        if fetched.records:
            self.position = fetched.begin = taken[-1].offset + 1 if taken else fetched.begin
        else:
            self.position, self.fetched = fetched.after, None
        return list(taken)


class Reading:
    """A `Consumer` of partitions it was told; `Member` adds the group."""

    def __init__(self, log: Log, link: Link, places: Iterable[Place] = ()) -> None:
        self._log = log
        self._link = link
        self._spots = {place: Spot(0) for place in places}
        self._assigned = asyncio.Event()
        self._assigned.set()

    async def start(self) -> None:
        await self._link.call(lambda: None)

    async def stop(self) -> None:
        self._spots = {}

    def assignment(self) -> frozenset[Place]:
        return frozenset(self._spots)

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        """Wait out a rebalance, as aiokafka does, and only then so long for records."""
        loop, left = asyncio.get_running_loop(), timeout_ms / 1000
        while True:
            await self._link.awake()
            await self._assigned.wait()
            begun = loop.time()
            if (polled := self._drained(records_max)) or left <= 0:
                break
            await self._log.news(self._spots, left)
            await asyncio.sleep(self._link.weather.delay() / 10)
            await self._link.awake()
            self._fetch()
            left -= loop.time() - begun
        if self._link.weather.is_now(0.5):
            self._fetch()
        return polled

    def pause(self, places: Iterable[Place]) -> None:
        for place in places:
            if place in self._spots:
                self._spots[place].is_paused = True

    def resume(self, places: Iterable[Place]) -> None:
        for place in places:
            if place in self._spots:
                self._spots[place].is_paused = False

    def seek(self, place: Place, offset: int) -> None:
        if place not in self._spots:
            raise Lost(f"{place} is not assigned")
        self._spots[place].position = offset
        self._spots[place].fetched = None

    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        raise NotImplementedError

    async def commit(self, positions: Mapping[Place, Position]) -> None:
        raise NotImplementedError

    async def begins(self, places: Iterable[Place]) -> dict[Place, int]:
        return await self._link.call(lambda: dict.fromkeys(places, 0))

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        return await self._link.call(lambda: {place: self._log.partitions[place].stable for place in places})

    async def position(self, place: Place) -> int:
        await self._link.awake()
        spot = self._spots.get(place)
        return 0 if spot is None else self._at(place, spot)

    async def caught_up_at(self, place: Place) -> int | None:
        spot = self._spots.get(place)
        return None if spot is None or spot.fetched is not None else spot.caught_up_at

    def _drained(self, limit: int) -> dict[Place, list[Record]]:
        polled: dict[Place, list[Record]] = {}
        for place, spot in self._spots.items():
            if limit > 0 and (taken := spot.take(limit)):
                polled[place] = taken
                limit -= len(taken)
        return polled

    def _fetch(self) -> None:
        for place, spot in self._spots.items():
            if spot.is_paused or spot.fetched is not None:
                continue
            position, limit = self._at(place, spot), self._link.weather.random.choice((1, 7, 40, FETCH_RECORDS))
            records, after = self._visible(place, position, limit)
            spot.fetched = Fetched(position, records, after)
            if after >= self._log.partitions[place].stable:
                spot.caught_up_at = self._log.now_ms

    def _visible(self, place: Place, position: int, limit: int) -> tuple[list[Entry], int]:
        return self._log.partitions[place].fetch(position, limit)

    def _at(self, place: Place, spot: Spot) -> int:
        """Where to read: asked for when it is first needed."""
        if spot.position is None:
            spot.position = self._first(place)
        return spot.position

    def _first(self, place: Place) -> int:
        return 0
