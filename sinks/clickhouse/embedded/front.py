"""The front: ClickHouse's HTTP interface, as clickhouse-connect, curl and Grafana use it, over one engine.

Only the event loop reads and writes sockets; questions, packing and unpacking run in threads, so that a slow question
stops neither others nor /ping. A browser's requests from other pages are refused: they would be done with the rights
of whoever runs this.
"""

import asyncio
import hmac
import json
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from aiohttp import BasicAuth, hdrs, web

from sinks.clickhouse.embedded import packing
from sinks.clickhouse.embedded.engine import Engine, Question, Reply
from sinks.clickhouse.embedded.refusals import (
    ABORTED,
    AUTHENTICATION_FAILED,
    NOT_IMPLEMENTED,
    QUERY_TOO_LARGE,
    SYNTAX_ERROR,
    TOO_MANY_QUERIES,
    Refusal,
    refusal_of,
    refuse,
)
from sinks.clickhouse.embedded.statement import READS

BODY_BYTES_MAX: Final = 256 * 1024**2
"""Bytes of one request, packed and unpacked."""
QUESTIONS_MAX: Final = 64
"""Questions at once, running and waiting; more are refused as a busy server refuses them."""
THREADS: Final = 8
"""Questions that run at once."""
ADDRESS_BYTES_MAX: Final = 1024**2

_ABOUT_THE_TRANSPORT: Final = frozenset(
    {
        *("query", "database", "default_format", "readonly", "user", "password", "query_id", "quota_key", "role"),
        *("session_id", "session_timeout", "session_check", "compress", "decompress", "client_protocol_version"),
        *("wait_end_of_query", "buffer_size", "enable_http_compression", "send_progress_in_http_headers"),
        *("http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"),
    }
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", ""})
_KINDS: Final = {"JSON": "application/json", "TabSeparated": "text/tab-separated-values", "CSV": "text/csv"}
_PARAMETER: Final = "param_"


class Front:
    """Answers HTTP requests by an engine. `user` and `password` must be told by every request but /ping."""

    def __init__(self, engine: Engine, *, user: str = "default", password: str = "") -> None:
        self._engine = engine
        self._user = user
        self._password = password
        self._threads = ThreadPoolExecutor(THREADS, "question")
        self._ending = ThreadPoolExecutor(1, "give-up")
        self._asked: dict[str, bool] = {}
        self._is_open = True

    def runner(self) -> web.AppRunner:
        """Make what serves this front; a client that goes away ends its question if that only reads."""
        application = web.Application(client_max_size=BODY_BYTES_MAX)
        application.add_routes(
            [
                web.get("/ping", _alive),
                web.get("/replicas_status", _alive),
                web.get("/", self._handle),
                web.post("/", self._handle),
            ]
        )
        return web.AppRunner(
            application,
            access_log=None,
            auto_decompress=False,
            handle_signals=False,
            handler_cancellation=True,
            max_line_size=ADDRESS_BYTES_MAX,
            shutdown_timeout=5.0,
        )

    async def close(self) -> None:
        """Take no more questions, break off those that only read, wait for the others."""
        self._is_open = False
        for name in [name for name, reads in self._asked.items() if reads]:
            await self._give_up(name)
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._ending.shutdown()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("query_id") or str(uuid.uuid4())
        headers = {"X-ClickHouse-Query-Id": name, "X-ClickHouse-Server-Display-Name": "seamline"}
        try:
            self._admit(request)
            told = await _told(request)
            if not told.raw.strip() and request.method == hdrs.METH_GET:
                return web.Response(text="Ok.\n")
            reply, body, encoding = await self._answered(_question(request, told, name), _wanted(request, told))
        except Refusal as refusal:
            headers["X-ClickHouse-Exception-Code"] = str(refusal.code)
            if refusal.code == AUTHENTICATION_FAILED[0]:
                headers[hdrs.WWW_AUTHENTICATE] = 'Basic realm="ClickHouse"'
            return web.Response(status=refusal.status(), text=refusal.text(self._engine.version), headers=headers)
        headers["X-ClickHouse-Summary"] = json.dumps(dict(reply.summary))
        headers["X-ClickHouse-Timezone"] = self._engine.timezone
        if reply.format:
            headers["X-ClickHouse-Format"] = reply.format
        if encoding:
            headers[hdrs.CONTENT_ENCODING] = encoding
        return web.Response(body=body, headers=headers, content_type=_content_type(reply.format))

    def _admit(self, request: web.Request) -> None:
        """Refuse pages of other places in a browser, and whoever does not say user and password."""
        host = request.host.rpartition("]")[0].lstrip("[") or request.host.partition(":")[0]
        foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if host not in _LOOPBACK or foreign or hdrs.ORIGIN in request.headers:
            raise refuse(AUTHENTICATION_FAILED, "Requests are taken from programs on this machine, not from web pages")
        user, password = _credentials(request)
        right = hmac.compare_digest(user.encode(), self._user.encode())
        if not (hmac.compare_digest(password.encode(), self._password.encode()) and right):
            message = f"{user}: Authentication failed: password is incorrect, or there is no user with such name"
            raise refuse(AUTHENTICATION_FAILED, message)

    async def _answered(self, question: Question, encoding: str) -> tuple[Reply, bytes, str]:
        if not self._is_open:
            raise refuse(ABORTED, "The server is shutting down")
        if len(self._asked) >= QUESTIONS_MAX or question.name in self._asked:
            raise refuse(
                TOO_MANY_QUERIES, f"Too many simultaneous queries, at most {QUESTIONS_MAX}, each by its own id"
            )
        begins = question.raw[:200].lstrip().partition(b" ")[0].upper().decode("ascii", "replace")
        self._asked[question.name] = reads = begins in READS
        working = asyncio.get_running_loop().run_in_executor(self._threads, self._work, question, encoding)
        working.add_done_callback(lambda _: self._asked.pop(question.name, None))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            working.add_done_callback(_forget_failure)
            if reads:
                await self._give_up(question.session or question.name)
            raise

    def _work(self, question: Question, encoding: str) -> tuple[Reply, bytes, str]:
        try:
            reply = self._engine.answer(question)
        except (RuntimeError, ValueError) as error:
            raise refusal_of(error) from error
        if not reply.body:
            encoding = ""
        return reply, packing.pack(reply.body, encoding), encoding

    async def _give_up(self, name: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._ending, self._engine.give_up, name)


class _Told:
    """What a request holds: statement and data in one piece, and all of its parameters."""

    def __init__(self, raw: bytes, parameters: Mapping[str, str]) -> None:
        self.raw = raw
        self.parameters = parameters


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


async def _told(request: web.Request) -> _Told:
    parameters = dict(request.query)
    for name in ("compress", "decompress"):
        if parameters.get(name, "0") not in ("0", "false"):
            raise refuse(NOT_IMPLEMENTED, f"{name}=1 (ClickHouse's own framing); use Accept- and Content-Encoding")
    try:
        if request.content_type == "multipart/form-data":
            parameters |= await _fields(request)
            body = b""
        else:
            body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise refuse(QUERY_TOO_LARGE, f"The request has more than {BODY_BYTES_MAX} bytes") from None
    encoding = request.headers.get(hdrs.CONTENT_ENCODING, "").lower()
    if encoding and body:
        unpacking = partial(packing.unpack, body, encoding, BODY_BYTES_MAX)
        body = await asyncio.get_running_loop().run_in_executor(None, unpacking)
    query = parameters.get("query", "").encode()
    return _Told(b"\n".join((query.rstrip(), body)) if query and body else query or body, parameters)


async def _fields(request: web.Request) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in (await request.post()).items():
        if not isinstance(value, str):
            raise refuse(NOT_IMPLEMENTED, "External tables are not taken")
        fields[name] = value
    return fields


def _question(request: web.Request, told: _Told, name: str) -> Question:
    parameters = told.parameters
    try:
        readonly = int(parameters.get("readonly", "0"))
        session_seconds = float(parameters.get("session_timeout", "0"))
    except ValueError:
        raise refuse(SYNTAX_ERROR, "readonly and session_timeout are numbers") from None
    if request.method == hdrs.METH_GET:
        readonly = readonly or 2  # as a server does: what a GET asks changes nothing
    headers = request.headers
    return Question(
        raw=told.raw,
        name=name,
        database=parameters.get("database", headers.get("X-ClickHouse-Database", "")),
        settings={
            key: value
            for key, value in parameters.items()
            if key not in _ABOUT_THE_TRANSPORT and not key.startswith(_PARAMETER)
        },
        parameters={
            key.removeprefix(_PARAMETER): value for key, value in parameters.items() if key.startswith(_PARAMETER)
        },
        default_format=parameters.get("default_format", headers.get("X-ClickHouse-Format", "TabSeparated")),
        readonly=readonly,
        session=parameters.get("session_id", ""),
        session_seconds=session_seconds,
        session_must_exist=parameters.get("session_check", "0") == "1",
    )


def _wanted(request: web.Request, told: _Told) -> str:
    wants = told.parameters.get("enable_http_compression", "0") in ("1", "true")
    return packing.choose(request.headers.get(hdrs.ACCEPT_ENCODING, "")) if wants else ""


def _credentials(request: web.Request) -> tuple[str, str]:
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header:
        try:
            told = BasicAuth.decode(header, "utf-8")
        except ValueError:
            raise refuse(AUTHENTICATION_FAILED, "Only Basic authorization is taken") from None
        return told.login, told.password
    headers, query = request.headers, request.query
    user = headers.get("X-ClickHouse-User") or query.get("user") or "default"
    return user, headers.get("X-ClickHouse-Key") or query.get("password") or ""


def _content_type(spoken: str) -> str:
    known = next((kind for begin, kind in _KINDS.items() if spoken.startswith(begin)), None)
    return known or ("text/plain" if not spoken else "application/octet-stream")


def _forget_failure(done: "asyncio.Future[tuple[Reply, bytes, str]]") -> None:
    """Look at the failure of a question that nobody waits for, or the loop would complain of it."""
    if not done.cancelled():
        done.exception()
