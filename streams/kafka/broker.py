"""What the driver needs of a broker, as protocols, and aiokafka behind them.

Loops are written against `Consumer` and `Producer`, so that the simulation runs them on a log of its own. Nothing of
aiokafka's leaks out: partitions are plain (topic, number), and its errors become the four below.

    BrokerError
    |- Away        the broker could not be reached in time: try again
    |- Fenced      another owner has begun: what this one holds is void
    `- Lost        a partition was given to somebody else: its offsets were not committed
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from streams.kafka.names import Place

T = TypeVar("T")
Headers = tuple[tuple[str, bytes], ...]
Rebalanced = Callable[[frozenset[Place]], Awaitable[None]]


class BrokerError(Exception):
    """Something a broker did or did not do."""


class Away(BrokerError):
    """Nobody answered in time."""


class Fenced(BrokerError):
    """A younger producer with the same transactional id, or a transaction that took too long."""


class Lost(BrokerError):
    """Offsets of a partition that is no longer assigned."""


class Record(Protocol):
    """A record as it was read; `timestamp` in milliseconds."""

    @property
    def topic(self) -> str:
        """Where it stood."""

    @property
    def partition(self) -> int:
        """Where it stood."""

    @property
    def offset(self) -> int:
        """Where it stood."""

    @property
    def timestamp(self) -> int:
        """When it was written, as the log says."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value; None is a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Names and values beside it."""


class Unreadable(msgspec.Struct, frozen=True):
    """Stands for a record of an input whose form the client can not read; `cause` says why."""

    topic: str
    partition: int
    offset: int
    cause: str
    timestamp: int = -1
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """A record to be written; without `timestamp` (ms) the client's clock is taken."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None


class Position(msgspec.Struct, frozen=True):
    """How far a group has read a partition: the next offset, and what was noted beside it."""

    offset: int
    note: str = ""


class Consumer(Protocol):
    """Reads partitions, as a member of a group or those it was told to."""

    async def start(self) -> None:
        """Join; raises `Away`."""

    async def stop(self) -> None:
        """Leave. Nothing is committed."""

    def assignment(self) -> frozenset[Place]:
        """The partitions that are ours now."""

    async def poll(self, timeout_ms: int, records_max: int) -> dict[Place, list[Record]]:
        """Wait for records of partitions that are not paused."""

    def pause(self, places: Iterable[Place]) -> None:
        """Read nothing of these; those not assigned are passed over."""

    def resume(self, places: Iterable[Place]) -> None:
        """Read these again; those not assigned are passed over."""

    def seek(self, place: Place, offset: int) -> None:
        """Read on from here; raises `Lost` where it is not assigned."""

    async def committed(self, places: Iterable[Place]) -> dict[Place, Position]:
        """What the group has committed, from the broker; partitions without are left out."""

    async def commit(self, positions: Mapping[Place, Position]) -> None:
        """Commit those of these that are still assigned; raises `Lost` or `Away`."""

    async def begins(self, places: Iterable[Place]) -> dict[Place, int]:
        """The first offset of each."""

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """The offset after the last record that may be read of each."""

    async def position(self, place: Place) -> int:
        """The next offset that will be read."""

    async def caught_up_at(self, place: Place) -> int | None:
        """When (ms) everything there was had been fetched; None before the first answer, and while some waits."""


class Producer(Protocol):
    """Writes records. With a transactional id everything goes through `commit`."""

    async def start(self) -> None:
        """Get ready. With a transactional id this fences every older owner of it. Raises `Away`."""

    async def stop(self) -> None:
        """Let go; what was not acknowledged may be lost."""

    def prepare(self, records: Mapping[Place, Sequence[Outgoing]]) -> "Prepared":
        """Encode batches. Takes time and touches nothing shared, so it may run in a thread."""

    async def send(self, prepared: "Prepared") -> dict[Place, int]:
        """Write, in order per partition, and wait for the acknowledgements: the last offset of each partition."""

    async def commit(self, prepared: "Prepared", positions: Mapping[Place, int], group: str) -> dict[Place, int]:
        """Write all records and the group's positions in one transaction: all or nothing; raises `Fenced` or `Away`.

        Gives the last offset written to each partition.
        """


class Prepared(Protocol):
    """Encoded batches, ready to be sent."""

    @property
    def records(self) -> int:
        """How many records are in it."""

    @property
    def size_bytes(self) -> int:
        """How many bytes of keys and values."""


class Broker(Protocol):
    """Makes clients."""

    def member(self, group: str, topics: Sequence[str], assigned: Rebalanced, revoked: Rebalanced) -> Consumer:
        """A member of a group (range assignor, read committed). Callbacks run while the group waits."""

    def reader(self, places: Iterable[Place]) -> Consumer:
        """A reader of these partitions from their first record, without a group, read committed."""

    async def committed(self, group: str, places: Iterable[Place]) -> dict[Place, Position]:
        """What a group has committed, asked from outside; partitions without are left out. Raises `Away`."""

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each of these topics has; 0: there is no such topic. Raises `Away`."""

    def producer(self, transactional_id: str | None = None) -> Producer:
        """An idempotent producer, or a transactional one."""


class Blocking(Protocol):
    """Runs what takes the processor for long beside the loop, so that heartbeats go on meanwhile."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run it and give its answer."""
