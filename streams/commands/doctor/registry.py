"""What `seamline doctor` looks at in the registry of schemas: whether it answers, and whether what it holds is read."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from schemas.codecs import packaged_schema
from streams.commands.findings import Finding
from streams.commands.options import PROGRAM
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.intake.subjects import Objection

SUBJECT: Final = "schema registry"
OBJECTIONS_MAX: Final = 5
CHECK: Final = f"{PROGRAM} schemas check --registry"


def registry(settings: Settings) -> Iterator[Finding]:
    """Look at what is registered for our inputs; nothing where no registry is set: JSON and our own Avro need none."""
    from streams.kafka.intake.registry import RegistryAway, RegistryError

    if not settings.registry.url.get_secret_value():
        return
    try:
        objections = asyncio.run(_objections(settings))
    except RegistryAway as error:
        login = "the login in" if " 401 " in f"{error.reason} " or " 403 " in f"{error.reason} " else "the address in"
        fix = f"mend {login} registry.url (http://user:password@host:8081); events of known schemas are read meanwhile"
        yield Finding(SUBJECT, "fail", f"{error.url}: {error.reason}", fix)
        return
    except RegistryError as error:
        yield Finding(SUBJECT, "fail", str(error), CHECK)
        return
    for objection in objections[:OBJECTIONS_MAX]:
        yield Finding(f"schemas of {objection.subject}", "fail", objection.problem, _fix(objection))
    if len(objections) > OBJECTIONS_MAX:
        yield Finding(SUBJECT, "fail", f"{len(objections) - OBJECTIONS_MAX} objections more", CHECK)
    if not objections:
        yield Finding(SUBJECT, "ok", "it answers, and what it holds for our inputs is read")


def _fix(objection: "Objection") -> str:
    if objection.problem.startswith("version "):
        return "delete that version, or send its events to another topic: they can not be read"
    return f"{PROGRAM} schemas register sets the rule; or set it there by hand"


async def _objections(settings: Settings) -> "list[Objection]":
    from streams.kafka.intake.registry import asking
    from streams.kafka.intake.subjects import examine, subjects_of

    async with asking(settings.registry) as asked:
        return [
            objection
            for subject in subjects_of(settings.kafka.inputs)
            for objection in await examine(asked, subject, packaged_schema("event"))
        ]
