"""The largest legal person, 64 identifiers and 2,000 touchpoints, passes through Adopt and the changelog."""

import msgspec
import pytest

from schemas.evidence import Adopt, Edge, Link, Observe
from schemas.identifiers import person_of
from schemas.rows import PersonRow, Upsert
from streams.identity.rules import DAY_MS, IdentityRules
from streams.journeys.book import load_book
from streams.processor import Addressed
from streams.processors.stitcher import Stitcher
from tests.support.idents import account, email, phone, seen

RULES = IdentityRules()
BOOK = load_book()
RECORD_BYTES_MAX = 64 * 1024
ANNA, MAIL = account(0), email(1)
PHONES = tuple(phone(number) for number in range(2, RULES.identifiers_per_person))
T = 100 * DAY_MS


@pytest.fixture(scope="module")
def adopts() -> list[Addressed]:
    """What the holder of an address hands over, which had everything before it heard of the account."""
    stitcher = Stitcher(1, RULES, BOOK)
    stitcher.take(Addressed(MAIL, Edge((MAIL, *PHONES), T, T)))
    for number in range(RULES.touchpoints_per_holder):
        stitcher.take(Addressed(MAIL, Observe(seen(T + number * 1_000, MAIL))))
    settled = stitcher.settle(T)
    assert {upsert.key[0] for upsert in settled.upserts if isinstance(upsert.row, PersonRow)} == {person_of(MAIL)}
    stitcher.take(Addressed(MAIL, Link(MAIL, ANNA)))
    return stitcher.settle(T).handoffs


def anchored(letters: list[Addressed]) -> Stitcher:
    stitcher = Stitcher(0, RULES, BOOK)
    for letter in (*letters, Addressed(ANNA, Edge((ANNA, MAIL), T, T))):
        stitcher.take(letter)
    return stitcher


def people(upserts: list[Upsert]) -> list[PersonRow]:
    return [upsert.row for upsert in upserts if isinstance(upsert.row, PersonRow)]


def test_it_is_handed_over_in_records_of_legal_size(adopts: list[Addressed]):
    assert len(adopts) > 1
    assert all(isinstance(letter.message, Adopt) for letter in adopts)
    assert max(len(msgspec.msgpack.encode(letter.message)) for letter in adopts) < RECORD_BYTES_MAX


def test_it_is_one_person_with_everything_and_within_its_limits(adopts: list[Addressed]):
    stitcher = anchored(adopts)
    (row,) = people(stitcher.settle(T).upserts)
    assert row.person_id == person_of(ANNA)
    assert (len(row.identifiers), row.flags) == (RULES.identifiers_per_person, ())
    placed = stitcher.households[ANNA].placed.values()
    assert [placement.person for placement in placed] == [person_of(ANNA)] * RULES.touchpoints_per_holder


def test_its_changelog_is_of_records_of_legal_size_and_restores_it(adopts: list[Addressed]):
    stitcher = anchored(adopts)
    changelog = stitcher.settle(T).changelog
    assert max(len(change.value or b"") for change in changelog) < RECORD_BYTES_MAX
    restored = Stitcher(0, RULES, BOOK)
    restored.restore((change.key, change.value) for change in changelog if change.value is not None)
    assert restored.settle(T).upserts == []
    assert restored.households[ANNA].placed.keys() == stitcher.households[ANNA].placed.keys()


def test_the_records_of_an_adopt_may_come_in_any_order(adopts: list[Addressed]):
    in_order, reversed_ = anchored(adopts), anchored(adopts[::-1])
    in_order.settle(T)
    reversed_.settle(T)
    assert in_order.households[ANNA].placed == reversed_.households[ANNA].placed
