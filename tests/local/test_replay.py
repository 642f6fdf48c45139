"""Replay: sources to their end, stopped anywhere and taken up again, with log time from the data alone."""

import gzip
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

import msgspec
import pytest

from schemas.evidence import SPLIT, Decision
from schemas.rows import IdentityLogRow
from streams.identity.rules import DAY_MS, HOUR_MS, MINUTE_MS, IdentityRules
from streams.intake.pseudonymise import Pseudonyms
from streams.journeys.book import load_book
from streams.local.replay import DRAINED_MS, Report, StoreMismatch
from streams.local.sources import EventSource, FileSource, Source
from streams.local.stores import MemoryStore, RocksStore, Store
from streams.processor import Change
from tests.support.engine import INTAKE_RULES, TENANT, Shelf, Tables, new_replay

T = 20_000 * DAY_MS
NAMED = {"acc": "account_id", "mail": "email", "ck": "anonymous_id", "order": "order_id"}
STOPPED = "stopped here"


def event(number: int, minutes: float, who: str, **told: object) -> bytes:
    """An event `minutes` into the story; `who` as `acc:ann mail:a@x.example`."""
    named = [
        {"kind": NAMED[kind], "value": value, "assurance": "authenticated"}
        for kind, _, value in (one.partition(":") for one in who.split())
    ]
    at = T + round(minutes * MINUTE_MS)
    base = {"event_id": f"e{number}", "source": "/web", "channel": "web", "name": "page.viewed", "brand": "main"}
    return msgspec.json.encode({**base, "occurred_at": at, "received_at": at, "identifiers": named, **told})


WHO = (
    "ck:c1",
    "ck:c1 acc:ann",
    "mail:a@x.example",
    "acc:ann mail:a@x.example",
    "order:o1",
    "acc:bob ck:c1",
    "order:o1 acc:bob",
)
STORY = [event(number, number * 7, who) for number, who in enumerate(WHO * 3)]
MUCH_LATER = T + DRAINED_MS


def told(lines: Iterable[bytes] = STORY, *, ordered: bool | None = True, name: str = "events") -> EventSource:
    return EventSource(name, list(lines), ordered=ordered)


def tables_of(*sources: EventSource) -> Tables:
    shelf = Shelf()
    new_replay(shelf, batch_records=4).run(sources)
    return shelf.tables()


class Stop(Exception):
    """The run ends here, as if the process had been killed."""


def stop_after(commits: int) -> Callable[[Report], None]:
    numbers = count(1)

    def progress(_: Report) -> None:
        if next(numbers) == commits:
            raise Stop

    return progress


class BreakingStore(MemoryStore):
    """A store whose process dies at the write with this number, after rows were published and before they are kept."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def write(self, changes: Iterable[Change]) -> None:
        self.left -= 1
        if self.left == 0:
            raise Stop
        super().write(changes)


# --- stopping and going on


@pytest.mark.parametrize("kind", ["memory", "rocks"])
@pytest.mark.parametrize("commits", [1, 2, 4, 6])
def test_a_run_stopped_at_any_commit_and_taken_up_again_gives_the_same_tables(kind: str, commits: int, tmp_path: Path):
    store: Store = MemoryStore() if kind == "memory" else RocksStore(tmp_path)
    shelf = Shelf()
    with pytest.raises(Stop):
        new_replay(shelf, store=store, batch_records=4).run([told()], progress=stop_after(commits))
    if kind == "rocks":
        store.close()
        store = RocksStore(tmp_path)
    report = new_replay(shelf, store=store, batch_records=4).run([told()])
    store.close()
    assert shelf.tables() == tables_of(told())
    assert (report.events, report.accepted, report.unaccounted) == (len(STORY), len(STORY), 0)


@pytest.mark.parametrize("write", range(1, 8))
def test_a_run_that_dies_between_publishing_and_keeping_gives_the_same_tables(write: int):
    store, shelf = BreakingStore(write), Shelf()
    with pytest.raises(Stop):
        new_replay(shelf, store=store, batch_records=4).run([told()])
    report = new_replay(shelf, store=store, batch_records=4).run([told()])
    assert shelf.tables() == tables_of(told())
    assert (report.events, report.unaccounted) == (len(STORY), 0)


def test_a_source_read_again_to_its_end_publishes_nothing():
    store, shelf = MemoryStore(), Shelf()
    new_replay(shelf, store=store).run([told()])
    written = shelf.written
    report = new_replay(shelf, store=store).run([told()])
    assert (shelf.written, report.events) == (written, len(STORY))


def test_a_source_that_has_grown_is_read_from_where_it_was_left():
    store, shelf = MemoryStore(), Shelf()
    new_replay(shelf, store=store).run([told(STORY[:9])])
    new_replay(shelf, store=store).run([told(STORY)])
    assert shelf.tables() == tables_of(told())


def test_the_same_records_under_another_name_are_repeats():
    store, shelf = MemoryStore(), Shelf()
    new_replay(shelf, store=store).run([told()])
    report = new_replay(shelf, store=store).run([told(name="again")])
    assert (report.new, report.repeat, report.unaccounted) == (len(STORY), len(STORY), 0)


@pytest.mark.parametrize(("partitions", "generation"), [(2, 1), (4, 2)])
def test_a_store_of_other_partitions_or_another_generation_is_refused(partitions: int, generation: int):
    store = MemoryStore()
    new_replay(Shelf(), store=store, partitions=4).run([told()])
    rules = IdentityRules(keep_ms=load_book().keep_ms, generation=generation)
    with pytest.raises(StoreMismatch, match="replay into a fresh state folder"):
        new_replay(Shelf(), store=store, partitions=partitions, rules=rules)


# --- log time


def log_times(*sources: EventSource, batch_records: int = 4) -> list[int]:
    replay, seen = new_replay(Shelf(), batch_records=batch_records), list[int]()
    replay.run(sources, progress=lambda _: seen.append(replay.cluster.log_time))
    return seen


def test_an_ordered_source_moves_log_time_with_every_commit():
    seen = log_times(told())
    assert seen == sorted(seen)
    assert seen[:2] == [T + 3 * 7 * MINUTE_MS, T + 7 * 7 * MINUTE_MS]


def test_a_source_without_order_promises_nothing_until_its_end():
    seen = log_times(told(ordered=False))
    assert set(seen[:-1]) == {0}
    assert seen[-1] == T + (len(STORY) - 1) * 7 * MINUTE_MS


def test_whether_a_source_has_order_is_found_out_by_reading_it():
    shuffled = [event(0, 0, "acc:ann"), event(1, 24 * 60, "acc:ann"), event(2, 60, "acc:ann")]
    assert log_times(told(shuffled, ordered=None), batch_records=2)[0] == 0
    assert log_times(told(STORY, ordered=None))[0] > 0


def test_disorder_within_the_slack_is_order():
    slack = IdentityRules().slack_ms / MINUTE_MS
    lines = [event(0, slack, "acc:ann"), event(1, 0, "acc:ann"), event(2, slack, "acc:ann")]
    assert log_times(told(lines, ordered=None), batch_records=1)[0] > 0


def test_of_several_sources_the_one_furthest_behind_is_read_and_holds_log_time_back():
    early, late = told(STORY[:12], name="early"), told(STORY[12:], name="late")
    seen = log_times(late, early)
    assert seen == sorted(seen)
    assert tables_of(late, early) == tables_of(early, late) == tables_of(told())


def test_as_of_is_the_newest_received_unless_told_otherwise():
    newest = T + (len(STORY) - 1) * 7 * MINUTE_MS
    for asked, as_of in ((None, newest), ("drained", newest + DRAINED_MS), (newest + HOUR_MS, newest + HOUR_MS)):
        assert new_replay(Shelf()).run([told()], as_of=asked).as_of == as_of


def test_time_may_pass_after_the_run():
    shelf = Shelf()
    replay = new_replay(shelf)
    replay.run([told()])
    replay.advance(MUCH_LATER)
    drained = Shelf()
    new_replay(drained).run([told()], as_of=MUCH_LATER)
    assert shelf.tables() == drained.tables()


# --- trouble


def test_a_source_that_fails_is_reported_and_the_others_go_on(tmp_path: Path):
    path = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress(b"\n".join(STORY[:9]))
    path.write_bytes(whole[: len(whole) - 9])
    shelf = Shelf()
    sources: list[Source] = [FileSource(tmp_path / "none.jsonl"), FileSource(path, ordered=True), told(STORY[9:])]
    report = new_replay(shelf, batch_records=2).run(sources)
    assert [failure.rsplit("; ")[-1] for failure in report.failures] == [
        "check the path",
        "get the file again and replay it, repeats do no harm",
    ]
    assert report.events >= len(STORY) - 9
    assert report.unaccounted == 0
    assert shelf.tables()["people"]


def test_the_mended_file_replayed_gives_the_tables_of_the_whole(tmp_path: Path):
    path, store, shelf = tmp_path / "events.jsonl.gz", MemoryStore(), Shelf()
    whole = gzip.compress(b"\n".join(STORY))
    path.write_bytes(whole[: len(whole) // 2])
    report = new_replay(shelf, store=store).run([FileSource(path, ordered=True)])
    assert len(report.failures) == 1
    path.write_bytes(whole)
    report = new_replay(shelf, store=store).run([FileSource(path, ordered=True)])
    assert (report.failures, report.events) == ([], len(STORY))
    assert shelf.tables() == tables_of(told())


def test_what_cannot_be_read_is_a_dead_letter_and_everything_is_accounted_for():
    lines = [*STORY[:3], b"not json", b"{}", *STORY[3:]]
    shelf = Shelf()
    report = new_replay(shelf).run([told(lines)])
    assert (report.events, report.accepted, report.dead, report.unaccounted) == (len(lines), len(STORY), 2, 0)
    assert len(shelf.tables()["dead_letters"]) == 2


# --- decisions


def test_a_decision_told_before_the_run_holds_in_it():
    pseudonyms = Pseudonyms(INTAKE_RULES)
    ends = [pseudonyms.of(kind, TENANT, value, "") for kind, value in (("account_id", "ann"), ("email", "a@x.example"))]
    ann, mail = (one for one in ends if isinstance(one, bytes))
    shelf = Shelf()
    replay = new_replay(shelf)
    replay.decide([Decision((ann, mail), T, "d1", SPLIT, "not her", "me")])
    replay.run([told()])
    log = [row for row in shelf.tables()["identity_log"].values() if isinstance(row, IdentityLogRow)]
    assert [row.verdict for row in log if row.entry == "decision"] == ["split"]


def test_a_line_that_was_half_written_is_read_again_once_it_is_whole(tmp_path: Path):
    path, store = tmp_path / "growing.jsonl", MemoryStore()
    whole = b"".join(line + b"\n" for line in STORY)
    half = len(whole) - len(STORY[-1]) // 2
    shelf = Shelf()
    path.write_bytes(whole[:half])
    new_replay(shelf, store=store).run([FileSource(path, ordered=True)])
    path.write_bytes(whole)
    report = new_replay(shelf, store=store).run([FileSource(path, ordered=True)])
    assert (report.new, report.unaccounted) == (len(STORY), 0)
    assert len(shelf.tables()["touchpoints"]) == len(STORY)
