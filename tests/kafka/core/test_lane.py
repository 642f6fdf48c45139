"""One input partition: its counts survive its owner, marks move log time, floods and killers stop nothing else."""

from base64 import b85encode
from pathlib import Path

import msgspec

from schemas.rows import DeadLetterRow, Row
from streams.intake.ledger import FLOOD_RUN, Ledger
from streams.kafka.broker import Outgoing, Position, Record, Unreadable
from streams.kafka.intake.lane import NOTE_CHARACTERS_MAX, RENEWED_MS, Lane, Way
from streams.kafka.intake.suspects import Suspects
from streams.kafka.records import mark_record
from streams.processor import Emit
from streams.processors.intake import Intake
from tests.intake.builders import AVRO, HOUR, NOON, RULES, event, who
from tests.simulation.log import Entry

PLACE = ("web.events", 3)
NOW = NOON + HOUR


def new_intake(ledger: Ledger, name: str) -> Intake:
    return Intake(RULES, ledger, AVRO, name)


def lane(
    folder: Path,
    at: Position | None = None,
    way: Way | None = None,
    *,
    by_data: bool = True,
    stops_at_floods: bool = True,
) -> Lane:
    suspects = Suspects(folder, 3)
    return Lane(PLACE, way or Way(), new_intake, suspects, at, by_data=by_data, stops_at_floods=stops_at_floods)


def record(offset: int, told: object, timestamp: int = NOON) -> Entry:
    value = told if isinstance(told, bytes) else msgspec.json.encode(told)
    return Entry(*PLACE, offset, timestamp, None, value, (), None)


def mark(offset: int, read_up_to: int) -> Entry:
    written: Outgoing = mark_record(read_up_to)
    return Entry(*PLACE, offset, read_up_to, None, written.value, written.headers, None)


def seen(offset: int, timestamp: int = NOON) -> Entry:
    return record(offset, event(event_id=f"e{offset}", identifiers=[who("account_id", "anna")]), timestamp)


def settled(owner: Lane) -> Emit:
    return owner.intake.settle(owner.newest)


def dead_of(owner: Lane) -> list[Row]:
    return [each.row for each in settled(owner).upserts if isinstance(each.row, DeadLetterRow)]


def records(*entries: Entry) -> list[Record]:
    return list(entries)


def test_a_new_partition_has_no_position_until_something_was_read(tmp_path: Path) -> None:
    assert lane(tmp_path).position() is None


def test_the_next_owner_goes_on_counting_where_the_last_one_committed(tmp_path: Path) -> None:
    first = lane(tmp_path / "a")
    first.take(records(seen(0), record(1, b"no json"), seen(2)), NOW)
    committed = first.position()
    assert committed is not None
    assert committed.offset == 3
    first.take(records(seen(3)), NOW)
    second = lane(tmp_path / "b", committed)
    second.take(records(seen(3), seen(4)), NOW)
    counts = second.intake.ledger.sources
    assert sum(each.total for each in counts.values()) == 5
    assert sum(each.dead for each in counts.values()) == 1


def test_a_note_of_somebody_else_begins_the_counts_anew(tmp_path: Path) -> None:
    for note in ("hello", "\x00", b85encode(b"nonsense").decode()):
        owner = lane(tmp_path, Position(7, note))
        assert (owner.position(), owner.intake.ledger.sources) == (Position(7, b85encode(Ledger().dump()).decode()), {})


def test_what_is_noted_fits_beside_an_offset_or_is_left_out(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    sources = [f"/a/rather/long/name/of/a/source/{n}" for n in range(300)]
    owner.take(records(*(record(n, event(event_id=f"e{n}", source=each)) for n, each in enumerate(sources))), NOW)
    at = owner.position()
    assert at is not None
    assert len(at.note) <= NOTE_CHARACTERS_MAX


def test_thirty_sources_are_counted_for_good(tmp_path: Path) -> None:
    owner = lane(tmp_path / "a")
    owner.take(records(*(record(n, event(event_id=f"e{n}", source=f"/source/{n}")) for n in range(30))), NOW)
    assert len(lane(tmp_path / "b", owner.position()).intake.ledger.sources) == 30


def test_marks_move_log_time_and_are_neither_read_nor_counted(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(seen(0), mark(1, NOON + 5 * HOUR)), NOW)
    assert owner.newest == NOON + 5 * HOUR
    assert owner.intake.ledger.records == 1
    assert owner.position() is not None
    assert owner.next_offset == 2


def test_an_older_mark_takes_nothing_back(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(mark(0, NOON + 5 * HOUR), mark(1, NOON)), NOW)
    assert owner.newest == NOON + 5 * HOUR


def test_a_record_is_not_received_after_now_whatever_its_producer_said(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(seen(0, timestamp=NOW + 1_000 * HOUR)), NOW)
    assert owner.newest == NOW


def test_a_record_without_a_time_counts_by_its_own(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(record(0, event(received_at=NOON - HOUR, occurred_at=NOON - HOUR), timestamp=-1)), NOW)
    assert owner.newest == NOON - HOUR


def test_a_flood_of_dead_letters_stops_the_partition_at_the_record_it_was_seen_at(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(*(record(n, b"no json") for n in range(FLOOD_RUN + 50))), NOW)
    assert owner.is_flooded
    assert owner.next_offset == FLOOD_RUN


def test_a_flood_that_is_known_is_read_through_and_every_record_of_it_is_a_dead_letter(tmp_path: Path) -> None:
    owner = lane(tmp_path, stops_at_floods=False)
    owner.take(records(*(record(n, b"no json") for n in range(FLOOD_RUN + 50))), NOW)
    assert not owner.is_flooded
    assert len(dead_of(owner)) == FLOOD_RUN + 50


def test_a_forged_mark_ahead_of_the_clock_counts_as_of_now_where_the_clock_moves_log_time(tmp_path: Path) -> None:
    owner = lane(tmp_path, by_data=False)
    owner.take(records(seen(0), mark(1, NOW + 1_000 * HOUR)), NOW)
    assert owner.newest == NOW


def test_an_event_that_wears_a_mark_is_an_event(tmp_path: Path) -> None:
    worn = msgspec.structs.replace(seen(0), headers=mark(0, NOON + 5 * HOUR).headers)
    owner = lane(tmp_path)
    owner.take(records(worn), NOW)
    assert owner.newest == NOON
    assert owner.intake.ledger.accepted == 1


def test_a_record_whose_form_can_not_be_read_is_a_dead_letter_that_says_why(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take([Unreadable(*PLACE, 0, "a header's name is not UTF-8"), seen(1)], NOW)
    [letter] = dead_of(owner)
    assert isinstance(letter, DeadLetterRow)
    assert (letter.reason, letter.detail) == ("not_decodable", "a header's name is not UTF-8")
    assert owner.next_offset == 2


def test_a_tombstone_is_one_dead_letter(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take([Entry(*PLACE, 0, NOON, b"k", None, (), None)], NOW)
    assert len(dead_of(owner)) == 1


def test_a_record_that_killed_its_readers_becomes_a_dead_letter_and_the_others_events(tmp_path: Path) -> None:
    batch = records(*(seen(n) for n in range(5)))
    for _ in range(4):
        dying = Suspects(tmp_path, 3)
        dying.reading(PLACE, 0, 4)
        if dying.is_suspect(PLACE, 2):
            dying.reading(PLACE, 2, 2)
    owner = lane(tmp_path)
    owner.take(batch, NOW)
    (letter,) = dead_of(owner)
    assert isinstance(letter, DeadLetterRow)
    assert letter.reason == "killed_worker"
    assert owner.intake.ledger.accepted == 4


def test_an_intake_is_renewed_once_a_day_and_what_it_knew_goes_on(tmp_path: Path) -> None:
    owner = lane(tmp_path)
    owner.take(records(seen(0)), NOW)
    first = owner.intake
    owner.take(records(seen(1)), NOW + RENEWED_MS - 1)
    assert owner.intake is first
    owner.take(records(seen(2)), NOW + RENEWED_MS)
    assert owner.intake is not first
    assert (owner.newest, owner.intake.ledger.accepted) == (NOON, 3)


def test_an_input_may_be_read_in_another_way(tmp_path: Path) -> None:
    owner = lane(tmp_path, way=Way("segment"))
    track = {"type": "page", "messageId": "m1", "userId": "anna", "timestamp": "2025-12-31T12:00:00Z", "name": "home"}
    owner.take(records(record(0, track)), NOW)
    assert owner.intake.ledger.accepted == 1
