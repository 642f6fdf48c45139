"""Doors of brokers: while one is shut, a process knocks at it once in a while, however many clients it has.

Transactional producers try again every 20 ms, since a broker needs about so long to end a transaction. While it was
away each of them knocked as often, several times over: 380 connections a second with four partitions that waited.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar

from aiokafka.client import AIOKafkaClient, ConnectionGroup

PAUSE_SECONDS: Final = 0.1
"""How long a shut door is left alone; so long may a broker be back before anybody sees it."""
Connection = TypeVar("Connection")
Node = int | str


class Doors:
    """The doors of all brokers, for the clients of one process. Nobody waits at a door that is not known to be shut.

    At a shut one a single client knocks, after a pause. Whoever comes meanwhile takes its answer for their own: they
    may connect too, or are told that nobody is there, as if they had knocked.
    """

    def __init__(self) -> None:
        self._shut: set[Node] = set()
        self._knocks: dict[Node, asyncio.Future[None]] = {}

    async def enter(self, node: Node, connect: Callable[[], Awaitable[Connection | None]]) -> Connection | None:
        """Connect to a node; None where there is nobody, which is what `connect` gives then."""
        if node not in self._shut:
            return await self._tried(node, connect)
        if node not in self._knocks:
            return await self._knock(node, connect)
        await asyncio.wait((self._knocks[node],))
        return None if node in self._shut else await self._tried(node, connect)

    async def _knock(self, node: Node, connect: Callable[[], Awaitable[Connection | None]]) -> Connection | None:
        knock = self._knocks[node] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.sleep(PAUSE_SECONDS)
            return await self._tried(node, connect)
        finally:
            del self._knocks[node]
            knock.set_result(None)

    async def _tried(self, node: Node, connect: Callable[[], Awaitable[Connection | None]]) -> Connection | None:
        connection = await connect()
        (self._shut.add if connection is None else self._shut.discard)(node)
        return connection


def attend(doors: Doors, client: AIOKafkaClient) -> None:
    """Have a client that has not connected yet go through these doors whenever it does."""
    # A producer makes its client itself and hands it on at once, so it is too late to give it another.
    client.__class__ = _Attended
    client.doors = doors


class _Attended(AIOKafkaClient):  # type: ignore[misc]
    """What aiokafka connects with, behind doors."""

    doors: Doors

    async def _get_conn(self, node_id: Node, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        had = self._conns.get((node_id, group))
        if had is not None and had.connected():
            return had
        return await self.doors.enter(node_id, partial(super()._get_conn, node_id, group=group))
