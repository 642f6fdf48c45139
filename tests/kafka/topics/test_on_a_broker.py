"""Topics planned, made, altered and checked on a real broker, as an operator does it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.admin import Refused, administering, apply, missing, standing
from streams.kafka.broker import Away
from streams.kafka.clients.security import secure
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.names import Names
from streams.kafka.topics import Alteration, Plan, plan, wanted
from streams.settings_kafka import KafkaSettings
from tests.cli.story import Said
from tests.kafka.conftest import Topics

Seamline = Callable[..., Said]


@pytest.fixture
def settings(broker: EmbeddedBroker, topics: Topics) -> KafkaSettings:
    inputs = (f"{topics.prefix}web", f"{topics.prefix}app")
    return KafkaSettings(brokers=broker.address, prefix=topics.prefix, inputs=inputs, partitions=3)


async def planned(settings: KafkaSettings, *, carry_out: bool = False, inputs: bool = True) -> Plan:
    topics = wanted(Names.of(settings), settings)
    async with administering(settings, secure(settings.security)) as admin:
        todo = plan(topics, await standing(admin, [topic.name for topic in topics]), inputs=inputs)
        if carry_out:
            await apply(admin, todo)
    return todo


async def stops(settings: KafkaSettings) -> list[str]:
    async with administering(settings, secure(settings.security)) as admin:
        return [f"{each.topic} {each.what}" for each in await missing(admin, Names.of(settings), settings)]


async def alter(settings: KafkaSettings, topic: str, **told: str) -> None:
    """Set exactly this on a topic, as somebody else might."""
    config = {name.replace("_", "."): value for name, value in told.items()}
    changes = tuple((name, "", value) for name, value in config.items())
    async with administering(settings, secure(settings.security)) as admin:
        await apply(admin, Plan(alter=(Alteration(topic, changes, config),)))


@pytest.mark.asyncio
async def test_what_is_made_is_as_wanted_and_a_second_time_nothing_is_left(settings: KafkaSettings) -> None:
    assert len(await stops(settings)) == 14
    assert len((await planned(settings, carry_out=True)).create) == 14
    assert (await planned(settings, carry_out=True)).is_empty
    assert await stops(settings) == []


@pytest.mark.asyncio
async def test_what_differs_is_set_and_what_others_set_stays(settings: KafkaSettings) -> None:
    await planned(settings, carry_out=True)
    late = f"{settings.prefix}late"
    await alter(settings, late, retention_ms="5000", segment_ms="77000000")
    assert {name for name, _, _ in (await planned(settings)).alter[0].changes} == {"retention.ms", "max.message.bytes"}
    await planned(settings, carry_out=True)
    async with administering(settings, secure(settings.security)) as admin:
        found = (await standing(admin, [late]))[late]
    assert (found.overrides["segment.ms"], found.overrides["retention.ms"]) == ("77000000", "2592000000")


@pytest.mark.asyncio
async def test_worker_is_stopped_by_wrong_counts_and_by_state_that_is_not_compacted(settings: KafkaSettings) -> None:
    await planned(settings, carry_out=True)
    await alter(settings, f"{settings.prefix}changelog", cleanup_policy="delete")
    other = msgspec.json.decode(settings.model_dump_json()) | {"partitions": 5}
    told = await stops(KafkaSettings.model_validate(other))
    assert f"{settings.prefix}evidence has 3 partitions for life, and kafka.partitions asks for 5" in told
    assert f"{settings.prefix}changelog cleanup.policy is delete, and must be compact" in told
    assert [each for each in told if "decisions" in each] == []


@pytest.mark.asyncio
async def test_refusal_says_the_broker_s_reason_once_and_what_to_do(settings: KafkaSettings) -> None:
    thrice = settings.model_copy(update={"replication": 3})
    with pytest.raises(Refused, match=r"decisions and 11 more: .*replication factor of 3") as refused:
        await planned(thrice, carry_out=True, inputs=False)
    assert refused.value.fix == "lower kafka.replication, or add brokers"


@pytest.mark.asyncio
async def test_asking_makes_no_topic(settings: KafkaSettings) -> None:
    await stops(settings)
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    try:
        assert [name for name in await admin.list_topics() if name.startswith(settings.prefix)] == []
    finally:
        await admin.close()


@pytest.mark.asyncio
async def test_broker_that_is_not_there_is_away_and_says_why() -> None:
    with pytest.raises(Away, match="Connect call failed"):
        await stops(KafkaSettings(brokers=f"127.0.0.1:{free_port()}"))


def test_operator_s_way_from_nothing_to_checked(
    seamline: Seamline, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAMLINE_KAFKA__PREFIX", settings.prefix)
    monkeypatch.setenv("SEAMLINE_KAFKA__INPUTS", msgspec.json.encode(settings.inputs).decode())
    monkeypatch.setenv("SEAMLINE_KAFKA__PARTITIONS", "3")
    at = ("--brokers", settings.brokers)
    before = seamline("topics", "check", *at)
    assert (before.code, "seamline topics apply" in before.err) == (1, True)
    assert seamline("topics", "plan", *at).code == 1
    made = seamline("topics", "apply", "--inputs", "--json", *at)
    created = made.json()["create"]
    assert isinstance(created, list)
    assert (made.code, len(created)) == (0, 14)
    assert seamline("topics", "plan", *at).out.strip() == "nothing to do"
    assert seamline("topics", "check", *at).code == 0
    monkeypatch.setenv("SEAMLINE_KAFKA__PARTITIONS", "5")
    wrong = seamline("topics", "apply", *at)
    assert (wrong.code, "nothing was changed · try: set kafka.partitions = 3" in wrong.err) == (1, True)


def test_no_broker_is_exit_code_three(seamline: Seamline) -> None:
    said = seamline("topics", "check", "--brokers", f"127.0.0.1:{free_port()}")
    assert (said.code, "no broker answers" in said.err) == (3, True)


def test_impossible_security_is_exit_code_two(seamline: Seamline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLINE_KAFKA__SECURITY__CA_FILE", "ca.pem")
    said = seamline("topics", "check")
    assert (said.code, "kafka.security.ca_file: is set, and tls is not" in said.err) == (2, True)


def test_strimzi_asks_no_broker(seamline: Seamline) -> None:
    said = seamline("topics", "strimzi", "--cluster", "main")
    assert (said.code, said.out.count("kind: KafkaTopic")) == (0, 12)
    assert seamline("topics", "strimzi", "--cluster", "a: b").code == 2
