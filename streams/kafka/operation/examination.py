"""Look at a broker and change nothing there: who answers, whether it lets us in, where it sends us, its clock.

Kafka's clients retry and log; here the first failure of each address is told for what it is.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from streams.kafka.clients.security import Security
from streams.kafka.clients.tokens import TokenUnavailable
from streams.kafka.clock import clock_of

TIMEOUT_MS: Final = 5_000
BROKERS_MAX: Final = 8
"""Brokers of a cluster that are looked at."""


class Trouble(StrEnum):
    """What keeps a broker from being used, the most telling first."""

    LOGIN_REFUSED = "the login is refused"
    MECHANISM = "it does not take this kind of login"
    NOT_TRUSTED = "TLS does not come about"
    HUNG_UP = "it hangs up at the first request"
    ELSEWHERE = "it sends clients to an address where nobody answers"
    UNKNOWN_HOST = "no such host"
    NO_ANSWER = "nobody answers"


class BrokerUnusable(Exception):
    """No broker can be used; `trouble` is why, `detail` what was said, `address` whose answer it is."""

    def __init__(self, trouble: Trouble, address: str, detail: str) -> None:
        super().__init__(f"{address}: {trouble.value}" + (f" ({detail})" if detail else ""))
        self.trouble = trouble
        self.address = address
        self.detail = detail


class BrokerSeen(msgspec.Struct, frozen=True):
    """A broker that lets us in: how many there are, and how far its clock is ahead of ours (None: it does not tell)."""

    address: str
    brokers: int
    clock_ahead_ms: int | None


async def look(brokers: str, security: Security, clock_ms: Callable[[], int]) -> BrokerSeen:
    """Try the addresses in turn and look at the first that lets us in; BrokerUnusable tells the worst of the others."""
    worst: BrokerUnusable | None = None
    for address in filter(None, (part.strip() for part in brokers.split(","))):
        try:
            return await _look_at(address, security, clock_ms)
        except BrokerUnusable as error:
            order = list(Trouble)
            worst = min((worst, error), key=lambda e: order.index(e.trouble)) if worst else error
    raise worst or BrokerUnusable(Trouble.NO_ANSWER, brokers or "kafka.brokers", "no address is set")


async def _look_at(address: str, security: Security, clock_ms: Callable[[], int]) -> BrokerSeen:
    connection = await _connected(address, security)
    try:
        try:
            metadata: Any = await connection.send(MetadataRequest([]))
        except (KafkaError, OSError) as error:
            raise BrokerUnusable(Trouble.HUNG_UP, address, _said(error)) from error
        cluster = [(broker[1], broker[2]) for broker in metadata.brokers]
        await asyncio.gather(*(_call(address, host, port) for host, port in cluster[:BROKERS_MAX]))
        before = clock_ms()
        told = await clock_of(connection)
        ahead = None if told is None else told - (before + clock_ms()) // 2
        return BrokerSeen(address, len(cluster), ahead)
    finally:
        connection.close()


async def _connected(address: str, security: Security) -> AIOKafkaConnection:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise BrokerUnusable(Trouble.UNKNOWN_HOST, address, "an address is host:port")
    quiet = logging.getLogger("aiokafka.conn")
    before, quiet.disabled = quiet.disabled, True
    try:
        return await create_conn(host.strip("[]"), int(port), request_timeout_ms=TIMEOUT_MS, **security.arguments())
    except Exception as error:
        trouble = _trouble_of(error)
        if trouble is None:
            raise
        raise BrokerUnusable(trouble, address, _said(error)) from error
    finally:
        quiet.disabled = before


def _trouble_of(error: Exception) -> Trouble | None:
    kinds: tuple[tuple[Trouble, tuple[type[Exception], ...]], ...] = (
        (Trouble.LOGIN_REFUSED, (SaslAuthenticationFailed, AuthenticationFailedError, TokenUnavailable)),
        (Trouble.MECHANISM, (UnsupportedSaslMechanismError, IllegalSaslStateError)),
        (Trouble.NOT_TRUSTED, (ssl.SSLError,)),
        (Trouble.UNKNOWN_HOST, (socket.gaierror,)),
        (Trouble.NO_ANSWER, (ConnectionRefusedError, TimeoutError)),
        (Trouble.HUNG_UP, (KafkaError, ConnectionError)),
        (Trouble.NO_ANSWER, (OSError,)),
    )
    return next((trouble for trouble, errors in kinds if isinstance(error, errors)), None)


async def _call(address: str, host: str, port: int) -> None:
    """See that somebody answers where the broker sends its clients: its advertised listener."""
    try:
        async with asyncio.timeout(TIMEOUT_MS / 1000):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        raise BrokerUnusable(Trouble.ELSEWHERE, address, f"{host}:{port}: {_said(error)}") from error
    writer.close()


def _said(error: Exception) -> str:
    """Say it in a few words, never with what was sent."""
    told = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error) or type(error).__name__
    return " ".join(str(told).split())[:200]
