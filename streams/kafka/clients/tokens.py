"""Tokens for OAUTHBEARER: asked for by the client credentials grant (RFC 6749 §4.4), and renewed before they expire."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from ssl import SSLContext
from typing import Final
from urllib.parse import quote_plus

import aiohttp
import msgspec
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaError

TIMEOUT_SECONDS: Final = 10.0
LIFETIME_SECONDS: Final = 300.0
"""Assumed of a token that does not tell its own."""
RENEWED_AFTER: Final = 0.8
"""Share of its life after which a token is replaced: a connection that is being made outlives the rest."""


class TokenUnavailable(KafkaError):  # type: ignore[misc]  # aiokafka is untyped
    """No token was to be had from `url`; `reason` never repeats the secret. Clients of the broker try again."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no token from {url}: {reason}; check kafka.security.token_url, username and password")
        self.url = url
        self.reason = reason


class Granted(msgspec.Struct, frozen=True):
    """What the provider answers; `expires_in` in seconds."""

    access_token: str
    expires_in: float = LIFETIME_SECONDS


class Tokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka is untyped, and checks for this very class
    """Hands out one token to all connections of a process.

    A token is asked for when a connection needs one and the last has lived four fifths of its life; should that fail,
    the last goes on being handed out until it expires. `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str = "",
        trust: SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        # Section 2.3.1 has both encoded before they are joined by a colon.
        login = f"{quote_plus(client_id)}:{quote_plus(client_secret)}".encode()
        self._headers = {"Authorization": f"Basic {b64encode(login).decode()}", "Accept": "application/json"}
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._trust = trust
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._expires_at = 0.0

    async def token(self) -> str:
        """Give a token that is still good; raises TokenUnavailable where there is none and none can be had."""
        async with self._one_at_a_time:
            now = self._clock()
            if not self._token or now >= self._renew_at:
                try:
                    granted = await self._ask()
                except TokenUnavailable:
                    if not self._token or now >= self._expires_at:
                        raise
                else:
                    self._token = granted.access_token
                    self._renew_at = now + granted.expires_in * RENEWED_AFTER
                    self._expires_at = now + granted.expires_in
            return self._token

    async def _ask(self) -> Granted:
        limit = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers=self._headers) as session,
                session.post(self._url, data=self._form, ssl=self._trust or True, allow_redirects=False) as answer,
            ):
                body = await answer.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TokenUnavailable(self._url, str(error) or type(error).__name__) from error
        if answer.status != 200:  # noqa: PLR2004
            raise TokenUnavailable(self._url, f"answered {answer.status}{_oauth_error(body)}")
        try:
            return msgspec.json.decode(body, type=Granted, strict=False)  # some say their seconds as text
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TokenUnavailable(self._url, f"its answer holds no token ({error})") from None


class _Refused(msgspec.Struct, frozen=True):
    error: str
    error_description: str = ""


def _oauth_error(body: bytes) -> str:
    """Say the error that section 5.2 has a provider tell, where it tells one."""
    try:
        told = msgspec.json.decode(body, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return f" {told.error} {told.error_description}".rstrip()[:200]
