"""A proxy between our client and the embedded ClickHouse that does to inserts what networks and tired servers do.

Faults are taken one by one, each by one insert; everything else passes. Where the engine can fail by itself it does:
the proxy only adds the setting that makes it.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from aiohttp import ClientSession, ClientTimeout, hdrs, web


class Fault(Enum):
    SLOW = auto()
    ERROR_500 = auto()
    ERROR_503 = auto()
    BAD_GATEWAY = auto()
    CUT_BEFORE_APPLY = auto()
    CUT_AFTER_APPLY = auto()
    READ_ONLY = auto()
    TOO_MANY_PARTS = auto()
    MEMORY_LIMIT = auto()


SLOW_SECONDS = 0.5
STATUSES = {Fault.ERROR_500: 500, Fault.ERROR_503: 503, Fault.BAD_GATEWAY: 502}
SETTINGS = {
    Fault.READ_ONLY: {"readonly": "1"},
    Fault.TOO_MANY_PARTS: {"parts_to_throw_insert": "1", "parts_to_delay_insert": "1"},
    Fault.MEMORY_LIMIT: {"max_memory_usage": "100000", "max_untracked_memory": "0"},
}
NOT_PASSED_ON = {hdrs.HOST, hdrs.CONTENT_LENGTH, hdrs.TRANSFER_ENCODING, hdrs.CONNECTION}


class Proxy:
    """`faults` is what the next inserts meet, `asked` the parameters of every request so far."""

    def __init__(self, upstream: str) -> None:
        self.faults: deque[Fault] = deque()
        self.asked: list[dict[str, str]] = []
        self.address = ""
        self.is_away = False
        self._upstream = upstream
        self._ended = asyncio.Event()

    def run(self, ready: threading.Event) -> None:
        asyncio.run(self._run(ready))

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _run(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        runner = web.ServerRunner(web.Server(self._handle, access_log=None, auto_decompress=False), shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(auto_decompress=False, timeout=ClientTimeout(120)) as self._session:
            ready.set()
            await self._ended.wait()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        parameters = dict(request.query)
        body = await request.read()
        self.asked.append(parameters)
        inserts = "insert_deduplicate" in parameters
        fault = self.faults.popleft() if inserts and self.faults else None
        if fault is Fault.CUT_BEFORE_APPLY or self.is_away:
            return self._cut(request)
        if fault in STATUSES:
            return web.Response(status=STATUSES[fault], text="go away")
        if fault is Fault.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        if fault in SETTINGS:
            parameters |= SETTINGS[fault]
        answer = await self._forward(request, parameters, body)
        return self._cut(request) if fault is Fault.CUT_AFTER_APPLY else answer

    async def _forward(self, request: web.BaseRequest, parameters: dict[str, str], body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name not in NOT_PASSED_ON}
        url = f"{self._upstream}{request.path}"
        async with self._session.request(
            request.method, url, params=parameters, data=body, headers=headers
        ) as response:
            told = {name: value for name, value in response.headers.items() if name not in NOT_PASSED_ON}
            return web.Response(status=response.status, body=await response.read(), headers=told)

    @staticmethod
    def _cut(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@contextmanager
def faulty(upstream: str) -> Iterator[Proxy]:
    """Stand between clients and a server; the proxy's `address` is what clients are given."""
    proxy, ready = Proxy(upstream), threading.Event()
    thread = threading.Thread(target=proxy.run, args=(ready,))
    thread.start()
    try:
        assert ready.wait(10)
        yield proxy
    finally:
        proxy.end()
        thread.join()
