"""The warehouse role between the real broker and the real engine: outages, crashes, second members, missing tables."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schemas.rows import Upsert
from sinks.clickhouse.client import connect
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from streams.kafka.operation.metrics import Metrics
from streams.kafka.warehouse.member import WarehouseMember
from streams.kafka.warehouse.storing import WarehouseUnfit
from streams.sink import warehouse_member
from tests.clickhouse.builders import FULL_ROWS, seen, upsert
from tests.kafka.conftest import Topics
from tests.kafka.warehouse.rows_on_topics import Outputs

DIES_AFTER_STORING = """
import asyncio, json, os, signal, sys
from streams.intake.dead_letters import Seal
from streams.kafka.blocking import waiting
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.operation.metrics import Metrics
from streams.kafka.names import Names
from streams.kafka.warehouse.storing import Storing
from streams.kafka.warehouse.member import WarehouseMember
from streams.settings import load_settings
from streams.sink import Door

settings = load_settings(None, json.loads(sys.argv[1]))
door = Door(settings)

def stored_and_dead(upserts):
    door(upserts)
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    metrics = Metrics()
    kafka = settings.kafka
    names = Names(kafka.application, kafka.prefix, ())
    storing = Storing(stored_and_dead, metrics, waiting("door"))
    await WarehouseMember(KafkaBroker(kafka), names, storing, Seal(b"d" * 32, "1", 1000), metrics).run()

asyncio.run(main())
"""


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    with EmbeddedClickHouse() as engine:
        engine.start(tmp_path / "data")
        yield engine


@pytest.fixture
def outputs(topics: Topics, clickhouse: EmbeddedClickHouse) -> Outputs:
    made = Outputs(topics, clickhouse.dsn)
    made.migrate()
    return made


class Running:
    def __init__(self, outputs: Outputs) -> None:
        self.metrics = Metrics()
        self.member: WarehouseMember = warehouse_member(outputs.settings, outputs.broker, self.metrics)
        self.task = asyncio.create_task(self.member.run())

    async def end(self) -> None:
        self.member.stop()
        await asyncio.wait_for(self.task, 10)


@asynccontextmanager
async def running(outputs: Outputs) -> AsyncIterator[Running]:
    one = Running(outputs)
    try:
        yield one
    finally:
        if not one.task.done():
            await one.end()


async def until(so: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not await so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def until_true(so: Callable[[], bool], seconds: float = 60) -> None:
    async def ask() -> bool:
        return so()

    await until(ask, seconds)


def revisions(upserts: list[Upsert]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for one in upserts:
        event = one.row.touchpoint.event_id  # type: ignore[union-attr]
        newest[event] = max(newest.get(event, 0), one.revision)
    return newest


@pytest.mark.asyncio
async def test_rows_of_every_table_arrive(outputs: Outputs) -> None:
    await outputs.write(upsert(table, row) for table, row in FULL_ROWS.items())
    async with running(outputs) as one:
        await until(outputs.is_drained)
        assert one.metrics.warehouse.rows == {table.value: 1 for table in FULL_ROWS}
    with connect(outputs.dsn) as client:
        counts = [client.query(f"SELECT count() FROM {table.value}").rows[0][0] for table in FULL_ROWS]
    assert counts == [1] * len(FULL_ROWS)


@pytest.mark.asyncio
async def test_an_outage_of_the_warehouse_is_ridden_out_and_caught_up(
    outputs: Outputs, clickhouse: EmbeddedClickHouse
) -> None:
    before = [seen(number) for number in range(2_000)]
    during = [seen(number % 3_000, revision=2 + number // 3_000) for number in range(12_000)]
    await outputs.write(before)
    async with running(outputs) as one:
        await until_true(lambda: one.metrics.warehouse.rows.get("touchpoints", 0) > 0)
        clickhouse.kill()
        await outputs.write(during)
        await until_true(lambda: one.metrics.warehouse.retries >= 3)
        assert one.metrics.warehouse.failing_since > 0
        assert not await outputs.is_drained()
        clickhouse.restart()
        await until(outputs.is_drained)
        await until_true(lambda: sum(one.metrics.warehouse.lag.values()) == 0)
        assert one.metrics.group("warehouse").rebalances == 0
    assert outputs.touchpoints()[0] == revisions([*before, *during])


@pytest.mark.asyncio
async def test_killed_between_storing_and_committing_rows_are_stored_twice_and_nothing_changes(
    outputs: Outputs,
) -> None:
    upserts = [seen(number % 700, revision=1 + number // 700) for number in range(2_000)]
    await outputs.write(upserts)
    command = [sys.executable, "-c", DIES_AFTER_STORING, json.dumps(outputs.overrides)]
    for _ in range(2):
        died = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False, timeout=60)
        assert died.returncode == -9, died.stderr.decode()
    stored = (await asyncio.to_thread(outputs.touchpoints))[0]
    assert stored
    assert not await outputs.is_drained()
    async with running(outputs):
        await until(outputs.is_drained)
    assert outputs.touchpoints()[0] == revisions(upserts)


@pytest.mark.asyncio
async def test_two_members_share_the_partitions_and_lose_nothing_when_one_leaves(outputs: Outputs) -> None:
    upserts = [seen(number) for number in range(6_000)]
    async with running(outputs) as first:
        await outputs.write(upserts[:2_000])
        async with running(outputs) as second:
            await until_true(lambda: first.metrics.group("warehouse").partitions < len(outputs.places()))
            await until_true(lambda: second.metrics.group("warehouse").partitions > 0)
            await outputs.write(upserts[2_000:4_000])
            await until_true(lambda: second.metrics.warehouse.rows.get("touchpoints", 0) > 0)
        await outputs.write(upserts[4_000:])
        await until(outputs.is_drained)
    assert outputs.touchpoints()[0] == revisions(upserts)


@pytest.mark.asyncio
async def test_a_warehouse_without_its_tables_ends_the_role_with_what_to_do(
    topics: Topics, clickhouse: EmbeddedClickHouse
) -> None:
    outputs = Outputs(topics, clickhouse.dsn)
    await outputs.write([seen(1)])
    one = Running(outputs)
    with pytest.raises(WarehouseUnfit, match="seamline migrate"):
        await asyncio.wait_for(one.task, 30)
    outputs.migrate()
    async with running(outputs):
        await until(outputs.is_drained)
    assert outputs.touchpoints()[0] == {"event-1": 1}


@pytest.mark.asyncio
async def test_it_starts_while_the_warehouse_is_away_and_ends_within_ten_seconds(
    outputs: Outputs, clickhouse: EmbeddedClickHouse
) -> None:
    clickhouse.kill()
    await outputs.write([seen(1)])
    async with running(outputs) as one:
        await until_true(lambda: one.metrics.warehouse.retries >= 2)
        began = time.monotonic()
        await one.end()
        assert time.monotonic() - began < 10
    clickhouse.restart()
    async with running(outputs):
        await until(outputs.is_drained)
    assert outputs.touchpoints()[0] == {"event-1": 1}
