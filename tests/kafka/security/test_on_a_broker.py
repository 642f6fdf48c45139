"""Every way to show who one is, tried on a real broker: right, wrong, and by all kinds of clients."""

import time
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.kafka.admin import administering
from streams.kafka.broker import Away
from streams.kafka.clients.credentials import broker_credentials
from streams.kafka.clients.security import Security, secure
from streams.settings_kafka import KafkaSettings
from tests.kafka.security.certificates import KEY_PASSWORD, Authority
from tests.kafka.security.conftest import Guarded
from tests.kafka.security.provider import CLIENT, SECRET, Provider, serving

pytestmark = pytest.mark.asyncio
LOGIN = {"username": "ann", "password": "sesame"}
PASSWORDS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


def settings_of(guarded: Guarded, listener: str, **told: object) -> KafkaSettings:
    return KafkaSettings.model_validate({"brokers": guarded.addresses[listener], "security": told})


async def brokers_seen(settings: KafkaSettings) -> int:
    async with administering(settings, secure(settings.security)) as admin:
        return len((await admin.describe_cluster())["brokers"])


def trusting(guarded: Guarded) -> dict[str, object]:
    return {"tls": True, "ca_file": guarded.authority.file}


def ours(guarded: Guarded) -> dict[str, object]:
    own = {"certificate_file": guarded.own.certificate, "key_file": guarded.own.key, "key_password": KEY_PASSWORD}
    return trusting(guarded) | own


async def test_own_certificate_opens_and_none_does_not(guarded: Guarded) -> None:
    assert await brokers_seen(settings_of(guarded, "MUTUAL", **ours(guarded))) == 1
    with pytest.raises(Away):
        await brokers_seen(settings_of(guarded, "MUTUAL", **trusting(guarded)))


async def test_broker_that_shows_a_strange_certificate_is_not_talked_to(guarded: Guarded, tmp_path: Any) -> None:
    stranger = {"tls": True, "ca_file": Authority(tmp_path, "stranger").file}
    with pytest.raises(Away, match="certificate verify failed"):
        await brokers_seen(settings_of(guarded, "SECURED", mechanism="PLAIN", **LOGIN, **stranger))


@pytest.mark.parametrize("mechanism", PASSWORDS)
async def test_password_opens_encrypted_and_not(guarded: Guarded, mechanism: str) -> None:
    told = {"mechanism": mechanism, **LOGIN}
    assert await brokers_seen(settings_of(guarded, "SECURED", **told, **trusting(guarded))) == 1
    assert await brokers_seen(settings_of(guarded, "LOGIN", **told)) == 1


@pytest.mark.parametrize("mechanism", PASSWORDS)
async def test_wrong_password_is_said_to_be_one(guarded: Guarded, mechanism: str) -> None:
    told = {"mechanism": mechanism, "username": "ann", "password": "open"}
    with pytest.raises(Away, match=r"(?i)authentication failed.*(invalid (credentials|username or password))"):
        await brokers_seen(settings_of(guarded, "LOGIN", **told))


async def test_token_opens_encrypted_and_not_and_is_asked_for_once(guarded: Guarded) -> None:
    async with serving(Provider(int(time.time()))) as provider:
        told = {"mechanism": "OAUTHBEARER", "username": CLIENT, "password": SECRET, "token_url": provider.url}
        settings = settings_of(guarded, "SECURED", **told, **trusting(guarded))
        security = secure(settings.security)
        for _ in range(3):
            async with administering(settings, security) as admin:
                assert await admin.describe_cluster()
        assert provider.issued == 1
        assert await brokers_seen(settings_of(guarded, "LOGIN", **told)) == 1


async def test_refused_token_is_said_to_be_the_provider_s(guarded: Guarded) -> None:
    async with serving(Provider(int(time.time()))) as provider:
        told = {"mechanism": "OAUTHBEARER", "username": CLIENT, "password": "guess", "token_url": provider.url}
        with pytest.raises(Away, match="answered 401 invalid_client"):
            await brokers_seen(settings_of(guarded, "LOGIN", **told))


@pytest.mark.parametrize("listener", ["MUTUAL", "SECURED"])
async def test_producer_and_group_work_behind_it(guarded: Guarded, listener: str) -> None:
    login = {"mechanism": "SCRAM-SHA-512", **LOGIN} if listener == "SECURED" else {}
    settings = settings_of(guarded, listener, **(login | ours(guarded)))
    security, topic = secure(settings.security), f"said.{listener.lower()}"
    await made(settings, security, topic)
    common = {"bootstrap_servers": settings.brokers, **security.arguments()}
    async with AIOKafkaProducer(transactional_id=f"t-{listener}", **common) as producer, producer.transaction():
        await producer.send_and_wait(topic, b"hello")
    reading = {"group_id": f"g-{listener}", "auto_offset_reset": "earliest", "isolation_level": "read_committed"}
    async with AIOKafkaConsumer(topic, **reading, **common) as consumer:
        assert (await consumer.getone()).value == b"hello"


@pytest.mark.parametrize("told", [{}, {"mechanism": "SCRAM-SHA-512", **LOGIN}])
async def test_faust_connects_with_the_same_security(guarded: Guarded, told: dict[str, str]) -> None:
    settings = settings_of(guarded, "SECURED" if told else "MUTUAL", **(told | ours(guarded)))
    credentials = broker_credentials(secure(settings.security))
    app = faust.App("guarded", broker=f"kafka://{settings.brokers}", broker_credentials=credentials)
    producer = app.transport.create_producer()
    await producer.start()
    await producer.stop()


async def made(settings: KafkaSettings, security: Security, topic: str) -> None:
    from aiokafka.admin import NewTopic

    async with administering(settings, security) as admin:
        answer = await admin.create_topics([NewTopic(topic, 1, 1)])
        assert answer.topic_errors[0][1] == 0
