"""A checkpoint in the making: everything one partition wants done that is not committed yet.

Of one row only the word of the greatest revision leaves, of one piece of state the newest. Committed it is one
transaction, all or nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from schemas.evidence import Progress
from schemas.identifiers import partition_of
from schemas.rows import RowKey, Table, Upsert
from schemas.topics import CHANGELOG, HANDOFFS, TOPIC_OF_TABLE
from streams.kafka.broker import Outgoing
from streams.kafka.names import Names, Place
from streams.kafka.records import broadcast_record, change_record, handoff_record, upsert_record
from streams.processor import Addressed, Change, Emit

HIT_TABLES: Final = frozenset((Table.FRICTION,))


class Checkpoint:
    """Collects effects of one partition. `opened` is when (loop seconds) the first came; `records` how many were read.

    `positions` are the next offsets to read; they are committed with the effects.
    """

    __slots__ = ("changes", "handoffs", "has_hit", "opened", "positions", "records", "upserts")

    def __init__(self) -> None:
        self.opened = 0.0
        self.records = 0
        self.has_hit = False
        self.positions: dict[Place, int] = {}
        self.changes: dict[bytes, bytes | None] = {}
        self.upserts: dict[tuple[Table, RowKey], Upsert] = {}
        self.handoffs: list[Addressed] = []

    def read(self, positions: Mapping[Place, int], records: int, now: float) -> None:
        """Note how far has been read."""
        if not self.positions:
            self.opened = now
        self.positions.update(positions)
        self.records += records

    def add(self, emit: Emit) -> None:
        """Take what a settle emitted."""
        self.handoffs += emit.handoffs
        for upsert in emit.upserts:
            key = (upsert.table, upsert.key)
            known = self.upserts.get(key)
            # Two households of one partition may speak of one row: the one that takes it back may speak last.
            if known is None or upsert.revision >= known.revision:
                self.upserts[key] = upsert
            if upsert.table in HIT_TABLES:
                self.has_hit = True
        self.change(emit.changelog)

    def change(self, changes: Iterable[Change]) -> None:
        """Take changes of state."""
        self.changes.update((change.key, change.value) for change in changes)

    def outgoing(
        self, names: Names, partition: int, partitions: int, progress: Progress | None
    ) -> dict[Place, list[Outgoing]]:
        """Write every record, in the order of their topics; what is told of progress follows the letters."""
        records: dict[Place, list[Outgoing]] = {}
        by_table: dict[Table, list[Outgoing]] = {}
        for (table, _), upsert in self.upserts.items():
            rows = by_table.get(table)
            if rows is None:
                rows = by_table[table] = records.setdefault((names.topic(TOPIC_OF_TABLE[table]), partition), [])
            rows.append(upsert_record(upsert))
        handoffs = names.topic(HANDOFFS)
        for letter in self.handoffs:
            place = (handoffs, partition_of(letter.to, partitions))
            records.setdefault(place, []).append(handoff_record(letter))
        if progress is not None:
            told = broadcast_record(progress)
            for number in range(partitions):
                records.setdefault((handoffs, number), []).append(told)
        state = (names.topic(CHANGELOG), partition)
        records[state] = [change_record(key, value) for key, value in self.changes.items()]
        return records
