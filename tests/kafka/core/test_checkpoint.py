"""A checkpoint: of one row the greatest revision leaves, of one piece of state the newest, and progress comes last."""

from schemas.evidence import Junk, Progress
from schemas.formats import HANDOFFS, UPSERTS
from schemas.identifiers import partition_of
from schemas.rows import FreshnessRow, Table, Upsert
from streams.kafka.names import Names
from streams.kafka.records import handoff_of
from streams.kafka.stitcher.checkpoint import Checkpoint
from streams.kafka.stitcher.floors import HOPS
from streams.processor import Addressed, Change, Emit
from streams.settings_kafka import KafkaSettings
from tests.simulation.log import Entry
from tests.support.idents import account, device

NAMES = Names.of(KafkaSettings(partitions=4))


def said(revision: int, table: Table = Table.TOUCHPOINTS, key: str = "k") -> Upsert:
    row = FreshnessRow("s", revision, 0, 0, 0, 0) if revision % 2 else None
    return Upsert(table, (key,), revision, row)


def checkpoint(*emits: Emit) -> Checkpoint:
    made = Checkpoint()
    for emit in emits:
        made.add(emit)
    return made


def test_of_one_row_the_greatest_revision_leaves_whoever_speaks_last() -> None:
    assert list(checkpoint(Emit(upserts=[said(7), said(4)]), Emit(upserts=[said(5)])).upserts.values()) == [said(7)]


def test_of_two_words_with_one_revision_the_later_leaves() -> None:
    later = Upsert(Table.TOUCHPOINTS, ("k",), 7, None)
    assert list(checkpoint(Emit(upserts=[said(7), later])).upserts.values()) == [later]


def test_rows_of_two_tables_under_one_key_both_leave() -> None:
    made = checkpoint(Emit(upserts=[said(1), said(1, Table.PEOPLE)]))
    records = made.outgoing(NAMES, 2, 4, None)
    assert [place for place, of_place in records.items() if of_place] == [
        ("seamline.touchpoints", 2),
        ("seamline.people", 2),
    ]
    assert [UPSERTS.decode(record.value or b"").table for each in records.values() for record in each] == [
        Table.TOUCHPOINTS,
        Table.PEOPLE,
    ]


def test_only_friction_is_a_hit() -> None:
    assert not checkpoint(Emit(upserts=[said(1)])).has_hit
    assert checkpoint(Emit(upserts=[said(1, Table.FRICTION)])).has_hit


def test_of_one_piece_of_state_the_newest_value_leaves_or_its_tombstone() -> None:
    made = checkpoint(Emit(changelog=[Change(b"a", b"1"), Change(b"b", b"1")]), Emit(changelog=[Change(b"a", None)]))
    records = made.outgoing(NAMES, 0, 4, None)[("seamline.changelog", 0)]
    assert {record.key: record.value for record in records} == {b"a": None, b"b": b"1"}


def test_letters_go_to_the_partition_of_whom_they_are_for_in_their_order() -> None:
    letters = [Addressed(account(n), Junk(device(n))) for n in range(20)]
    records = checkpoint(Emit(handoffs=letters)).outgoing(NAMES, 0, 4, None)
    for number in range(4):
        told = [Entry("h", number, 0, 0, r.key, r.value, r.headers, None) for r in records["seamline.handoffs", number]]
        assert [handoff_of(each) for each in told] == [each for each in letters if partition_of(each.to, 4) == number]


def test_progress_is_told_to_every_partition_behind_all_letters() -> None:
    progress = Progress(0, (1,) * HOPS)
    letters = [Addressed(account(n), Junk(device(n))) for n in range(9)]
    records = checkpoint(Emit(handoffs=letters)).outgoing(NAMES, 0, 4, progress)
    assert {HANDOFFS.decode(records["seamline.handoffs", number][-1].value or b"") for number in range(4)} == {progress}


def test_a_checkpoint_is_opened_by_what_was_read_first() -> None:
    made = Checkpoint()
    made.read({("e", 0): 7}, 3, 1.5)
    made.read({("e", 0): 9, ("h", 0): 2}, 4, 2.5)
    assert (made.opened, made.records, made.positions) == (1.5, 7, {("e", 0): 9, ("h", 0): 2})
