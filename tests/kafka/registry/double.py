"""A registry that speaks Confluent's HTTP interface on this machine, with the real rules of compatibility."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from schemas.evolution import breaks
from schemas.linter import lint

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOGIN = ("ann", "se:same")


class RegistryDouble:
    """Keeps schemas by id and versions by subject. `requests` are the paths asked for; faults are set by hand."""

    def __init__(self, *, is_locked: bool = False) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.schemas: dict[int, str] = {}
        self.subjects: dict[str, list[int]] = {}
        self.levels: dict[str, str] = {}
        self.types: dict[int, str] = {}
        self.is_down = False
        self.answers: tuple[int, bytes] | None = None
        self.on_request: Callable[[], object] = lambda: None
        self._is_locked = is_locked

    def put(self, schema: str, schema_id: int | None = None, kind: str = "AVRO") -> int:
        """Register without a subject, as another producer would elsewhere."""
        number = schema_id or max(self.schemas, default=100) + 1
        self.schemas[number] = schema
        self.types[number] = kind
        return number

    @web.middleware
    async def fault(self, request: web.Request, handler: Answering) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        self.on_request()
        expected = "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()
        if self.is_down:
            return web.Response(status=503, text="<html>try later</html>")
        if self.answers is not None:
            return web.Response(status=self.answers[0], body=self.answers[1])
        if self._is_locked and request.headers.get("Authorization") != expected:
            return refusal(401, 401, "Unauthorized")
        return await handler(request)

    async def by_id(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        if number not in self.schemas:
            return refusal(404, 40403, f"Schema {number} not found")
        kind = self.types.get(number, "AVRO")
        return web.json_response({"schema": self.schemas[number]} | ({} if kind == "AVRO" else {"schemaType": kind}))

    async def versions(self, request: web.Request) -> web.Response:
        found = self.subjects.get(request.match_info["subject"])
        if found is None:
            return refusal(404, 40401, "Subject not found")
        return web.json_response(list(range(1, len(found) + 1)))

    async def version(self, request: web.Request) -> web.Response:
        found = self.subjects.get(request.match_info["subject"], [])
        number = int(request.match_info["version"])
        if not 0 < number <= len(found):
            return refusal(404, 40402, "Version not found")
        return web.json_response({"id": found[number - 1], "schema": self.schemas[found[number - 1]]})

    async def register(self, request: web.Request) -> web.Response:
        subject, schema = request.match_info["subject"], (await request.json())["schema"]
        if lint(schema):
            return refusal(422, 42201, "Invalid schema")
        standing = self.subjects.get(subject, [])
        same = [number for number in standing if canonical(self.schemas[number]) == canonical(schema)]
        if not same and (found := self._breaks(subject, schema)):
            return refusal(409, 409, f"Schema being registered is incompatible: {found}")
        known = [number for number, text in self.schemas.items() if canonical(text) == canonical(schema)]
        number = next(iter(same or known), None) or self.put(schema)
        if not same:
            self.subjects.setdefault(subject, []).append(number)
        return web.json_response({"id": number})

    async def compatible(self, request: web.Request) -> web.Response:
        subject = request.match_info["subject"]
        if subject not in self.subjects:
            return refusal(404, 40401, "Subject not found")
        found = self._breaks(subject, (await request.json())["schema"])
        return web.json_response({"is_compatible": not found, "messages": found})

    async def level(self, request: web.Request) -> web.Response:
        return web.json_response({"compatibilityLevel": self.levels.get(request.match_info["subject"], "BACKWARD")})

    async def demand(self, request: web.Request) -> web.Response:
        told = (await request.json())["compatibility"]
        self.levels[request.match_info["subject"]] = told
        return web.json_response({"compatibility": told})

    def _breaks(self, subject: str, schema: str) -> list[str]:
        numbers = self.subjects.get(subject, [])
        against = numbers if self.levels.get(subject, "BACKWARD").endswith("_TRANSITIVE") else numbers[-1:]
        return [f"{each.path}: {each.problem}" for number in against for each in breaks(self.schemas[number], schema)]


def canonical(schema: str) -> object:
    return msgspec.json.decode(schema)


def refusal(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"error_code": code, "message": message}, status=status)


@asynccontextmanager
async def serving(double: RegistryDouble) -> AsyncIterator[RegistryDouble]:
    """Serve it on a free port."""
    app = web.Application(middlewares=[double.fault])
    app.router.add_get("/schemas/ids/{id}", double.by_id)
    app.router.add_get("/subjects/{subject}/versions", double.versions)
    app.router.add_get("/subjects/{subject}/versions/{version}", double.version)
    app.router.add_post("/subjects/{subject}/versions", double.register)
    app.router.add_post("/compatibility/subjects/{subject}/versions", double.compatible)
    app.router.add_get("/config/{subject}", double.level)
    app.router.add_put("/config/{subject}", double.demand)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield double
    finally:
        await runner.cleanup()
