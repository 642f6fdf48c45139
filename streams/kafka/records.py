"""How what flows inside is written as Kafka's records, and read again.

A letter's key is the identifier it is for; letters to all partitions (ticks, progress) have none. Our own topics hold
only what a release of ours wrote, so what can not be read there is another release's: `CodecError` says which.
"""

from typing import Final, cast

import msgspec

from schemas.evidence import Evidence, Handoff, Progress, Tick
from schemas.formats import EVIDENCE, HANDOFFS, UPSERTS
from schemas.identifiers import Ident
from schemas.rows import Upsert
from streams.kafka.broker import Outgoing, Record
from streams.processor import Addressed

VIA: Final = "via"
"""Header of a forwarded letter: the holder that forwards it."""
MARK: Final = "seamline-mark"
"""Header of a record of an input that is no event: everything received up to this time (ms, ASCII) stands before."""
MARK_DIGITS_MAX: Final = 13
"""Up to the year 2286: anybody who may write an input can forge a mark, and a longer number fits no form of ours."""
BROADCAST: Final = Ident(b"")

_encode_key = msgspec.msgpack.Encoder().encode


def evidence_record(letter: Addressed) -> Outgoing:
    """Write what intake tells a holder."""
    return _letter_record(letter, EVIDENCE.encode(cast("Evidence", letter.message)))


def handoff_record(letter: Addressed) -> Outgoing:
    """Write what a holder tells another."""
    return _letter_record(letter, HANDOFFS.encode(cast("Handoff", letter.message)))


def broadcast_record(message: Tick | Progress) -> Outgoing:
    """Write what is told to every partition."""
    return Outgoing(None, EVIDENCE.encode(message) if isinstance(message, Tick) else HANDOFFS.encode(message))


def evidence_of(record: Record) -> Addressed:
    """Read what intake told; raises `CodecError`."""
    return Addressed(Ident(record.key or BROADCAST), EVIDENCE.decode(record.value or b""))


def handoff_of(record: Record) -> Addressed:
    """Read what a holder told; raises `CodecError`."""
    message = HANDOFFS.decode(record.value or b"")
    to = Ident(record.key or BROADCAST)
    if not record.headers:
        return Addressed(to, message)
    return Addressed(to, message, Ident(dict(record.headers).get(VIA, b"")))


def upsert_record(upsert: Upsert) -> Outgoing:
    """Write a row or its retraction; the key is table and row key."""
    return Outgoing(_encode_key((upsert.table, upsert.key)), UPSERTS.encode(upsert))


def change_record(key: bytes, value: bytes | None) -> Outgoing:
    """Write the newest value of a piece of state, or a tombstone."""
    return Outgoing(key, value)


def mark_of(record: Record) -> int | None:
    """The time a mark tells; None for what is no mark: a record with a value is an event whatever it wears."""
    if not record.headers or record.value:
        return None
    told = dict(record.headers).get(MARK)
    return int(told) if told is not None and told.isdigit() and len(told) <= MARK_DIGITS_MAX else None


def mark_record(read_up_to: int) -> Outgoing:
    """Write a mark into an input: a loader's promise that nothing received before follows there."""
    return Outgoing(None, b"", ((MARK, str(read_up_to).encode()),), timestamp=read_up_to)


def _letter_record(letter: Addressed, message: bytes) -> Outgoing:
    headers = ((VIA, bytes(letter.via)),) if letter.via else ()
    return Outgoing(letter.to or None, message, headers)
