"""The warehouse role on a log in memory: nothing is committed before it is stored, and nothing stops it for good."""

import asyncio
import time
from typing import Literal

import pytest

from schemas.formats import UPSERTS
from streams.kafka.warehouse import member as role
from streams.kafka.warehouse.storing import WarehouseAway, WarehouseUnfit
from tests.clickhouse.builders import seen
from tests.kafka.warehouse.fake_log import FakeLog
from tests.kafka.warehouse.scene import P0, P1, SEAL, FakeWarehouse, Scene, log_of, played, told


@pytest.mark.asyncio
async def test_rows_are_stored_and_then_their_offsets_committed() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3), p1=told(4, 5)), FakeWarehouse()
    warehouse.open.clear()
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        await asyncio.sleep(0.1)
        assert log.commits == []
        warehouse.open.set()
        await scene.until(lambda: (log.committed(P0), log.committed(P1)) == (3, 2))
        assert len(warehouse.rows) == 5
        await scene.until(lambda: scene.metrics.warehouse.waiting_rows == 0)
        assert scene.metrics.warehouse.rows == {"touchpoints": 5}
        assert scene.metrics.warehouse.stored_at > 0


@pytest.mark.asyncio
async def test_a_few_rows_are_stored_after_a_second() -> None:
    log, warehouse = log_of(p0=told(1)), FakeWarehouse()
    async with played(log, warehouse, batch_records=1000) as scene:
        await scene.until(lambda: log.committed(P0) == 1, seconds=2)


@pytest.mark.asyncio
async def test_of_one_key_only_the_greatest_revision_is_handed_over() -> None:
    log = log_of(p0=[*told(1, revision=3), *told(1, revision=2), *told(2, revision=1), *told(2, revision=4)])
    warehouse = FakeWarehouse()
    async with played(log, warehouse) as scene:
        await scene.until(lambda: log.committed(P0) == 4)
    assert [[upsert.revision for upsert in call] for call in warehouse.calls] == [[3, 4]]


@pytest.mark.asyncio
async def test_while_the_warehouse_is_away_nothing_is_read_but_the_group_is_kept_and_then_all_is_caught_up() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.failures = [WarehouseAway("gone")] * 4
    async with played(log, warehouse) as scene:
        await scene.until(lambda: scene.metrics.warehouse.retries == 2)
        consumer = log.consumer
        assert consumer is not None
        polls = consumer.polls
        await scene.until(lambda: consumer.paused == {P0, P1} and consumer.polls > polls + 3)
        log.append(P0, *told(5, 6, 7, 8, 9))
        assert scene.metrics.warehouse.failing_since > 0
        assert log.commits == []
        await scene.until(lambda: log.committed(P0) == 9)
        assert scene.metrics.warehouse.failing_since == 0
    assert len(warehouse.rows) == 9


@pytest.mark.asyncio
async def test_what_waits_beside_a_batch_is_bounded() -> None:
    log, warehouse = log_of(p0=told(*range(20))), FakeWarehouse()
    warehouse.open.clear()
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        log.append(P1, *told(*range(20, 40)))
        await scene.until(lambda: log.consumer is not None and log.consumer.paused == {P0, P1})
        waiting = scene.metrics.warehouse.waiting_rows
        log.append(P0, *told(*range(40, 80)))
        await asyncio.sleep(0.2)
        assert scene.metrics.warehouse.waiting_rows == waiting
        warehouse.open.set()
        await scene.until(lambda: len(warehouse.rows) == 80)


@pytest.mark.asyncio
async def test_a_row_that_can_never_be_stored_becomes_a_dead_letter_and_the_others_are_stored() -> None:
    log, warehouse = log_of(p0=[*told(1, 2), *told(3, revision=66), *told(4)]), FakeWarehouse()
    warehouse.unstorable = {66}
    async with played(log, warehouse) as scene:
        await scene.until(lambda: log.committed(P0) == 4)
        (letter,) = warehouse.letters()
        assert (letter.input, letter.position, letter.reason) == ("s.touchpoints-0", "2", "warehouse_refused")
        assert letter.detail == "touchpoints: name: not text"
        assert UPSERTS.decode(SEAL.open(letter)) == seen(3, revision=66)
        assert len(warehouse.rows) == 4
        assert scene.metrics.warehouse.rejected == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("junk", [b"", b"\x01junk", b"\x09newer", None])
async def test_a_record_that_can_not_be_read_becomes_a_dead_letter(junk: bytes | None) -> None:
    log, warehouse = FakeLog(P0), FakeWarehouse()
    log.append(P0, *told(1), junk, *told(2))
    async with played(log, warehouse, batch_records=3) as scene:
        await scene.until(lambda: log.committed(P0) == 3)
    (letter,) = warehouse.letters()
    assert (letter.position, letter.reason, SEAL.open(letter)) == ("1", "not_decodable", junk or b"")
    assert len(warehouse.rows) == 3


@pytest.mark.asyncio
async def test_tables_that_are_missing_end_it_with_what_to_do_and_nothing_behind_is_committed() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.failures = [WarehouseUnfit("no such table; run `seamline migrate`")]
    warehouse.open.clear()
    scene = Scene(log, warehouse)
    await scene.until(warehouse.entered.is_set)
    log.append(P0, *told(5, 6, 7, 8))
    await scene.until(lambda: scene.metrics.warehouse.waiting_rows == 8)
    warehouse.open.set()
    with pytest.raises(WarehouseUnfit, match="seamline migrate"):
        await asyncio.wait_for(scene.task, 10)
    assert log.group == {}
    assert log.consumer is not None
    assert log.consumer.is_stopped


@pytest.mark.asyncio
async def test_a_partition_that_is_taken_away_is_stored_and_committed_before_it_goes() -> None:
    log, warehouse = log_of(p0=told(1, 2), p1=told(3)), FakeWarehouse()
    async with played(log, warehouse, batch_records=1000) as scene:
        await scene.until(lambda: scene.metrics.warehouse.waiting_rows == 3)
        assert log.consumer is not None
        await log.consumer.rebalance({P0})
        assert (log.committed(P0), log.committed(P1)) == (2, 1)
        log.append(P0, *told(4))
        log.append(P1, *told(5))
        await scene.until(lambda: log.committed(P0) == 3)
        assert log.committed(P1) == 1


@pytest.mark.asyncio
async def test_what_could_not_be_stored_before_a_partition_went_is_read_again_by_its_next_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(role, "PUT_AWAY_SECONDS", 0.2)
    log, warehouse = log_of(p0=told(1, 2, 3, 4), p1=told(5)), FakeWarehouse()
    warehouse.open.clear()
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        assert log.consumer is not None
        await log.consumer.rebalance({P0, P1})
        assert log.commits == []
        warehouse.open.set()
        await scene.until(lambda: (log.committed(P0), log.committed(P1)) == (4, 1))
    assert sum(len(call) for call in warehouse.calls) == 10
    assert len(warehouse.rows) == 5


@pytest.mark.asyncio
@pytest.mark.parametrize("handed_out", ["old", "early"])
async def test_records_handed_out_around_a_rebalance_neither_jump_the_queue_nor_get_lost(
    monkeypatch: pytest.MonkeyPatch, handed_out: Literal["old", "early"]
) -> None:
    monkeypatch.setattr(role, "PUT_AWAY_SECONDS", 0.2)
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.open.clear()
    stored_before: list[tuple[int, int]] = []
    log.on_commit = lambda at: stored_before.append((at[P0], len(warehouse.rows)))
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        consumer = log.consumer
        assert consumer is not None
        consumer.surprise = handed_out
        log.append(P0, *told(5, 6, 7, 8))
        await scene.until(lambda: not consumer.surprise)
        await asyncio.sleep(0.2)
        warehouse.failures = [WarehouseAway("gone")]
        warehouse.open.set()
        await scene.until(lambda: log.committed(P0) == 8)
    assert all(stored >= committed for committed, stored in stored_before)
    assert len(warehouse.rows) == 8


@pytest.mark.asyncio
async def test_a_rebalance_while_the_warehouse_is_away_does_not_end_the_trying() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.failures = [WarehouseAway("gone")] * 3
    async with played(log, warehouse) as scene:
        await scene.until(lambda: scene.metrics.warehouse.retries > 0)
        assert log.consumer is not None
        await log.consumer.rebalance({P0})
        await scene.until(lambda: log.committed(P0) == 4)
    assert len(warehouse.rows) == 4


@pytest.mark.asyncio
async def test_a_broker_that_does_not_take_offsets_gets_them_later() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    log.is_away = True
    async with played(log, warehouse) as scene:
        await scene.until(lambda: len(warehouse.rows) == 4)
        await asyncio.sleep(0.2)
        assert log.group == {}
        log.is_away = False
        await scene.until(lambda: log.committed(P0) == 4)
    assert len(warehouse.calls) == 1


@pytest.mark.asyncio
async def test_stopping_stores_what_waits_and_commits_it() -> None:
    log, warehouse = log_of(p0=told(1, 2)), FakeWarehouse()
    async with played(log, warehouse, batch_records=1000) as scene:
        await scene.until(lambda: scene.metrics.warehouse.waiting_rows == 2)
        await scene.end()
    assert (log.committed(P0), len(warehouse.rows)) == (2, 2)


@pytest.mark.asyncio
async def test_stopping_while_the_warehouse_fails_commits_nothing_that_stands_behind_a_gap() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.open.clear()
    warehouse.failures = [WarehouseAway("gone")]
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        log.append(P0, *told(5, 6))
        await scene.until(lambda: scene.metrics.warehouse.waiting_rows == 6)
        scene.member.stop()
        warehouse.open.set()
        await asyncio.wait_for(scene.task, 10)
    assert log.group == {}


@pytest.mark.asyncio
async def test_stopping_does_not_wait_for_a_warehouse_that_does_not_answer() -> None:
    log, warehouse = log_of(p0=told(1, 2, 3, 4)), FakeWarehouse()
    warehouse.open.clear()
    async with played(log, warehouse) as scene:
        await scene.until(warehouse.entered.is_set)
        began = time.monotonic()
        await scene.end()
        assert time.monotonic() - began < 9
    assert log.group == {}


@pytest.mark.asyncio
async def test_every_output_topic_is_read() -> None:
    log = FakeLog()
    async with played(log, FakeWarehouse()) as scene:
        await scene.until(lambda: log.consumer is not None)
    outputs = {"touchpoints", "journeys", "friction", "people", "rollups", "late", "dead-letters"}
    assert {f"s.{name}" for name in outputs} <= set(log.topics)
