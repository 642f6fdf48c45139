"""The processor as a whole: the ledger adds up, freshness, floods, late rows, times for ticks."""

import msgspec

from schemas.rows import FreshnessRow, LateEventRow, Table, Upsert
from streams.intake.ledger import OTHER_SOURCES, Ledger
from streams.processor import InputRecord
from streams.processors.intake import Intake
from tests.intake.builders import HOUR, NOON, RULES, event, raw, record, take

LATE = {"occurred_at": NOON - 100 * HOUR}


def freshness(upserts: list[Upsert]) -> dict[str, FreshnessRow]:
    return {row.source: row for upsert in upserts if isinstance(row := upsert.row, FreshnessRow)}


def test_every_event_ends_as_exactly_one_of_accepted_late_and_dead():
    told = [event(), event(event_id="b", received_at=NOON, **LATE), b"{", [event(event_id="c"), 1], b""]
    ledger = take(*told).ledger
    assert ledger.records == 5
    assert ledger.totals() == {"in": 6, "accepted": 2, "late": 1, "dead": 3}
    assert ledger.dead_reasons == {"not_decodable": 1, "not_an_object": 1, "empty": 1}
    assert sum(counts.total for counts in ledger.sources.values()) == ledger.taken


def test_freshness_tells_how_far_each_source_was_read_and_what_became_of_it():
    taken = take(event(received_at=NOON + 5), event(source="/b", event_id=None), event(received_at=NOON, **LATE))
    rows = freshness(taken.emit.upserts)
    assert rows["/web/shop"] == FreshnessRow("/web/shop", NOON + 5, accepted=1, late=1, dead=0, newest_event_time=NOON)
    assert rows["/b"] == FreshnessRow("/b", 0, accepted=0, late=0, dead=1, newest_event_time=0)


def test_freshness_is_told_when_it_changed_with_a_growing_revision():
    taken = take(event())
    assert freshness(taken.intake.settle(0).upserts) == {}
    first = next(upsert for upsert in taken.emit.upserts if upsert.table is Table.FRESHNESS)
    taken.intake.take(record(event(event_id="e2")))
    (second,) = taken.intake.settle(0).upserts
    assert second.revision > first.revision


def test_next_process_goes_on_counting_sources_where_the_last_one_ended():
    dumped = take(event(), event(event_id=None)).ledger.dump()
    intake = Intake(RULES, Ledger.load(dumped))
    intake.take(record(event(event_id="e3")))
    row = freshness(intake.settle(0).upserts)["/web/shop"]
    assert (row.accepted, row.dead) == (2, 1)


def test_invented_sources_do_not_fill_the_memory():
    rules = msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, sources=2))
    taken = take(*(event(source=f"/s{n}") for n in range(5)), rules=rules)
    assert set(taken.ledger.sources) == {"/s0", "/s1", OTHER_SOURCES}
    assert taken.ledger.sources[OTHER_SOURCES].accepted == 3


def test_hundred_dead_in_a_row_are_a_flood_and_ninety_nine_are_none():
    assert not take(*[b"{"] * 99, event(), *[b"{"] * 99).ledger.is_flooded
    assert take(*[b"{"] * 100, event()).ledger.is_flooded


def test_more_than_a_fifth_dead_of_the_last_thousand_is_a_flood():
    fifth = [b"{" if n % 5 == 0 else raw(event(event_id=str(n))) for n in range(2000)]
    assert not take(*fifth).ledger.is_flooded
    assert take(*fifth, *[b"{"] * 2).ledger.is_flooded


def late_row(**fields: object) -> Upsert:
    upserts = take(event(**LATE, **fields)).emit.upserts
    return next(upsert for upsert in upserts if isinstance(upsert.row, LateEventRow))


def test_of_several_copies_of_a_late_event_the_earliest_received_has_the_greatest_revision():
    early, late = late_row(received_at=NOON), late_row(received_at=NOON + 1)
    assert early.key == late.key
    assert early.revision > late.revision
    assert 0 < late.revision < 2**63


def test_among_late_copies_received_together_the_least_content_has_the_greatest_revision():
    copies = [late_row(received_at=NOON, task=f"t{n}") for n in range(8)]
    by_revision = sorted(copies, key=lambda upsert: -upsert.revision)
    hashes = [upsert.row.touchpoint.content_hash for upsert in by_revision if isinstance(upsert.row, LateEventRow)]
    assert hashes == sorted(hashes)


def test_time_for_ticks_is_the_logs_and_for_files_the_newest_received():
    intake = Intake(RULES)
    intake.take(InputRecord("topic-1", 0, raw(event(received_at=NOON + HOUR)), timestamp=NOON))
    intake.take(InputRecord("topic-2", 0, b"{", timestamp=NOON + 1))
    intake.take(InputRecord("file", 0, raw(event(received_at=NOON + 7))))
    intake.take(InputRecord("file", 1, raw(event(received_at=NOON + 2))))
    assert intake.newest_received == {"topic-1": NOON, "topic-2": NOON + 1, "file": NOON + 7}


def test_times_of_receipt_are_told_without_taking_the_record():
    intake = Intake(RULES)
    told = record([event(received_at=NOON + 1), 7, event(received_at=NOON + 3)])
    assert intake.received_at(told) == [NOON + 1, NOON + 3]
    assert intake.received_at(record(b"{")) == []
    assert intake.received_at(record(event(), adapter="telepathy")) == []
    assert intake.ledger.totals()["in"] == 0
    assert intake.settle(0).evidence == []


def test_two_intakes_with_equal_rules_give_equal_answers():
    told = [event(event_id=f"e{n}", session_id="s") for n in range(3)]
    assert take(*told).emit == take(*told).emit
