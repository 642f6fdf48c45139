"""The warehouse role and ClickHouse made acquainted: rows go in, and failures come back in the role's own words."""

from collections.abc import Sequence
from typing import Final

from schemas.rows import Upsert
from sinks.clickhouse.client import Client
from sinks.clickhouse.failures import SchemaMismatch, WarehouseError
from sinks.clickhouse.migrate import pending
from sinks.clickhouse.writer import Inserted, Warehouse
from streams.bootstrap import intake_rules, open_warehouse
from streams.intake.dead_letters import Seal
from streams.kafka.blocking import waiting
from streams.kafka.broker import Broker
from streams.kafka.names import Names
from streams.kafka.operation.metrics import Metrics
from streams.kafka.warehouse.member import ROLE, WarehouseMember
from streams.kafka.warehouse.storing import Storing, WarehouseAway, WarehouseUnfit
from streams.settings import Settings

TOKEN: Final = "sink"  # noqa: S105 - a name of inserts: what is in each is added by the writer


class Door:
    """Stores rows in the warehouse of the settings, which is opened when it is first needed, and again after failures.

    One attempt a call: whoever calls waits and tries again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    def __call__(self, upserts: Sequence[Upsert]) -> Inserted:
        """Store them; raises WarehouseAway, or WarehouseUnfit where tables are missing or not of this release."""
        try:
            if self._client is None:
                self._client = self._opened()
            rows_max = self._settings.clickhouse.batch_rows_max
            return Warehouse(self._client, batch_rows_max=rows_max, attempts_max=1).insert(upserts, TOKEN)
        except WarehouseError as error:
            self.close()
            if error.retryable:
                raise WarehouseAway(str(error)) from error
            raise WarehouseUnfit(f"{error}: {error.next_step}") from error

    def close(self) -> None:
        """Give the connection back; the next call opens another."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _opened(self) -> Client:
        client = open_warehouse(self._settings)
        try:
            lacking = pending(client)
        except WarehouseError:
            client.close()
            raise
        if lacking:
            client.close()
            raise SchemaMismatch(f"the warehouse lacks {len(lacking)} migrations")
        return client


def warehouse_member(settings: Settings, broker: Broker, metrics: Metrics) -> WarehouseMember:
    """Make the warehouse role of these settings; SettingsError for a key of dead letters that can not be used."""
    rules = intake_rules(settings)
    return WarehouseMember(
        broker,
        Names.of(settings.kafka),
        Storing(Door(settings), metrics, waiting(ROLE)),
        Seal(rules.dead_letter_secret, rules.dead_letter_key_id, rules.limits.dead_letter_bytes),
        metrics,
    )
