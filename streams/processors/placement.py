"""Where a touchpoint is, and what is said of it: the key of its row, and what tells one saying from another."""

import struct

import msgspec

from schemas.identifiers import PersonId
from schemas.rows import Table
from schemas.touchpoint import Touchpoint
from streams.identity.residence import RowRef
from streams.identity.rules import DAY_MS

_TOUCHPOINTS = Table.TOUCHPOINTS
_dated = struct.Struct(">Iqq").pack


class Placement(msgspec.Struct, frozen=True, gc=False):
    """Where a touchpoint is, and the epoch its row's revision may not fall below."""

    touchpoint: Touchpoint
    person: PersonId
    epoch: int


def touchpoint_ref(touchpoint: Touchpoint) -> RowRef:
    """Key the row of a touchpoint by the day it was received, as the table is partitioned."""
    return (_TOUCHPOINTS, (touchpoint.received_at // DAY_MS, touchpoint.key.hex()))


def saying_of(placement: Placement) -> bytes:
    """Tell what a touchpoint's row says now from what it said before; its epoch first (see `sayings.EPOCH_BYTES`)."""
    touchpoint = placement.touchpoint
    dated = _dated(placement.epoch, touchpoint.received_at, touchpoint.event_time)
    return dated + placement.person.encode() + touchpoint.content_hash
