"""Whatever happens to an insert on its way, the writer loses nothing and doubles nothing."""

from collections.abc import Iterator

import pytest

from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.failures import Overloaded, Unreachable, WarehouseError
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import ATTEMPTS_MAX, Warehouse
from tests.clickhouse.builders import seen
from tests.clickhouse.faults import Fault, Proxy, faulty

ROWS = 3_000


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with EmbeddedClickHouse() as clickhouse, faulty(clickhouse.start(tmp_path_factory.mktemp("faults"))) as between:
        with connect(between.address) as client:
            migrate(client)
        yield between


@pytest.fixture
def client(proxy: Proxy) -> Iterator[Client]:
    proxy.faults.clear()
    with connect(proxy.address) as opened:
        opened.command("TRUNCATE TABLE touchpoints")
        for number in (ROWS, ROWS + 1, ROWS + 2):  # parts that a server can find too many
            Warehouse(opened).insert([seen(number)])
        yield opened


def stored(client: Client) -> list[tuple[int, int]]:
    """Rows in the table itself, where a double shows, and different events."""
    return [tuple(row) for row in client.query("SELECT count(), uniqExact(event_id) FROM touchpoints").rows]


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("times", [1, 3])
def test_an_insert_that_meets_a_fault_is_stored_once(client: Client, proxy: Proxy, fault: Fault, times: int) -> None:
    proxy.faults.extend([fault] * times)
    pauses: list[float] = []
    warehouse = Warehouse(client, pause=pauses.append)
    result = warehouse.insert([seen(number) for number in range(ROWS)], token="touchpoints-0-3000")
    assert (result.rows, result.rejected) == (ROWS, ())
    assert stored(client) == [(ROWS + 3, ROWS + 3)]
    assert fault is Fault.SLOW or not proxy.faults
    assert pauses == sorted(pauses)


@pytest.mark.parametrize(
    ("fault", "failure", "code"),
    [
        (Fault.BAD_GATEWAY, Unreachable, None),
        (Fault.ERROR_500, Unreachable, None),
        (Fault.CUT_BEFORE_APPLY, Unreachable, None),
        (Fault.CUT_AFTER_APPLY, Unreachable, None),
        (Fault.READ_ONLY, Overloaded, 164),
        (Fault.TOO_MANY_PARTS, Overloaded, 252),
        (Fault.MEMORY_LIMIT, Overloaded, 241),
    ],
)
def test_a_fault_that_does_not_end_is_told_as_one_to_wait_for_and_the_same_batch_later_is_stored_once(
    client: Client, proxy: Proxy, fault: Fault, failure: type[WarehouseError], code: int | None
) -> None:
    proxy.faults.extend([fault] * 4 * ATTEMPTS_MAX)
    warehouse = Warehouse(client, pause=lambda _: None)
    upserts = [seen(number) for number in range(ROWS)]
    with pytest.raises(failure) as failed:
        warehouse.insert(upserts, token="later")
    assert (failed.value.retryable, failed.value.code) == (True, code)
    proxy.faults.clear()
    assert warehouse.insert(upserts, token="later").rows == ROWS
    assert stored(client) == [(ROWS + 3, ROWS + 3)]
