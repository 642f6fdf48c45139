"""Records encoded into Kafka's batches, partition by partition, in their order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.kafka.broker import Outgoing
from streams.kafka.names import Place


class Batches:
    """What is ready to be sent. `make` gives an empty batch of the client that will send it."""

    __slots__ = ("batches", "records", "size_bytes")

    def __init__(self, make: Callable[[], Any], records: Mapping[Place, Sequence[Outgoing]]) -> None:
        self.batches: list[tuple[Place, Any]] = []
        self.records = 0
        self.size_bytes = 0
        for place, of_place in records.items():
            if of_place:
                self._fill(make, place, of_place)

    def _fill(self, make: Callable[[], Any], place: Place, records: Sequence[Outgoing]) -> None:
        batch = make()
        size_bytes = 0
        for record in records:
            key, value = record.key, record.value
            size_bytes += (len(key) if key else 0) + (len(value) if value else 0)
            if not _append(batch, record):
                # Full: the first record of a batch always finds room, however large it is.
                self.batches.append((place, batch))
                batch = make()
                _append(batch, record)
        self.size_bytes += size_bytes
        self.records += len(records)
        self.batches.append((place, batch))


def _append(batch: Any, record: Outgoing) -> bool:
    added = batch.append(key=record.key, value=record.value, timestamp=record.timestamp, headers=list(record.headers))
    return added is not None
