"""The census counts whom a partition holds, a few at a time."""

from schemas.evidence import Edge, Observe
from streams.identity.rules import DAY_MS, IdentityRules
from streams.journeys.book import load_book
from streams.kafka.operation.metrics import StitcherCounts
from streams.kafka.stitcher.census import HOLDERS_A_STEP, ROUND_MS, Census
from streams.processor import Addressed
from streams.processors.stitcher import Stitcher
from tests.support.idents import account, email, seen

BOOK = load_book()
T = 20_000 * DAY_MS


def stitcher_of(people: int) -> Stitcher:
    """One customer with two mail addresses, and others with none."""
    made = Stitcher(0, IdentityRules(keep_ms=BOOK.keep_ms), BOOK)
    family = (account(1), email(1), email(2))
    made.take(Addressed(account(1), Observe(seen(T, *family))))
    made.take(Addressed(account(1), Edge(family, T, T)))
    for number in range(2, people + 1):
        made.take(Addressed(account(number), Observe(seen(T + number, account(number)))))
    made.settle(T + people)
    return made


def test_one_round_counts_holders_people_and_the_largest_cluster() -> None:
    counts = StitcherCounts()
    Census(stitcher_of(5), counts).step(0)
    assert (counts.holders, counts.people, counts.identifiers, counts.largest_cluster) == (5, 5, 7, 3)
    assert counts.largest_cluster_share == 3 / 7


def test_many_holders_are_counted_over_several_steps() -> None:
    counts = StitcherCounts()
    census = Census(stitcher_of(HOLDERS_A_STEP + 10), counts)
    census.step(0)
    assert counts.people == 0
    census.step(1)
    assert counts.people == HOLDERS_A_STEP + 10


def test_a_new_round_waits_a_minute() -> None:
    counts, stitcher = StitcherCounts(), stitcher_of(1)
    census = Census(stitcher, counts)
    census.step(0)
    stitcher.take(Addressed(account(9), Observe(seen(T, account(9)))))
    stitcher.settle(T)
    census.step(ROUND_MS - 1)
    assert counts.holders == 1
    census.step(ROUND_MS)
    assert (counts.holders, counts.people) == (2, 2)
