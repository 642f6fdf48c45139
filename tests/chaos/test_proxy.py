"""The proxy on a plain server that answers each frame with its own number."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.kafka.embedded.listening import free_port
from tests.chaos.proxy import HOST, Api, Proxy

pytestmark = pytest.mark.asyncio


def request(api: Api, number: int) -> bytes:
    frame = api.to_bytes(2, "big") + bytes(2) + number.to_bytes(4, "big") + b"payload"
    return len(frame).to_bytes(4, "big") + frame


def answer(number: int) -> bytes:
    return (8).to_bytes(4, "big") + number.to_bytes(4, "big") + b"done"


@asynccontextmanager
async def proxied() -> AsyncIterator[tuple[Proxy, list[bytes]]]:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while size := await reader.read(4):
            frame = await reader.readexactly(int.from_bytes(size, "big"))
            heard.append(frame)
            writer.write(answer(int.from_bytes(frame[4:8], "big")))
        writer.close()

    ports = free_port(), free_port()
    server = await asyncio.start_server(serve, HOST, ports[0])
    async with server, Proxy(ports[1], ports[0]) as proxy:
        yield proxy, heard


async def test_requests_and_answers_pass_unchanged():
    async with proxied() as (proxy, heard):
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(request(Api.PRODUCE, 1) + request(Api.FETCH, 2))
        assert await reader.readexactly(24) == answer(1) + answer(2)
        assert [frame[-7:] for frame in heard] == [b"payload"] * 2
        assert proxy.cuts.total() == 0
        writer.close()


async def test_a_cut_request_is_done_and_its_answer_lost_with_the_connection():
    async with proxied() as (proxy, heard):
        proxy.cut(Api.END_TXN)
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(request(Api.PRODUCE, 1) + request(Api.END_TXN, 2))
        assert await reader.readexactly(12) == answer(1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        assert len(heard) == 2
        assert proxy.cuts == {Api.END_TXN: 1}
        writer.close()


async def test_a_cut_that_nobody_asked_for_can_be_taken_back():
    async with proxied() as (proxy, _):
        proxy.cut(Api.PRODUCE)
        proxy.forget()
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(request(Api.PRODUCE, 3))
        assert await reader.readexactly(12) == answer(3)
        writer.close()


async def test_requests_of_a_kind_can_be_held_up_on_their_way():
    async with proxied() as (proxy, _):
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        proxy.hold(Api.JOIN_GROUP, 0.2)
        began = asyncio.get_running_loop().time()
        writer.write(request(Api.JOIN_GROUP, 1))
        await reader.readexactly(12)
        assert asyncio.get_running_loop().time() - began >= 0.2
        writer.close()


async def test_all_connections_can_end_at_once():
    async with proxied() as (proxy, _):
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(request(Api.PRODUCE, 1))
        await reader.readexactly(12)
        proxy.cut_all()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
        assert proxy.cuts == {None: 1}
        writer.close()
