"""One engine for each test module, since a process can have one folder open at a time; empty tables for each test.

`replayed` is another engine, with a made-up world in it; a module asks for one of the two.
"""

from collections.abc import Iterator
from typing import TypeAlias

import pytest

from schemas.rows import Table
from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import Warehouse
from streams.commands.patterns_test import replayed_world
from streams.generator.rules import oracle_world

Replayed: TypeAlias = tuple[Client, int]


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


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    """Forty days of some 5,000 events, and the instant they were settled as of, in milliseconds."""
    with replayed_world(oracle_world(5_000, seed=7), tmp_path_factory.mktemp("replayed")) as (client, report):
        yield client, report.as_of
