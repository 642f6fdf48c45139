"""Signatures are those of Standard Webhooks."""

import pytest

from sinks.alerts.signing import ID, SIGNATURE, TIMESTAMP, Forged, SecretError, parse_secret, signed_headers, verify

# The test vector that the reference implementations share.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OLD = parse_secret(SECRET)
NEW = parse_secret("whsec_" + "QUFB" * 10)


def test_the_published_vector_comes_out():
    headers = signed_headers([OLD], MESSAGE, BODY, AT)
    assert headers == {ID: MESSAGE, TIMESTAMP: str(AT), SIGNATURE: EXPECTED}
    assert verify([OLD], headers, BODY, AT) == MESSAGE


def test_the_prefix_of_a_secret_is_optional():
    assert parse_secret(SECRET.removeprefix("whsec_")) == OLD
    assert parse_secret(f" {SECRET}\n") == OLD


def test_with_two_secrets_each_receiver_finds_its_own_signature():
    headers = signed_headers([NEW, OLD], MESSAGE, BODY, AT)
    assert headers[SIGNATURE].split(" ")[1] == EXPECTED
    assert verify([OLD], headers, BODY, AT) == verify([NEW], headers, BODY, AT) == MESSAGE


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "whsec_" + "QUFB" * 30, "hunter2"])
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str):
    with pytest.raises(SecretError) as refused:
        parse_secret(secret)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {ID: "msg_other"},
        {TIMESTAMP: str(AT + 1)},
        {TIMESTAMP: "soon"},
        {TIMESTAMP: "²"},
        {SIGNATURE: EXPECTED.replace("g0", "g1")},
        {SIGNATURE: EXPECTED.replace("v1", "v2")},
        {SIGNATURE: ""},
        {ID: ""},
    ],
)
def test_what_was_changed_on_the_way_is_forged(change: dict[str, str]):
    with pytest.raises(Forged):
        verify([OLD], signed_headers([OLD], MESSAGE, BODY, AT) | change, BODY, AT)


def test_another_body_is_forged():
    with pytest.raises(Forged):
        verify([OLD], signed_headers([OLD], MESSAGE, BODY, AT), BODY + b" ", AT)


@pytest.mark.parametrize("later", [-301, 301, 86_400])
def test_what_was_sent_at_another_time_may_be_a_replay(later: int):
    with pytest.raises(Forged):
        verify([OLD], signed_headers([OLD], MESSAGE, BODY, AT), BODY, AT + later)
