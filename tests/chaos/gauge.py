"""How far everybody is: committed offsets beside the ends of what is read; and whether that is everything."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.names import Place
from tests.chaos.plot import Plot

MARKERS_MAX: Final = 400
"""Offsets behind the last record that may be markers of transactions; whether they are is found by reading."""
READ_MS: Final = 300
Offsets = dict[Place, int]


class Sight(msgspec.Struct, frozen=True):
    """What was seen at an instant (seconds of the loop's clock)."""

    at: float
    ends: Offsets
    committed: Offsets

    def lag(self, places: Iterable[Place]) -> int:
        """Offsets that are not committed yet, markers of transactions among them."""
        return sum(max(0, self.ends[place] - self.committed.get(place, 0)) for place in places)


class Gauge:
    """Looks at the offsets of a plot; outages of the broker are waited out."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._admin: AIOKafkaAdminClient | None = None
        self._consumer: AIOKafkaConsumer | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._admin is not None:
            await self._admin.close()
        if self._consumer is not None:
            await self._consumer.stop()
        self._admin = self._consumer = None

    async def sight(self) -> Sight | None:
        """Look at everything that is read in groups; None while the broker is away."""
        plot = self._plot
        groups = {
            "intake": plot.inputs,
            "stitcher": plot.inside,
            "control": [plot.decisions],
            "warehouse": plot.outputs,
        }
        try:
            async with asyncio.timeout(5):
                admin, consumer = await self._open()
                ends = await self._ends(consumer, [place for places in groups.values() for place in places])
                committed: Offsets = {}
                for role, places in groups.items():
                    committed |= await _committed(admin, plot.names.group(role), places)
        except (KafkaError, OSError, TimeoutError):
            await self.close()
            return None
        return Sight(asyncio.get_running_loop().time(), ends, committed)

    async def is_drained(self, sight: Sight) -> bool:
        """Tell whether every record that was there has been read, by then: what is left is no record."""
        plot = self._plot
        if sight.lag([*plot.inputs, plot.decisions]) or sight.lag([*plot.inside, *plot.outputs]) > MARKERS_MAX:
            return False
        left = {place: sight.committed.get(place, 0) for place in (*plot.inside, *plot.outputs)}
        left = {place: at for place, at in left.items() if at < sight.ends[place]}
        return not left or await self._holds_no_record(left, sight.ends)

    async def _holds_no_record(self, begins: Mapping[Place, int], ends: Mapping[Place, int]) -> bool:
        reader = self._plot.broker.reader(begins)
        await reader.start()
        try:
            for place, at in begins.items():
                reader.seek(place, at)
            behind = dict(begins)
            while any(at < ends[place] for place, at in behind.items()):
                if any((await reader.poll(READ_MS, 1)).values()):
                    return False
                behind = {place: await reader.position(place) for place in begins}
        finally:
            await reader.stop()
        return True

    async def _open(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        if self._admin is None or self._consumer is None:
            address = self._plot.settings.brokers
            self._admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=3_000)
            self._consumer = AIOKafkaConsumer(bootstrap_servers=address, isolation_level="read_uncommitted")
            await self._admin.start()
            await self._consumer.start()
        return self._admin, self._consumer

    @staticmethod
    async def _ends(consumer: Any, places: Iterable[Place]) -> Offsets:
        found = await consumer.end_offsets([TopicPartition(*place) for place in places])
        return {(p.topic, p.partition): offset for p, offset in found.items()}


async def _committed(admin: Any, group: str, places: Iterable[Place]) -> Offsets:
    found = await admin.list_consumer_group_offsets(group, partitions=[TopicPartition(*place) for place in places])
    return {(p.topic, p.partition): entry.offset for p, entry in found.items() if entry.offset >= 0}
