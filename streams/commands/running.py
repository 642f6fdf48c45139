"""Run the topology here, without a broker: state in a folder, rows into the warehouse, both in step.

Rows are inserted before the state that says so is written. A run that dies in between inserts the same rows again,
which changes nothing, because of one key the greatest revision holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from schemas.rows import Upsert
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.rows import RejectedRow
from sinks.clickhouse.writer import Warehouse
from streams.bootstrap import identity_rules, intake_rules, journey_book, open_warehouse
from streams.commands.failures import CommandError, DependencyError
from streams.commands.options import PROGRAM
from streams.commands.reading import warehouse_failures
from streams.local.replay import Replay, StoreMismatch
from streams.local.stores import MemoryStore, RocksStore, Store
from streams.processor import Change
from streams.processors.intake import Intake
from streams.settings import Settings

STORE_FOLDER: Final = "store"


class Outbox:
    """Collects upserts and inserts them in batches; `rejected` are the rows the warehouse can not hold."""

    def __init__(self, warehouse: Warehouse, batch_rows_max: int) -> None:
        self._warehouse = warehouse
        self._batch_rows_max = batch_rows_max
        self._waiting: list[Upsert] = []
        self.rows = 0
        self.rejected: list[RejectedRow] = []

    def publish(self, upserts: Sequence[Upsert]) -> None:
        """Take upserts, in order; WarehouseError when a full batch can not be inserted."""
        self._waiting += upserts
        if len(self._waiting) >= self._batch_rows_max:
            self.flush()

    def flush(self) -> None:
        """Insert everything that waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            inserted = self._warehouse.insert(waiting)
            self.rows += inserted.rows
            self.rejected += inserted.rejected


class StoreBehind:
    """A store that is written only after the rows of the same batch are in the warehouse."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def write(self, changes: Iterable[Change]) -> None:
        """Insert what waits, then apply all changes."""
        self._outbox.flush()
        try:
            self._store.write(changes)
        except Exception as error:
            if type(error) is not Exception:
                raise
            # RocksDB raises bare exceptions; here they mean the disk.
            hint = "free some space and run the same again: it goes on where it stopped"
            raise CommandError("the state can not be written", str(error), hint) from error

    def items(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """As the store behind."""
        return self._store.items(prefix)

    def close(self) -> None:
        """As the store behind."""
        self._store.close()


class Run:
    """A run that is open: the replay, where its rows go, and the warehouse to read them again."""

    def __init__(self, replay: Replay, outbox: Outbox, client: Client) -> None:
        self.replay = replay
        self.outbox = outbox
        self.client = client


@contextmanager
def running(settings: Settings, *, named: Sequence[str] = (), in_memory: bool = False) -> Iterator[Run]:
    """Open warehouse and state for a run; failures of either end the command with their next step."""
    rules = intake_rules(settings, named)
    book = journey_book(settings)
    with warehouse_failures(settings), open_warehouse(settings) as client:
        migrate(client)
        store = MemoryStore() if in_memory else _opened(settings.local.state_folder / STORE_FOLDER)
        try:
            _check_in_step(store, client, settings)
            outbox = Outbox(Warehouse(client), settings.clickhouse.batch_rows_max)
            replay = Replay(
                lambda: Intake(rules),
                identity_rules(settings, book),
                book,
                publish=outbox.publish,
                store=StoreBehind(store, outbox),
                partitions=settings.local.partitions,
                batch_records=settings.local.batch_records_max,
            )
            yield Run(replay, outbox, client)
        except StoreMismatch as error:
            raise CommandError("the stored state is of another run", str(error), "set local.state_folder") from error
        except OSError as error:
            raise CommandError(f"{error.filename or settings.local.state_folder}: {error.strerror or error}") from error
        finally:
            store.close()


def has_state(settings: Settings) -> bool:
    """Tell whether a run has left its state here."""
    return (settings.local.state_folder / STORE_FOLDER).is_dir()


def _opened(folder: Path) -> Store:
    try:
        return RocksStore(folder)
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror or error}", next_step="set local.state_folder") from error
    except Exception as error:  # RocksDB raises bare exceptions; all of them mean that the folder can not be opened
        if "lock" in str(error).casefold():
            raise DependencyError(f"{folder} is in use by another process", "", "wait for it, or stop it") from error
        raise CommandError(f"{folder}: the state can not be opened", str(error), "set local.state_folder") from error


def _check_in_step(store: Store, client: Client, settings: Settings) -> None:
    """Refuse rows of one run and the state of another: revisions would start over below those in the tables."""
    known = next(iter(store.items(b"")), None) is not None
    filled = bool(client.query("SELECT 1 FROM freshness LIMIT 1").rows)
    if known == filled:
        return
    folder, problem = settings.local.state_folder, "the warehouse and the stored state are of different runs"
    cause = (
        f"{folder} holds state and the tables are empty" if known else f"the tables hold rows and {folder} has no state"
    )
    raise CommandError(problem, cause, f"{PROGRAM} replay ... --dsn chdb://NEW_FOLDER --state NEW_FOLDER")
