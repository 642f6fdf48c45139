"""The webhook: one signed POST for each transition, to an address that was checked, within a few seconds."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Final

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from sinks.alerts.addresses import AddressRefused, Endpoint, Lookup, addresses_of, system_lookup
from sinks.alerts.destination import Message, Outage, Refused
from sinks.alerts.signing import signed_headers

TIMEOUT_SECONDS: Final = 5.0
"""From looking up the name to the last byte of the answer."""
RESPONSE_BYTES_MAX: Final = 64 * 1024
"""Of an answer no more is read; nothing of it is kept or shown."""
RETRIED: Final = frozenset((408, 425, 429))
"""Answers of the kind `4xx` that speak of the moment and not of the message."""


class Webhook:
    """Sends to one endpoint. Redirects are not followed, proxies and cookies of the environment play no part.

    Raises `AddressRefused` for a URL that two parsers read differently.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        secrets: Sequence[bytes],
        *,
        allow_private: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
        lookup: Lookup = system_lookup,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if yarl.URL(endpoint.url).host != endpoint.host:
            raise AddressRefused("not a URL that all read alike")
        self.name = "webhook"
        self._endpoint = endpoint
        self._secrets = tuple(secrets)
        self._allow_private = allow_private
        self._timeout_seconds = timeout_seconds
        self._lookup = lookup
        self._tls = tls

    async def deliver(self, message: Message) -> None:
        """Post a message; raises `Outage` or `Refused`."""
        try:
            # The client's own limit begins with the connection; this one includes asking for the address.
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._post(message)
        except AddressRefused as error:
            raise Outage(f"{self._endpoint.shown}: {error}") from None
        except TimeoutError:
            raise Outage(f"{self._endpoint.shown}: no answer within {self._timeout_seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Outage(f"{self._endpoint.shown}: {type(error).__name__}") from None
        if status // 100 == 2:  # noqa: PLR2004
            return
        if status // 100 == 4 and status not in RETRIED:  # noqa: PLR2004
            raise Refused(f"{self._endpoint.shown}: answered {status}")
        raise Outage(f"{self._endpoint.shown}: answered {status}")

    async def _post(self, message: Message) -> int:
        addresses = await addresses_of(self._endpoint, self._lookup, allow_private=self._allow_private)
        headers = {
            "content-type": "application/json",
            "user-agent": "seamline",
            **signed_headers(self._secrets, message.id, message.body, int(time.time())),
        }
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses), use_dns_cache=False, force_close=True, ssl=self._tls or True
        )
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        ) as session:
            post = session.post(self._endpoint.url, data=message.body, headers=headers, allow_redirects=False)
            async with post as response:
                await response.content.read(RESPONSE_BYTES_MAX)
                return response.status


class _Pinned(AbstractResolver):
    """Answers with the addresses that were checked, whatever is asked."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = tuple(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing to let go of."""
