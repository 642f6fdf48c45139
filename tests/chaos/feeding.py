"""Feed a round: decisions first, then deliveries at a steady pace; a write that fails is done again."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from schemas.formats import EVIDENCE
from streams.kafka.broker import BrokerError, Outgoing
from streams.kafka.loading import Loaded, Loader
from tests.chaos.plot import Plot
from tests.chaos.world import Delivery, World

STEP_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 0.5


class Feeder:
    """Loads a world into a plot within so many seconds. `written` counts what was loaded, whole steps at a time."""

    def __init__(self, plot: Plot, world: World, seconds: float) -> None:
        self._plot = plot
        self._world = world
        self._steps = max(1, int(seconds / STEP_SECONDS))
        self._loader: Loader | None = None
        self.written = 0
        self.is_done = False

    async def decide(self) -> None:
        """Write the decisions, as operators do."""
        records = [Outgoing(b"".join(one.pair), EVIDENCE.encode(one)) for one in self._world.decisions]
        producer = self._plot.broker.producer()
        await producer.start()
        try:
            await producer.send(producer.prepare({self._plot.decisions: records}))
        finally:
            await producer.stop()

    async def feed(self) -> None:
        """Load everything, and the mark that lets log time pass whatever is awaited."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for turn, step in enumerate(self._cut()):
            await asyncio.sleep(max(0.0, began + turn * STEP_SECONDS - loop.time()))
            await self._load(step)
            self.written += len(step)
        await self._load((), mark=self._world.drained_at)
        if self._loader is not None:
            await self._loader.stop()
        self.is_done = True

    async def _load(self, step: Sequence[Delivery], mark: int = 0) -> None:
        names = self._plot.names.inputs
        topics = {name.split(".")[-2]: name for name in names}
        events = [Loaded(topics[each.channel], each.key, each.value, each.received_at) for each in step]
        while True:
            try:
                loader = self._loader or await self._open()
                await loader.load(events)
                if mark:
                    await loader.mark(mark)
            except BrokerError:
                self._loader = None
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _open(self) -> Loader:
        partitions = dict.fromkeys(self._plot.names.inputs, self._plot.settings.partitions)
        loader = Loader(self._plot.broker, partitions)
        await loader.start()
        self._loader = loader
        return loader

    def _cut(self) -> Iterator[Sequence[Delivery]]:
        deliveries = self._world.deliveries
        size = max(1, -(-len(deliveries) // self._steps))
        for begin in range(0, len(deliveries), size):
            yield deliveries[begin : begin + size]
