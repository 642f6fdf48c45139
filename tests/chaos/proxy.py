"""A proxy between workers and broker that knows Kafka's frames, and so can lose just the answer to a request.

A cut: a request of the kind asked for reaches the broker and is answered, and then the connection ends before the
answer arrives. Whoever asked can not tell whether it was done.
"""

import asyncio
import contextlib
from collections import Counter
from enum import IntEnum
from typing import Final, Self

HOST: Final = "127.0.0.1"
LIMIT_BYTES: Final = 4 * 1024 * 1024
SIZE_BYTES: Final = 4
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Api(IntEnum):
    """Kinds of requests, by Kafka's numbers."""

    PRODUCE = 0
    FETCH = 1
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    JOIN_GROUP = 11
    HEARTBEAT = 12
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28


class Proxy:
    """Listens on `port` of this machine and passes everything on to the broker's; runs in the loop that starts it.

    `cuts` counts the answers that were lost, by kind of request, and connections that ended for no reason as `None`.
    """

    def __init__(self, port: int, broker_port: int) -> None:
        self.port = port
        self.cuts: Counter[Api | None] = Counter()
        self._broker_port = broker_port
        self._due: Counter[int] = Counter()
        self._held: dict[int, float] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self.port, limit=LIMIT_BYTES)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def cut(self, api: Api) -> None:
        """Lose the answer to the next request of a kind, whoever asks."""
        self._due[api] += 1

    def hold(self, api: Api, seconds: float) -> None:
        """Let requests of a kind wait on their way, until so many seconds from now; what follows them waits too."""
        self._held[api] = asyncio.get_running_loop().time() + seconds

    def cut_all(self) -> None:
        """End every connection now."""
        self.cuts[None] += len(self._connections)
        for connection in list(self._connections):
            connection.cancel()

    def forget(self) -> None:
        """Take back the cuts that have not come to pass; nothing waits any more."""
        self._due.clear()
        self._held.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._connect((reader, writer))
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _connect(self, client: Streams) -> None:
        broker = await asyncio.open_connection(HOST, self._broker_port, limit=LIMIT_BYTES)
        doomed: dict[bytes, Api] = {}
        ways = [
            asyncio.create_task(self._ask(client[0], broker[1], doomed)),
            asyncio.create_task(self._answer(broker[0], client[1], doomed)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            broker[1].transport.abort()

    async def _ask(self, client: asyncio.StreamReader, broker: asyncio.StreamWriter, doomed: dict[bytes, Api]) -> None:
        """Pass requests on, noting which will not be answered. A frame begins with kind, version and number."""
        while frame := await _frame(client):
            api = int.from_bytes(frame[SIZE_BYTES : SIZE_BYTES + 2], "big")
            if self._due[api] > 0:
                self._due[api] -= 1
                doomed[frame[SIZE_BYTES + 4 : SIZE_BYTES + 8]] = Api(api)
            if api in self._held:
                await asyncio.sleep(self._held[api] - asyncio.get_running_loop().time())
            broker.write(frame)
            await broker.drain()

    async def _answer(
        self, broker: asyncio.StreamReader, client: asyncio.StreamWriter, doomed: dict[bytes, Api]
    ) -> None:
        """Pass answers on until one that is to be lost: with that the connection ends. They begin with the number."""
        while frame := await _frame(broker):
            lost = doomed.get(frame[SIZE_BYTES : SIZE_BYTES + 4])
            if lost is not None:
                self.cuts[lost] += 1
                return
            client.write(frame)
            await client.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Read one frame with its size; nothing where the connection has ended."""
    try:
        size = await reader.readexactly(SIZE_BYTES)
        return size + await reader.readexactly(int.from_bytes(size, "big"))
    except (asyncio.IncompleteReadError, OSError):
        return b""
