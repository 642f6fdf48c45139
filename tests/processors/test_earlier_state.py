"""State that the release before this one wrote is taken up as it is, and leaves the changelog in today's form.

`earlier_state.json` holds the changelog's newest values in hex, as that release wrote them after `LETTERS` and `MORE`.
"""

import json
from pathlib import Path

from schemas.evidence import Claim
from schemas.identifiers import IDENT_BYTES
from schemas.rows import Table
from streams.identity.members import CLAIMED, DECIDED, PUBLISHED, TOUCHPOINT
from streams.identity.rules import MINUTE_MS
from streams.processor import Addressed
from streams.processors.sayings import is_worked_out_again
from streams.rollups.tables import COUNTED_AGAIN
from tests.processors.test_stitcher import LETTERS, MAIL, ORDER, SOON, TABLET, Partition, T, tick, touched
from tests.support.idents import order, seen

MORE = [
    Addressed(ORDER, Claim(ORDER, (MAIL,), (T + 7 * MINUTE_MS,), (T + 7 * MINUTE_MS,))),
    Addressed(ORDER, Claim(ORDER, (TABLET,), (T + 8 * MINUTE_MS,), (T + 8 * MINUTE_MS,))),
    touched(order(2), seen(T + 9 * MINUTE_MS, order(2))),
]


def earlier() -> dict[bytes, bytes]:
    written: dict[str, str] = json.loads(Path(__file__).with_name("earlier_state.json").read_text())
    return {bytes.fromhex(key): bytes.fromhex(value) for key, value in written.items()}


def todays() -> Partition:
    partition = Partition()
    partition.told(tick("a", SOON), *LETTERS)
    partition.told(*MORE)
    return partition


def kinds(stored: dict[bytes, bytes]) -> set[str]:
    return {chr(key[IDENT_BYTES]) for key in stored if key[0]}


def test_it_is_restored_to_what_todays_release_knows_after_the_same_letters():
    restored, partition = Partition(earlier()).stitcher, todays().stitcher
    assert restored.holders.keys() == partition.holders.keys()
    assert restored.post.ledger == partition.post.ledger
    for who, household in partition.households.items():
        twin = restored.households[who]
        assert (twin.placed, twin.people()) == (household.placed, household.people())
        assert twin.sayings.published == household.sayings.published
        assert twin.sayings.retracted == household.sayings.retracted
    assert any(household.sayings.retracted for household in restored.households.values())


def test_it_is_rewritten_at_the_first_settle_and_nothing_is_published_for_that():
    taken_up = Partition(earlier())
    assert kinds(taken_up.stored) >= {DECIDED, PUBLISHED}
    assert taken_up.told() == []
    assert DECIDED not in kinds(taken_up.stored)
    assert not any(is_worked_out_again(key[IDENT_BYTES:], value) for key, value in taken_up.stored.items() if key[0])
    assert kinds(taken_up.stored) >= {TOUCHPOINT, CLAIMED}
    for table in COUNTED_AGAIN:
        assert not any(table.value.encode() in key for key in taken_up.stored)
    again = Partition(taken_up.stored)
    assert again.told() == []
    for who, household in taken_up.stitcher.households.items():
        assert again.stitcher.households[who].sayings.published == household.sayings.published


def test_what_is_said_after_it_stands_above_what_that_release_had_said():
    """That release had counted up to 432,000,902 in four seconds' units, and each cell once."""
    taken_up = Partition(earlier())
    upserts = taken_up.told(touched(ORDER, seen(T + 5 * MINUTE_MS + 1, ORDER)), as_of=SOON)
    cells = [upsert for upsert in upserts if upsert.table is Table.AGG_CHANNEL_1M]
    assert cells
    assert all(upsert.revision & 0xFF > 1 for upsert in cells)
    others = [upsert for upsert in upserts if not upsert.table.startswith("agg_")]
    assert all(upsert.revision & ((1 << 30) - 1) > 432_000_902 for upsert in others)
