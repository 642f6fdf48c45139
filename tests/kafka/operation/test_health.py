"""Health: what makes a worker dead, what makes it unready, and that its pages answer while it is busy."""

import asyncio
import threading

import aiohttp
import msgspec
import pytest

from streams.kafka.operation.health import (
    BEAT_AGE_MAX_MS,
    COMMIT_AGE_MAX_MS,
    SINK_AGE_MAX_MS,
    Facts,
    Version,
    facts_of,
    is_live,
    is_ready,
    pulse,
    serve,
    web_app,
)
from streams.kafka.operation.metrics import Metrics

NOW = 1_772_709_300_000
WELL = Facts(beat_at=NOW - 100, rebalancing={"intake": 0, "stitcher": 0}, waiting={"stitcher": NOW - 500})


def test_a_worker_that_beats_and_commits_is_live_and_ready() -> None:
    assert is_live(WELL, NOW).is_well
    assert is_ready(WELL, NOW).is_well


def test_a_stuck_event_loop_is_dead() -> None:
    stuck = msgspec.structs.replace(WELL, beat_at=NOW - BEAT_AGE_MAX_MS - 1)
    assert not is_live(stuck, NOW).is_well
    assert "stuck for 15 s" in is_live(stuck, NOW).reasons[0]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"rebalancing": {"stitcher": NOW - 1}}, "stitcher: no partitions assigned yet"),
        ({"restoring": (3, 4)}, "restoring partitions 3, 4"),
        ({"stopped": ("web.events/2",)}, "web.events/2 is stopped by a flood"),
        ({"waiting": {"intake": NOW - COMMIT_AGE_MAX_MS - 1}}, "intake: nothing committed for 30 s"),
        ({"sink_waiting_since": NOW - SINK_AGE_MAX_MS - 1}, "warehouse: nothing stored for 120 s"),
        ({"is_stopping": True}, "stopping"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_keeps_work_from_being_done_is_unready_but_never_dead(facts: dict[str, object], reason: str) -> None:
    unwell = msgspec.structs.replace(WELL, **facts)
    assert is_live(unwell, NOW).is_well
    assert reason in is_ready(unwell, NOW).reasons[0]


def test_a_worker_without_partitions_is_ready_once_the_group_has_told_it_so() -> None:
    metrics = Metrics(lambda: NOW)
    assert not is_ready(facts_of(metrics), NOW).reasons
    group = metrics.group("stitcher")
    assert is_ready(facts_of(metrics), NOW).reasons == ("stitcher: no partitions assigned yet",)
    group.rebalancing_since = 0
    assert is_ready(facts_of(metrics), NOW).is_well


def test_a_role_that_has_not_begun_is_not_ready() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.group("intake").rebalancing_since = 0
    assert is_ready(facts_of(metrics, ("intake",)), NOW).is_well
    reasons = is_ready(facts_of(metrics, ("intake", "stitcher")), NOW).reasons
    assert reasons == ("stitcher: no partitions assigned yet",)


def test_facts_are_read_from_what_the_loops_count() -> None:
    metrics = Metrics(lambda: NOW)
    metrics.intake(("web.events", 2)).is_stopped = True
    metrics.intake(("web.events", 0)).waiting_since = NOW - 5
    metrics.intake(("web.events", 1)).waiting_since = NOW - 9
    metrics.stitcher(1)
    metrics.stitcher(0).is_restored = True
    metrics.warehouse.waiting_since = NOW - 7
    facts = facts_of(metrics)
    assert (facts.stopped, facts.restoring) == (("web.events/2",), (1,))
    assert facts.waiting == {"intake": NOW - 9, "stitcher": 0}
    assert facts.sink_waiting_since == NOW - 7


async def get(port: int, page: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{page}") as answer:
        return answer.status, await answer.text(), answer.headers["Content-Type"]


@pytest.mark.asyncio
async def test_pages_tell_health_metrics_and_version() -> None:
    metrics = Metrics()
    metrics.stitcher(0)
    pages = web_app(lambda: facts_of(metrics), metrics, Version("1.2.3", ("stitcher",), "seamline"))
    async with serve(pages, "127.0.0.1", 0) as port:
        assert (await get(port, "/livez"))[:2] == (200, '{"ok": true, "reasons": []}')
        status, text, _ = await get(port, "/readyz")
        assert (status, "restoring partitions 0" in text) == (503, True)
        metrics.stitcher(0).is_restored = True
        assert (await get(port, "/readyz"))[0] == 200
        status, text, kind = await get(port, "/metrics")
        assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert 'seamline_stitcher_restored{partition="0"} 1.0' in text
        assert "process_resident_memory_bytes" in text
        assert (await get(port, "/version"))[1] == (
            '{"version": "1.2.3", "roles": ["stitcher"], "application": "seamline"}'
        )


@pytest.mark.asyncio
async def test_pages_answer_while_a_thread_computes() -> None:
    metrics = Metrics()
    done = threading.Event()

    def compute() -> None:
        while not done.is_set():
            sum(range(10_000))

    stitcher = threading.Thread(target=compute)
    beating = asyncio.create_task(pulse(metrics))
    pages = web_app(lambda: facts_of(metrics), metrics, Version("1", (), "seamline"))
    async with serve(pages, "127.0.0.1", 0) as port:
        stitcher.start()
        try:
            began = asyncio.get_running_loop().time()
            statuses = [(await get(port, "/livez"))[0] for _ in range(5)]
            assert statuses == [200] * 5
            assert asyncio.get_running_loop().time() - began < 5
        finally:
            done.set()
            stitcher.join()
            beating.cancel()


@pytest.mark.asyncio
async def test_pulse_beats_and_measures_how_late_the_loop_is() -> None:
    metrics = Metrics()
    metrics.worker.beat_at = 0
    beating = asyncio.create_task(pulse(metrics))
    await asyncio.sleep(0.6)
    beating.cancel()
    assert metrics.clock_ms() - metrics.worker.beat_at < 5_000
    assert sum(metrics.worker.loop_delay.counts) >= 1
