"""Holders of devices and threads tell owners what is theirs, and each change of owner in the next epoch."""

from schemas.evidence import Anonymous, Attribute, Claim, Link, Message, Withdraw
from schemas.identifiers import Ident, anonymous_person, person_of
from schemas.touchpoint import Touchpoint
from streams.identity.device import OWN_EPOCH_BITS, DeviceHolder
from streams.identity.post import Post
from streams.identity.rules import DAY_MS, MINUTE_MS, IdentityRules
from streams.identity.thread import THREAD_EPOCH, ThreadHolder
from streams.journeys.book import load_book
from streams.processor import Addressed
from streams.processors.household import Household
from streams.processors.press import Press
from streams.processors.shares import Till
from streams.rollups.dimensions import Dimensions
from tests.support.idents import account, device, order, seen

BOOK = load_book()
ANNA, BEN, TABLET, ORDER, TICKET = account(1), account(2), device(1), order(1), order(2)
T = 100 * DAY_MS


class Told:
    """A device or a thread with a household of its own."""

    def __init__(self, ident: Ident) -> None:
        marks: dict[tuple[str, bytes], None] = {}
        self.household = Household(BOOK, Till(0, 1, Dimensions()), Press(1), marks)
        kind = DeviceHolder if ident == TABLET else ThreadHolder
        self.holder: DeviceHolder | ThreadHolder = kind(ident, self.household, marks)
        self.post = Post(IdentityRules())

    def told(self, *messages: Message) -> list[Message]:
        """Give letters, settle, and read what it tells others."""
        self.post.handoffs = []
        for message in messages:
            self.holder.take(Addressed(self.holder.ident, message), self.post)
        self.holder.settle(self.post)
        return [letter.message for letter in self.post.handoffs]

    def people(self) -> set[str]:
        return {placement.person for placement in self.household.placed.values()}


def claim(minute: int, *ids: Ident, target: Ident = TABLET) -> Claim:
    at = T + minute * MINUTE_MS
    return Claim(target, ids, (at,), (at,))


VIEW = seen(T, TABLET)
PLACED = seen(T, ORDER)


def withdraw(owner: Ident, epoch: int, touchpoint: Touchpoint) -> Withdraw:
    return Withdraw(owner, epoch, touchpoint.key, touchpoint.event_time)


# --- devices


def test_an_unowned_touchpoint_lives_at_the_device():
    told = Told(TABLET)
    assert told.told(Anonymous(VIEW)) == []
    assert told.people() == {anonymous_person(TABLET)}


def test_an_owned_touchpoint_is_told_to_its_owner_once_and_lives_there():
    told = Told(TABLET)
    told.told(Anonymous(VIEW))
    assert told.told(claim(5, ANNA)) == [Attribute(ANNA, 2, VIEW)]
    assert told.people() == set()
    assert told.told(claim(6, ANNA), Anonymous(VIEW)) == []


def test_a_change_of_owner_is_told_to_both_in_the_next_epoch():
    told = Told(TABLET)
    told.told(Anonymous(VIEW), claim(5, BEN))
    assert told.told(claim(-5, ANNA)) == [withdraw(BEN, 2, VIEW), Attribute(ANNA, 2, VIEW)]


def test_a_touchpoint_that_comes_home_is_withdrawn_from_its_owner():
    told = Told(TABLET)
    told.told(Anonymous(VIEW), claim(5, ANNA))
    assert told.told(claim(6, BEN)) == [withdraw(ANNA, 2, VIEW)]
    assert told.people() == {anonymous_person(TABLET)}


def test_a_better_copy_of_a_touchpoint_is_told_to_the_same_owner_in_the_same_epoch():
    told, late = Told(TABLET), seen(T, TABLET, received=T + MINUTE_MS)
    told.told(Anonymous(late), claim(5, ANNA))
    assert told.told(Anonymous(VIEW)) == [Attribute(ANNA, 1, VIEW)]


def test_what_a_thread_hands_over_is_told_in_epochs_above_the_threads():
    told = Told(TABLET)
    assert told.told(claim(0, ANNA), Attribute(TABLET, THREAD_EPOCH, PLACED)) == [
        Attribute(ANNA, THREAD_EPOCH + 1, PLACED)
    ]
    assert told.told(withdraw(TABLET, 2 * THREAD_EPOCH, PLACED)) == [withdraw(ANNA, 2 * THREAD_EPOCH, PLACED)]
    assert THREAD_EPOCH == 1 << OWN_EPOCH_BITS


# --- threads


def test_a_thread_nobody_claims_is_a_person_of_its_own():
    told = Told(ORDER)
    assert told.told(Anonymous(PLACED)) == []
    assert told.people() == {person_of(ORDER)}


def test_a_thread_tells_its_first_claimant_and_takes_it_back_when_an_earlier_one_is_heard_of():
    told = Told(ORDER)
    told.told(Anonymous(PLACED))
    assert told.told(claim(5, BEN, target=ORDER)) == [Attribute(BEN, 2 * THREAD_EPOCH, PLACED)]
    assert told.told(claim(9, ANNA, target=ORDER)) == []
    assert told.told(claim(4, ANNA, target=ORDER)) == [
        withdraw(BEN, 3 * THREAD_EPOCH, PLACED), Attribute(ANNA, 3 * THREAD_EPOCH, PLACED),
    ]  # fmt: skip


def test_a_thread_only_a_device_claims_is_handed_to_the_device():
    told = Told(ORDER)
    assert told.told(Anonymous(PLACED), claim(5, TABLET, target=ORDER)) == [Attribute(TABLET, THREAD_EPOCH, PLACED)]


def test_threads_that_decided_differently_before_they_met_take_back_both_words():
    root, child = Told(ORDER), Told(TICKET)
    both = seen(T, TICKET)
    root.told(Anonymous(both), claim(5, BEN, target=TICKET))
    child.told(Anonymous(both), claim(4, ANNA, target=TICKET))
    adopts = child.told(Link(TICKET, ORDER, T))
    letters = root.told(Link(TICKET, ORDER, T), *adopts)
    assert letters == [
        withdraw(ANNA, 2 * THREAD_EPOCH, both), withdraw(BEN, 2 * THREAD_EPOCH, both),
        Attribute(ANNA, 2 * THREAD_EPOCH, both),
    ]  # fmt: skip
    assert child.people() == set()
