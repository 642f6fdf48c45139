"""What a destination is, and how a delivery fails.

DeliveryFailed
|- Outage       the destination is away, slow or in trouble: whatever is sent there next would fail likewise
`- Refused      it does not take this message; others it may
"""

from typing import Protocol

import msgspec


class DeliveryFailed(Exception):
    """A message did not arrive; says why in a line, without anything the other side answered but its status."""


class Outage(DeliveryFailed):
    """The destination takes nothing at the moment."""


class Refused(DeliveryFailed):
    """The destination does not take this message."""


class Message(msgspec.Struct, frozen=True):
    """What is sent: the id is the same at every attempt; messages of one `subject` arrive in order."""

    id: str
    subject: str
    body: bytes


class Destination(Protocol):
    """Somewhere alerts go."""

    @property
    def name(self) -> str:
        """What it is called in settings and reports."""

    async def deliver(self, message: Message) -> None:
        """Hand over a message, once; raises `DeliveryFailed`. Returns when the other side has it for good."""
