"""A provider of tokens that speaks the client credentials grant, on this machine; its tokens are signed by nobody."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

CLIENT, SECRET = "seam:line", "ses ame&"


class Provider:
    """Answers as it is told to; `asked` are the forms it was sent, `issued` how many tokens it gave."""

    def __init__(self, now_seconds: int, lifetime_seconds: object = 300) -> None:
        self.url = ""
        self.issued = 0
        self.asked: list[dict[str, str]] = []
        self.is_down = False
        self.answers: bytes | None = None
        self._now = now_seconds
        self._lifetime = lifetime_seconds

    async def answer(self, request: web.Request) -> web.Response:
        """Give a token to whom it knows."""
        form = await request.post()
        self.asked.append({name: str(value) for name, value in form.items()})
        if self.is_down:
            return web.Response(status=503)
        # RFC 6749 2.3.1: both are form-encoded before they are joined.
        expected = base64.b64encode(b"seam%3Aline:ses+ame%26").decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            refusal = {"error": "invalid_client", "error_description": "who are you"}
            return web.json_response(refusal, status=401)
        if self.answers is not None:
            return web.Response(body=self.answers)
        self.issued += 1
        return web.json_response({"access_token": self._token(), "token_type": "Bearer", "expires_in": self._lifetime})

    def _token(self) -> str:
        claims = {"sub": "seamline", "iat": self._now, "exp": self._now + 3600, "jti": str(self.issued)}
        parts = ({"alg": "none"}, claims)
        return ".".join(_unpadded(msgspec.json.encode(part)) for part in parts) + "."


@asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[Provider]:
    """Serve it on a free port."""
    app = web.Application()
    app.router.add_post("/token", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        _, port = runner.addresses[0][:2]
        provider.url = f"http://127.0.0.1:{port}/token"
        yield provider
    finally:
        await runner.cleanup()


def _unpadded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
