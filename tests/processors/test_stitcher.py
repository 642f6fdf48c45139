"""The stitcher: one partition from letters to rows, restored from its changelog as the very stitcher that wrote it."""

from collections.abc import Mapping

from schemas.evidence import Anonymous, Claim, Decision, Edge, Message, Observe, Tick
from schemas.identifiers import NOBODY, Ident, Kind, anonymous_person, ident, nobody, person_of
from schemas.rows import Row, RowKey, Table, TouchpointRow, Upsert
from schemas.touchpoint import Touchpoint
from streams.identity.device import DeviceHolder
from streams.identity.rules import DAY_MS, HOUR_MS, MINUTE_MS, IdentityRules
from streams.journeys.book import load_book
from streams.processor import Addressed, Change, Emit
from streams.processors.stitcher import Stitcher
from tests.support.idents import account, device, email, order, seen

BOOK = load_book()
RULES = IdentityRules(keep_ms=BOOK.keep_ms)
ANNA, MAIL, TABLET, ORDER = account(1), email(1), device(1), order(1)
T = 20_000 * DAY_MS
SOON, MUCH_LATER = T + HOUR_MS, T + RULES.memory_ms + 3 * HOUR_MS
NO_IDENT = Ident(b"")


def touched(to: Ident, touchpoint: Touchpoint) -> Addressed:
    return Addressed(to, Observe(touchpoint) if touchpoint.strong else Anonymous(touchpoint))


LETTERS = [
    touched(ANNA, seen(T, ANNA, MAIL)),
    touched(MAIL, seen(T + MINUTE_MS, MAIL)),
    touched(TABLET, seen(T + 2 * MINUTE_MS, TABLET)),
    Addressed(TABLET, Claim(TABLET, (ANNA,), (T + 3 * MINUTE_MS,), (T + 3 * MINUTE_MS,))),
    touched(device(2), seen(T + 4 * MINUTE_MS, device(2))),
    touched(ORDER, seen(T + 5 * MINUTE_MS, ORDER)),
    touched(nobody(b"n" * 16), seen(T + 6 * MINUTE_MS)),
    Addressed(ANNA, Decision((ANNA, email(2)), T, "d", "split", "why", "me")),
]


class Partition:
    """A stitcher that is its own neighbour: what its holders tell each other comes back to it."""

    def __init__(self, stored: Mapping[bytes, bytes] | None = None) -> None:
        self.stitcher = Stitcher(0, RULES, BOOK)
        self.stored = dict(stored or {})
        self.newest: dict[tuple[Table, RowKey], Upsert] = {}
        if self.stored:
            self.stitcher.restore(self.stored.items())

    def told(self, *letters: Addressed, as_of: int = SOON, floor: int | None = None) -> list[Upsert]:
        """Settle until nobody has anything more to tell."""
        waiting, upserts = list(letters), list[Upsert]()
        while True:
            for letter in waiting:
                self.stitcher.take(letter)
            emit = self.stitcher.settle(as_of, floor)
            upserts += self._kept(emit)
            waiting = emit.handoffs
            if not waiting:
                return upserts

    def _kept(self, emit: Emit) -> list[Upsert]:
        for change in emit.changelog:
            self._store(change)
        self.newest |= {(upsert.table, upsert.key): upsert for upsert in emit.upserts}
        return emit.upserts

    def _store(self, change: Change) -> None:
        if change.value is None:
            self.stored.pop(change.key, None)
        else:
            self.stored[change.key] = change.value

    def rows(self) -> dict[tuple[Table, RowKey], Row]:
        return {ref: upsert.row for ref, upsert in self.newest.items() if upsert.row is not None}

    def person(self, touchpoint: Touchpoint) -> str:
        found = [row.person_id for row in self.rows().values()
                 if isinstance(row, TouchpointRow) and row.touchpoint.key == touchpoint.key]  # fmt: skip
        (person,) = found
        return person

    def ledger(self) -> dict[str, int]:
        return dict(self.stitcher.post.ledger)


def tick(source: str, read_up_to: int) -> Addressed:
    message: Message = Tick(source, read_up_to)
    return Addressed(NO_IDENT, message)


# --- stitching


def test_every_class_of_holder_places_what_it_owns():
    partition = Partition()
    partition.told(*LETTERS)
    assert partition.person(seen(T, ANNA, MAIL)) == person_of(ANNA)
    assert partition.person(seen(T + 2 * MINUTE_MS, TABLET)) == person_of(ANNA)
    assert partition.person(seen(T + 4 * MINUTE_MS, device(2))) == anonymous_person(device(2))
    assert partition.person(seen(T + 5 * MINUTE_MS, ORDER)) == person_of(ORDER)
    assert partition.person(seen(T + 6 * MINUTE_MS)) == NOBODY


def test_all_unclaimed_touchpoints_of_a_partition_are_at_one_holder():
    partition = Partition()
    partition.told(*(touched(nobody(bytes((number,)) * 16), seen(T + number)) for number in range(9)))
    assert list(partition.stitcher.holders) == [ident(Kind.TOUCHPOINT, bytes(16))]


def test_letters_told_twice_publish_nothing():
    partition = Partition()
    partition.told(*LETTERS)
    assert partition.told(*LETTERS) == []


def test_holders_may_exchange_letters_before_anybody_publishes():
    partition = Partition()
    for letter in LETTERS[2:4]:
        partition.stitcher.take(letter)
    handoffs = partition.stitcher.exchange()
    assert {letter.to for letter in handoffs} == {ANNA}
    assert partition.stitcher.exchange() == []
    partition.told(*handoffs)
    assert partition.person(seen(T + 2 * MINUTE_MS, TABLET)) == person_of(ANNA)


# --- time


def test_log_time_is_that_of_the_input_furthest_behind_and_never_steps_back():
    stitcher = Partition().stitcher
    assert stitcher.log_time == 0
    for source, read_up_to in (("a", 50), ("b", 30), ("a", 40)):
        stitcher.take(tick(source, read_up_to))
    assert (stitcher.log_time, stitcher.ticks) == (30, {"a": 50, "b": 30})


def test_a_journey_ends_by_time_alone():
    partition = Partition()
    partition.told(touched(ANNA, seen(T, ANNA)))
    upserts = partition.told(as_of=T + 9 * DAY_MS)
    assert {upsert.table for upsert in upserts} == {Table.JOURNEYS}


# --- restoring


def test_a_restored_stitcher_is_the_one_that_wrote():
    partition = Partition()
    partition.told(tick("a", SOON), *LETTERS)
    restored = Partition(partition.stored)
    assert restored.stitcher.ticks == partition.stitcher.ticks
    assert restored.stitcher.holders.keys() == partition.stitcher.holders.keys()
    for who, household in partition.stitcher.households.items():
        twin = restored.stitcher.households[who]
        assert twin.placed == household.placed
        assert twin.people() == household.people()
        assert twin.sayings.published == household.sayings.published
        assert twin.sayings.retracted == household.sayings.retracted
    assert restored.ledger() == partition.ledger()


def test_what_a_restored_stitcher_says_stands_above_all_it_had_said():
    partition = Partition()
    said = {(upsert.table, upsert.key): upsert.revision for upsert in partition.told(*LETTERS, as_of=SOON)}
    restored = Partition(partition.stored)
    again = restored.told(Addressed(ANNA, Decision((ANNA, MAIL), T, "e", "split", "why", "me")), as_of=SOON)
    assert again
    assert all(upsert.revision > said.get((upsert.table, upsert.key), 0) for upsert in again)


def test_settling_a_restored_stitcher_publishes_nothing_and_logs_no_member():
    partition = Partition()
    partition.told(*LETTERS)
    restored = Partition(partition.stored)
    emit = restored.stitcher.settle(SOON)
    assert (emit.upserts, emit.handoffs) == ([], [])
    assert {change.key for change in emit.changelog if change.value != partition.stored.get(change.key)} == set()


def test_stopping_after_any_letter_and_going_on_gives_the_same_rows():
    whole = Partition()
    whole.told(*LETTERS)
    for cut in range(len(LETTERS)):
        begun = Partition()
        begun.told(*LETTERS[:cut])
        after = Partition(begun.stored)
        after.newest = begun.newest
        after.told(*LETTERS[cut:])
        assert after.rows() == whole.rows()


def test_letters_told_again_after_a_crash_publish_nothing_new():
    partition = Partition()
    partition.told(*LETTERS)
    assert Partition(partition.stored).told(*LETTERS) == []


def test_a_restored_stitcher_forgets_what_the_first_would_have_forgotten():
    partition = Partition()
    partition.told(*LETTERS)
    restored = Partition(partition.stored)
    for one in (partition, restored):
        one.told(as_of=MUCH_LATER, floor=MUCH_LATER)
        assert all(household.placed == {} for household in one.stitcher.households.values())
    assert restored.stored == partition.stored


# --- forgetting


def test_forgetting_takes_no_row_back():
    partition = Partition()
    partition.told(*LETTERS)
    before = {ref: row for ref, row in partition.rows().items() if ref[0] not in (Table.JOURNEYS, Table.SESSIONS)}
    partition.told(as_of=MUCH_LATER, floor=MUCH_LATER)
    assert before.items() <= partition.rows().items()


def test_a_repeat_of_what_is_forgotten_is_counted_and_shown_nowhere():
    partition = Partition()
    partition.told(*LETTERS)
    new = partition.ledger()["new"]
    partition.told(as_of=MUCH_LATER, floor=MUCH_LATER)
    partition.told(*(letter for letter in LETTERS if isinstance(letter.message, Observe | Anonymous)), as_of=MUCH_LATER)
    assert partition.ledger()["new"] == new
    assert partition.ledger()["repeat"] == 6
    assert all(household.placed == {} for household in partition.stitcher.households.values())


def test_who_was_together_is_known_after_their_touchpoints_are_forgotten():
    partition = Partition()
    partition.told(touched(ANNA, seen(T, ANNA, MAIL)), Addressed(ANNA, Edge((ANNA, MAIL), T, T)))
    partition.told(as_of=MUCH_LATER, floor=MUCH_LATER)
    newer = seen(MUCH_LATER, ANNA)
    partition.told(touched(ANNA, newer), as_of=MUCH_LATER)
    assert partition.stitcher.households[ANNA].people() == {person_of(ANNA)}
    people = [row for ref, row in partition.rows().items() if ref[0] == Table.PEOPLE]
    assert [getattr(row, "identifiers", ()) for row in people] == [tuple(one.hex() for one in (ANNA, MAIL))]


def test_a_device_whose_user_is_always_signed_in_forgets_its_claims_too():
    partition = Partition()
    times = tuple(T + number * MINUTE_MS for number in range(600))
    partition.told(Addressed(TABLET, Claim(TABLET, (ANNA,), times, times)))
    restored = Partition(partition.stored)
    for one in (partition, restored):
        one.told(as_of=MUCH_LATER + DAY_MS, floor=MUCH_LATER + DAY_MS)
        holder = one.stitcher.holders[TABLET]
        assert isinstance(holder, DeviceHolder)
        assert sorted(point.time for point in holder.points()) == [times[0], times[-1]]
