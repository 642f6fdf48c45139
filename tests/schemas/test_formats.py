"""Records inside: a byte of version, then msgpack; anything else is told apart."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.evidence import Adopt, Anonymous, Attribute, Claim, Decision, Edge, Link, Observe, Tick, Withdraw
from schemas.formats import (
    EVIDENCE,
    FORMAT_VERSION,
    HANDOFFS,
    TOUCHPOINTS,
    UPSERTS,
    CodecError,
    Packed,
    Undecodable,
    UnknownFormat,
    plain,
)
from schemas.identifiers import Ident, Kind, ident
from schemas.rows import PersonRow, Table, Upsert
from schemas.touchpoint import Channel, Location, Step, Touchpoint

A = ident(Kind.ACCOUNT, b"a" * 16)
B = ident(Kind.EMAIL, b"b" * 16)
TOUCHPOINT = Touchpoint(
    key=b"k" * 16,
    source="/web",
    event_id="1",
    event_time=5,
    received_at=6,
    content_hash=b"c" * 16,
    strong=(A, B),
    channel=Channel.WEB,
    location=Location(location_id="R-118"),
    step=Step(name="payment", index=3),
    facts={"price:SKU1": "1299"},
)


@pytest.mark.parametrize(
    "message",
    [
        Observe(TOUCHPOINT),
        Anonymous(TOUCHPOINT),
        Edge((A, B), 1, 2),
        Link(B, A, 3),
        Claim(B, (A,), (1,), (2,)),
        Tick("web", 9),
    ],
    ids=lambda message: type(message).__name__,
)
def test_evidence_survives(message: Observe) -> None:
    assert EVIDENCE.decode(EVIDENCE.encode(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        Attribute(A, 2, TOUCHPOINT),
        Withdraw(A, 3, b"k" * 16, 5),
        Adopt(A, B, (("edge", b"x", b"y"),)),
        Decision((A, B), 7, "d1", "split"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_handoff_survives(message: Attribute) -> None:
    assert HANDOFFS.decode(HANDOFFS.encode(message)) == message


@pytest.mark.parametrize("row", [PersonRow("p", "strong", "c", ("c",), ("account_id",)), None])
def test_upsert_and_retraction_survive(row: PersonRow | None) -> None:
    upsert = Upsert(Table.PEOPLE, ("p",), 1 << 62, row)
    assert UPSERTS.decode(UPSERTS.encode(upsert)) == upsert


def test_every_record_begins_with_its_format_version() -> None:
    assert TOUCHPOINTS.encode(TOUCHPOINT)[0] == FORMAT_VERSION


def test_record_of_another_version_is_named_and_not_guessed_at() -> None:
    with pytest.raises(UnknownFormat, match="version 9"):
        TOUCHPOINTS.decode(b"\x09" + TOUCHPOINTS.encode(TOUCHPOINT)[1:])


def test_field_added_at_the_end_with_a_default_is_read_from_older_records() -> None:
    class Old(msgspec.Struct, array_like=True):
        a: int

    class New(msgspec.Struct, array_like=True):
        a: int
        b: str = "later"

    assert Packed(New).decode(Packed(Old).encode(Old(1))) == New(1, "later")


@pytest.mark.parametrize("record", [b"", b"\x01", b"\x01\xc1", b"\x01" + b"\x91" * 5_000])
def test_broken_record_is_undecodable(record: bytes) -> None:
    with pytest.raises(Undecodable):
        TOUCHPOINTS.decode(record)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_record_or_a_codec_error(body: bytes) -> None:
    with suppress(CodecError):
        EVIDENCE.decode(bytes((FORMAT_VERSION,)) + body)


def test_plain_names_fields_and_shows_bytes_as_hex() -> None:
    shown = plain(Withdraw(Ident(b"\x01\xff"), 2, b"\x0a", 3))
    assert shown == {"owner": "01ff", "epoch": 2, "key": "0a", "event_time": 3}
    assert plain({"row": PersonRow("p", "strong", "c", ("c",), ())})["row"]["identifiers"] == ["c"]  # type: ignore[index,call-overload]


def test_plain_refuses_what_never_flows() -> None:
    with pytest.raises(TypeError, match="object"):
        plain(object())
