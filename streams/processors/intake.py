"""The intake processor: records in; evidence, dead letters, late events and freshness out.

It keeps nothing that matters: caches save work, and the ledger only counts. So an intake may be thrown away and made
anew at any time, and must be where what a settle handed over got lost (`streams/intake/route.py` remembers links it
has sent).
"""

from typing import Final

from schemas.codecs import AvroSchemas
from schemas.rows import FreshnessRow, LateEventRow, Table, Upsert
from schemas.touchpoint import Touchpoint
from schemas.wire import WireEvent
from streams.intake.adapt import Adaptation
from streams.intake.adapters.shape import Shape
from streams.intake.dead_letters import Seal
from streams.intake.express import Express
from streams.intake.ledger import Ledger
from streams.intake.rejected import Reason, Rejected
from streams.intake.route import Routing
from streams.intake.rules import IntakeRules
from streams.intake.shapes import NATIVE, Shapes
from streams.intake.times import DAY_MS
from streams.processor import Emit, InputRecord

RECEIVED_BITS: Final = 43
HASH_BITS: Final = 20


class Intake:
    """Takes input records; one of them may carry several events, and each ends as accepted, late or dead.

    `ledger` counts across the life of the process, or of several where the last one's is handed in. `newest_received`
    is, per input, the newest log time of its records (the log's own, else the events' `received_at`): drivers make
    ticks of it. Where several intakes read one source, `counted_as` tells their counts apart.
    """

    def __init__(
        self, rules: IntakeRules, ledger: Ledger | None = None, avro: AvroSchemas | None = None, counted_as: str = ""
    ) -> None:
        self.ledger = Ledger(rules.limits.sources) if ledger is None else ledger
        self.newest_received: dict[str, int] = {}
        self._counted_as = counted_as
        self._horizon_ms = rules.horizon_ms
        self._shapes = Shapes(rules, AvroSchemas() if avro is None else avro)
        self._adaptation = Adaptation(rules, self.ledger)
        self._express = Express(rules, self._adaptation)
        self._routing = Routing(rules.limits)
        self._seal = Seal(rules.dead_letter_secret, rules.dead_letter_key_id, rules.limits.dead_letter_bytes)
        self._upserts: list[Upsert] = []

    def take(self, record: InputRecord) -> None:
        """Read one record. Never raises for what it may hold."""
        self.ledger.records += 1
        if record.timestamp is not None:
            self._reach(record.input, record.timestamp)
        if record.adapter == NATIVE:
            plain = self._express.touchpoint_of(record.value, record.timestamp)
            if plain is not None:
                self._accept(record, plain)
                return
        shape = self._shapes.of(record.adapter, record.mapping)
        if isinstance(shape, Rejected):
            self._bury(record, shape, record.value)
            return
        pieces = _pieces_of(shape, record)
        if not isinstance(pieces, list):
            self._bury(record, pieces, record.value)
        elif len(pieces) == 1:
            self._take_piece(shape, record, pieces[0])
        elif pieces:
            for number, piece in enumerate(pieces):
                self._take_piece(shape, record, piece, number)
        else:
            self.ledger.skipped += 1

    def settle(self, as_of: int) -> Emit:
        """Hand over everything since the last settle."""
        upserts, self._upserts = self._upserts, []
        upserts += [self._freshness_of(source) for source in self.ledger.changed()]
        return Emit(evidence=self._routing.hand_over(), upserts=upserts)

    def set_aside(self, record: InputRecord, detail: str, reason: Reason = Reason.KILLED_WORKER) -> None:
        """Make a record a dead letter without looking into it: it has killed the process that did, or has no value."""
        self.ledger.records += 1
        self._bury(record, Rejected(reason, detail), record.value)

    def received_at(self, record: InputRecord) -> list[int]:
        """Tell when the events of a record were received, without taking it; unreadable ones tell nothing."""
        shape = self._shapes.of(record.adapter, record.mapping)
        pieces = shape if isinstance(shape, Rejected) else _pieces_of(shape, record)
        if isinstance(shape, Rejected) or isinstance(pieces, Rejected):
            return []
        found = (self._touchpoint_of(shape, record, piece) for piece in pieces)
        return [each.received_at for each in found if not isinstance(each, Rejected)]

    def _take_piece(self, shape: Shape, record: InputRecord, piece: bytes, number: int | None = None) -> None:
        found = self._touchpoint_of(shape, record, piece)
        if not isinstance(found, Touchpoint):
            self._bury(record, found, piece, number)
        else:
            self._accept(record, found)

    def _accept(self, record: InputRecord, found: Touchpoint) -> None:
        lateness_ms = found.received_at - found.event_time
        is_late = lateness_ms > self._horizon_ms
        self.ledger.accept(found.source, found.event_time, found.received_at, is_late)
        if record.timestamp is None:
            self._reach(record.input, found.received_at)
        if is_late:
            self._upserts.append(_late(found, lateness_ms))
        self._routing.route(found, is_late)

    def _touchpoint_of(self, shape: Shape, record: InputRecord, piece: bytes) -> Touchpoint | Rejected:
        try:
            event = shape.event_of(piece, record)
            # Asking for the type that is expected is quick; asking for another one walks its metaclass.
            return self._adaptation.touchpoint_of(event, record.timestamp) if isinstance(event, WireEvent) else event
        except Exception as error:  # noqa: BLE001 - what nobody foresaw in foreign bytes is one dead letter, no outage
            return Rejected(Reason.ADAPTER_FAILED, type(error).__name__)

    def _bury(self, record: InputRecord, rejected: Rejected, raw: bytes, number: int | None = None) -> None:
        source = rejected.source or record.source or record.input
        self.ledger.reject(source, rejected.reason)
        position = str(record.position) if number is None else f"{record.position}.{number}"
        named = Rejected(rejected.reason, rejected.detail, source)
        self._upserts.append(self._seal.letter((record.input, position), record.timestamp or 0, named, raw))

    def _reach(self, input_: str, received_at: int) -> None:
        if received_at > self.newest_received.get(input_, -1):
            self.newest_received[input_] = received_at

    def _freshness_of(self, source: str) -> Upsert:
        counts = self.ledger.sources[source]
        row = FreshnessRow(
            source,
            complete_up_to=max(counts.newest_received_at, 0),
            accepted=counts.accepted,
            late=counts.late,
            dead=counts.dead,
            newest_event_time=max(counts.newest_event_time, 0),
            input=self._counted_as,
        )
        return Upsert(Table.FRESHNESS, (source, self._counted_as), counts.total, row)


def _pieces_of(shape: Shape, record: InputRecord) -> list[bytes] | Rejected:
    try:
        return shape.pieces(record)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw in foreign bytes is one dead letter, no outage
        return Rejected(Reason.ADAPTER_FAILED, type(error).__name__)


def _late(touchpoint: Touchpoint, lateness_ms: int) -> Upsert:
    """Write the row of a late event.

    Of several copies the one with the least (received_at, content hash) must hold: it has the greatest revision, so
    that nobody needs to remember which came first.
    """
    key = (touchpoint.received_at // DAY_MS, touchpoint.key.hex())
    content = int.from_bytes(touchpoint.content_hash[:3], "big") >> (24 - HASH_BITS)
    earliest = (1 << RECEIVED_BITS) - 1 - touchpoint.received_at
    revision = (earliest << HASH_BITS) | ((1 << HASH_BITS) - 1 - content)
    return Upsert(Table.LATE_EVENTS, key, revision, LateEventRow(lateness_ms, touchpoint))
