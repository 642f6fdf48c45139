"""Signatures of webhooks by Standard Webhooks (www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.

Two secrets may be active: what is sent carries a signature of each, so that a receiver changes to the new one when it
likes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
PREFIX: Final = "whsec_"
VERSION: Final = "v1"
SECRET_BYTES_MIN: Final = 24
SECRET_BYTES_MAX: Final = 64
TOLERANCE_SECONDS: Final = 300
"""How far a timestamp may be off, either way: an older message may be a replay."""


class SecretError(ValueError):
    """A text is no secret of a webhook; says why and never repeats it."""


class Forged(Exception):
    """A message was not signed with one of the secrets, or not just now."""


def parse_secret(text: str) -> bytes:
    """Read a secret as Standard Webhooks spells it: `whsec_` and 24 to 64 bytes in base64."""
    try:
        secret = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"must be {PREFIX} and base64") from None
    if not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
        raise SecretError(f"must be {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes in base64")
    return secret


def signed_headers(secrets: Sequence[bytes], message_id: str, body: bytes, now_seconds: int) -> dict[str, str]:
    """Give the headers of one attempt; the id stays over attempts, time and signatures are of this one."""
    signatures = (_signature(secret, message_id, str(now_seconds), body) for secret in secrets)
    return {ID: message_id, TIMESTAMP: str(now_seconds), SIGNATURE: " ".join(signatures)}


def verify(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now_seconds: int) -> str:
    """Give the id of a message that was signed with one of the secrets; raises `Forged`. For receivers."""
    message_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        raise Forged("id or timestamp is missing")
    if abs(now_seconds - int(timestamp)) > TOLERANCE_SECONDS:
        raise Forged("the timestamp is too far off")
    given = headers.get(SIGNATURE, "").split(" ")
    expected = [_signature(secret, message_id, timestamp, body) for secret in secrets]
    # Every pair is compared, each in constant time, so that time tells nothing of which came close.
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in expected]
    if not any(matches):
        raise Forged("no signature matches")
    return message_id


def _signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return f"{VERSION},{base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()}"
