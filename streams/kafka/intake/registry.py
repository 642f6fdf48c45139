"""A registry of schemas, asked over Confluent's HTTP interface, which Karapace and Apicurio speak as well.

RegistryError
|- RegistryAway      nobody answered, or what answered is no registry, or the login is wrong: wait, lose nothing
|- NotRegistered     it answers, and knows no such id or subject
`- Incompatible      it refuses a new version that could not read the older ones
"""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, TypeAlias, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp
import msgspec

from streams.kafka.broker import Away
from streams.settings_kafka import RegistrySettings

TYPE: Final = "application/vnd.schemaregistry.v1+json"
BACKWARD_TRANSITIVE: Final = "BACKWARD_TRANSITIVE"
"""The newest schema reads what was written with any older one: topics keep records of many versions."""
ABSENT: Final = frozenset({40401, 40402, 40403})
"""Confluent's codes for an unknown subject, version, and schema id. Any other 404 is none of a registry's."""
NOT_FOUND: Final = 404
REFUSED: Final = frozenset({409, 422})
"""Against the rule of compatibility, and not a schema at all."""
AVRO: Final = "AVRO"
T = TypeVar("T")
Verb: TypeAlias = Literal["GET", "POST", "PUT"]


class RegistryError(Exception):
    """Something a registry did or did not do."""


class RegistryAway(RegistryError, Away):
    """No registry answers at `url`, which never shows a password."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no answer of the registry at {url}: {reason}; check registry.url")
        self.url = url
        self.reason = reason


class NotRegistered(RegistryError):
    """The registry answers, and does not know this."""


class Incompatible(RegistryError):
    """The registry refuses a version; `reasons` are its own words."""

    def __init__(self, subject: str, reasons: str) -> None:
        super().__init__(f"{subject}: {reasons}")
        self.subject = subject
        self.reasons = reasons


class Registered(msgspec.Struct, frozen=True):
    """A schema as the registry has it; a `schemaType` that is missing is Avro."""

    schema: str
    schema_type: str = msgspec.field(name="schemaType", default=AVRO)


class Verdict(msgspec.Struct, frozen=True):
    """What the registry says of a schema that might be registered."""

    is_compatible: bool
    messages: tuple[str, ...] = ()


class _Id(msgspec.Struct, frozen=True):
    id: int


class _Level(msgspec.Struct, frozen=True):
    level: str = msgspec.field(name="compatibilityLevel", default="")


class _Fault(msgspec.Struct, frozen=True):
    error_code: int = 0
    message: str = ""


class Registry:
    """Asks one registry, one request at a time or many; nothing is remembered here."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def schema(self, schema_id: int) -> Registered:
        """Give the schema of an id; NotRegistered where there is none yet."""
        return await self._ask("GET", f"/schemas/ids/{schema_id}", Registered)

    async def versions(self, subject: str) -> list[int]:
        """List the versions of a subject, oldest first; NotRegistered for an unknown one."""
        return await self._ask("GET", f"/subjects/{quote(subject, safe='')}/versions", list[int])

    async def version(self, subject: str, version: int) -> Registered:
        """Give one version of a subject."""
        return await self._ask("GET", f"/subjects/{quote(subject, safe='')}/versions/{version}", Registered)

    async def register(self, subject: str, schema: str) -> int:
        """Register a schema and return its id, the same each time; Incompatible where the registry refuses it."""
        found = await self._ask("POST", f"/subjects/{quote(subject, safe='')}/versions", _Id, {"schema": schema})
        return found.id

    async def compatible(self, subject: str, schema: str) -> Verdict:
        """Ask whether a schema could be registered beside all versions; anything goes under an unknown subject."""
        path = f"/compatibility/subjects/{quote(subject, safe='')}/versions?verbose=true"
        try:
            return await self._ask("POST", path, Verdict, {"schema": schema})
        except NotRegistered:
            return Verdict(is_compatible=True)

    async def level(self, subject: str) -> str:
        """Tell the rule of compatibility in force for a subject."""
        path = f"/config/{quote(subject, safe='')}?defaultToGlobal=true"
        return (await self._ask("GET", path, _Level)).level

    async def demand(self, subject: str, level: str = BACKWARD_TRANSITIVE) -> None:
        """Set the rule of compatibility of a subject."""
        await self._ask("PUT", f"/config/{quote(subject, safe='')}", Any, {"compatibility": level})

    async def _ask(self, verb: Verb, path: str, shape: type[T], body: dict[str, str] | None = None) -> T:
        content = None if body is None else msgspec.json.encode(body)
        try:
            async with self._session.request(verb, self.url + path, data=content) as answer:
                told = await answer.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise RegistryAway(self.url, str(error) or type(error).__name__) from error
        if not answer.ok:
            raise self._failure(path, answer.status, told)
        try:
            return msgspec.json.decode(told, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RegistryAway(self.url, f"its answer to {path} is none of a registry's") from error

    def _failure(self, path: str, status: int, told: bytes) -> RegistryError:
        try:
            fault = msgspec.json.decode(told, type=_Fault)
        except (msgspec.DecodeError, UnicodeDecodeError):
            fault = _Fault()
        if status == NOT_FOUND and fault.error_code in ABSENT:
            return NotRegistered(fault.message or path)
        if status in REFUSED:
            return Incompatible(unquote(path.split("/")[2]), fault.message)
        return RegistryAway(self.url, f"answered {status} {fault.message}".rstrip()[:300])


@asynccontextmanager
async def asking(settings: RegistrySettings) -> AsyncIterator[Registry]:
    """Open a client of the registry that the settings name; nothing is asked before it is used."""
    parts = urlsplit(settings.url.get_secret_value())
    headers = {"Accept": f"{TYPE}, application/json", "Content-Type": TYPE}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    limit = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    async with aiohttp.ClientSession(timeout=limit, headers=headers) as session:
        yield Registry(session, bare)
