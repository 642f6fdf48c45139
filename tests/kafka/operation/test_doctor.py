"""`seamline doctor` against a real broker and broken ways to it: each a line with its fix, and nothing is changed."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.cli import main
from streams.commands.doctor.broker import broker as look_at_broker
from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.listening import free_port
from streams.kafka.embedded.runtime import Runtime
from streams.settings import load_settings
from tests.cli.story import Said
from tests.kafka.conftest import Topics, apart

Doctor = Callable[..., Said]
HOUR_MS = 3_600_000


@pytest.fixture
def doctor(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Doctor:
    """Run the command in an empty folder, with these settings given as the environment."""

    def run(brokers: str, **settings: str) -> Said:
        for name in [name for name in os.environ if name.startswith("SEAMLINE_")]:
            monkeypatch.delenv(name)
        for name, value in settings.items():
            monkeypatch.setenv(f"SEAMLINE_KAFKA__{name.upper()}", value)
        monkeypatch.chdir(tmp_path)
        capfd.readouterr()
        code = main(["doctor", "--brokers", brokers, "--json"])
        captured = capfd.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def guarded(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with a listener that wants a login: its address."""
    port = free_port()
    while True:
        inner, outer = free_port(port + 2), free_port()
        if len({port, port + 1, inner, outer}) == 4:
            break
    listeners = f"PLAINTEXT://127.0.0.1:{port},OUTER://127.0.0.1:{outer}"
    properties = {
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{inner}",
        "advertised.listeners": listeners,
        "controller.quorum.voters": f"1@127.0.0.1:{inner}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,OUTER:SASL_PLAINTEXT",
        "listener.name.outer.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.outer.plain.sasl.jaas.config": (
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="right";'
        ),
    }
    folder = tmp_path_factory.mktemp("guarded") / "broker"
    with EmbeddedBroker.start(folder, port, runtime=runtime, properties=properties, temporary=True):
        yield f"127.0.0.1:{outer}"


def lines(said: Said) -> dict[str, dict[str, str]]:
    return {check["subject"]: check for check in said.json()["checks"]}  # type: ignore[attr-defined]


def broken(said: Said, subject: str = "broker") -> tuple[str, str]:
    check = lines(said)[subject]
    assert (said.code, check["verdict"]) == (1, "fail")
    return check["says"], check["fix"]


def test_no_broker(doctor: Doctor) -> None:
    says, fix = broken(doctor(f"127.0.0.1:{free_port()}"))
    assert "nobody answers" in says
    assert "seamline kafka up" in fix


def test_a_name_that_is_no_host(doctor: Doctor) -> None:
    says, fix = broken(doctor("nowhere.invalid:9092"))
    assert "no such host" in says
    assert "kafka.brokers" in fix


def test_of_several_addresses_one_that_answers_is_enough(doctor: Doctor, broker: EmbeddedBroker) -> None:
    said = doctor(f"127.0.0.1:{free_port()},{broker.address}")
    assert lines(said)["broker"]["verdict"] == "ok"


def test_wrong_password_of_the_broker(doctor: Doctor, guarded: str) -> None:
    login = {"security__mechanism": "PLAIN", "security__username": "ann"}
    says, fix = broken(doctor(guarded, **login, security__password="wrong"))
    assert "the login is refused" in says
    assert "kafka.security.username and password" in fix
    assert lines(doctor(guarded, **login, security__password="right"))["broker"]["verdict"] == "ok"


def test_a_login_of_another_kind(doctor: Doctor, guarded: str) -> None:
    login = {"security__mechanism": "SCRAM-SHA-512", "security__username": "ann", "security__password": "right"}
    says, fix = broken(doctor(guarded, **login))
    assert "does not take this kind of login" in says
    assert "kafka.security.mechanism" in fix


def test_no_login_where_one_is_wanted(doctor: Doctor, guarded: str) -> None:
    says, fix = broken(doctor(guarded))
    assert "hangs up" in says
    assert "mechanism" in fix


def test_tls_to_a_plain_port(doctor: Doctor, broker: EmbeddedBroker) -> None:
    says, fix = broken(doctor(broker.address, security__tls="true"))
    assert "hangs up" in says
    assert "TLS to a plain port" in fix


def test_settings_of_security_that_can_not_be_meant(doctor: Doctor, broker: EmbeddedBroker) -> None:
    says, _ = broken(doctor(broker.address, security__mechanism="PLAIN"))
    assert "kafka.security.username" in says


def test_a_missing_topic(doctor: Doctor, broker: EmbeddedBroker, topics: Topics) -> None:
    said = doctor(broker.address, prefix=topics.prefix, inputs="[]")
    says, fix = broken(said, f"topic {topics.prefix}evidence")
    assert says == "is missing"
    assert "seamline topics apply" in fix
    assert apart(_names(broker.address, topics.prefix)) == []


def test_wrong_partitions(doctor: Doctor, broker: EmbeddedBroker, topics: Topics) -> None:
    topics.make("evidence", partitions=3)
    says, fix = broken(doctor(broker.address, prefix=topics.prefix, inputs="[]"), f"topic {topics.prefix}evidence")
    assert "3 partitions" in says
    assert "16" in says
    assert "kafka.partitions = 3" in fix


def test_an_input_that_is_missing_is_its_writers(doctor: Doctor, broker: EmbeddedBroker, topics: Topics) -> None:
    said = doctor(broker.address, prefix=topics.prefix, inputs=f'["{topics.prefix}web.events"]')
    says, fix = broken(said, f"topic {topics.prefix}web.events")
    assert "is an input" in says
    assert "--inputs" in fix


@pytest.mark.parametrize(("hours", "word"), [(1, "behind"), (-1, "ahead of")])
def test_clock_skew(broker: EmbeddedBroker, hours: int, word: str) -> None:
    """The broker tells its real clock; ours is shifted."""
    settings = load_settings(overrides={"kafka.brokers": broker.address})
    findings = list(look_at_broker(settings, lambda: time.time_ns() // 1_000_000 + hours * HOUR_MS))
    clock = next(finding for finding in findings if finding.subject == "clock of the broker")
    assert clock.verdict == "fail"
    assert f"{word} this machine" in clock.says
    assert "NTP" in clock.fix


def test_the_clock_of_a_broker_beside_us_is_ours(doctor: Doctor, broker: EmbeddedBroker) -> None:
    clock = lines(doctor(broker.address))["clock of the broker"]
    assert clock["verdict"] == "ok"
    assert clock["says"].startswith("within")


def test_a_worker_wants_its_tables(doctor: Doctor, broker: EmbeddedBroker) -> None:
    says, fix = broken(doctor(broker.address), "warehouse")
    assert says == "not made yet"
    assert "seamline migrate" in fix


def test_looking_logs_nothing(doctor: Doctor, caplog: pytest.LogCaptureFixture) -> None:
    doctor(f"127.0.0.1:{free_port()}")
    assert caplog.messages == []


async def _names(address: str, prefix: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await asyncio.sleep(0)
        return [name for name in await admin.list_topics() if name.startswith(prefix)]
    finally:
        await admin.close()
