"""Where a webhook may go: to public addresses over TLS, so that a setting can not make us knock at doors inside.

A name is resolved once and the connection goes to the addresses that were checked, so that a second answer of the name
server plays no part. `allow_private` is for development: it permits plain HTTP, loopback and private networks, but
never link-local ones, where clouds keep credentials.
"""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import msgspec

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses as text; raises OSError."""

URL_MAX: Final = 2048
PORTS: Final = {"https": 443, "http": 80}
WRAPPED: Final = tuple(
    map(
        ipaddress.IPv6Network,
        ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "100::/64", "fec0::/10", "5f00::/16"),
    )
)
"""IPv6 addresses that stand for others (compatible, NAT64, Teredo, 6to4), that lead nowhere or that are local."""
RELAYS: Final = ipaddress.IPv4Network("192.88.99.0/24")
"""Relays of 6to4, long retired."""


class AddressRefused(ValueError):
    """Nothing may be sent there; says why."""


class Endpoint(msgspec.Struct, frozen=True):
    """A checked URL of a webhook. `shown` leaves out path and query, which may hold a token."""

    url: str
    host: str
    port: int
    is_tls: bool

    @property
    def shown(self) -> str:
        """Say where without telling what a token could be."""
        return f"{'https' if self.is_tls else 'http'}://{self.host}:{self.port}"


def endpoint_of(url: str, *, allow_private: bool) -> Endpoint:
    """Check how a URL is written; raises `AddressRefused`. Where its host leads is checked whenever it is used."""
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or any(c in url for c in ' \\"<>'):
        raise AddressRefused(f"not a URL of at most {URL_MAX} plain characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("not a URL") from None
    _check_parts(parts, allow_private=allow_private)
    host = parts.hostname or ""
    literal = _literal(host)
    if literal is not None:
        _check(literal, allow_private=allow_private)
    return Endpoint(url, host, port or PORTS[parts.scheme], parts.scheme == "https")


async def addresses_of(endpoint: Endpoint, lookup: Lookup, *, allow_private: bool) -> list[str]:
    """Resolve the host and give its addresses, all of which may be connected to; raises `AddressRefused` or OSError.

    One address that may not spoils all: a name that leads both outside and inside is no name of a receiver.
    """
    literal = _literal(endpoint.host)
    texts = [str(literal)] if literal is not None else await lookup(endpoint.host, endpoint.port)
    for text in texts:
        _check(ipaddress.ip_address(text.partition("%")[0]), allow_private=allow_private)
    if not texts:
        raise AddressRefused(f"{endpoint.host} has no address")
    return texts


def lookup_by(ask: Callable[[str, int], list[str]]) -> Lookup:
    """Make a lookup of something that blocks while it asks; it raises OSError where there is no answer.

    It gets a thread of its own that nobody waits for: a name server that hangs must hold up neither the loop nor the
    end of the process, and threads of a pool are waited for.
    """

    async def lookup(host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()

        def look() -> None:
            found: list[str] | OSError
            try:
                found = ask(host, port)
            except OSError as error:
                found = error
            with suppress(RuntimeError):  # the loop is over: nobody wants to know any more
                loop.call_soon_threadsafe(_tell, answer, found)

        threading.Thread(target=look, name="lookup", daemon=True).start()
        return await answer

    return lookup


def ask_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("no name of a host") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


system_lookup: Final = lookup_by(ask_system)
"""The lookup of everyday use."""


def _tell(answer: "asyncio.Future[list[str]]", found: list[str] | OSError) -> None:
    if answer.done():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the open internet, itself and not in disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in WRAPPED):
            return False
    elif address in RELAYS:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_parts(parts: SplitResult, *, allow_private: bool) -> None:
    if parts.scheme not in PORTS or (parts.scheme == "http" and not allow_private):
        raise AddressRefused("must begin with https://")
    if not parts.hostname or "%" in parts.netloc:
        raise AddressRefused("names no host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("must hold no user and password; signatures tell who sends")
    if parts.fragment:
        raise AddressRefused("must have no fragment")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check(address: Address, *, allow_private: bool) -> None:
    if is_public(address) or (allow_private and _is_near(address)):
        return
    raise AddressRefused(f"{address} is no public address")


def _is_near(address: Address) -> bool:
    """Loopback and private networks, for development."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return (plain.is_loopback or plain.is_private) and not (plain.is_link_local or plain.is_unspecified)
