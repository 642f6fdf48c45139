"""The clients of the broker in memory: members of groups, producers, and the `Broker` that makes them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Final, TypeVar

from streams.kafka.broker import Away, Consumer, Fenced, Outgoing, Position, Prepared, Producer, Rebalanced
from streams.kafka.names import Place
from tests.simulation.groups import Assigned
from tests.simulation.link import BUSY_SECONDS, Link
from tests.simulation.log import Busy, Log
from tests.simulation.reading import Reading, Spot

T = TypeVar("T")
HEARTBEAT_SECONDS: Final = 0.5
WATCH_SECONDS: Final = 0.7
Records = Mapping[Place, Sequence[Outgoing]]


class Member(Reading):
    """A member of a group. Its coordination runs beside whoever polls, as aiokafka's does."""

    def __init__(
        self,
        log: Log,
        link: Link,
        group: str,
        topics: Sequence[str],
        called: tuple[Rebalanced, Rebalanced],
        session_seconds: float,
    ) -> None:
        super().__init__(log, link)
        self._group = log.group(group)
        self._topics = topics
        self._on_assigned, self._on_revoked = called
        self._session_seconds = session_seconds
        self._names = (f"{link.name}-{group}-{n}" for n in count())
        self._name = ""
        self._generation = -1
        self._coordinating: asyncio.Task[None] | None = None
        self._calling = asyncio.Lock()
        self._is_closed = False
        self.joined_at: dict[Place, Position] = {}
        self._assigned.clear()

    async def start(self) -> None:
        await self._link.call(lambda: None)
        self._coordinating = asyncio.create_task(self._coordinate())
        await self._assigned.wait()

    async def stop(self) -> None:
        """Let a callback end, then leave the group; aiokafka does so without a word to the callbacks."""
        if self._coordinating is not None:
            async with self._calling:
                self._coordinating.cancel()
            await asyncio.wait([self._coordinating])
        self._is_closed = True
        name = self._name
        with suppress(Away):
            await self._link.call(lambda: self._group.leave(name), faulty=False)
        self._spots = {}

    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        asked = list(places)
        return await self._link.call(lambda: positions_of(self._group.positions, asked))

    async def commit(self, positions: Mapping[Place, Position]) -> None:
        ours = {place: at for place, at in positions.items() if place in self._spots}
        name, generation = self._name, self._generation
        if ours:
            await self._link.call(lambda: self._group.commit(name, generation, ours))

    async def _coordinate(self) -> None:
        while True:
            try:
                await self._cycle()
            except Away:
                if self._link.is_severed:
                    return

    async def _cycle(self) -> None:
        """Revoke, join, assign; then live until the group wants to begin anew."""
        link, group = self._link, self._group
        self._assigned.clear()
        await self._told(self._on_revoked, frozenset(self._spots))
        if not group.is_member(self._name):
            self._name = next(self._names)
        name = self._name
        joining = await link.call(lambda: self._joining(name), faulty=False)
        assigned = await joining
        await link.awake()
        if assigned is None:
            return
        self._generation, places = assigned
        self.joined_at = dict(group.positions)
        self._spots = {place: Spot(None) for place in sorted(places)}
        self._assigned.set()
        await self._told(self._on_assigned, frozenset(places))
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS * self._link.weather.random.random())
            if await link.call(lambda: group.is_due(name, self._generation), faulty=False):
                return

    def _joining(self, name: str) -> "asyncio.Future[Assigned | None]":
        joining = self._group.join(name, self._topics)
        self._watch(name, None)
        return joining

    def _watch(self, name: str, silent_since: float | None) -> None:
        """The coordinator's side: give a member up once it was silent for a session."""
        loop, link = asyncio.get_running_loop(), self._link
        if not self._group.is_member(name):
            return
        is_silent = self._is_closed or link.is_severed or link.frozen_at is not None
        if not is_silent:
            silent_since = None
        elif silent_since is None:
            silent_since = loop.time()
        elif loop.time() - silent_since >= self._session_seconds:
            self._group.leave(name)
            return
        loop.call_later(WATCH_SECONDS, self._watch, name, silent_since)

    async def _told(self, callback: Rebalanced, places: frozenset[Place]) -> None:
        """Call back. What is raised is swallowed, as aiokafka does; here it is noted."""
        await self._link.awake()
        async with self._calling:
            try:
                await callback(places)
            except Away:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug
                self._link.weather.bugs.append(f"callback: {error!r}")

    def _first(self, place: Place) -> int:
        at = self._group.positions.get(place)
        return 0 if at is None else at.offset


class Parcel:
    """What is to be sent, as it is. A `Prepared`."""

    def __init__(self, records: Records) -> None:
        self.by_place = {place: list(of_place) for place, of_place in records.items() if of_place}

    @property
    def records(self) -> int:
        return sum(map(len, self.by_place.values()))

    @property
    def size_bytes(self) -> int:
        return sum(len(r.key or b"") + len(r.value or b"") for each in self.by_place.values() for r in each)


class Writing:
    """An idempotent or transactional `Producer`: several requests, each for some of the partitions."""

    def __init__(self, log: Log, link: Link, name: str | None) -> None:
        self._log = log
        self._link = link
        self._name = name
        self._epoch = 0
        self._is_void = False

    async def start(self) -> None:
        if (name := self._name) is not None:
            self._epoch = await self._patiently(lambda: self._log.own(name))
        else:
            await self._link.call(lambda: None)

    async def stop(self) -> None:
        self._is_void = True

    def prepare(self, records: Records) -> Prepared:
        return Parcel(records)

    async def send(self, prepared: Prepared) -> dict[Place, int]:
        last: dict[Place, int] = {}
        for part in self._parts(prepared):
            last |= await self._link.call(lambda part=part: self._log.append(part))  # type: ignore[misc]
        return last

    async def commit(self, prepared: Prepared, positions: Mapping[Place, int], group: str) -> dict[Place, int]:
        if self._is_void or self._name is None:
            raise Away("a producer whose transaction failed before")
        log, name, epoch = self._log, self._name, self._epoch
        try:
            last: dict[Place, int] = {}
            for part in self._parts(prepared):
                last |= await self._patiently(lambda part=part: log.write(name, epoch, part))  # type: ignore[misc]
            await self._patiently(lambda: log.note(name, epoch, group, positions))
        except Away:
            await self._aborted(name, epoch)
            raise
        except Fenced:
            self._is_void = True
            raise
        try:
            await self._link.call(lambda: log.end(name, epoch, commit=True))
        except Away:
            self._is_void = True
            raise
        return last

    async def _aborted(self, name: str, epoch: int) -> None:
        """Take back what was begun, where that can still be told; else it ends by itself, in its time."""
        self._is_void = True
        try:
            await self._link.call(lambda: self._log.end(name, epoch, commit=False))
        except (Away, Fenced):
            return

    async def _patiently(self, work: Callable[[], T]) -> T:
        while True:
            try:
                return await self._link.call(work)
            except Busy:
                await asyncio.sleep(BUSY_SECONDS)

    def _parts(self, prepared: Prepared) -> list[Records]:
        if not isinstance(prepared, Parcel):
            raise TypeError(type(prepared).__name__)
        random = self._link.weather.random
        parts: list[dict[Place, list[Outgoing]]] = [{} for _ in range(random.choice((1, 1, 2, 3)))]
        for place in sorted(prepared.by_place):
            random.choice(parts)[place] = prepared.by_place[place]
        return [part for part in parts if part]


class LogBroker:
    """Makes clients of one worker."""

    def __init__(self, log: Log, link: Link, session_seconds: float) -> None:
        self.log = log
        self.link = link
        self._session_seconds = session_seconds

    def member(self, group: str, topics: Sequence[str], assigned: Rebalanced, revoked: Rebalanced) -> Consumer:
        return Member(self.log, self.link, group, topics, (assigned, revoked), self._session_seconds)

    def reader(self, places: Iterable[Place]) -> Consumer:
        return Reading(self.log, self.link, places)

    async def committed(self, group: str, places: Iterable[Place]) -> dict[Place, Position]:
        asked = list(places)
        return await self.link.call(lambda: positions_of(self.log.group(group).positions, asked))

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        return await self.link.call(lambda: {topic: self.log.topics.get(topic, 0) for topic in topics})

    def producer(self, transactional_id: str | None = None) -> Producer:
        return Writing(self.log, self.link, transactional_id)


def positions_of(known: Mapping[Place, Position], places: Iterable[Place]) -> dict[Place, Position]:
    """Those of these places that have a position."""
    return {place: known[place] for place in places if place in known}
