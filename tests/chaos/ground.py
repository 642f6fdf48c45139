"""What a run stands on: one real broker, the proxy that workers reach it through, and one ClickHouse.

The broker has two listeners, and tells whoever comes through the proxy to come back through the proxy.
"""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import HOST, free_port
from streams.kafka.embedded.runtime import find_runtime
from streams.settings_embedded import EmbeddedKafkaSettings
from tests.chaos.proxy import Proxy

HEAP_MB: Final = 384
T = TypeVar("T")


class Ground:
    """A broker and its proxy; `direct` is for the rig, `proxied` for workers. Beside them the warehouse."""

    def __init__(self, broker: EmbeddedBroker, proxy: Proxy, warehouse: EmbeddedClickHouse) -> None:
        self.broker = broker
        self.proxy = proxy
        self.warehouse = warehouse

    @property
    def direct(self) -> str:
        """The broker itself."""
        return self.broker.address

    @property
    def proxied(self) -> str:
        """The broker as workers see it."""
        return f"{HOST}:{self.proxy.port}"

    async def kill(self, away_seconds: float) -> None:
        """Kill the broker, as a crash would, and start it again; returns once it answers."""
        await asyncio.to_thread(self.broker.kill)
        await asyncio.sleep(away_seconds)
        await asyncio.to_thread(self.broker.restart)

    async def close_warehouse(self, seconds: float) -> None:
        """Kill ClickHouse, and open it again after so many seconds."""
        await asyncio.to_thread(self.warehouse.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.warehouse.restart)


@asynccontextmanager
async def standing() -> AsyncIterator[Ground]:
    """Start broker, proxy and ClickHouse on an empty folder, which goes afterwards."""
    ports = _ports(4)
    with tempfile.TemporaryDirectory(prefix="chaos-broker-", ignore_cleanup_errors=True) as folder:
        runtime = find_runtime(EmbeddedKafkaSettings(heap_mb=HEAP_MB))
        broker = await asyncio.to_thread(
            lambda: EmbeddedBroker.start(
                Path(folder) / "kafka", ports[0], runtime=runtime, properties=_listeners(*ports), temporary=True
            )
        )
        warehouse = EmbeddedClickHouse()
        try:
            await asyncio.to_thread(warehouse.start, Path(folder) / "warehouse")
            async with Proxy(ports[3], ports[2]) as proxy:
                yield Ground(broker, proxy, warehouse)
        finally:
            await asyncio.to_thread(warehouse.stop)
            await asyncio.to_thread(broker.stop)


def run_out(work: Coroutine[object, object, T]) -> T:
    """Run it; SIGTERM ends it as Ctrl-C does, so that nobody is left behind who was started."""

    async def until_told() -> T:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    return asyncio.run(until_told())


def _ports(count: int) -> list[int]:
    ports: list[int] = []
    while len(ports) < count:
        port = free_port()
        if port not in ports:
            ports.append(port)
    return ports


def _listeners(direct: int, controller: int, behind: int, proxied: int) -> dict[str, str]:
    protocols = ("PLAINTEXT", "PROXIED", "CONTROLLER")
    return {
        "listeners": f"PLAINTEXT://{HOST}:{direct},PROXIED://{HOST}:{behind},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{direct},PROXIED://{HOST}:{proxied}",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in protocols),
    }
