"""Cases small enough to work out on paper, for the parts that the oracle computes in a clever order."""

from itertools import pairwise, permutations

import pytest

from schemas.identifiers import Ident, anonymous_person, person_of
from tests.oracle.people import JOINED, LIMITED, SHARED, SPLIT, resolve
from tests.oracle.tables import Oracle, keys_per_person
from tests.worlds.story import Wire, decision, email, support, web

ACC_A, ACC_B = Ident(b"\x01a"), Ident(b"\x01b")
CARD_1, CARD_2 = Ident(b"\x02a"), Ident(b"\x02b")
MAIL, PHONE, HANDLE = Ident(b"\x03a"), Ident(b"\x04a"), Ident(b"\x07a")


def test_the_older_binding_wins_and_the_newer_is_shared() -> None:
    found = resolve({(ACC_A, MAIL): 2, (ACC_B, MAIL): 1}, set())
    assert found.verdicts == {(ACC_A, MAIL): SHARED, (ACC_B, MAIL): JOINED}
    assert found.contacts == {MAIL}
    assert found.group[ACC_B].core == {ACC_B}


def test_what_hangs_on_a_shared_contact_is_not_core() -> None:
    found = resolve({(ACC_A, MAIL): 1, (MAIL, PHONE): 2, (PHONE, HANDLE): 3, (ACC_B, MAIL): 4}, set())
    assert found.hangs == {PHONE: MAIL, HANDLE: MAIL}
    assert found.group[ACC_A].core == {ACC_A}


def test_two_refused_cards_are_joined_when_an_account_brings_them_together() -> None:
    pairs = {(CARD_1, PHONE): 1, (CARD_2, PHONE): 2, (ACC_A, CARD_1): 3, (ACC_A, CARD_2): 4}
    assert set(resolve(pairs, set()).verdicts.values()) == {JOINED}


def test_a_split_is_asked_before_uniqueness() -> None:
    found = resolve({(ACC_A, MAIL): 1, (ACC_B, MAIL): 2}, {(ACC_B, MAIL)})
    assert found.verdicts[(ACC_B, MAIL)] == SPLIT
    assert found.contacts == set()


def test_an_account_split_from_a_contact_is_no_candidate_for_it() -> None:
    third = Ident(b"\x01c")
    pairs = {(ACC_A, MAIL): 1, (ACC_B, MAIL): 2, (third, MAIL): 3}
    found = resolve(pairs, {(ACC_B, MAIL)})
    assert sorted(found.candidates[MAIL]) == [(MAIL, ACC_A), (MAIL, third)]


def test_sixty_four_identifiers_are_the_limit() -> None:
    mails = [Ident(bytes((3, number))) for number in range(64)]
    found = resolve({(ACC_A, mail): number for number, mail in enumerate(mails)}, set())
    assert [found.verdicts[(ACC_A, mail)] for mail in mails] == [JOINED] * 63 + [LIMITED]


STORY = [
    web("v1", "10:00", "ck:c1"),
    web("a1", "10:10", "acc:ann ck:c1"),
    email("m1", "11:00", "mail:x@x.example"),
    web("a2", "d1 10:00", "acc:ann mail:x@x.example"),
    support("s1", "d2 10:00", "acc:bob mail:x@x.example"),
]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::13])
def test_the_order_of_events_does_not_matter(order: tuple[int, ...]) -> None:
    oracle = Oracle()
    assert oracle.tables([STORY[index] for index in order]) == oracle.tables(STORY)


def test_repeats_do_not_matter() -> None:
    oracle = Oracle()
    assert oracle.tables([*STORY, *STORY, STORY[2]]) == oracle.tables(STORY)


def test_sets_of_touchpoints_per_person() -> None:
    oracle = Oracle()
    events, _ = oracle.read(STORY)
    found = keys_per_person(oracle.identity(events, ()))
    ann, bob = (person_of(oracle.reader.identifier("account_id", name)) for name in ("ann", "bob"))  # type: ignore[arg-type]
    assert {person: len(keys) for person, keys in found.items()} == {ann: 4, bob: 1}


def test_a_stranger_changes_nothing_of_others() -> None:
    oracle = Oracle()
    alone = oracle.tables(STORY)
    stranger: list[Wire] = [web("z1", "10:05", "acc:zed ck:other mail:zed@x.example")]
    together = oracle.tables([*STORY, *stranger])
    for table in ("touchpoints", "people", "person_aliases", "identity_log", "sessions", "journeys"):
        assert alone[table].items() <= together[table].items()


def test_anonymous_people_are_named_after_the_claim_before_them() -> None:
    oracle = Oracle()
    told = [web("a1", "10:00", "acc:ann ck:c1"), web("v1", "d31 10:00", "ck:c1"), web("v0", "d-1 10:00", "ck:c1")]
    rows = {row[2]: row[0] for row in oracle.tables(told)["touchpoints"].values()}
    device = oracle.reader.identifier("anonymous_id", "c1")
    account = oracle.reader.identifier("account_id", "ann")
    assert device is not None
    assert account is not None
    events, _ = oracle.read(told)
    stamp = events[0].event_time.to_bytes(8, "big") + account
    assert rows == {"a1": person_of(account), "v1": anonymous_person(device, stamp), "v0": anonymous_person(device)}


def test_split_unsplit_split_is_split() -> None:
    oracle = Oracle()
    word = [
        decision(str(n), f"d{n} 9:00", "split" if n % 2 else "allow", "acc:ann", "mail:x@x.example")
        for n in range(1, 4)
    ]
    rows = oracle.tables(STORY, word)["identity_log"]
    assert sorted(str(row[2]) for key, row in rows.items() if key[0] != "claim") == ["joined", "split", "split"]


def test_hits_grow_with_as_of_and_journeys_end_in_time() -> None:
    oracle = Oracle()
    told = [web("w1", "10:00", "acc:ann", task="checkout", name="checkout.started")]
    start = 1_772_409_600_000 + 36_000_000
    states = [
        next(iter(oracle.tables(told, as_of=start + hours * 3_600_000)["journeys"].values()))[4]
        for hours in (1, 24, 25)
    ]
    assert states == ["open", "open", "abandoned"]
    assert all(left is not right for left, right in pairwise(states[1:]))
