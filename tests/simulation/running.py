"""One run: a world is fed to workers that crash, sleep, come and go, and what is left is judged. All from one seed."""

import asyncio
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from schemas.identifiers import partition_of
from schemas.topics import CHANGELOG, EVIDENCE
from streams.kafka.broker import Outgoing
from streams.kafka.loading import Loader
from streams.kafka.names import INSIDE, Names, Place
from streams.kafka.records import evidence_record
from streams.processor import Addressed
from streams.settings_kafka import KafkaSettings, WorkerSettings
from tests.simulation import clock
from tests.simulation.clients import LogBroker
from tests.simulation.crew import SESSION_SECONDS, Breed, Plant, SimulatedWorker
from tests.simulation.judging import is_drained, judge
from tests.simulation.link import CALM, Chances, Link, Weather
from tests.simulation.log import Log
from tests.simulation.worlds import World, world_of

WEATHERS: Final = (
    CALM,
    Chances(cut_before=0.01, cut_after=0.02),
    Chances(crash=0.012),
    Chances(freeze=0.012),
    Chances(cut_before=0.005, cut_after=0.01, freeze=0.008, crash=0.006),
    Chances(cut_before=0.02, cut_after=0.04, freeze=0.02, crash=0.02),
)
WORKERS_MAX: Final = 4
STILL_SECONDS: Final = 3.0
PATIENCE_SECONDS: Final = 600.0
TRANSACTION_SECONDS: Final = 6.0


class Outcome(msgspec.Struct, frozen=True):
    """What came of a run; `trace` is a digest of all that stands in the log."""

    seed: int
    events: int
    crashes: int
    zombies: int
    rebalances: int
    cuts: int
    fenced: int
    wrong: list[str]
    trace: str


def play(seed: int, breed: Breed | None = None) -> Outcome:
    """Play one run; the same seed plays the same run."""
    world = world_of(seed)
    with tempfile.TemporaryDirectory() as folder:
        return clock.run(Run(seed, world, breed or Breed(), Path(folder)).play())


class Run:
    """A run while it goes on."""

    def __init__(self, seed: int, world: World, breed: Breed, folder: Path) -> None:
        self._seed = seed
        self._world = world
        self._random = random = Random(seed)
        self._partitions = partitions = random.choice((1, 2, 3, 4))
        kafka = KafkaSettings(partitions=partitions)
        self._names = names = Names.of(kafka)
        topics = dict.fromkeys(names.inputs, random.choice((1, 2)))
        topics |= dict.fromkeys((names.topic(topic) for topic in INSIDE), partitions)
        self._log = Log(topics, random, begins_ms=world.drained_at, timeout_seconds=TRANSACTION_SECONDS)
        self._weather = Weather(random, random.choice(WEATHERS), random.choice((0.03, 1.0, 1.0)))
        self._pauses = random.choice(((0.0,), (0.0, 0.3, 3.0, 9.0)))
        self._unrest_seconds = random.choice((4.0, 25.0))
        settings = WorkerSettings(
            checkpoint_ms=random.choice((200, 1_000, 3_000)),
            handoff_ms=random.choice((20, 200)),
            poll_records_max=random.choice((3, 50, 5_000)),
        )
        self._plant = Plant(self._log, self._weather, names, partitions, settings, breed, folder)
        self._serial = count()
        self._workers: list[SimulatedWorker] = []
        self._graves: list[SimulatedWorker] = []

    async def play(self) -> Outcome:
        """Feed, let things happen, drain, and judge."""
        for _ in range(self._random.randint(1, 3)):
            self._join()
        happening = [asyncio.create_task(each) for each in (self._keep(), self._come_and_go(), self._compact())]
        await self._feed()
        await asyncio.sleep(self._random.random() * 20)
        for task in happening:
            task.cancel()
        await asyncio.wait(happening)
        self._weather.chances = CALM
        self._replace()
        drained = await self._drained()
        await asyncio.gather(*(worker.leave() for worker in self._workers))
        await asyncio.gather(*(worker.buried() for worker in self._workers + self._graves))
        wrong = [] if drained else [f"not drained within {PATIENCE_SECONDS:.0f} s"]
        wrong += [*self._weather.bugs, *judge(self._log, self._names, self._partitions, self._world)]
        came = self._weather.came
        return Outcome(
            seed=self._seed,
            events=len(self._world.events),
            crashes=came["crashes"],
            zombies=came["zombies"],
            rebalances=sum(group.rebalances for group in self._log.groups.values()),
            cuts=came["cuts"],
            fenced=self._log.fenced,
            wrong=wrong,
            trace=self._trace(),
        )

    def _join(self) -> None:
        self._workers.append(SimulatedWorker(self._plant, f"w{next(self._serial)}"))

    def _replace(self) -> None:
        """Let a new worker come for each that died."""
        dead = [worker for worker in self._workers if not worker.is_alive]
        self._workers = [worker for worker in self._workers if worker.is_alive]
        self._graves += dead
        for _ in range(max(len(dead), not self._workers)):
            self._join()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._random.random() * 8)
            self._replace()

    async def _come_and_go(self) -> None:
        while True:
            await asyncio.sleep(self._random.random() * self._unrest_seconds)
            if self._random.random() < 0.5 and len(self._workers) < WORKERS_MAX:
                self._join()
            elif len(self._workers) > 1:
                leaver = self._workers.pop(self._random.randrange(len(self._workers)))
                self._graves.append(leaver)
                await leaver.leave()

    async def _compact(self) -> None:
        while True:
            await asyncio.sleep(self._random.random() * 6)
            self._log.compact(self._names.topic(CHANGELOG))

    async def _feed(self) -> None:
        """Load decisions and events in pieces, some now and some later, with marks that move log time along."""
        broker = LogBroker(self._log, Link("feeder", Weather(self._random), lambda: None), SESSION_SECONDS)
        loader = Loader(broker, {topic: self._log.topics[topic] for topic in self._names.inputs})
        await loader.start()
        self._log.append(self._decided())
        for piece in self._pieces():
            await loader.load(self._world.events[piece])
            await asyncio.sleep(self._random.choice(self._pauses) * self._random.random())
        await loader.mark(self._world.drained_at)
        await loader.stop()

    def _decided(self) -> dict[Place, list[Outgoing]]:
        records: dict[Place, list[Outgoing]] = {}
        for decision in self._world.decisions:
            for end in decision.pair:
                place = (self._names.topic(EVIDENCE), partition_of(end, self._partitions))
                records.setdefault(place, []).append(evidence_record(Addressed(end, decision)))
        return records

    def _pieces(self) -> Iterator[slice]:
        at = 0
        while at < len(self._world.events):
            size = self._random.randint(1, 40)
            yield slice(at, at + size)
            at += size

    async def _drained(self) -> bool:
        """Wait until everybody is awake, everything is read, and stands still."""
        loop = asyncio.get_running_loop()
        until, since, ends = loop.time() + PATIENCE_SECONDS, loop.time(), -1
        while loop.time() < until:
            await asyncio.sleep(STILL_SECONDS / 4)
            now = sum(log.end for log in self._log.partitions.values())
            frozen = any(worker.link.frozen_at is not None for worker in self._workers + self._graves)
            if frozen or now != ends or not is_drained(self._log, self._names, self._partitions):
                since, ends = loop.time(), now
            elif loop.time() - since >= STILL_SECONDS:
                return True
        return False

    def _trace(self) -> str:
        digest = blake2b(digest_size=8)
        for place, log in sorted(self._log.partitions.items()):
            entries = [(entry.offset, entry.timestamp, entry.key, entry.value, entry.headers) for entry in log.entries]
            digest.update(repr((place, log.end, entries)).encode())
        return digest.hexdigest()
