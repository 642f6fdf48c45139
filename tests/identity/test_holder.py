"""What all holders share: parents that only get smaller, letters that learn a shorter way, Adopts of bounded size."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.evidence import Adopt, Link, Message, Observe
from schemas.identifiers import Ident
from streams.identity.holder import ADOPT_BYTES_MAX, Members, adopt_chunks, forward, unite
from streams.identity.members import COUNTER, TOUCHPOINT, pack
from streams.identity.post import Post
from streams.identity.rules import IdentityRules
from streams.processor import Addressed
from tests.support.idents import account, email, phone, seen

RECORD_BYTES_MAX = 64 * 1024
ANNA, MAIL = account(1), email(1)
COUNT: tuple[str, bytes, bytes] = (COUNTER, b"", pack(7))


def post() -> Post:
    return Post(IdentityRules())


def adopts(members: Members) -> list[Adopt]:
    chunks = list(adopt_chunks(ANNA, MAIL, members))
    return [chunk for chunk in chunks if isinstance(chunk, Adopt)]


def weights(*sizes: int) -> Members:
    return [(TOUCHPOINT, number.to_bytes(16, "big"), bytes(size)) for number, size in enumerate(sizes)]


# --- handing over


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12_000), max_size=30), st.booleans())
def test_chunks_are_records_of_legal_size_and_lose_nothing(sizes: list[int], counted: bool):
    members = [*weights(*sizes), *([COUNT] if counted else [])]
    chunks = adopts(members)
    assert all(len(msgspec.msgpack.encode(chunk)) < RECORD_BYTES_MAX for chunk in chunks)
    assert {member for chunk in chunks for member in chunk.members} == set(members)
    assert all(chunk.members.count(COUNT) == counted for chunk in chunks)


def test_every_chunk_carries_the_revision_counter_so_that_later_words_stand_above():
    chunks = adopts([*weights(30_000, 30_000, 30_000), COUNT])
    assert [chunk.members[0] for chunk in chunks] == [COUNT, COUNT, COUNT]


def test_a_counter_alone_is_still_handed_over():
    assert adopts([COUNT]) == [Adopt(ANNA, MAIL, (COUNT,))]


def test_a_holder_that_held_nothing_hands_over_nothing():
    assert adopts([]) == []


def test_small_members_travel_together():
    assert len(adopts(weights(*[100] * 100))) == 1
    assert len(adopts(weights(ADOPT_BYTES_MAX // 2, ADOPT_BYTES_MAX // 2))) == 2


# --- parents


def sent(told: Post) -> list[tuple[Ident, Message]]:
    return [(letter.to, letter.message) for letter in told.handoffs]


def test_a_holder_without_a_parent_takes_the_one_it_hears_of_and_tells_nobody():
    told = post()
    assert unite(None, ANNA, told) == ANNA
    assert unite(ANNA, ANNA, told) == ANNA
    assert sent(told) == []


def test_of_two_parents_the_smaller_stays_and_the_larger_is_told_of_it():
    for before, other in ((MAIL, ANNA), (ANNA, MAIL)):
        told = post()
        assert unite(before, other, told) == ANNA
        assert sent(told) == [(MAIL, Link(larger=MAIL, smaller=ANNA, derived=True))]


def test_a_letter_is_forwarded_unchanged_and_says_through_whom():
    told, letter = post(), Addressed(MAIL, Observe(seen(10, MAIL)))
    forward(ANNA, MAIL, letter, told)
    assert told.handoffs == [Addressed(ANNA, letter.message, MAIL)]
    assert told.ledger["forwarded"] == 1


def test_whoever_forwarded_a_letter_here_is_told_the_shorter_way():
    told, letter = post(), Addressed(MAIL, Observe(seen(10, MAIL)), via=phone(1))
    forward(ANNA, MAIL, letter, told)
    assert told.handoffs[0] == Addressed(phone(1), Link(larger=phone(1), smaller=ANNA, derived=True))


def test_a_parent_that_forwards_is_not_told_to_be_its_own_child():
    told = post()
    forward(ANNA, MAIL, Addressed(MAIL, Observe(seen(10, MAIL)), via=ANNA), told)
    assert sent(told) == [(ANNA, Observe(seen(10, MAIL)))]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_pairs_only_shrink(heard: list[int]):
    told, parents = post(), [unite(None, account(heard[0]), post())]
    for number in heard[1:]:
        parents.append(unite(parents[-1], account(number), told))
    assert parents == sorted(parents, reverse=True)
    assert parents[-1] == account(min(heard))
    links = [message for _, message in sent(told) if isinstance(message, Link)]
    assert all(link.smaller < link.larger for link in links)
