"""Dead letters: what could not be accepted, kept encrypted with its reason, so that it can be mended and replayed.

Records hold plain identifiers, so raw bytes are sealed with AES-GCM. The nonce is made of the key, the coordinates and
the content, so the same record at the same place gives the same row, and two different ones never share a nonce.
"""

import hmac
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.rows import DeadLetterRow, Table, Upsert
from streams.intake.rejected import Rejected

NONCE_BYTES: Final = 12
DETAIL_CHARS_MAX: Final = 500
REVISION: Final = 1
"""A dead letter never changes: the same record at the same place is the same row."""


class SealError(Exception):
    """A dead letter can not be opened: it was sealed with another key, or changed since."""


class Seal:
    """Seals and opens the raw bytes of dead letters with a key derived from one secret, named by `key_id`."""

    def __init__(self, secret: bytes, key_id: str, raw_bytes_max: int) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"seamline-dead").digest()
        self._cipher = AESGCM(self._key)
        self._key_id = key_id
        self._raw_bytes_max = raw_bytes_max

    def letter(self, coordinates: tuple[str, str], received_at: int, rejected: Rejected, raw: bytes) -> Upsert:
        """Write the row of a rejected record at (input, position); of a long one only the beginning is kept."""
        kept = raw[: self._raw_bytes_max]
        named = "\x1f".join(coordinates).encode("utf-8", "replace")
        nonce = hmac.digest(self._key, named + b"\x1f" + raw, "sha256")[:NONCE_BYTES]
        row = DeadLetterRow(
            input=coordinates[0],
            position=coordinates[1],
            reason=rejected.reason.value,
            detail=rejected.detail[:DETAIL_CHARS_MAX],
            source=rejected.source,
            received_at=received_at,
            raw=nonce + self._cipher.encrypt(nonce, kept, named),
            raw_bytes=len(raw),
            raw_hash=hmac.digest(self._key, raw, "sha256").hex()[:32],
            key_id=self._key_id,
        )
        return Upsert(Table.DEAD_LETTERS, coordinates, REVISION, row)

    def open(self, row: DeadLetterRow) -> bytes:
        """Give back the kept bytes (all of them where there are `raw_bytes`); SealError where the key is another."""
        if row.key_id != self._key_id:
            raise SealError(f"sealed with key {row.key_id!r}, and this is key {self._key_id!r}")
        named = f"{row.input}\x1f{row.position}".encode("utf-8", "replace")
        try:
            return self._cipher.decrypt(row.raw[:NONCE_BYTES], row.raw[NONCE_BYTES:], named)
        except (InvalidTag, ValueError):
            raise SealError("sealed with another secret, or changed since") from None
