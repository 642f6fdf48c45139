"""One partition of an input, while it is ours: an intake of its own, how far it is, and what its counts are.

Intake keeps nothing that matters, but its ledger counts for good: it is noted beside the committed offset, so that a
record is counted once however often it is read.
"""

from base64 import b85decode, b85encode
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from streams.intake.ledger import Ledger
from streams.intake.rejected import Reason
from streams.kafka.broker import Position, Record, Unreadable
from streams.kafka.intake.suspects import Suspects
from streams.kafka.names import Place
from streams.kafka.operation.logs import Log
from streams.kafka.records import mark_of
from streams.processor import InputRecord
from streams.processors.intake import Intake

NOTE_CHARACTERS_MAX: Final = 4_000
"""Brokers keep at most 4,096 bytes beside an offset."""
NO_TIMESTAMP: Final = -1
RENEWED_MS: Final = 24 * 3_600_000
"""How long one intake is used: what it knows of the clock grows old, and its caches full."""
log = Log(__name__)

NewIntake = Callable[[Ledger, str], Intake]


class Way(msgspec.Struct, frozen=True):
    """How the records of an input are read."""

    adapter: str = "native"
    mapping: str = ""


class Lane:
    """Takes the records of one input partition. `place` is where they stand; `told` the last tick that was sent.

    `by_data` believes marks that are ahead of this machine's clock, as loaders write; else they count as of now.
    """

    def __init__(
        self,
        place: Place,
        way: Way,
        new_intake: NewIntake,
        suspects: Suspects,
        at: Position | None,
        *,
        by_data: bool = False,
        stops_at_floods: bool = True,
    ) -> None:
        self.place = place
        self.name = f"{place[0]}-{place[1]}"
        self.intake = new_intake(_ledger_of(at.note) if at is not None else Ledger(), self.name)
        self._new_intake = new_intake
        self._made_at = 0
        self.next_offset: int | None = None if at is None else at.offset
        self.told = 0
        self.marked = 0
        self._way = way
        self._by_data = by_data
        self._stops_at_floods = stops_at_floods
        self._suspects = suspects

    @property
    def newest(self) -> int:
        """Up to when this input has been read, by its own records and marks: log time, ms."""
        return max(self.marked, self.intake.newest_received.get(self.name, 0))

    @property
    def is_flooded(self) -> bool:
        """Tell whether so much is dead that the input itself must be wrong: it is not read on."""
        return self._stops_at_floods and self.intake.ledger.is_flooded

    def take(self, records: Sequence[Record], received_before: int) -> None:
        """Read records, until they are a flood of dead letters. No record counts as received after `received_before`.

        What one of them may kill is the process: then the next one knows which.
        """
        self._renew(received_before)
        place, suspects = self.place, self._suspects
        suspects.reading(place, records[0].offset, records[-1].offset)
        for record in records:
            if suspects.is_suspect(place, record.offset):
                suspects.reading(place, record.offset, record.offset)
            self._take(record, received_before)
            self.next_offset = record.offset + 1
            if self.is_flooded:
                log.error("input_flooded", input=self.name, offset=record.offset)
                return

    def position(self) -> Position | None:
        """What to commit: the next offset, and the counts up to there."""
        if self.next_offset is None:
            return None
        note = b85encode(self.intake.ledger.dump()).decode()
        return Position(self.next_offset, note if len(note) <= NOTE_CHARACTERS_MAX else "")

    def _renew(self, now: int) -> None:
        """Make another intake once in a while; what it counts and how far it is go on."""
        if not self._made_at:
            self._made_at = now
        elif now - self._made_at >= RENEWED_MS:
            newest, self._made_at = self.intake.newest_received, now
            self.intake = self._new_intake(self.intake.ledger, self.name)
            self.intake.newest_received.update(newest)

    def _take(self, record: Record, received_before: int) -> None:
        if isinstance(record, Unreadable):
            self.intake.set_aside(InputRecord(self.name, record.offset, b""), record.cause, Reason.NOT_DECODABLE)
            return
        mark = mark_of(record)
        if mark is not None:
            self.marked = max(self.marked, mark if self._by_data else min(mark, received_before))
            return
        timestamp = None if record.timestamp == NO_TIMESTAMP else min(record.timestamp, received_before)
        taken = InputRecord(
            self.name, record.offset, record.value or b"", timestamp, self._way.adapter, self._way.mapping
        )
        if self._suspects.is_guilty(self.place, record.offset):
            self.intake.set_aside(taken, "killed the process that read it, several times")
        else:
            self.intake.take(taken)


def _ledger_of(note: str) -> Ledger:
    """Go on counting; a note that is none (another program committed) begins at nothing."""
    try:
        return Ledger.load(b85decode(note)) if note else Ledger()
    except (ValueError, msgspec.DecodeError):
        return Ledger()
