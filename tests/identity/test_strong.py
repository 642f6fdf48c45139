"""The holder of a strong identifier: it answers, counts whom it is bound to, hands everything over, keeps limits."""

from schemas.evidence import ALLOW, SPLIT, Adopt, Attribute, Decision, Edge, Junk, Link, Message, Observe, Withdraw
from schemas.identifiers import NOBODY, Ident, person_of
from streams.identity.post import Post
from streams.identity.rules import DAY_MS, IdentityRules
from streams.identity.strong import StrongHolder
from streams.journeys.book import load_book
from streams.processor import Addressed
from streams.processors.household import Household
from streams.processors.press import Press
from streams.processors.shares import Till
from streams.rollups.dimensions import Dimensions
from tests.support.idents import account, card, email, phone, seen

BOOK = load_book()
ANNA, BEN, MAIL, PHONE = account(1), account(2), email(1), phone(1)
T = 100 * DAY_MS


class Told:
    """A holder with a household of its own, and the post it writes to."""

    def __init__(self, ident: Ident, rules: IdentityRules | None = None) -> None:
        marks: dict[tuple[str, bytes], None] = {}
        self.household = Household(BOOK, Till(0, 1, Dimensions()), Press(1), marks)
        self.holder = StrongHolder(ident, self.household, marks)
        self.post = Post(rules or IdentityRules())

    def take(self, *messages: Message) -> list[Addressed]:
        self.post.handoffs = []
        for message in messages:
            self.holder.take(Addressed(self.holder.ident, message), self.post)
        return self.post.handoffs

    def people(self) -> dict[bytes, str]:
        self.holder.settle(self.post)
        return {key: placement.person for key, placement in self.household.placed.items()}


def link(larger: Ident, smaller: Ident, *, derived: bool = False) -> Link:
    return Link(larger, smaller, 0, derived)


# --- finding the root


def test_the_first_link_moves_everything_to_the_parent():
    told = Told(MAIL)
    told.take(Observe(seen(T, MAIL, PHONE)), Edge((MAIL, phone(2)), T, T))
    told.people()
    letters = told.take(link(MAIL, ANNA))
    assert {letter.to for letter in letters} == {ANNA}
    handed = [member[0] for letter in letters if isinstance(letter.message, Adopt) for member in letter.message.members]
    assert sorted(set(handed)) == ["b", "i", "t"]
    assert told.household.placed == {}
    assert told.people() == {}


def test_a_holder_that_has_a_parent_forwards_what_reaches_it_unchanged():
    told = Told(MAIL)
    told.take(link(MAIL, ANNA))
    evidence = Observe(seen(T, MAIL))
    assert told.take(evidence) == [Addressed(ANNA, evidence, MAIL)]


def test_a_smaller_parent_replaces_the_larger_which_is_told_to_join_it():
    told = Told(PHONE)
    told.take(link(PHONE, MAIL))
    assert told.take(link(PHONE, ANNA)) == [Addressed(MAIL, link(MAIL, ANNA, derived=True))]
    assert told.holder.parent == ANNA


def test_a_link_that_is_not_for_this_holder_or_to_itself_says_nothing():
    told = Told(MAIL)
    assert told.take(link(PHONE, ANNA), link(MAIL, MAIL)) == []
    assert told.holder.parent is None


def test_adopting_what_a_child_held_gives_what_telling_it_would_have_given():
    child, root, whole = Told(MAIL), Told(ANNA), Told(ANNA)
    told = [Observe(seen(T, MAIL, PHONE)), Observe(seen(T + 1, MAIL))]
    child.take(*told)
    edge = Edge((ANNA, MAIL), T, T)
    root.take(edge, *(letter.message for letter in child.take(link(MAIL, ANNA))))
    whole.take(edge, *told)
    assert root.people() == whole.people() == dict.fromkeys(whole.household.placed, person_of(ANNA))


def test_an_adopt_told_twice_changes_nothing():
    child, root = Told(MAIL), Told(ANNA)
    child.take(Observe(seen(T, MAIL)))
    adopts = [letter.message for letter in child.take(link(MAIL, ANNA))]
    root.take(Edge((ANNA, MAIL), T, T), *adopts)
    once = root.people()
    root.take(*adopts)
    assert root.people() == once


# --- junk


def test_an_address_of_twenty_five_people_is_a_contact_and_one_of_more_is_junk():
    told = Told(MAIL)
    told.take(*(link(MAIL, account(number)) for number in range(1, 26)))
    assert told.holder.cluster.junk == set()
    letters = told.take(link(MAIL, account(26)))
    assert letters == [Addressed(account(1), Junk(MAIL)), Addressed(account(26), Junk(MAIL))]
    assert told.post.ledger["junk"] == 1


def test_one_person_linked_often_is_one_and_a_derived_link_is_no_person():
    told = Told(MAIL)
    told.take(*(link(MAIL, ANNA) for _ in range(99)), *(link(MAIL, card(n), derived=True) for n in range(1, 99)))
    assert told.holder.neighbours == {ANNA}


def test_an_account_is_never_junk():
    told = Told(account(99))
    told.take(*(link(account(99), account(number)) for number in range(1, 40)))
    assert told.holder.cluster.junk == set()


def test_who_hears_that_an_identifier_is_junk_parts_from_it():
    told = Told(ANNA)
    told.take(Observe(seen(T, ANNA, MAIL)), Attribute(MAIL, 1, seen(T + 1, MAIL)))
    assert set(told.people().values()) == {person_of(ANNA)}
    told.take(Junk(MAIL))
    assert set(told.people().values()) == {person_of(ANNA), person_of(MAIL)}


# --- attributions


def test_a_withdrawn_touchpoint_is_nobodys_here_and_a_later_epoch_brings_it_back():
    told, touchpoint = Told(ANNA), seen(T)
    attributed = Attribute(ANNA, 1, touchpoint)
    told.take(attributed)
    assert told.people() == {touchpoint.key: person_of(ANNA)}
    told.take(Withdraw(ANNA, 2, touchpoint.key, T), attributed)
    assert told.people() == {}
    told.take(Attribute(ANNA, 3, touchpoint))
    assert told.people() == {touchpoint.key: person_of(ANNA)}


def test_a_withdrawal_before_its_attribution_does_not_beat_it_inside_one_epoch():
    told, touchpoint = Told(ANNA), seen(T)
    told.take(Withdraw(ANNA, 1, touchpoint.key, T), Attribute(ANNA, 1, touchpoint))
    assert told.people() == {touchpoint.key: person_of(ANNA)}


# --- decisions


def decided(at: int, verdict: str, decision_id: str = "d") -> Decision:
    return Decision((ANNA, MAIL), at, decision_id, verdict)


def test_the_newest_decision_of_a_pair_holds_in_whatever_order_they_come():
    for words, together in (
        ([decided(T, SPLIT), decided(T + 1, ALLOW)], True),
        ([decided(T + 1, ALLOW), decided(T, SPLIT)], True),
        ([decided(T + 2, SPLIT), decided(T + 1, ALLOW), decided(T, SPLIT)], False),
        ([decided(T, SPLIT, "b"), decided(T, ALLOW, "a")], False),
    ):
        told = Told(ANNA)
        told.take(Observe(seen(T, ANNA, MAIL)), Attribute(MAIL, 1, seen(T + 1, MAIL)), *words)
        assert (len(set(told.people().values())) == 1) is together


def test_a_decision_counts_only_for_touchpoints_that_are_not_settled_by_then():
    rules = IdentityRules()
    told, touchpoint = Told(ANNA), seen(T + 1, MAIL)
    evidence = (Observe(seen(T, ANNA, MAIL)), Attribute(MAIL, 1, touchpoint))
    told.take(*evidence, decided(rules.cut(touchpoint) + 1, SPLIT))
    assert told.people()[touchpoint.key] == person_of(ANNA)
    told.take(decided(rules.cut(touchpoint), SPLIT))
    assert told.people()[touchpoint.key] == person_of(MAIL)


# --- limits


def test_what_comes_after_too_many_touchpoints_is_stitched_to_nobody():
    told = Told(ANNA, IdentityRules(touchpoints_per_holder=3))
    told.take(*(Observe(seen(T + number, ANNA)) for number in range(4)))
    assert set(told.people().values()) == {person_of(ANNA)}
    told.take(Observe(seen(T + 9, ANNA)))
    assert told.people()[seen(T + 9, ANNA).key] == NOBODY


def test_touchpoints_are_counted_as_new_once():
    told = Told(ANNA)
    told.take(Observe(seen(T, ANNA)), Observe(seen(T, ANNA, received=T + 9)), Observe(seen(T + 1, ANNA)))
    assert dict(told.post.ledger) == {"new": 2, "repeat": 1}


def test_a_touchpoint_counted_at_two_holders_that_become_one_was_a_repeat():
    child, root = Told(MAIL), Told(ANNA)
    child.take(Observe(seen(T, MAIL)))
    root.take(Observe(seen(T, MAIL)), *(letter.message for letter in child.take(link(MAIL, ANNA))))
    assert dict(root.post.ledger) == {"new": 0, "repeat": 1}
