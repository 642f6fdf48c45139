"""The process that holds the data folder: `python -m sinks.clickhouse.embedded.server`, told what to do on stdin.

It answers with one line of JSON on stdout, where it serves or why it does not, and ends itself cleanly at SIGTERM or
SIGINT: no new questions, those that only read are broken off, the others finish, the data is flushed.
"""

import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from sinks.clickhouse.embedded.served import LOG, Mark, Served

HOST: Final = "127.0.0.1"
"""Nothing but this machine: there is no encryption, and one password for all."""


class Order(msgspec.Struct, frozen=True):
    """What to serve. Port 0 takes a free one; without a password everybody on this machine may ask."""

    folder: str
    port: int = 0
    user: str = "default"
    password: str = ""
    detached: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """The line that is said once: where it serves, or why not."""

    served: Served | None = None
    problem: str = ""


def serve(order: Order, say: Callable[[Outcome], None]) -> int:
    """Serve until a signal ends it; returns the exit code: 0, 1 where the port is taken, 3 where the folder is."""
    mark = Mark.take(Path(order.folder))
    if mark is None:
        say(Outcome(problem=f"{order.folder}: another process serves this folder"))
        return 3
    try:
        return asyncio.run(_serve(order, mark, say))
    except ImportError:
        say(Outcome(problem="the embedded engine is not installed (extra `embedded`)"))
        return 3
    except RuntimeError as error:
        say(Outcome(problem=f"{order.folder}: {error}"))
        return 3
    finally:
        mark.release()


async def _serve(order: Order, mark: Mark, say: Callable[[Outcome], None]) -> int:
    from sinks.clickhouse.embedded.engine import Engine  # noqa: PLC0415 - an extra that may be missing
    from sinks.clickhouse.embedded.front import Front  # noqa: PLC0415

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    engine = Engine(order.folder)
    for number in (signal.SIGTERM, signal.SIGINT):  # after the engine, which brings its own
        loop.add_signal_handler(number, ended.set)
    front = Front(engine, user=order.user, password=order.password)
    runner = front.runner()
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, order.port)
        try:
            await site.start()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            say(Outcome(problem=f"port {order.port} is taken" if taken else f"port {order.port}: {error.strerror}"))
            return 1
        served = Served(
            order.folder,
            f"http://{HOST}:{runner.addresses[0][1]}",
            os.getpid(),
            int(time.time()),
            order.user if order.password else "",
        )
        mark.write(served)
        say(Outcome(served))
        await ended.wait()
    finally:
        await front.close()
        await runner.cleanup()
        engine.close()
    return 0


def _say(outcome: Outcome) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
    sys.stdout.buffer.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def main() -> int:
    """Read the order from stdin; detached, go on as a process of its own whose log is in the folder."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    if order.detached:
        if os.fork():
            os._exit(0)
        os.setsid()
        Path(order.folder).mkdir(parents=True, exist_ok=True)
        log = os.open(Path(order.folder) / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, sys.stderr.fileno())
        os.close(log)
    return serve(order, _say)


if __name__ == "__main__":
    sys.exit(main())
