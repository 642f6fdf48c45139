"""Ask a broker about topics, and make or alter them: aiokafka's admin client, and what it leaves to its callers.

It does not look at the errors inside answers, so everything is looked at here. It has only the older request that
replaces all that is set on a topic; so whatever else was set there is read first and sent again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, NamedTuple, Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.new_topic import NewTopic
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidReplicationFactorError,
    KafkaError,
    NoError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from streams.kafka.broker import Away, BrokerError
from streams.kafka.clients.security import Security
from streams.kafka.names import Names
from streams.kafka.topics import Alteration, Found, Plan, Problem, Wanted, stoppers, wanted
from streams.settings_kafka import KafkaSettings

TIMEOUT_MS: Final = 10_000
SEEN_WITHIN_SECONDS: Final = 10.0
"""How long a new topic may take until every broker knows it."""
SET_ON_TOPIC: Final = 1
"""Kafka's number for values that come from the topic itself, not from the broker's defaults."""
Values = tuple[dict[str, str], dict[str, str]]
"""Of a topic: the values in force, and those that were set on it."""


FIXES: Final = {
    InvalidReplicationFactorError: "lower kafka.replication, or add brokers",
    TopicAuthorizationFailedError: "grant the rights on topics that docs/kafka.md lists",
    ClusterAuthorizationFailedError: "grant Create on the cluster, or leave topics to their owner",
    PolicyViolationError: "ask who set the policy; `seamline topics strimzi` prints what is needed",
}


class Refused(BrokerError):
    """The broker said no; `topics` are those it refused, each with its reason; `fix` is what to do, where it is known.

    Reasons that many topics share are said once.
    """

    def __init__(self, action: str, topics: dict[str, "Answer"]) -> None:
        named: dict[str, list[str]] = {}
        for name, answer in topics.items():
            named.setdefault(answer.reason, []).append(name)
        told = (f"{names[0]}{f' and {len(names) - 1} more' * bool(names[1:])}: {why}" for why, names in named.items())
        super().__init__(f"{action}: {'; '.join(told)}")
        self.topics = {name: answer.reason for name, answer in topics.items()}
        self.fix = next((FIXES[answer.error] for answer in topics.values() if answer.error in FIXES), "")


class Answer(NamedTuple):
    """What the broker said of one topic."""

    error: type[Any]
    message: str

    @classmethod
    def of(cls, code: int, message: str | None = None) -> Self:
        """Read an error code and the words beside it."""
        return cls(for_code(code), message or "")

    @property
    def reason(self) -> str:
        """The broker's words, or else the name of the error."""
        return self.message or self.error.__name__.removesuffix("Error")


@asynccontextmanager
async def administering(settings: KafkaSettings, security: Security) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client; `Away` says why nobody answers: no connection, no trust, a wrong password."""
    client = AIOKafkaAdminClient(
        bootstrap_servers=settings.brokers,
        client_id=f"{settings.application}-admin",
        request_timeout_ms=TIMEOUT_MS,
        **security.arguments(),
    )
    try:
        with _overhearing() as overheard:
            try:
                await client.start()
            except (KafkaError, OSError) as error:
                raise Away(_why(overheard) or str(error)) from error
        try:
            yield client
        except (KafkaError, OSError) as error:
            # Between two requests the broker may go away, and a timeout is an OSError.
            raise Away(str(error) or type(error).__name__) from error
    finally:
        await client.close()


async def missing(admin: AIOKafkaAdminClient, names: Names, settings: KafkaSettings) -> list[Problem]:
    """Name every topic that a worker must not start without or with; empty when it may start."""
    topics = wanted(names, settings)
    return stoppers(topics, await standing(admin, [topic.name for topic in topics], required=False))


async def standing(admin: AIOKafkaAdminClient, names: Iterable[str], *, required: bool = True) -> dict[str, Found]:
    """Tell which of these topics stand, and how.

    Values that may not be read (the right to describe configs is one of its own) are left out where they are not
    `required`, and raise `Refused` where they are.
    """
    asked = set(names)
    # All topics are asked for: naming one would make it where the broker makes topics by itself.
    topics = {each["topic"]: each["partitions"] for each in await admin.describe_topics() if each["topic"] in asked}
    config = await _config(admin, sorted(topics), required=required)
    return {
        name: Found(len(partitions), min(len(each["replicas"]) for each in partitions), *config.get(name, ({}, {})))
        for name, partitions in topics.items()
        if partitions
    }


async def apply(admin: AIOKafkaAdminClient, plan: Plan) -> None:
    """Do what a plan says; to do it twice changes nothing. `Refused` names the topics that the broker refused."""
    await _create(admin, plan.create)
    await _alter(admin, plan.alter)


async def _config(admin: AIOKafkaAdminClient, names: list[str], *, required: bool) -> dict[str, Values]:
    """Read the values in force and those set on the topic, per topic."""
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    found, refused = {}, {}
    for code, message, _, name, entries in (each for answer in answers for each in answer.resources):
        told = Answer.of(code, message)
        if told.error is NoError:
            values = {entry[0]: entry[1] or "" for entry in entries}
            found[name] = (values, {entry[0]: values[entry[0]] for entry in entries if entry[3] == SET_ON_TOPIC})
        elif required or told.error is not TopicAuthorizationFailedError:
            refused[name] = told
    if refused:
        raise Refused("the settings of topics can not be read", refused)
    return found


async def _create(admin: AIOKafkaAdminClient, topics: tuple[Wanted, ...]) -> None:
    if not topics:
        return
    new = [NewTopic(each.name, each.partitions, each.replication, topic_configs=each.config) for each in topics]
    answer = await admin.create_topics(new, timeout_ms=TIMEOUT_MS)
    told = {each[0]: Answer.of(*each[1:3]) for each in answer.topic_errors}
    # One that somebody else has just made is there, which is what was wanted; `plan` tells whether it is as wanted.
    refused = {name: said for name, said in told.items() if said.error not in (NoError, TopicAlreadyExistsError)}
    if refused:
        raise Refused("topics were not made", refused)

    async def are_known() -> bool:
        return {each.name for each in topics} <= set(await admin.list_topics())

    await _seen(are_known)


async def _alter(admin: AIOKafkaAdminClient, alterations: tuple[Alteration, ...]) -> None:
    if not alterations:
        return
    answers = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, each.topic, each.config) for each in alterations]
    )
    told = {name: Answer.of(code, message) for answer in answers for code, message, _, name in answer.resources}
    if refused := {name: said for name, said in told.items() if said.error is not NoError}:
        raise Refused("topics were not altered", refused)

    async def are_in_force() -> bool:
        found = await _config(admin, sorted(told), required=True)
        return all(found[each.topic][0].get(name) == new for each in alterations for name, _, new in each.changes)

    await _seen(are_in_force)


async def _seen(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for brokers to know: the controller answers before they have heard of it."""
    async with asyncio.timeout(SEEN_WITHIN_SECONDS):
        while not await is_so():  # noqa: ASYNC110  another program is waited for
            await asyncio.sleep(0.05)


class _Overheard(logging.Handler):
    """Keeps what aiokafka logs instead of raising it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep errors that a record tells of."""
        told = record.args if isinstance(record.args, tuple) else ()
        self.errors += [str(each) or type(each).__name__ for each in told if isinstance(each, Exception)]


@contextmanager
def _overhearing() -> Iterator[_Overheard]:
    """While a client starts, why it does not is logged and lost; it is wanted for the error that follows."""
    logger, overheard = logging.getLogger("aiokafka"), _Overheard()
    before = logger.propagate
    logger.addHandler(overheard)
    logger.propagate = False
    try:
        yield overheard
    finally:
        logger.removeHandler(overheard)
        logger.propagate = before


def _why(overheard: _Overheard) -> str:
    return "; ".join(dict.fromkeys(overheard.errors))
