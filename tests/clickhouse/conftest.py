"""One engine for each test module, since a process can have one folder open at a time; empty tables for each test."""

from collections.abc import Iterator

import pytest

from schemas.rows import Table
from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import Warehouse


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with connect(f"chdb://{tmp_path_factory.mktemp('warehouse')}") as client:
        migrate(client)
        yield client


@pytest.fixture
def client(engine: Client) -> Client:
    for table in Table:
        engine.command(f"TRUNCATE TABLE {table.value}")
    return engine


@pytest.fixture
def warehouse(client: Client) -> Warehouse:
    return Warehouse(client)
