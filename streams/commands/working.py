"""What `seamline worker` does; imported only when it is asked for, since that takes a while."""

import socket
from collections.abc import Sequence
from pathlib import Path

from streams.assembly import ROLES, WAREHOUSE, Worker, host_of, release, worker_of
from streams.commands.brokers import asked
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import spell
from streams.kafka.admin import administering, missing
from streams.kafka.clients.security import secure
from streams.kafka.companion import Companion
from streams.kafka.names import Names
from streams.kafka.operation.logs import Calming, LogChoice, set_up_logging
from streams.kafka.operation.traces import TracesMissing, tracing
from streams.kafka.topics import Problem
from streams.settings import Settings
from streams.topology import ALERTING, STITCHER


def work(settings: Settings, roles: Sequence[str], config: Path | None) -> None:
    """Be a worker of these roles until a signal comes; SystemExit with the exit code of the host."""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise UsageError(f"there is no role {unknown[0]}", ", ".join(ROLES), spell("worker", "--help"))
    alone = WAREHOUSE not in roles or len(roles) == 1
    refuse_taken(settings, 1 if alone else 2)
    refuse_broken(settings)
    companion = None if alone else Companion(_beside(settings, config))
    run(worker_of(settings, roles if alone else [role for role in roles if role != WAREHOUSE], companion))


def refuse_taken(settings: Settings, processes: int) -> None:
    """End here where the pages' port, or the next one of the warehouse's process, belongs to somebody else."""
    worker = settings.worker
    family = socket.AF_INET6 if ":" in worker.web_host else socket.AF_INET
    for port in range(worker.web_port, worker.web_port + processes) if worker.web_port else ():
        try:
            with socket.create_server((worker.web_host, port), family=family):
                pass
        except OSError as error:
            problem = f"health and metrics can not be served on {worker.web_host}:{port}"
            fix = f"another worker runs here? {spell('worker', '--port', '0')}"
            raise CommandError(problem, error.strerror or str(error), fix) from error


def refuse_broken(settings: Settings) -> None:
    """End here where a topic is missing, or divided otherwise: what is written to the wrong partition is lost."""
    problems = asked(_missing(settings), settings)
    if problems:
        lines = "; ".join(f"{problem.topic} {problem.what}" for problem in problems)
        raise CommandError("the topics are not as they must be", lines, problems[0].fix or spell("topics", "plan"))


def run(made: Worker) -> None:
    """Host the members until a signal comes; SystemExit with the exit code of the host."""
    settings = made.settings
    in_transactions = frozenset(settings.kafka.prefix + topic for node in (STITCHER, ALERTING) for topic in node.writes)
    set_up_logging(LogChoice(settings.worker.log_format), Calming(made.metrics.worker, in_transactions))
    try:
        with tracing(settings.worker.traces_url, version=release(), application=settings.kafka.application) as spans:
            made.metrics.spans = spans
            host_of(made).execute_from_commandline()
    except TracesMissing as error:
        raise CommandError("traces can not be sent", str(error), error.next_step) from error


def _beside(settings: Settings, config: Path | None) -> list[str]:
    """Say how the warehouse's own process is started; its pages have the next port."""
    port = settings.worker.web_port
    place = ["--config", str(config)] if config else []
    return ["worker", "--roles", WAREHOUSE, "--port", str(port + 1 if port else 0), *place]


async def _missing(settings: Settings) -> list[Problem]:
    async with administering(settings.kafka, secure(settings.kafka.security)) as admin:
        return await missing(admin, Names.of(settings.kafka), settings.kafka)
