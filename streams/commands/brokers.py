"""What commands that ask the broker share: how it is reached, and how it is told that it is not."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer

from streams.commands.failures import CommandError, DependencyError, UsageError
from streams.commands.options import PROGRAM, settings_for
from streams.settings import Settings

T = TypeVar("T")

Brokers: TypeAlias = Annotated[
    str | None,
    typer.Option("--brokers", metavar="HOST:PORT", help="Where the broker is (kafka.brokers).", show_default=False),
]


def broker_settings(config: Path | None, brokers: str | None) -> Settings:
    """Read the settings, with the broker that the command line names."""
    return settings_for(config, kafka__brokers=brokers)


def asked(work: Awaitable[T], settings: Settings) -> T:
    """Wait for an answer of the broker; its failures end the command, each with its next step."""
    import asyncio

    async def wait() -> T:
        return await work

    with broker_failures(settings):
        return asyncio.run(wait())


@contextmanager
def broker_failures(settings: Settings) -> Iterator[None]:
    """End the command where the broker is away (exit 3), says no (1), or its security can not be meant (2)."""
    from streams.kafka.admin import Refused
    from streams.kafka.broker import Away
    from streams.kafka.clients.security import SecurityError

    try:
        yield
    except SecurityError as error:
        raise UsageError("settings can not be used", error.problems[0], f"{PROGRAM} config docs") from error
    except Away as error:
        problem = f"no broker answers at {settings.kafka.brokers}"
        raise DependencyError(problem, str(error), f"{PROGRAM} kafka up, or set kafka.brokers") from error
    except Refused as error:
        raise CommandError("the broker refused", str(error), error.fix or f"{PROGRAM} topics plan") from error
