"""The warehouse role on a log in memory, before a warehouse that fails as it is told to."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from schemas.formats import UPSERTS
from schemas.rows import DeadLetterRow, Table, Upsert
from streams.intake.dead_letters import Seal
from streams.kafka.blocking import waiting
from streams.kafka.names import Names
from streams.kafka.operation.metrics import Metrics
from streams.kafka.warehouse.member import WarehouseMember
from streams.kafka.warehouse.storing import Storing, WarehouseFailure
from tests.clickhouse.builders import seen
from tests.kafka.warehouse.fake_log import FakeLog

P0, P1 = ("s.touchpoints", 0), ("s.touchpoints", 1)
SEAL = Seal(b"d" * 32, "1", 48 * 1024)


class Refused(msgspec.Struct, frozen=True):
    upsert: Upsert
    reason: str


class Outcome(msgspec.Struct, frozen=True):
    inserts: int
    rejected: Sequence[Refused]


class FakeWarehouse:
    """Keeps the greatest revision of each key; fails as it is told to, and holds while it is shut."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Table, tuple[str | int, ...]], Upsert] = {}
        self.calls: list[list[Upsert]] = []
        self.failures: list[WarehouseFailure] = []
        self.unstorable: set[int] = set()
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()

    def __call__(self, upserts: Sequence[Upsert]) -> Outcome:
        self.entered.set()
        self.open.wait(30)
        if self.failures:
            raise self.failures.pop(0)
        self.calls.append(list(upserts))
        rejected = []
        for upsert in upserts:
            if upsert.revision in self.unstorable:
                rejected.append(Refused(upsert, "name: not text"))
            else:
                self.rows[upsert.table, upsert.key] = upsert
        return Outcome(1, rejected)

    def letters(self) -> list[DeadLetterRow]:
        return [upsert.row for upsert in self.rows.values() if isinstance(upsert.row, DeadLetterRow)]


class Scene:
    def __init__(self, log: FakeLog, warehouse: FakeWarehouse, batch_records: int = 4) -> None:
        self.log, self.warehouse = log, warehouse
        self.metrics = Metrics()
        storing = Storing(warehouse, self.metrics, waiting("test"), jitter=lambda: 0.0)
        names = Names("shop", "s.", ())
        self.member = WarehouseMember(log, names, storing, SEAL, self.metrics, batch_records=batch_records)  # type: ignore[arg-type]
        self.task = asyncio.create_task(self.member.run())

    async def until(self, so: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < deadline
            if self.task.done():
                self.task.result()
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        self.member.stop()
        await asyncio.wait_for(self.task, 10)


@asynccontextmanager
async def played(log: FakeLog, warehouse: FakeWarehouse, batch_records: int = 4) -> AsyncIterator[Scene]:
    scene = Scene(log, warehouse, batch_records)
    try:
        yield scene
    finally:
        warehouse.open.set()
        if not scene.task.done():
            await scene.end()


def told(*numbers: int, revision: int = 1) -> list[bytes]:
    return [UPSERTS.encode(seen(number, revision=revision)) for number in numbers]


def log_of(**of_partition: list[bytes]) -> FakeLog:
    log = FakeLog(P0, P1)
    for name, values in of_partition.items():
        log.append((P0, P1)[int(name[1:])], *values)
    return log
