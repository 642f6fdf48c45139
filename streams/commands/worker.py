"""`seamline worker`: read the inputs, stitch, store and alert, until told to stop."""

from typing import Annotated

import faust
import typer

from streams.assembly import Worker, app_of, names_of, worker_of
from streams.commands.brokers import asked
from streams.commands.failures import CommandError
from streams.commands.options import ConfigFile, settings_for, spell
from streams.kafka.admin import administering, missing
from streams.kafka.logs import Calming, LogChoice, set_up_logging
from streams.kafka.names import INSIDE
from streams.kafka.security import secure
from streams.kafka.topics import Problem
from streams.settings import Settings

Roles = Annotated[str, typer.Option(metavar="ROLES", help="intake,stitcher,warehouse,alerting: some of them.")]


def worker(roles: Roles = "", config: ConfigFile = None) -> None:
    """Run a worker; it goes on where the last one stopped, and ends in peace on SIGTERM."""
    settings = settings_for(config)
    chosen = tuple(role.strip() for role in roles.split(",")) if roles else settings.worker.roles
    refuse_broken(settings)
    run(worker_of(settings, chosen))


def refuse_broken(settings: Settings) -> None:
    """End here where a topic is missing, or divided otherwise: what is written to the wrong partition is lost."""
    problems = asked(_missing(settings), settings)
    if problems:
        lines = "; ".join(f"{problem.topic} {problem.what}" for problem in problems)
        raise CommandError("the topics are not as they must be", lines, problems[0].fix or spell("topics", "plan"))


def run(made: Worker) -> None:
    """Host the members until a signal comes; SystemExit with Faust's exit code."""
    names = names_of(made.settings)
    inside = frozenset(names.topic(topic) for topic in INSIDE)
    set_up_logging(LogChoice(made.settings.worker.log_format), Calming(made.metrics.worker, inside))
    app = app_of(made)
    faust.Worker(app, loglevel="INFO", redirect_stdouts=False, override_logging=False).execute_from_commandline()


async def _missing(settings: Settings) -> list[Problem]:
    async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
        return await missing(admin, names_of(settings), settings.kafka)
