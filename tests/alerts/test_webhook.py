"""The webhook against receivers that behave, and ones that do not."""

import asyncio
import ssl
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sinks.alerts.addresses import lookup_by
from sinks.alerts.destination import DeliveryFailed, Outage, Refused
from sinks.alerts.webhook import RESPONSE_BYTES_MAX
from tests.alerts.receivers import MESSAGE, receiving, webhook

pytestmark = pytest.mark.asyncio


def status(code: int, more: str = "") -> bytes:
    return f"HTTP/1.1 {code} X\r\n{more}content-length: 0\r\n\r\n".encode()


async def test_a_message_arrives_signed_with_its_id_and_body():
    async with receiving() as receiver:
        await webhook(receiver.url).deliver(MESSAGE)
        assert receiver.verified(int(time.time())) == [MESSAGE.id]
        headers, body = receiver.requests[0]
    assert (headers["content-type"], body) == ("application/json", MESSAGE.body)
    assert "cookie" not in headers


@pytest.mark.parametrize("code", [200, 201, 202, 204])
async def test_any_answer_of_success_will_do(code: int):
    async with receiving(status(code)) as receiver:
        await webhook(receiver.url).deliver(MESSAGE)


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 301, 302, 307, 308, 100, 199, 600])
async def test_trouble_of_the_moment_is_an_outage(code: int):
    async with receiving(status(code)) as receiver:
        with pytest.raises(Outage):
            await webhook(receiver.url, timeout_seconds=1).deliver(MESSAGE)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422])
async def test_a_message_that_is_not_taken_is_refused(code: int):
    async with receiving(status(code)) as receiver:
        with pytest.raises(Refused, match=f"answered {code}"):
            await webhook(receiver.url).deliver(MESSAGE)


async def test_a_redirect_is_not_followed():
    async with receiving() as inside:
        async with receiving(status(307, f"location: {inside.url}\r\n")) as receiver:
            with pytest.raises(Outage, match="answered 307"):
                await webhook(receiver.url).deliver(MESSAGE)
        assert inside.requests == []


async def test_who_does_not_answer_is_given_up_in_time():
    async def silent(reader, writer):
        await reader.read()

    async with receiving(silent) as receiver:
        began = time.monotonic()
        with pytest.raises(Outage, match=r"no answer within 0\.3 s"):
            await webhook(receiver.url, timeout_seconds=0.3).deliver(MESSAGE)
        assert time.monotonic() - began < 2


async def test_who_answers_drop_by_drop_is_given_up_in_time():
    async def dripping(_reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            writer.write(b"x-drop: %d\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.05)

    async with receiving(dripping) as receiver:
        with pytest.raises(Outage, match="no answer within"):
            await webhook(receiver.url, timeout_seconds=0.4).deliver(MESSAGE)


async def test_of_an_endless_answer_little_is_read():
    sent = 0

    async def flooding(_reader, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    async with receiving(flooding) as receiver:
        await webhook(receiver.url).deliver(MESSAGE)
        await asyncio.sleep(0.1)
    # What was on its way in buffers of the system is not read.
    assert sent < 200 * RESPONSE_BYTES_MAX


async def test_an_answer_is_not_unpacked():
    packed = zlib.compress(b"0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: {len(packed)}\r\n\r\n".encode()
    async with receiving(head + packed) as receiver:
        began = time.process_time()
        await webhook(receiver.url).deliver(MESSAGE)
        assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "answer", [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000, b"\x00" * 99]
)
async def test_garbage_is_an_outage_that_does_not_repeat_it(answer: bytes):
    async def garbage(_reader, writer):
        writer.write(answer)
        await writer.drain()

    async with receiving(garbage) as receiver:
        with pytest.raises(Outage) as failed:
            await webhook(receiver.url, timeout_seconds=2).deliver(MESSAGE)
    assert "hello" not in str(failed.value)
    assert "yyy" not in str(failed.value)


async def test_what_a_failing_receiver_says_is_not_repeated():
    answer = b"HTTP/1.1 500 key=hunter2\r\ncontent-length: 7\r\n\r\nhunter2"
    async with receiving(answer) as receiver:
        with pytest.raises(DeliveryFailed) as failed:
            await webhook(receiver.url + "?token=hunter3").deliver(MESSAGE)
    assert "hunter" not in str(failed.value)


async def test_nobody_listening_is_an_outage():
    async with receiving() as receiver:
        url = receiver.url
    with pytest.raises(Outage):
        await webhook(url).deliver(MESSAGE)


async def test_without_permission_nothing_is_sent_inside_whatever_the_name_server_says():
    async with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]

        async def inside(host, port):
            return ["127.0.0.1"]

        hook = webhook(f"https://hooks.example.org:{port}/", allow_private=False, lookup=inside)
        with pytest.raises(Outage, match="no public address"):
            await hook.deliver(MESSAGE)
        assert receiver.requests == []


async def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_used():
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.99"]

    async with receiving() as receiver:
        port = receiver.url.split(":")[2]
        await webhook(f"http://hooks.example.org:{port}", lookup=rebinding).deliver(MESSAGE)
        assert receiver.requests[0][0]["host"].startswith("hooks.example.org:")
    assert asked == ["hooks.example.org"]


async def test_a_name_nobody_knows_is_an_outage():
    async def unknown(host, port):
        raise OSError("no such name")

    with pytest.raises(Outage):
        await webhook("http://hooks.example.org/", lookup=unknown).deliver(MESSAGE)


async def test_the_certificate_must_be_the_named_host_s(tmp_path: Path):
    server, client = certificate(tmp_path, "hooks.example.org")

    async def here(host, port):
        return ["127.0.0.1"]

    async with receiving(tls=server) as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        good = webhook(f"https://hooks.example.org:{port}/hook", lookup=here, tls=client)
        await good.deliver(MESSAGE)
        assert receiver.verified(int(time.time())) == [MESSAGE.id]
        for other in (
            webhook(f"https://other.example.org:{port}/hook", lookup=here, tls=client),
            webhook(f"https://hooks.example.org:{port}/hook", lookup=here),
        ):
            with pytest.raises(Outage, match="Certificate"):
                await other.deliver(MESSAGE)


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for a host, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "pem"
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(plain + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=signed.public_bytes(serialization.Encoding.PEM).decode())


async def test_a_name_server_that_hangs_holds_up_nothing():
    released = threading.Event()

    def hanging(host, port):
        released.wait(20)
        raise OSError("too late")

    began = time.monotonic()
    with pytest.raises(Outage, match="no answer within"):
        await webhook("http://hooks.example.org/", timeout_seconds=0.2, lookup=lookup_by(hanging)).deliver(MESSAGE)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert time.monotonic() - began < 2
    released.set()
    await asyncio.sleep(0.1)
