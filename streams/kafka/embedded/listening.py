"""Ports of this machine: which are free, and when a broker answers on one."""

import asyncio
import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.embedded.failures import BrokerDied, PortTaken
from streams.kafka.embedded.process import ProcessMark, is_alive

HOST: Final = "127.0.0.1"
"""The only address the broker listens on."""
PORTS_FROM: Final = 10_000
PORTS_TO: Final = 32_768
LOOK_SECONDS: Final = 0.02
ANSWER_MS: Final = 5_000


def free_port(*preferred: int) -> int:
    """Find a free port: the first of `preferred` that is, else one chosen by chance.

    Chosen below the ports that the system gives to outgoing connections: a client that keeps asking for a broker that
    is down would sooner or later be given the broker's own port, and keep it from coming back.
    """
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return next(port for port in chain(preferred, _by_chance(min(low, PORTS_TO))) if is_free(port))


def _by_chance(below: int) -> Iterator[int]:
    span = max(1, below - PORTS_FROM)
    while True:
        yield below - 1 - secrets.randbelow(span)


def is_free(port: int) -> bool:
    """Tell whether nobody listens on a port."""
    with socket.socket() as probe:
        # As the broker does: connections that linger from before do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def demand(port: int) -> None:
    """See that a port can be had; PortTaken when another program listens there."""
    if not is_free(port):
        raise PortTaken(f"port {port} is taken", "another program listens there", "choose another --port, or none")


def await_answer(port: int, mark: ProcessMark, cluster: str, *, limit_seconds: float) -> None:
    """Wait until the broker of this process and cluster answers; BrokerDied when it ends first, or time is over."""
    until = time.monotonic() + limit_seconds
    while time.monotonic() < until:
        if not is_alive(mark):
            raise BrokerDied("the broker ended while it started")
        if _accepts(port) and answers(port, cluster):
            return
        time.sleep(LOOK_SECONDS)
    raise BrokerDied(f"the broker did not answer within {limit_seconds:g} s")


def answers(port: int, cluster: str) -> bool:
    """Ask whoever listens to describe its cluster, and tell whether it is this one.

    Asked in a thread of its own, because the caller may be within an event loop.
    """
    said: list[str | None] = []
    asking = threading.Thread(target=lambda: said.append(asyncio.run(_described_cluster(port))))
    asking.start()
    asking.join()
    return said == [cluster]


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


async def _described_cluster(port: int) -> str | None:
    admin = AIOKafkaAdminClient(bootstrap_servers=f"{HOST}:{port}", request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        found = await admin.describe_cluster()
        return str(found["cluster_id"]) if found["brokers"] else None
    except (KafkaError, OSError):
        return None
    finally:
        await admin.close()
