"""Who is one person (rules 3): pairs join oldest first, and uniqueness, decisions, limits and junk refuse."""

from schemas.identifiers import Ident, person_of
from streams.identity.bindings import Bindings
from streams.identity.people import JOINED, JUNK, LIMITED, SHARED, SPLIT, Partition, resolve
from tests.support.idents import account, card, email, phone

ANNA, BEN, CARL = account(1), account(2), account(3)
MAIL, MAIL_2, PHONE, PHONE_2 = email(1), email(2), phone(1), phone(2)
EVER = 1 << 60
Sighting = tuple[int, Ident, Ident]


def bound(*sightings: Sighting) -> Bindings:
    bindings = Bindings()
    for time, one, other in sightings:
        bindings.add((min(one, other), max(one, other)), time, time)
    return bindings


def people(*sightings: Sighting, splits: tuple[tuple[Ident, Ident], ...] = (), limit: int = 64) -> Partition:
    return resolve((), bound(*sightings), splits, limit=limit)


def groups(partition: Partition) -> set[frozenset[Ident]]:
    return {frozenset(group.members) for group in partition.groups}


def who(partition: Partition, identifier: Ident, time: int = 0) -> str:
    return partition.person_at(identifier, time, EVER)


# --- joining


def test_identifiers_seen_together_are_one_person_named_by_the_strongest():
    told = people((10, MAIL, PHONE), (20, ANNA, PHONE))
    assert groups(told) == {frozenset((ANNA, MAIL, PHONE))}
    assert who(told, MAIL) == who(told, PHONE) == person_of(ANNA)


def test_an_identifier_seen_alone_is_a_person_of_its_own():
    told = resolve((MAIL, PHONE), Bindings(), ())
    assert groups(told) == {frozenset((MAIL,)), frozenset((PHONE,))}


def test_two_accounts_are_never_one_person():
    told = people((10, ANNA, MAIL), (20, BEN, MAIL))
    assert groups(told) == {frozenset((ANNA, MAIL)), frozenset((BEN,))}
    assert told.verdicts == {(ANNA, MAIL): JOINED, (BEN, MAIL): SHARED}


def test_the_older_binding_joins_first_in_whatever_order_it_is_told():
    older, newer = (10, BEN, MAIL), (20, ANNA, MAIL)
    assert groups(people(newer, older)) == groups(people(older, newer)) == {frozenset((BEN, MAIL)), frozenset((ANNA,))}


def test_of_bindings_of_one_time_the_smaller_pair_joins_first():
    assert people((10, BEN, MAIL), (10, ANNA, MAIL)).verdicts == {(ANNA, MAIL): JOINED, (BEN, MAIL): SHARED}


def test_a_pair_seen_again_keeps_its_place_in_the_order():
    told = people((30, ANNA, MAIL), (20, BEN, MAIL), (10, ANNA, MAIL))
    assert told.verdicts == {(ANNA, MAIL): JOINED, (BEN, MAIL): SHARED}


def test_two_loyalty_cards_that_share_a_contact_are_two_people():
    told = people((10, card(1), MAIL), (20, card(2), MAIL))
    assert told.verdicts[card(2), MAIL] == SHARED


def test_two_loyalty_cards_are_one_person_through_an_account_that_carries_both():
    told = people((10, card(1), MAIL), (20, card(2), MAIL), (30, ANNA, card(1)), (40, ANNA, card(2)))
    assert groups(told) == {frozenset((ANNA, card(1), card(2), MAIL))}
    assert set(told.verdicts.values()) == {JOINED}


def test_a_split_keeps_two_identifiers_apart_and_all_that_was_joined_with_them():
    told = people((10, ANNA, MAIL), (20, MAIL, PHONE), splits=((ANNA, PHONE),))
    assert told.verdicts == {(ANNA, MAIL): JOINED, (MAIL, PHONE): SPLIT}
    assert who(told, PHONE) == person_of(PHONE)


def test_a_split_is_asked_before_uniqueness_and_uniqueness_before_the_limit():
    pairs = ((10, ANNA, MAIL), (20, BEN, MAIL))
    assert people(*pairs, splits=((BEN, MAIL),)).verdicts[BEN, MAIL] == SPLIT
    assert people(*pairs, limit=2).verdicts[BEN, MAIL] == SHARED
    assert people((10, ANNA, MAIL), (20, MAIL, PHONE), limit=2).verdicts[MAIL, PHONE] == LIMITED


def test_a_person_has_sixty_four_identifiers_and_not_one_more():
    told = people(*((number, ANNA, email(number)) for number in range(1, 65)))
    assert max(map(len, groups(told))) == 64
    assert told.verdicts[ANNA, email(63)] == JOINED
    assert told.verdicts[ANNA, email(64)] == LIMITED


def test_a_refused_pair_whose_ends_meet_after_all_counts_as_joined():
    told = people((10, card(1), MAIL), (20, card(2), MAIL), (30, ANNA, card(1)), (40, ANNA, card(2)))
    assert told.verdicts[card(2), MAIL] == JOINED


def test_junk_links_nobody_from_either_side():
    told = resolve((), bound((10, ANNA, MAIL), (20, MAIL, PHONE), (30, ANNA, PHONE_2)), (), (MAIL,))
    assert told.verdicts == {(ANNA, MAIL): JUNK, (MAIL, PHONE): JUNK, (ANNA, PHONE_2): JOINED}
    assert groups(told) == {frozenset((ANNA, PHONE_2)), frozenset((MAIL,)), frozenset((PHONE,))}


# --- shared contacts and what hangs on them


def test_a_shared_contact_belongs_to_the_account_it_was_last_bound_to():
    told = people((10, ANNA, MAIL), (20, BEN, MAIL), (30, ANNA, MAIL))
    at = {time: who(told, MAIL, time) for time in (10, 19, 20, 29, 30, 99)}
    anna, ben = person_of(ANNA), person_of(BEN)
    assert at == {10: anna, 19: anna, 20: ben, 29: ben, 30: anna, 99: anna}


def test_before_its_first_binding_a_shared_contact_belongs_to_the_first():
    assert who(people((10, BEN, MAIL), (20, ANNA, MAIL)), MAIL, 5) == person_of(BEN)


def test_of_two_bindings_at_one_time_the_smaller_account_has_the_contact():
    told = people((10, BEN, MAIL), (10, ANNA, MAIL))
    assert {who(told, MAIL, time) for time in (0, 10, 99)} == {person_of(ANNA)}


def test_accounts_do_not_move_with_a_contact_they_share():
    told = people((10, ANNA, MAIL), (20, BEN, MAIL))
    assert {who(told, ANNA, time) for time in (5, 25)} == {person_of(ANNA)}
    assert {who(told, BEN, time) for time in (5, 25)} == {person_of(BEN)}


def test_a_card_between_two_accounts_is_a_contact_like_others():
    told = people((10, ANNA, card(1)), (20, BEN, card(1)))
    assert who(told, card(1), 15) == person_of(ANNA)
    assert who(told, card(1), 25) == person_of(BEN)


def test_a_phone_known_only_through_a_shared_address_goes_with_it():
    told = people((10, ANNA, MAIL), (12, MAIL, PHONE), (20, BEN, MAIL))
    assert told.group_of[PHONE].hanging == {PHONE: MAIL}
    assert who(told, PHONE, 15) == person_of(ANNA)
    assert who(told, PHONE, 25) == person_of(BEN)


def test_a_phone_the_account_itself_told_stays_with_it():
    told = people((10, ANNA, MAIL), (11, ANNA, PHONE), (12, MAIL, PHONE), (20, BEN, MAIL))
    assert told.group_of[PHONE].core == {ANNA, PHONE}
    assert who(told, PHONE, 25) == person_of(ANNA)


def test_what_hangs_between_two_contacts_hangs_on_the_nearer_then_on_the_smaller():
    both = ((10, ANNA, MAIL), (10, ANNA, MAIL_2), (90, BEN, MAIL), (90, BEN, MAIL_2))
    even = people(*both, (20, MAIL, PHONE), (20, MAIL_2, PHONE))
    assert even.group_of[PHONE].hanging == {PHONE: MAIL}
    nearer = people(*both, (20, MAIL_2, PHONE), (20, MAIL, PHONE_2), (20, PHONE_2, PHONE))
    assert nearer.group_of[PHONE].hanging == {PHONE: MAIL_2, PHONE_2: MAIL}


def test_a_group_that_a_split_keeps_from_a_contact_is_no_candidate_for_it():
    told = people((10, BEN, MAIL), (20, ANNA, MAIL), (30, ANNA, PHONE), splits=((MAIL, PHONE),))
    assert told.verdicts[ANNA, MAIL] == SHARED
    assert who(told, MAIL, 99) == person_of(BEN)


def test_a_contact_without_a_candidate_stays_with_its_group():
    told = people(
        (1, BEN, PHONE), (2, MAIL, PHONE), (3, ANNA, MAIL), (4, CARL, PHONE), (5, ANNA, PHONE_2),
        splits=((MAIL, PHONE_2),),
    )  # fmt: skip
    assert MAIL in told.group_of[BEN].shared
    assert MAIL not in told.candidates
    assert who(told, MAIL, 99) == person_of(BEN)


# --- what was known when


def test_a_binding_received_after_the_cut_joins_nobody():
    bindings = Bindings()
    bindings.add((ANNA, MAIL), 10, 500)
    assert groups(resolve((ANNA, MAIL), bindings, (), cut=499)) == {frozenset((ANNA,)), frozenset((MAIL,))}
    assert groups(resolve((ANNA, MAIL), bindings, (), cut=500)) == {frozenset((ANNA, MAIL))}


def test_an_older_binding_received_late_takes_over_from_its_receipt_on():
    bindings = Bindings()
    bindings.add((ANNA, MAIL), 20, 20)
    bindings.add((BEN, MAIL), 10, 500)
    assert resolve((), bindings, (), cut=499).verdicts == {(ANNA, MAIL): JOINED}
    assert resolve((), bindings, (), cut=500).verdicts == {(BEN, MAIL): JOINED, (ANNA, MAIL): SHARED}


def test_a_shared_contact_follows_only_bindings_received_by_the_cut():
    bindings = bound((10, ANNA, MAIL), (20, BEN, MAIL))
    bindings.add((ANNA, MAIL), 30, 500)
    told = resolve((), bindings, ())
    assert told.person_at(MAIL, 40, 499) == person_of(BEN)
    assert told.person_at(MAIL, 40, 500) == person_of(ANNA)
