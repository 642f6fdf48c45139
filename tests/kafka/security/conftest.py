"""A real broker that asks who is there: TLS with and without clients' certificates, and SASL by four mechanisms."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.jars import verified
from streams.kafka.embedded.listening import HOST, free_port
from streams.kafka.embedded.runtime import ENVIRONMENT, Runtime
from tests.kafka.security.certificates import KEY_PASSWORD, Authority, Issued

JAAS = "org.apache.kafka.common.security"
PROTOCOLS = {"MUTUAL": "SSL", "SECURED": "SASL_SSL", "LOGIN": "SASL_PLAINTEXT"}


class Guarded(NamedTuple):
    """Where it listens, by the name of the listener, and the certificates it goes by."""

    addresses: dict[str, str]
    authority: Authority
    own: Issued


@pytest.fixture(scope="session")
def guarded(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority(folder)
    ports = {name: free_port() for name in ("PLAINTEXT", "CONTROLLER", *PROTOCOLS)}
    properties = properties_of(ports, authority, authority.issue("server"))
    with EmbeddedBroker.start(folder / "kafka", ports["PLAINTEXT"], runtime=runtime, properties=properties) as broker:
        add_user(runtime, broker.address)
        addresses = {name: f"{HOST}:{port}" for name, port in ports.items()}
        yield Guarded(addresses, authority, authority.issue("ours", password=KEY_PASSWORD))


def properties_of(ports: dict[str, int], authority: Authority, server: Issued) -> dict[str, str]:
    """What a broker is told to listen on three more ports, each with its own way to tell who is there."""
    listeners = {name: f"{name}://{HOST}:{port}" for name, port in ports.items()}
    protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"} | PROTOCOLS
    told = {
        "listeners": ",".join(listeners.values()),
        "advertised.listeners": ",".join(at for name, at in listeners.items() if name != "CONTROLLER"),
        "controller.quorum.voters": f"1@{HOST}:{ports['CONTROLLER']}",
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(server.both),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "listener.name.mutual.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    }
    for listener in ("secured", "login"):
        named = f"listener.name.{listener}"
        told[f"{named}.plain.sasl.jaas.config"] = f'{JAAS}.plain.PlainLoginModule required user_ann="sesame";'
        for size in (256, 512):
            told[f"{named}.scram-sha-{size}.sasl.jaas.config"] = f"{JAAS}.scram.ScramLoginModule required;"
        told[f"{named}.oauthbearer.sasl.jaas.config"] = (
            f'{JAAS}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
        )
    return told


def add_user(runtime: Runtime, address: str) -> None:
    """Give ann a password for SCRAM with Kafka's own tool, as an operator would."""
    jars = ":".join(str(path) for path in verified(runtime.lock, Path(runtime.folder)))
    tool = [str(runtime.java.program), "-cp", jars, "kafka.admin.ConfigCommand", "--bootstrap-server", address]
    user = ["--alter", "--entity-type", "users", "--entity-name", "ann", "--add-config"]
    for size in (256, 512):  # the broker takes one password of a user at a time
        asked = [*tool, *user, f"SCRAM-SHA-{size}=[password=sesame]"]
        said = subprocess.run(asked, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
