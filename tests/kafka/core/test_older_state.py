"""State that an earlier release left is restored by this one, and the world goes on as if nothing had happened."""

from pathlib import Path

import msgspec
import pytest

from tests.kafka.core.golden import FOLDER, Golden, goes_on
from tests.oracle.compare import compare
from tests.oracle.tables import Oracle

OF_INTAKE = {"late_events"}
KEPT = sorted(FOLDER.glob("changelog-*.bin"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_what_an_earlier_release_left_gives_the_tables_it_must(path: Path) -> None:
    golden = Golden.read(path)
    oracle = Oracle().tables((msgspec.json.decode(event) for event in golden.written), [], None)
    told = {table: rows for table, rows in oracle.items() if table not in OF_INTAKE}
    assert [str(each) for each in compare(goes_on(golden), told)] == []
    assert sum(map(len, told.values())) > 300
