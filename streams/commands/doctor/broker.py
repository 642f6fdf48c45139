"""What `seamline doctor` looks at on the broker: whether it answers and lets us in, its topics and its clock."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from streams.commands.findings import Finding, clock_finding
from streams.commands.options import PROGRAM
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.clients.security import Security
    from streams.kafka.operation.examination import BrokerUnusable
    from streams.kafka.topics import Problem

SUBJECT: Final = "broker"
PROBLEMS_MAX: Final = 5
FIXES: Final = {
    "LOGIN_REFUSED": "set kafka.security.username and password to a login that the broker knows",
    "MECHANISM": "set kafka.security.mechanism to one of those that the broker's listener enables; empty for none",
    "NOT_TRUSTED": "set kafka.security.ca_file to the authority of the broker's certificate, and brokers to its names",
    "HUNG_UP": "kafka.security.tls or mechanism is not what that port wants: TLS to a plain port, or no login",
    "ELSEWHERE": "set advertised.listeners of the broker to an address that is reached from here",
    "UNKNOWN_HOST": "mend the name in kafka.brokers",
    "NO_ANSWER": f"start the broker (on this machine: {PROGRAM} kafka up), or set kafka.brokers to where it is",
}
"""By the name of the trouble (`streams/kafka/operation/examination.py`)."""


def is_wanted(settings: Settings) -> bool:
    """Tell whether somebody set a broker: without one the local driver is meant, and none need answer."""
    return "brokers" in settings.kafka.model_fields_set


def broker(settings: Settings, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> Iterator[Finding]:
    """Look at the broker and what stands there; nothing is made or changed."""
    from streams.kafka.clients.security import SecurityError, secure
    from streams.kafka.operation.examination import BrokerUnusable, look

    try:
        security = secure(settings.kafka.security)
    except SecurityError as error:
        yield Finding(SUBJECT, "fail", error.problems[0], f"mend that setting; {PROGRAM} config docs explains it")
        return
    try:
        seen = asyncio.run(look(settings.kafka.brokers, security, clock_ms))
    except BrokerUnusable as error:
        yield _unusable(error)
        return
    count = "one broker" if seen.brokers == 1 else f"{seen.brokers} brokers"
    yield Finding(SUBJECT, "ok", f"{seen.address} answers, {count}")
    yield from _topics(settings, security)
    yield clock_finding("the broker", seen.clock_ahead_ms)


def _unusable(error: "BrokerUnusable") -> Finding:
    return Finding(SUBJECT, "fail", str(error), FIXES[error.trouble.name])


def _topics(settings: Settings, security: "Security") -> Iterator[Finding]:
    from streams.kafka.broker import Away, BrokerError

    try:
        problems = asyncio.run(_missing(settings, security))
    except Away as error:
        yield Finding("topics", "fail", str(error), FIXES["NO_ANSWER"])
        return
    except BrokerError as error:
        yield Finding("topics", "fail", str(error), "allow the user to describe topics")
        return
    for problem in problems[:PROBLEMS_MAX]:
        yield Finding(f"topic {problem.topic}", "fail", problem.what, problem.fix)
    if len(problems) > PROBLEMS_MAX:
        more = f"{len(problems) - PROBLEMS_MAX} more are not as they must be"
        yield Finding("topics", "fail", more, f"{PROGRAM} topics check")
    if not problems:
        yield Finding("topics", "ok", "all there, as they must be")


async def _missing(settings: Settings, security: "Security") -> "list[Problem]":
    from streams.kafka.admin import administering, missing
    from streams.kafka.names import Names

    kafka = settings.kafka
    async with administering(kafka, security) as admin:
        return await missing(admin, Names.of(kafka), kafka)
