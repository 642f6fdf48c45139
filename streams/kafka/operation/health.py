"""Whether a worker lives and whether it is ready: pure decisions over facts, and the pages that tell them.

Not alive means that only a new process helps: the event loop is stuck. Not ready means that it does not do its work
now, and why; a broker or a warehouse that is away makes it unready and never kills it, for a restart helps neither.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiohttp import web

from streams.kafka.operation.metrics import CONTENT_TYPE, Metrics

BEAT_EVERY_MS: Final = 250
BEAT_AGE_MAX_MS: Final = 15_000
COMMIT_AGE_MAX_MS: Final = 30_000
SINK_AGE_MAX_MS: Final = 120_000
REASONS_MAX: Final = 20


class Facts(msgspec.Struct, frozen=True):
    """What health is judged by; instants in wall-clock milliseconds, 0 for none."""

    beat_at: int
    rebalancing: dict[str, int] = {}
    """Roles, and since when each has no assignment; 0 where it has one."""
    restoring: tuple[int, ...] = ()
    stopped: tuple[str, ...] = ()
    waiting: dict[str, int] = {}
    """Roles, and when each took the oldest record it has not committed."""
    sink_waiting_since: int = 0
    is_stopping: bool = False
    is_companion_failing: bool = False
    """The process beside this one has died lately."""


class Verdict(msgspec.Struct, frozen=True):
    """Yes, or no and why; each reason is a line for people."""

    reasons: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.reasons


def is_live(facts: Facts, now: int) -> Verdict:
    """Tell whether the event loop still turns."""
    age = now - facts.beat_at
    return Verdict((f"the event loop has been stuck for {age // 1000} s",) if age > BEAT_AGE_MAX_MS else ())


def is_ready(facts: Facts, now: int) -> Verdict:
    """Tell whether every role is assigned, restored and gets its work done."""
    reasons = list(is_live(facts, now).reasons)
    if facts.is_stopping:
        reasons.append("stopping")
    reasons += [f"{role}: no partitions assigned yet" for role, since in facts.rebalancing.items() if since]
    if facts.restoring:
        reasons.append(f"stitcher: restoring partitions {', '.join(map(str, facts.restoring))}")
    reasons += [f"intake: {place} is stopped by a flood of dead letters" for place in facts.stopped]
    if facts.is_companion_failing:
        reasons.append("warehouse: its process died, and says why in the log; run `seamline doctor`")
    for role, since in facts.waiting.items():
        if since and now - since > COMMIT_AGE_MAX_MS:
            reasons.append(f"{role}: nothing committed for {(now - since) // 1000} s; the broker does not take it")
    if facts.sink_waiting_since and now - facts.sink_waiting_since > SINK_AGE_MAX_MS:
        seconds = (now - facts.sink_waiting_since) // 1000
        reasons.append(f"warehouse: nothing stored for {seconds} s; run `seamline doctor`")
    return Verdict(tuple(reasons[:REASONS_MAX]))


def facts_of(
    metrics: Metrics, roles: Collection[str] = (), *, is_stopping: bool = False, is_companion_failing: bool = False
) -> Facts:
    """Read the facts from what the loops count anyway; one of `roles` that counts nothing yet has not begun."""
    intakes, stitchers = metrics.intakes.copy(), metrics.stitchers.copy()
    warehouse = metrics.warehouse_or_none
    return Facts(
        beat_at=metrics.worker.beat_at,
        rebalancing=dict.fromkeys(roles, 1)
        | {role: group.rebalancing_since for role, group in metrics.groups.copy().items()},
        restoring=tuple(sorted(number for number, counts in stitchers.items() if not counts.is_restored)),
        stopped=tuple(sorted(f"{topic}/{number}" for (topic, number), each in intakes.items() if each.is_stopped)),
        waiting={
            "intake": _oldest([counts.waiting_since for counts in intakes.values()]),
            "stitcher": _oldest([counts.waiting_since for counts in stitchers.values()]),
        },
        sink_waiting_since=warehouse.waiting_since if warehouse else 0,
        is_stopping=is_stopping,
        is_companion_failing=is_companion_failing,
    )


def _oldest(instants: list[int]) -> int:
    return min(filter(None, instants), default=0)


async def pulse(metrics: Metrics) -> None:
    """Beat for as long as the event loop turns, and measure how late it does; runs until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        metrics.worker.beat_at = metrics.clock_ms()
        due = loop.time() + BEAT_EVERY_MS / 1000
        await asyncio.sleep(BEAT_EVERY_MS / 1000)
        metrics.worker.loop_delay.observe(max(loop.time() - due, 0.0))


class Version(msgspec.Struct, frozen=True):
    """What runs here, as `/version` tells it."""

    version: str
    roles: tuple[str, ...]
    application: str


def web_app(facts: Callable[[], Facts], metrics: Metrics, version: Version) -> web.Application:
    """Make the pages /livez, /readyz, /metrics and /version; to be served by a plain aiohttp runner (`serve`)."""

    def judged(decide: Callable[[Facts, int], Verdict]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def page(_: web.Request) -> web.Response:
            verdict = decide(facts(), metrics.clock_ms())
            told = {"ok": verdict.is_well, "reasons": list(verdict.reasons)}
            return web.json_response(told, status=200 if verdict.is_well else 503)

        return page

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def what_runs(_: web.Request) -> web.Response:
        return web.json_response(msgspec.to_builtins(version))

    pages = web.Application()
    pages.router.add_get("/livez", judged(is_live))
    pages.router.add_get("/readyz", judged(is_ready))
    pages.router.add_get("/metrics", exposition)
    pages.router.add_get("/version", what_runs)
    return pages


@asynccontextmanager
async def serve(pages: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve the pages until left, and give the port (another than `port` where that is 0).

    OSError where the port is taken. Requests are not logged: probes come every few seconds.
    """
    runner = web.AppRunner(pages, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound: tuple[str, int] = runner.addresses[0]
        yield bound[1]
    finally:
        await runner.cleanup()
