"""What every adapter is: a shape of records that can be cut into pieces, each piece read as one native event."""

from typing import Protocol

from schemas.wire import WireEvent
from streams.intake.rejected import Rejected
from streams.processor import InputRecord


class Shape(Protocol):
    """One way of writing events down."""

    def pieces(self, record: InputRecord) -> list[bytes] | Rejected:
        """Cut a record into the bytes of its events; nothing at all for a line that is only a header."""

    def event_of(self, piece: bytes, record: InputRecord) -> WireEvent | Rejected:
        """Read one piece. Never raises for what the bytes may hold."""
