"""Run the topology here, without a broker: state in a folder, rows into the warehouse, both in step.

Rows are inserted before the state that says so is written. A run that dies in between inserts the same rows again,
which changes nothing, because of one key the greatest revision holds. A run that dies while both wait does over again
what was in them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from schemas.rows import Upsert
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.rows import RejectedRow
from sinks.clickhouse.writer import Warehouse
from streams.bootstrap import identity_rules, intake_rules, journey_book, open_warehouse
from streams.commands.alerting import alerting_beside
from streams.commands.failures import CommandError, DependencyError
from streams.commands.options import PROGRAM
from streams.commands.reading import warehouse_failures
from streams.identity.rules import HOUR_MS
from streams.local.process import calm_collector
from streams.local.replay import Replay, StoreMismatch
from streams.local.stores import RocksStore, Store
from streams.processor import Change
from streams.processors.intake import Intake
from streams.settings import Settings

STORE_FOLDER: Final = "store"


class Outbox:
    """Collects upserts and inserts them together; `rejected` are the rows the warehouse can not hold."""

    def __init__(self, warehouse: Warehouse, batch_rows_max: int) -> None:
        self._warehouse = warehouse
        self._batch_rows_max = batch_rows_max
        self._waiting: list[Upsert] = []
        self.rows = 0
        self.rejected: list[RejectedRow] = []

    @property
    def is_full(self) -> bool:
        """Tell whether enough rows wait for an insert to be worth what it costs."""
        return len(self._waiting) >= self._batch_rows_max

    def publish(self, upserts: Sequence[Upsert]) -> None:
        """Take upserts, in order."""
        self._waiting += upserts

    def flush(self) -> None:
        """Insert everything that waits; raises WarehouseError, and the rows go on waiting."""
        if self._waiting:
            inserted = self._warehouse.insert(self._waiting)
            self._waiting = []
            self.rows += inserted.rows
            self.rejected += inserted.rejected


def _nothing_more() -> None:
    """Nobody else wants to know."""


class StoreBehind:
    """A store that is written only after the rows that its changes tell of are in the warehouse.

    An insert costs nearly the same for ten rows and for a thousand. So changes wait until the outbox is full, several
    commits of them, and are then written in one piece; who is done calls `settle`. `between` is called when rows are
    in the warehouse and the store is not yet written.
    """

    def __init__(self, store: Store, outbox: Outbox, between: Callable[[], None] = _nothing_more) -> None:
        self._store = store
        self._outbox = outbox
        self._between = between
        self._waiting: dict[bytes, bytes | None] = {}

    def write(self, changes: Iterable[Change]) -> None:
        """Take changes, to be written with the rows that wait."""
        self._waiting |= {change.key: change.value for change in changes}
        if self._outbox.is_full:
            self.settle()

    def settle(self) -> None:
        """Insert what waits, say what others want to know, then write the changes that wait."""
        self._outbox.flush()
        self._between()
        try:
            self._store.write(Change(key, value) for key, value in self._waiting.items())
        except Exception as error:
            if type(error) is not Exception:
                raise
            # RocksDB raises bare exceptions; here they mean the disk.
            hint = "free some space and run the same again: it goes on where it stopped"
            raise CommandError("the state can not be written", str(error), hint) from error
        self._waiting = {}

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """As the store behind, with the changes that wait."""
        width = len(prefix)
        waiting = {key[width:]: value for key, value in self._waiting.items() if key.startswith(prefix)}
        yield from ((key, value) for key, value in self._store.items(prefix) if key not in waiting)
        yield from ((key, value) for key, value in waiting.items() if value is not None)

    def close(self) -> None:
        """As the store behind; what still waits is not written."""
        self._store.close()


class Run:
    """A run that is open: the replay, where its rows go, and the warehouse to read them again after `settle`."""

    def __init__(self, replay: Replay, outbox: Outbox, store: StoreBehind, client: Client) -> None:
        self.replay = replay
        self.outbox = outbox
        self.client = client
        self._store = store

    def settle(self) -> None:
        """Bring everything so far into the warehouse and the state; what is not settled when a run ends is not kept."""
        self._store.settle()


@contextmanager
def running(settings: Settings, *, named: Sequence[str] = ()) -> Iterator[Run]:
    """Open warehouse and state for a run; failures of either end the command with their next step.

    `named` are mappings that the run's sources ask for.
    """
    calm_collector()
    ahead_ms = settings.time.ahead_hours * HOUR_MS
    rules = replace(intake_rules(settings, named), received_before=time.time_ns() // 1_000_000 + ahead_ms)
    book = journey_book(settings)
    with warehouse_failures(settings), open_warehouse(settings) as client:
        migrate(client)
        filled = bool(client.query("SELECT 1 FROM freshness LIMIT 1").rows)
        if filled and not has_state(settings):
            raise _out_of_step(f"the tables hold rows, and {settings.local.state_folder} has no state")
        outbox = Outbox(Warehouse(client), settings.clickhouse.batch_rows_max)
        with (
            _state(settings.local.state_folder / STORE_FOLDER) as opened,
            alerting_beside(settings, book) as alerts,
        ):

            def publish(upserts: Sequence[Upsert]) -> None:
                outbox.publish(upserts)
                if alerts is not None:
                    alerts.take(upserts)

            def tell_alerts() -> None:
                if alerts is not None:
                    alerts.settle(replay.report.newest_received)

            store = StoreBehind(opened, outbox, tell_alerts)
            replay = Replay(
                lambda: Intake(rules),
                identity_rules(settings, book),
                book,
                publish=publish,
                store=store,
                partitions=settings.local.partitions,
                batch_records=settings.local.batch_records_max,
            )
            if replay.report.events and not filled:
                raise _out_of_step(f"{settings.local.state_folder} holds state, and the tables are empty")
            yield Run(replay, outbox, store, client)


def has_state(settings: Settings) -> bool:
    """Tell whether a run has left its state here."""
    return (settings.local.state_folder / STORE_FOLDER).is_dir()


@contextmanager
def _state(folder: Path) -> Iterator[Store]:
    store = _opened(folder)
    with ExitStack() as last:
        # Closing what failed to be written fails again, and would hide why.
        last.push(lambda kind, *_: _close(store, failed=kind is not None))
        try:
            yield store
        except StoreMismatch as error:
            raise CommandError("the stored state is of another run", str(error), "name another --state") from error


def _close(store: Store, *, failed: bool) -> bool:
    with suppress(Exception) if failed else nullcontext():
        store.close()
    return False


def _opened(folder: Path) -> Store:
    try:
        return RocksStore(folder)
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror or error}", next_step="set local.state_folder") from error
    except Exception as error:  # RocksDB raises bare exceptions; all of them mean that the folder can not be opened
        if "lock" in str(error).casefold():
            raise DependencyError(f"{folder} is in use by another process", "", "wait for it, or stop it") from error
        raise CommandError(f"{folder}: the state can not be opened", str(error), "set local.state_folder") from error


def _out_of_step(cause: str) -> CommandError:
    """Refuse rows of one run and the state of another: revisions would start over below those in the tables."""
    hint = f"{PROGRAM} replay ... --dsn chdb://NEW_FOLDER --state NEW_FOLDER"
    return CommandError("the warehouse and the stored state are of different runs", cause, hint)
