"""A cluster of stitchers: whatever the schedule, however many partitions, crashes or not, the tables are the same."""

from collections.abc import Iterable

import pytest

from schemas.evidence import Anonymous, Claim, Link, Observe
from schemas.identifiers import Ident, partition_of
from schemas.rows import Row, RowKey, Table, Upsert
from streams.identity.rules import DAY_MS, MINUTE_MS, IdentityRules
from streams.journeys.book import load_book
from streams.local.cluster import Cluster, Schedule
from streams.processor import Addressed, Change
from tests.support.idents import account, device, email, order, phone, seen

BOOK = load_book()
RULES = IdentityRules(keep_ms=BOOK.keep_ms)
T = 20_000 * DAY_MS
AS_OF = T + 2 * DAY_MS


def observed(minutes: int, *ids: Ident) -> list[Addressed]:
    """What intake tells of an event that names these identifiers."""
    touchpoint = seen(T + minutes * MINUTE_MS, *ids)
    at, strong = touchpoint.event_time, touchpoint.strong
    things = (*touchpoint.devices, *touchpoint.threads)
    if not strong:
        return [Addressed((*touchpoint.threads, *touchpoint.devices)[0], Anonymous(touchpoint))]
    return [
        Addressed(strong[0], Observe(touchpoint)),
        *(Addressed(other, Link(other, strong[0], at)) for other in strong[1:]),
        *(Addressed(thing, Claim(thing, strong, (at,), (at,))) for thing in things),
    ]


REGULAR, SHOPPER, MAIL, TABLET, ORDER = account(9), account(5), email(2), device(3), order(4)
VISITS = [
    (phone(1),), (phone(1), MAIL), (TABLET,), (REGULAR, MAIL), (REGULAR, TABLET), (ORDER,),
    (SHOPPER, ORDER), (TABLET,), (SHOPPER, MAIL), (SHOPPER, TABLET), (phone(1),),
]  # fmt: skip
LETTERS = [letter for minute, ids in enumerate(VISITS) for letter in observed(minute, *ids)]


class Run:
    """A cluster with its changelog and the newest rows, as the warehouse would have them."""

    def __init__(self, partitions: int, schedule: Schedule | None = None) -> None:
        self.logs: list[dict[bytes, bytes]] = [{} for _ in range(partitions)]
        self.newest: dict[tuple[Table, RowKey], Upsert] = {}
        self.recalled = 0
        self.cluster = Cluster(
            partitions, RULES, BOOK, publish=self.publish, log=self.log, recall=self.recall, schedule=schedule
        )

    def publish(self, upserts: list[Upsert]) -> None:
        for upsert in upserts:
            known = self.newest.get((upsert.table, upsert.key))
            if known is None or upsert.revision >= known.revision:
                self.newest[upsert.table, upsert.key] = upsert

    def log(self, partition: int, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.value is None:
                self.logs[partition].pop(change.key, None)
            else:
                self.logs[partition][change.key] = change.value

    def recall(self, partition: int) -> Iterable[tuple[bytes, bytes]]:
        self.recalled += 1
        return list(self.logs[partition].items())

    def told(self, letters: Iterable[Addressed]) -> "Run":
        self.cluster.send(list(letters))
        self.cluster.drain()
        self.cluster.tick("t", AS_OF)
        self.cluster.drain()
        return self

    def rows(self) -> dict[tuple[Table, RowKey], Row]:
        """All rows but cells, which are of a partition."""
        return {
            ref: one.row for ref, one in self.newest.items() if one.row is not None and not ref[0].startswith("agg_")
        }


WHOLE = Run(1).told(LETTERS).rows()


def test_the_story_has_people_on_several_partitions():
    partitions = {partition_of(letter.to, 3) for letter in LETTERS}
    assert partitions == {0, 1, 2}
    assert {Table.PEOPLE, Table.TOUCHPOINTS, Table.SESSIONS} <= {table for table, _ in WHOLE}


@pytest.mark.parametrize("partitions", [2, 3, 16])
def test_any_number_of_partitions_gives_the_same_rows(partitions: int):
    assert Run(partitions).told(LETTERS).rows() == WHOLE


@pytest.mark.parametrize("seed", range(12))
def test_any_schedule_gives_the_same_rows(seed: int):
    assert Run(3, Schedule(seed)).told(LETTERS).rows() == WHOLE


@pytest.mark.parametrize("seed", range(12))
def test_crashes_between_settles_give_the_same_rows(seed: int):
    run = Run(3, Schedule(seed, crash_rate=0.5)).told(LETTERS)
    assert run.recalled > len(run.logs)
    assert run.rows() == WHOLE


@pytest.mark.parametrize("order_", [LETTERS[::-1], [*LETTERS, *LETTERS], LETTERS[1::2] + LETTERS[::2]])
def test_any_order_of_letters_and_any_repeat_gives_the_same_rows(order_: list[Addressed]):
    assert Run(3).told(order_).rows() == WHOLE


def test_a_schedule_of_one_seed_is_always_the_same():
    first, second = (Run(3, Schedule(7, crash_rate=0.3)).told(LETTERS) for _ in range(2))
    assert first.newest == second.newest
    assert first.logs == second.logs
    assert first.cluster.messages == second.cluster.messages


def test_after_draining_nobody_has_a_letter_and_settling_again_says_nothing():
    run = Run(3, Schedule(1)).told(LETTERS)
    newest = dict(run.newest)
    run.cluster.advance(AS_OF)
    assert not any(queue for queues in run.cluster.queues for queue in queues.values())
    assert run.newest == newest


def test_a_cluster_recalled_from_its_changelog_goes_on_where_it_was():
    run = Run(3)
    run.cluster.send(LETTERS[:9])
    run.cluster.drain()
    again = Run(3)
    again.logs, again.newest = run.logs, run.newest
    again.cluster = Cluster(3, RULES, BOOK, publish=again.publish, log=again.log, recall=again.recall)
    assert again.told(LETTERS[9:]).rows() == WHOLE


def test_log_time_is_that_of_the_partition_furthest_behind():
    run = Run(2)
    run.cluster.tick("t", 50)
    assert run.cluster.log_time == 0
    run.cluster.drain()
    assert run.cluster.log_time == 50


def test_every_touchpoint_is_counted_once_and_every_message_by_its_kind():
    run = Run(3).told([*LETTERS, *LETTERS])
    assert (run.cluster.ledger["new"], run.cluster.ledger["repeat"]) == (len(VISITS), len(VISITS))
    assert run.cluster.messages["Observe"] >= 2 * 7
