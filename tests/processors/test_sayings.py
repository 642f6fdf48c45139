"""What a household has said: only differences leave, retractions are remembered, and each word is above the last."""

from collections.abc import Callable

from schemas.rows import FreshnessRow, PersonRow, Row, RowKey, Table, Upsert
from streams.identity.members import COUNTER, PUBLISHED, unpack
from streams.identity.residence import RowRef
from streams.processors.press import EPOCH_SHIFT, GENERATION_SHIFT, Press, revision
from streams.processors.sayings import COUNTER_MS, Sayings

NOW = 1_750_000_000_000
REF: RowRef = (Table.PEOPLE, ("p",))
OTHER: RowRef = (Table.PEOPLE, ("q",))


def row(flag: str = "") -> Row:
    return PersonRow("p", "strong", "c", ("c",), ("email",), (flag,) if flag else ())


class Voice:
    """Sayings and the press they speak to."""

    def __init__(self, at: int = NOW) -> None:
        self.press = Press(1)
        self.sayings = Sayings(self.press, {})
        self.sayings.begin(at)

    def printed(self) -> list[Upsert]:
        upserts, self.press.upserts = self.press.upserts, []
        return upserts

    def take_in(self, other: "Voice") -> None:
        for kind, key in list(other.sayings.keys()):
            value = other.sayings.member(kind, key)
            assert value is not None
            if kind == PUBLISHED:
                self.sayings.join(key, value)
            else:
                self.sayings.counter = max(self.sayings.counter, unpack(value, int))


def said(voice: Voice, *words: Row | None, at: int = NOW) -> list[Row | None]:
    """Each word in a settle of its own."""
    for word in words:
        voice.sayings.begin(at)
        if word is None:
            voice.sayings.retract(REF)
        else:
            voice.sayings.say(REF, word)
    return [upsert.row for upsert in voice.printed()]


def revisions(upserts: list[Upsert]) -> list[int]:
    return [upsert.revision for upsert in upserts]


# --- only differences


def test_a_row_said_again_is_not_published_again():
    assert said(Voice(), row(), row(), row("junk"), row("junk"), row()) == [row(), row("junk"), row()]


def test_what_was_never_said_is_not_retracted():
    assert said(Voice(), None) == []


def test_a_retraction_is_said_once_and_a_row_may_come_back_after_it():
    assert said(Voice(), row(), None, None, row()) == [row(), None, row()]


def test_a_row_that_was_let_stand_is_forgotten_without_a_word():
    voice = Voice()
    said(voice, row())
    voice.sayings.let_stand(REF)
    assert said(voice, None) == []
    assert not voice.sayings.is_said(REF)


# --- retractions


def test_a_retraction_is_remembered_but_is_no_saying():
    voice = Voice()
    said(voice, row(), None)
    assert REF in voice.sayings.retracted
    assert not voice.sayings.is_said(REF)


def test_a_retraction_is_buried_once_it_is_old():
    voice = Voice()
    said(voice, row(), None)
    voice.sayings.bury(NOW)
    assert REF in voice.sayings.retracted
    voice.sayings.bury(NOW + 1)
    assert REF not in voice.sayings.retracted


def test_a_row_that_stands_is_never_buried():
    voice = Voice()
    said(voice, row())
    voice.sayings.bury(NOW * 2)
    assert voice.sayings.is_said(REF)


# --- revisions


def test_every_settle_speaks_above_the_one_before_and_speaks_in_one_revision():
    voice = Voice()
    voice.sayings.say(REF, row())
    voice.sayings.say(OTHER, row())
    voice.sayings.begin(NOW)
    voice.sayings.say(REF, row("junk"))
    first, second, third = revisions(voice.printed())
    assert first == second < third


def test_a_silent_settle_uses_no_revision_up():
    voice = Voice()
    said(voice, row())
    counter = voice.sayings.counter
    said(voice, row(), row())
    assert voice.sayings.counter == counter


def test_the_counter_never_lags_log_time_so_that_whoever_speaks_later_stands_above():
    busy, late = Voice(), Voice()
    for number in range(50):
        said(busy, row(str(number)), at=NOW)
    said(late, row(), at=NOW + 51 * COUNTER_MS)
    assert late.sayings.counter > busy.sayings.counter >= NOW // COUNTER_MS


def test_a_settle_of_an_earlier_log_time_is_still_a_later_word():
    voice = Voice()
    said(voice, row())
    counter = voice.sayings.counter
    said(voice, row("junk"), at=0)
    assert voice.sayings.counter == counter + 1


def test_a_revision_is_by_generation_then_by_epoch_then_by_counter():
    assert revision(1, 0, 5) < revision(1, 0, 6) < revision(1, 1, 0) < revision(2, 0, 0)
    most = (1 << EPOCH_SHIFT) - 1
    assert revision(1, (1 << (GENERATION_SHIFT - EPOCH_SHIFT)) - 1, most) < revision(2, 0, 0)
    assert most * COUNTER_MS > 4_200_000_000_000


# --- two households that become one


def test_what_both_had_said_alike_is_not_said_again():
    mine, theirs = Voice(), Voice()
    said(mine, row())
    said(theirs, row())
    mine.take_in(theirs)
    assert said(mine, row()) == []


def test_where_both_had_said_different_things_the_row_is_said_again_above_both():
    mine, theirs = Voice(), Voice()
    mine.sayings.say(REF, row())
    for flag in "abc":
        said(theirs, row(flag))
    before = mine.printed()[0].revision
    mine.take_in(theirs)
    mine.sayings.begin(NOW)
    mine.sayings.say(REF, row())
    (upsert,) = mine.printed()
    assert upsert.row == row()
    assert upsert.revision > before
    assert upsert.revision > revision(1, 0, theirs.sayings.counter)


def test_where_one_had_retracted_what_the_other_says_the_row_is_settled_anew():
    for words in ((row(),), (None,)):
        mine, theirs = Voice(), Voice()
        said(mine, row())
        said(theirs, row(), None)
        mine.take_in(theirs)
        assert said(mine, *words) == list(words)


def test_a_touchpoints_row_both_had_said_keeps_the_greater_epoch_to_be_retracted_in():
    key: RowKey = (20_000, "00")
    mine, theirs = Voice(), Voice()
    for voice, epoch in ((mine, 3), (theirs, 7)):
        said_in = epoch.to_bytes(4, "big") + b"%d" % epoch
        voice.sayings.say((Table.TOUCHPOINTS, key), FreshnessRow("s", 0, 0, 0, 0, 0), epoch, said_in)
    mine.take_in(theirs)
    assert mine.sayings.published[Table.TOUCHPOINTS, key] == (7).to_bytes(4, "big")


# --- the changelog


def test_what_stands_is_worked_out_again_so_the_changelog_tells_of_retractions_only():
    voice = Voice()
    said(voice, row())
    assert voice.sayings.changes() == []
    said(voice, None)
    ((key, value),) = voice.sayings.changes()
    assert key[:1] == PUBLISHED.encode()
    assert value == voice.sayings.member(PUBLISHED, key[1:])
    assert voice.sayings.changes() == []


def test_a_retraction_goes_from_the_changelog_once_its_row_is_said_again_or_stands_or_moved_away():
    ends: list[Callable[[Voice], object]] = [
        lambda voice: said(voice, row("junk")),
        lambda voice: voice.sayings.let_stand(REF),
        lambda voice: voice.sayings.leave(),
    ]
    for end in ends:
        voice = Voice()
        said(voice, row(), None)
        ((key, _),) = voice.sayings.changes()
        end(voice)
        assert voice.sayings.changes() == [(key, None)]


def test_a_retraction_taken_in_is_told_of_and_a_row_that_stands_is_not():
    mine, theirs = Voice(), Voice()
    said(theirs, row(), None)
    theirs.sayings.say(OTHER, row())
    mine.take_in(theirs)
    ((_, value),) = mine.sayings.changes()
    assert value is not None
    mine.take_in(theirs)
    theirs = Voice()
    said(theirs, row("junk"))
    mine.take_in(theirs)
    assert [value for _, value in mine.sayings.changes()] == [None]


def test_a_counter_is_told_of_only_where_log_time_does_not_tell_it():
    voice = Voice()
    said(voice, row())
    assert voice.sayings.marks == {}
    said(voice, row("junk"))
    assert voice.sayings.marks == {(COUNTER, b""): None}
