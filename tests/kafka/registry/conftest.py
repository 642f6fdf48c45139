"""A registry beside the command line: it answers from a thread of its own while a command runs in this one."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.kafka.registry.double import RegistryDouble, serving
from tests.kafka.topics.conftest import seamline

__all__ = ["seamline"]


@pytest.fixture
def double() -> Iterator[RegistryDouble]:
    made = RegistryDouble()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        async with serving(made):
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    yield made
    loop.call_soon_threadsafe(ended.set)
    thread.join(10)
    loop.close()
