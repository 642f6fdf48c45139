"""A real broker for the whole run of tests, and topics of their own for each test.

Where Java or the jars are missing these fixtures fail, and so do the tests: nothing is skipped, nothing is pretended.
"""

import asyncio
import threading
import uuid
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import Runtime, find_runtime
from streams.settings import load_settings

Answer = TypeVar("Answer")


class Topics:
    """Makes topics on the broker under a prefix that no other test has."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.prefix = f"t{uuid.uuid4().hex[:8]}."

    def make(self, *names: str, partitions: int = 4, **settings: str) -> tuple[str, ...]:
        """Make topics and return their full names; `cleanup_policy="compact"` and the like are their settings."""
        full = tuple(self.prefix + name for name in names)
        spelled = {key.replace("_", "."): value for key, value in settings.items()}
        apart(self._create([NewTopic(name, partitions, 1, topic_configs=spelled) for name in full]))
        return full

    async def _create(self, topics: list[NewTopic]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            made = await admin.create_topics(topics)
            assert [error for error in made.topic_errors if error[1]] == []
            names = [topic.name for topic in topics]
            while not all(map(_is_led, await admin.describe_topics(names))):  # noqa: ASYNC110  the broker tells nobody
                await asyncio.sleep(0.02)
        finally:
            await admin.close()


def _is_led(topic: dict[str, Any]) -> bool:
    """Tell whether every partition has a leader, as it has some milliseconds after it was made."""
    return not topic["error_code"] and all(not p["error_code"] and p["leader"] >= 0 for p in topic["partitions"])


def apart(work: Coroutine[object, object, Answer]) -> Answer:
    """Run a coroutine in a thread of its own, so that tests may be within an event loop or not."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return answers[0]


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    """Java and the verified jars, fetched once where they are missing."""
    return find_runtime(load_settings().embedded_kafka)


@pytest.fixture(scope="session")
def broker(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A real broker for all tests, on an empty folder and a port of its own. Do not stop it: start another."""
    folder = tmp_path_factory.mktemp("broker")
    with EmbeddedBroker.start(folder, free_port(), runtime=runtime, temporary=True) as running:
        yield running


@pytest.fixture
def topics(broker: EmbeddedBroker) -> Topics:
    """Makes topics that no other test sees: `topics.make("evidence", partitions=4)`."""
    return Topics(broker.address)
