"""Dead letters hold plain identifiers, so they are sealed; they come out the same each time."""

import msgspec
import pytest

from schemas.rows import DeadLetterRow, Upsert
from streams.intake.dead_letters import Seal, SealError
from streams.intake.rejected import Reason, Rejected
from tests.intake.builders import RULES, event, raw, take

SEAL = Seal(b"d" * 32, "1", 48 * 1024)
WHY = Rejected(Reason.NOT_DECODABLE, "not JSON", "/web/shop")


def letter(told: bytes = b"secret", position: str = "7", seal: Seal = SEAL) -> Upsert:
    return seal.letter(("topic-0", position), 5, WHY, told)


def row_of(upsert: Upsert) -> DeadLetterRow:
    assert isinstance(upsert.row, DeadLetterRow)
    return upsert.row


def test_raw_bytes_come_back_only_with_the_secret():
    row = row_of(letter(b'{"email":"ada@example.com"'))
    assert b"ada" not in row.raw
    assert SEAL.open(row) == b'{"email":"ada@example.com"'
    with pytest.raises(SealError):
        Seal(b"x" * 32, "1", 100).open(row)
    with pytest.raises(SealError):
        Seal(b"d" * 32, "2", 100).open(row)


@pytest.mark.parametrize("change", [{"raw": b""}, {"raw": b"\x00" * 40}, {"position": "8"}, {"input": "topic-1"}])
def test_letter_that_was_changed_does_not_open(change: dict):
    with pytest.raises(SealError):
        SEAL.open(msgspec.structs.replace(row_of(letter()), **change))


def test_same_record_at_the_same_place_is_the_same_row():
    assert letter() == letter()
    assert row_of(letter()).raw != row_of(letter(position="8")).raw
    assert row_of(letter()).raw[:12] != row_of(letter(b"other!")).raw[:12]


def test_of_ten_megabytes_the_beginning_is_kept_with_length_and_hash():
    (row,) = take(b"x" * 10_000_000).dead
    assert (row.reason, row.raw_bytes) == ("too_large", 10_000_000)
    assert len(row.raw) <= 49 * 1024
    assert SEAL.open(row) == b"x" * 48 * 1024
    assert row.raw_hash != row_of(letter(b"x" * 10_000_001)).raw_hash


def test_row_says_where_the_record_stood_and_why_it_is_dead():
    broken = raw(event(event_id=None))
    (row,) = take(b"{}", broken, timestamp=99).dead[1:]
    assert (row.input, row.position, row.received_at) == ("topic-0", "1", 99)
    assert (row.reason, row.source, row.key_id) == ("no_event_id", "/web/shop", RULES.dead_letter_key_id)
    assert Seal(RULES.dead_letter_secret, RULES.dead_letter_key_id, 1).open(row) == broken
