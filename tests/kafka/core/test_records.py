"""Records: whatever flows inside is read as it was written, with whom it is for and who passed it on."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.evidence import (
    Adopt,
    Anonymous,
    Attribute,
    Claim,
    Decision,
    Edge,
    Evidence,
    Handoff,
    Junk,
    Link,
    Message,
    Observe,
    Progress,
    Tick,
    Withdraw,
)
from schemas.formats import CodecError
from schemas.identifiers import Ident
from streams.kafka.broker import Outgoing
from streams.kafka.records import (
    broadcast_record,
    change_record,
    evidence_of,
    evidence_record,
    handoff_of,
    handoff_record,
    mark_of,
    mark_record,
)
from streams.processor import Addressed
from tests.simulation.log import Entry
from tests.support.idents import account, device, email, order, seen

T = 1_780_000_000_000
MESSAGES: dict[type[Message], Message] = {
    type(message): message
    for message in (
        Observe(seen(T, account(1), email(1))),
        Anonymous(seen(T, device(1))),
        Edge((account(1), email(1)), T, T + 1),
        Link(order(2), order(1), T, derived=True),
        Claim(device(1), (account(1),), (T, T + 1), (T, T + 2), firm=False),
        Decision((account(1), email(1)), T, "d-1", "split", "why", "who"),
        Attribute(account(1), 7, seen(T, device(1))),
        Withdraw(account(1), 8, b"k" * 16, T),
        Adopt(account(1), account(2), (("t", b"k", b"v"), ("d", b"", b""))),
        Junk(email(3)),
        Tick("web.events-0", T),
        Progress(3, (8, 7, 6, 5, 4, 3, 2, 1)),
    )
}


def written(record: Outgoing) -> Entry:
    return Entry("t", 0, 0, record.timestamp or 0, record.key, record.value, record.headers, None)


@pytest.mark.parametrize("kind", get_args(Evidence), ids=lambda kind: kind.__name__)
def test_evidence_is_read_as_it_was_written(kind: type[Message]) -> None:
    letter = Addressed(account(1), MESSAGES[kind])
    assert evidence_of(written(evidence_record(letter))) == letter


@pytest.mark.parametrize("via", [Ident(b""), account(9)], ids=["straight", "forwarded"])
@pytest.mark.parametrize("kind", get_args(Handoff), ids=lambda kind: kind.__name__)
def test_a_handoff_is_read_as_it_was_written(kind: type[Message], via: Ident) -> None:
    letter = Addressed(account(1), MESSAGES[kind], via)
    assert handoff_of(written(handoff_record(letter))) == letter


def test_what_everybody_is_told_has_no_key() -> None:
    tick, progress = Tick("web.events-0", T), Progress(3, (1,) * 8)
    assert broadcast_record(tick).key is broadcast_record(progress).key is None
    assert evidence_of(written(broadcast_record(tick))) == Addressed(Ident(b""), tick)
    assert handoff_of(written(broadcast_record(progress))) == Addressed(Ident(b""), progress)


@pytest.mark.parametrize("read", [evidence_of, handoff_of])
@pytest.mark.parametrize("value", [None, b"", b"\x7fnot ours", b"\x01"])
def test_what_another_release_wrote_is_refused_by_name(read: object, value: bytes | None) -> None:
    with pytest.raises(CodecError):
        (evidence_of if read is evidence_of else handoff_of)(written(Outgoing(account(1), value)))


@given(st.binary(), st.none() | st.binary())
@settings(max_examples=50)
def test_state_is_written_as_it_is(key: bytes, value: bytes | None) -> None:
    record = change_record(key, value)
    assert (record.key, record.value) == (key, value)


def test_a_mark_tells_its_time_and_is_no_event() -> None:
    assert mark_of(written(mark_record(T))) == T
    assert mark_record(T).timestamp == T


@pytest.mark.parametrize(
    "headers", [(), (("trace", b"1"),), (("seamline-mark", b"soon"),), (("seamline-mark", b""),)], ids=str
)
def test_what_only_looks_like_a_mark_is_an_event(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert mark_of(written(Outgoing(None, b"{}", headers))) is None
