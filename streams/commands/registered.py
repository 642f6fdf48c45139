"""What `seamline schemas` asks of a registry: may our event schema stand there, and is what stands there read."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from schemas.check import Finding
from schemas.codecs import packaged_schema
from streams.commands.answers import answer
from streams.commands.failures import CommandError, DependencyError, UsageError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, settings_for
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.intake.registry import Registry

T = TypeVar("T")
Subjects = Annotated[
    list[str] | None,
    typer.Option("--subject", metavar="NAME", help="Subject, repeatable (default: each input topic's values)."),
]


def register(subject: Subjects = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Register this release's event schema under the subjects of the inputs, each held to BACKWARD_TRANSITIVE.

    Refused where it would not read everything registered there; to register it again changes nothing.
    """
    from streams.kafka.intake.registry import Registry
    from streams.kafka.intake.subjects import register as registering
    from streams.kafka.intake.subjects import subjects_of

    settings = settings_for(config)
    names = subject or subjects_of(settings.kafka.inputs)

    async def work(registry: Registry) -> dict[str, int]:
        return {name: await registering(registry, name, packaged_schema("event")) for name in names}

    ids = _asked(settings, work)
    page = Table("subject", "schema id", box=None, header_style="bold")
    for name, number in ids.items():
        page.add_row(Text(name), Text(str(number)))
    answer({"registered": ids}, page, as_json=as_json)


def findings(settings: Settings) -> list[Finding]:
    """Name all that is registered for our inputs and could not be read; CommandError where the registry is away."""
    from streams.kafka.intake.registry import Registry
    from streams.kafka.intake.subjects import examine, subjects_of

    async def work(registry: Registry) -> list[Finding]:
        return [
            Finding(each.subject, each.problem)
            for name in subjects_of(settings.kafka.inputs)
            for each in await examine(registry, name, packaged_schema("event"))
        ]

    return _asked(settings, work)


def _asked(settings: Settings, work: "Callable[[Registry], Awaitable[T]]") -> T:
    """Open the registry and wait for its answers; its failures end the command."""
    import asyncio

    from streams.kafka.intake.registry import Incompatible, RegistryAway, RegistryError, asking

    if not settings.registry.url.get_secret_value():
        raise UsageError("no registry is named", "registry.url is empty", f"{PROGRAM} config docs")

    async def wait() -> T:
        async with asking(settings.registry) as registry:
            return await work(registry)

    try:
        return asyncio.run(wait())
    except RegistryAway as error:
        raise DependencyError("no registry answers", f"{error.url}: {error.reason}", "set registry.url") from error
    except Incompatible as error:
        hint = "register it under a new topic's subject, or mend the version that stands there"
        raise CommandError(f"{error.subject} refuses our event schema", error.reasons, hint) from error
    except RegistryError as error:
        raise CommandError(
            "the registry changed meanwhile", str(error), f"{PROGRAM} schemas check --registry"
        ) from error
