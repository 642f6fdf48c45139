"""Receivers of webhooks, well-behaved and not, on real sockets of this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

from sinks.alerts.addresses import endpoint_of
from sinks.alerts.destination import Message
from sinks.alerts.signing import parse_secret, verify
from sinks.alerts.webhook import Webhook

SECRET = parse_secret("whsec_" + "QUFB" * 10)
MESSAGE = Message("alert.1.1", "alert", b'{"type":"friction.opened"}')
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """Takes connections and answers as it is told; `requests` are heads and bodies as they came."""

    def __init__(self, answer: bytes | Behaviour = b"") -> None:
        self.answer = answer or b"HTTP/1.1 204 No Content\r\n\r\n"
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append((headers, body))
            if isinstance(self.answer, bytes):
                writer.write(self.answer)
                await writer.drain()
            else:
                await self.answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def verified(self, now: int) -> list[str]:
        """The ids of messages whose signature is good."""
        return [verify([SECRET], headers, body, now) for headers, body in self.requests]


@asynccontextmanager
async def receiving(answer: bytes | Behaviour = b"", tls: SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        server.close()


def webhook(url: str, **changes) -> Webhook:
    settings = {"allow_private": True, **changes}
    return Webhook(endpoint_of(url, allow_private=settings["allow_private"]), [SECRET], **settings)
