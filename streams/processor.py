"""Processors: pure values that take records and settle into effects. Drivers run them; nothing here knows a broker.

Processing has two moments. `take` adds a record to what a processor knows and marks what became dirty; `settle`
evaluates each dirty thing once and returns everything that must leave the processor as one `Emit`, which a driver
applies all or nothing. Time comes in as an argument; nobody reads a clock.
"""

from typing import Protocol, TypeVar

import msgspec

from schemas.evidence import Message
from schemas.identifiers import Ident
from schemas.rows import Upsert


class Addressed(msgspec.Struct, frozen=True, gc=False):
    """A message and the identifier whose holder it is for; `to` is its key, and decides its partition.

    `via` is the holder that forwarded it, if one did: a parent that is not the root tells it a shorter way.
    """

    to: Ident
    message: Message
    via: Ident = Ident(b"")


class Change(msgspec.Struct, frozen=True, gc=False):
    """A changelog record: the newest value of one small piece of state, or None where it is gone."""

    key: bytes
    value: bytes | None


class Emit(msgspec.Struct, gc=False):
    """Everything one settle wants done, as values, in the order it was decided."""

    evidence: list[Addressed] = msgspec.field(default_factory=list)
    handoffs: list[Addressed] = msgspec.field(default_factory=list)
    upserts: list[Upsert] = msgspec.field(default_factory=list)
    changelog: list[Change] = msgspec.field(default_factory=list)


class InputRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as read: its bytes and where they stood. `timestamp` is the log's own (Kafka), None for files.

    `input` names topic-partition or file; `position` is the offset or line number there, from 0; `adapter` and
    `mapping` say how to read it (see `streams/intake/adapters`), `source` is the configured source for shapes that
    carry none. A record that is not `is_whole` may still be being written, and is read again by the next run.
    """

    input: str
    position: int
    value: bytes
    timestamp: int | None = None
    adapter: str = "native"
    mapping: str = ""
    source: str = ""
    is_whole: bool = True


R_contra = TypeVar("R_contra", contravariant=True)


class Processor(Protocol[R_contra]):
    """What a driver runs: one instance per partition (intake: per worker)."""

    def take(self, record: R_contra) -> None:
        """Add one record to what is known. Never raises for bad data."""

    def settle(self, as_of: int) -> Emit:
        """Evaluate what became dirty, as of this log time (ms), and hand over every effect since the last settle."""
