"""Identifiers whose order is told: the number stands in front of the hash, and also picks the partition."""

from collections.abc import Sequence

from schemas.identifiers import Ident, Kind, ident, touchpoint_key
from schemas.touchpoint import Channel, Touchpoint


def _numbered(kind: Kind, number: int) -> Ident:
    return ident(kind, number.to_bytes(8, "big") + bytes(8))


def account(number: int) -> Ident:
    """The account with this number."""
    return _numbered(Kind.ACCOUNT, number)


def card(number: int) -> Ident:
    """The loyalty card with this number."""
    return _numbered(Kind.LOYALTY, number)


def email(number: int) -> Ident:
    """The e-mail address with this number."""
    return _numbered(Kind.EMAIL, number)


def phone(number: int) -> Ident:
    """The phone with this number."""
    return _numbered(Kind.PHONE, number)


def device(number: int) -> Ident:
    """The device with this number."""
    return _numbered(Kind.DEVICE, number)


def order(number: int) -> Ident:
    """The order with this number."""
    return _numbered(Kind.ORDER, number)


def seen(
    time: int,
    *identifiers: Ident,
    received: int | None = None,
    event_id: str = "",
    content: bytes = b"\0" * 16,
    is_bot: bool = False,
) -> Touchpoint:
    """A touchpoint at `time` (ms) that names these identifiers and little else."""
    event_id = event_id or f"e{time}"
    ids = sorted(identifiers)
    strong, devices, threads = _of(ids, 1, 9), _of(ids, 10, 19), _of(ids, 20, 39)
    return Touchpoint(
        key=touchpoint_key("/web", event_id, b"".join(ids)),
        source="/web",
        event_id=event_id,
        event_time=time,
        received_at=time if received is None else received,
        content_hash=content,
        strong=strong,
        devices=devices,
        threads=threads,
        channel=Channel.WEB,
        name="page.viewed",
        brand="main",
        is_bot=is_bot,
    )


def _of(ids: Sequence[Ident], first: int, last: int) -> tuple[Ident, ...]:
    return tuple(one for one in ids if first <= one[0] <= last)
