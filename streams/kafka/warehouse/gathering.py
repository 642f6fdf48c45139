"""What the warehouse role gathers between two inserts: the newest row of each key, how far it read, what is dead.

A row remembers where it stood on the log, so that one that the warehouse refuses for ever becomes a dead letter with
its coordinates. Pure; of one key the greatest revision stays, as in the tables themselves.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import msgspec

from schemas.formats import UPSERTS, CodecError
from schemas.rows import RowKey, Table, Upsert
from streams.intake.dead_letters import Seal
from streams.intake.rejected import Reason, Rejected
from streams.kafka.broker import Record
from streams.kafka.names import Place


class RefusedRow(Protocol):
    """A row that can never be stored, and why."""

    @property
    def upsert(self) -> Upsert:
        """The row as it was handed over."""

    @property
    def reason(self) -> str:
        """Why, naming the column."""


class Stored(Protocol):
    """What became of rows that were handed to the warehouse."""

    @property
    def inserts(self) -> int:
        """How many inserts it took."""

    @property
    def rejected(self) -> Sequence[RefusedRow]:
        """The rows that can never be stored; all others are."""


class _Origin(msgspec.Struct, frozen=True, gc=False):
    upsert: Upsert
    place: Place
    offset: int
    timestamp: int


class Batch:
    """Rows of a stretch of the log. `positions` are the next offsets behind it, `began_ms` when it took its first."""

    def __init__(self) -> None:
        self.positions: dict[Place, int] = {}
        self.records = 0
        self.size_bytes = 0
        self.began_ms = 0
        self.is_ours = True
        """Until its partitions are given away: then its positions are somebody else's business."""
        self._rows: dict[tuple[Table, RowKey], _Origin] = {}
        self._letters: list[Upsert] = []

    def take(self, place: Place, records: Sequence[Record], seal: Seal, now_ms: int) -> None:
        """Add the records of one partition, in their order; what can not be read becomes a dead letter."""
        if not self.records:
            self.began_ms = now_ms
        for record in records:
            value = record.value or b""
            self.size_bytes += len(value)
            try:
                upsert = UPSERTS.decode(value)
            except CodecError as error:
                rejected = Rejected(Reason.NOT_DECODABLE, str(error))
                self._letters.append(_letter(seal, place, record.offset, record.timestamp, rejected, value))
                continue
            key = upsert.table, upsert.key
            held = self._rows.get(key)
            if held is None or held.upsert.revision <= upsert.revision:
                self._rows[key] = _Origin(upsert, place, record.offset, record.timestamp)
        self.records += len(records)
        self.positions[place] = records[-1].offset + 1

    def rows(self) -> list[Upsert]:
        """Everything that is to be stored, dead letters last."""
        return [*(origin.upsert for origin in self._rows.values()), *self._letters]

    def letters_of(self, rejected: Sequence[RefusedRow], seal: Seal) -> list[Upsert]:
        """Write dead letters for rows that were refused; a dead letter that is refused itself is left out."""
        letters = []
        for refused in rejected:
            origin = self._rows.get((refused.upsert.table, refused.upsert.key))
            if origin is not None:
                why = Rejected(Reason.WAREHOUSE_REFUSED, f"{refused.upsert.table}: {refused.reason}")
                raw = UPSERTS.encode(origin.upsert)
                letters.append(_letter(seal, origin.place, origin.offset, origin.timestamp, why, raw))
        return letters

    def by_table(self, rejected: Sequence[RefusedRow]) -> Counter[str]:
        """Count the rows that were stored, by table."""
        counted = Counter(upsert.table.value for upsert in self.rows())
        counted.subtract(refused.upsert.table.value for refused in rejected)
        return counted


def _letter(seal: Seal, place: Place, offset: int, timestamp: int, why: Rejected, raw: bytes) -> Upsert:
    return seal.letter((f"{place[0]}-{place[1]}", str(offset)), timestamp, why, raw)
