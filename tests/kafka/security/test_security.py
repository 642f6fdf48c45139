"""Settings become what clients connect with, and whatever is wrong in them is named before anything connects."""

from pathlib import Path
from typing import Any

import pytest
from faust.auth import OAuthCredentials, SASLCredentials, SSLCredentials

from streams.kafka.clients.credentials import broker_credentials
from streams.kafka.clients.security import SecurityError, secure
from streams.settings_kafka import SecuritySettings
from tests.kafka.security.certificates import KEY_PASSWORD, Authority

LOGIN = {"username": "ann", "password": "sesame"}
TOKEN_URL = "https://login.example/token"


def problems_of(**told: Any) -> tuple[str, ...]:
    with pytest.raises(SecurityError) as raised:
        secure(SecuritySettings(**told))
    return raised.value.problems


def test_nothing_set_is_plain_text_without_a_login() -> None:
    security = secure(SecuritySettings())
    assert security.arguments() == {"security_protocol": "PLAINTEXT"}
    assert broker_credentials(security) is None


def test_tls_checks_the_name_of_the_broker(tmp_path: Path) -> None:
    security = secure(SecuritySettings(tls=True, ca_file=Authority(tmp_path).file))
    assert security.protocol == "SSL"
    assert security.tls is not None
    assert security.tls.check_hostname
    assert isinstance(broker_credentials(security), SSLCredentials)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_password_goes_to_aiokafka_and_to_faust(mechanism: str) -> None:
    security = secure(SecuritySettings.model_validate({"mechanism": mechanism, **LOGIN}))
    assert security.arguments() == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "ann",
        "sasl_plain_password": "sesame",
    }
    credentials = broker_credentials(security)
    assert isinstance(credentials, SASLCredentials)
    assert (credentials.mechanism.value, credentials.password) == (mechanism, "sesame")


def test_tokens_are_shared_by_all_clients() -> None:
    security = secure(SecuritySettings.model_validate({"mechanism": "OAUTHBEARER", "token_url": TOKEN_URL, **LOGIN}))
    assert "sasl_plain_password" not in security.arguments()
    assert security.arguments()["sasl_oauth_token_provider"] is security.tokens
    credentials = broker_credentials(security)
    assert isinstance(credentials, OAuthCredentials)
    assert credentials.oauth_cb is security.tokens


def test_secrets_are_masked_wherever_security_is_printed() -> None:
    security = secure(SecuritySettings.model_validate({"mechanism": "PLAIN", **LOGIN}))
    assert "sesame" not in repr(security)


def test_certificate_with_an_encrypted_key_is_read(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own = authority.issue("ours", password=KEY_PASSWORD)
    files = {"ca_file": authority.file, "certificate_file": own.certificate, "key_file": own.key}
    assert secure(SecuritySettings(tls=True, **files, key_password=KEY_PASSWORD)).tls
    for wrong in ("", "sardine"):
        (problem,) = problems_of(tls=True, **files, key_password=wrong)
        assert problem.startswith(f"kafka.security.certificate_file: {own.certificate} with {own.key}")


def test_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ours, theirs = authority.issue("ours"), authority.issue("theirs")
    (problem,) = problems_of(tls=True, certificate_file=ours.certificate, key_file=theirs.key)
    assert problem.endswith("key values mismatch")


def test_certificate_and_key_may_be_one_file(tmp_path: Path) -> None:
    assert secure(SecuritySettings(tls=True, certificate_file=Authority(tmp_path).issue("ours").both)).tls


def test_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    (problem,) = problems_of(tls=True, ca_file=tmp_path / "empty.pem")
    assert problem == f"kafka.security.ca_file: {tmp_path}/empty.pem: no certificate or crl found"


WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "files that are not there": (
        {"tls": True, "ca_file": "/nowhere/ca.pem", "certificate_file": "/nowhere/own.pem"},
        (
            "ca_file: /nowhere/ca.pem: No such file or directory",
            "certificate_file: /nowhere/own.pem: No such file or directory",
        ),
    ),
    "a key without a certificate": (
        {"tls": True, "key_file": __file__},
        ("certificate_file: key_file is set, and no certificate to go with it",),
    ),
    "certificates where nothing is encrypted": ({"ca_file": __file__}, ("ca_file: is set, and tls is not",)),
    "a password for no key": ({"tls": True, "key_password": "x"}, ("key_password: is set, and there is no key",)),
    "a login without a mechanism": (
        LOGIN,
        ("mechanism: username or password is set, and no mechanism to log in by",),
    ),
    "a mechanism without a login": (
        {"mechanism": "SCRAM-SHA-512"},
        ("username: SCRAM-SHA-512 needs one", "password: SCRAM-SHA-512 needs one"),
    ),
    "tokens from nowhere": (
        {"mechanism": "OAUTHBEARER", **LOGIN},
        ("token_url: OAUTHBEARER needs the https:// address that tokens are asked for at",),
    ),
    "an address of tokens for a password": (
        {"mechanism": "PLAIN", "token_url": TOKEN_URL, **LOGIN},
        ("token_url: is set, and mechanism is not OAUTHBEARER",),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_settings_that_can_not_be_meant_are_named(what: str) -> None:
    told, problems = WRONG[what]
    assert problems_of(**told) == tuple(f"kafka.security.{problem}" for problem in problems)


def test_problems_never_repeat_a_secret() -> None:
    assert "sesame" not in "".join(problems_of(password="sesame", key_password="sesame"))
