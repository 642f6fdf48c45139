"""Run the engine over events in memory, and read its tables as a dictionary: the newest row of each key."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from schemas.evidence import Decision
from schemas.rows import Row, RowKey, Upsert
from streams.identity.rules import IdentityRules
from streams.intake.rules import IntakeRules
from streams.journeys.book import load_book
from streams.local.cluster import Schedule
from streams.local.replay import Replay, Report
from streams.local.sources import EventSource
from streams.local.stores import Store
from streams.processors.intake import Intake

TENANT = "acme"
KEY = b"k" * 32
INTAKE_RULES = IntakeRules(tenant=TENANT, hmac_key=KEY, dead_letter_secret=b"d" * 32)
BOOK = load_book()

Tables = dict[str, dict[RowKey, Row]]


class Shelf:
    """Keeps the newest row of each key, as the warehouse does. Refuses two different rows under one revision."""

    def __init__(self) -> None:
        self.newest: dict[tuple[str, RowKey], Upsert] = {}
        self.written = 0

    def publish(self, upserts: Sequence[Upsert]) -> None:
        """Take upserts in any order."""
        self.written += len(upserts)
        for upsert in upserts:
            name = (upsert.table.value, upsert.key)
            known = self.newest.get(name)
            if known is None or upsert.revision >= known.revision:
                self.newest[name] = upsert

    def tables(self) -> Tables:
        """Every table's rows by key, retractions applied."""
        tables: Tables = {}
        for (table, key), upsert in self.newest.items():
            if upsert.row is not None:
                tables.setdefault(table, {})[key] = upsert.row
        return tables


class EngineRun:
    """What a run left: its tables, its report, and the run itself."""

    def __init__(self, replay: Replay, shelf: Shelf) -> None:
        self.replay = replay
        self.shelf = shelf

    @property
    def tables(self) -> Tables:
        """Every table's rows by key."""
        return self.shelf.tables()

    @property
    def ledger(self) -> Report:
        """What became of every record."""
        return self.replay.report


def new_replay(
    shelf: Shelf,
    *,
    partitions: int = 4,
    seed: int | None = None,
    crash_rate: float = 0.0,
    rules: IdentityRules | None = None,
    store: Store | None = None,
    batch_records: int = 500,
    intake: Callable[[], Intake] | None = None,
) -> Replay:
    """A run with the tests' tenant and key, publishing to a shelf."""
    return Replay(
        intake or (lambda: Intake(INTAKE_RULES)),
        rules or IdentityRules(keep_ms=BOOK.keep_ms),
        BOOK,
        publish=shelf.publish,
        store=store,
        partitions=partitions,
        schedule=Schedule(seed, crash_rate),
        batch_records=batch_records,
    )


def run_engine(
    events: Iterable[bytes | Mapping[str, object]],
    decisions: Sequence[Decision] = (),
    *,
    as_of: int | str | None = "drained",
    partitions: int = 4,
    seed: int | None = None,
    crash_rate: float = 0.0,
    ordered: bool | None = None,
    rules: IdentityRules | None = None,
    batch_records: int = 500,
) -> EngineRun:
    """Run events (native JSON, or dictionaries) to the end.

    `ordered` None: find out whether they stand by received time.
    """
    lines = [event if isinstance(event, bytes) else msgspec.json.encode(event) for event in events]
    shelf = Shelf()
    replay = new_replay(
        shelf, partitions=partitions, seed=seed, crash_rate=crash_rate, rules=rules, batch_records=batch_records
    )
    replay.decide(decisions)
    replay.run([EventSource("events", lines, ordered=ordered)], as_of=as_of)
    return EngineRun(replay, shelf)
