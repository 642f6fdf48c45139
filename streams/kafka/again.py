"""Dead letters on their way back into the inputs they came from, and off the list."""

from collections.abc import Iterable

import msgspec

from schemas.rows import Table, Upsert
from schemas.topics import TOPIC_OF_TABLE
from streams.kafka.broker import Broker, Outgoing
from streams.kafka.names import Names, Place
from streams.kafka.records import upsert_record


class Letter(msgspec.Struct, frozen=True):
    """A dead letter: the partition of an input it stood at, its position, its bytes, when it was received (ms)."""

    place: Place
    position: str
    value: bytes
    received_at: int

    @property
    def key(self) -> tuple[str, str]:
        """What it is listed under."""
        return (f"{self.place[0]}-{self.place[1]}", self.position)


async def put_back(broker: Broker, names: Names, letters: Iterable[Letter], revision: int) -> None:
    """Write letters into their inputs, and then their retractions, of this revision. Raises `Away`.

    Where it breaks off between the two, letters are read again and listed still; a second time does no harm.
    """
    records: dict[Place, list[Outgoing]] = {}
    retractions: dict[Place, list[Outgoing]] = {}
    topic = names.topic(TOPIC_OF_TABLE[Table.DEAD_LETTERS])
    for letter in letters:
        records.setdefault(letter.place, []).append(Outgoing(None, letter.value, timestamp=letter.received_at))
        gone = upsert_record(Upsert(Table.DEAD_LETTERS, letter.key, revision, None))
        retractions.setdefault((topic, 0), []).append(gone)
    producer = broker.producer()
    await producer.start()
    try:
        await producer.send(producer.prepare(records))
        await producer.send(producer.prepare(retractions))
    finally:
        await producer.stop()
