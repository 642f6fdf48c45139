"""Workers: the real members of intake and stitcher, on the broker in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from schemas.codecs import AvroSchemas
from streams.identity.rules import IdentityRules
from streams.kafka.hosted import Member
from streams.kafka.intake.lane import Way
from streams.kafka.intake.member import Ahead, IntakeMember, Intaking
from streams.kafka.intake.suspects import Suspects
from streams.kafka.names import Names
from streams.kafka.operation.metrics import Metrics
from streams.kafka.stitcher.member import StitcherMember
from streams.kafka.stitcher.partition import Partition
from streams.kafka.stitcher.restore import Restored
from streams.kafka.stitcher.shared import Stitching
from streams.processors.intake import Intake
from streams.settings_kafka import WorkerSettings
from tests.simulation.clients import LogBroker
from tests.simulation.link import Link, Weather
from tests.simulation.log import Log
from tests.support.engine import BOOK, INTAKE_RULES

T = TypeVar("T")
SESSION_SECONDS: Final = 6.0
SCHEMAS: Final = AvroSchemas()
DEATHS_MAX: Final = 1_000_000
"""No record is set aside here: deaths fall where they may."""


class Breed(msgspec.Struct, frozen=True):
    """What workers are made of; a mutant has another part."""

    stitcher: type[StitcherMember] = StitcherMember
    intake: type[IntakeMember] = IntakeMember
    broker: type[LogBroker] = LogBroker
    new_partition: Callable[[Stitching, int, Restored], Partition] | None = None


class Plant(msgspec.Struct, frozen=True):
    """What all workers share: the log, faults, names, and how they are made."""

    log: Log
    weather: Weather
    names: Names
    partitions: int
    settings: WorkerSettings
    breed: Breed
    folder: Path


class SimulatedWorker:
    """A worker. `crash` ends it as `kill -9` does: nothing it tries from then on has any effect."""

    def __init__(self, plant: Plant, name: str) -> None:
        self.link = Link(name, plant.weather, self.crash)
        self._plant = plant
        self._weather = plant.weather
        broker = plant.breed.broker(plant.log, self.link, SESSION_SECONDS)
        metrics = Metrics(lambda: plant.log.now_ms)
        rules = IdentityRules(keep_ms=BOOK.keep_ms)
        self.stitcher = plant.breed.stitcher(
            broker,
            Stitching(
                names=plant.names,
                partitions=plant.partitions,
                rules=rules,
                book=BOOK,
                settings=plant.settings,
                metrics=metrics,
                new_partition=plant.breed.new_partition,
            ),
            self._blocking,
        )
        self._suspects = Suspects(plant.folder / name, DEATHS_MAX)
        self.intake = plant.breed.intake(
            broker,
            Intaking(
                names=plant.names,
                partitions=plant.partitions,
                new_intake=lambda ledger, name: Intake(INTAKE_RULES, ledger, SCHEMAS, name),
                suspects=self._suspects,
                settings=plant.settings,
                metrics=metrics,
                by_data=True,
                ways={topic: Way() for topic in plant.names.inputs},
                ahead=self._ahead,
            ),
            self._blocking,
        )
        self._tasks = [asyncio.create_task(self._lived(member)) for member in (self.intake, self.stitcher)]

    @property
    def is_alive(self) -> bool:
        return not self.link.is_severed

    def crash(self) -> None:
        """Die at once."""
        if self.link.is_severed:
            return
        self._weather.came["crashes"] += 1
        self.link.sever()
        self.intake.stop()
        self.stitcher.stop()
        for task in self._tasks:
            task.cancel()

    async def leave(self) -> None:
        """End in peace."""
        self.intake.stop()
        self.stitcher.stop()
        await asyncio.wait(self._tasks)
        self.link.sever()

    async def buried(self) -> None:
        """Wait until nothing of it is left, dead or ended."""
        await asyncio.wait(self._tasks)
        self._suspects.close()

    async def _lived(self, member: Member) -> None:
        try:
            await member.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug
            if self.is_alive:
                self._weather.bugs.append(f"{self.link.name}: {error!r}")

    async def _blocking(self, work: Callable[[], T]) -> T:
        await self.link.linger()
        answer = work()
        await self.link.linger()
        return answer

    @asynccontextmanager
    async def _ahead(self) -> AsyncIterator[Ahead | None]:
        yield _Slow(self.link)


class _Slow:
    """Takes its time, as a registry of schemas does."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def __call__(self, values: object) -> None:
        await self._link.linger()

    def stop(self) -> None:
        """Nobody waits here for long."""
