"""A record that kills its reader: found among its batch, then alone, and set aside after so many deaths."""

from collections.abc import Iterator
from pathlib import Path

from streams.kafka.intake.suspects import NAME, Suspects

PLACE = ("web.events", 0)


def life(folder: Path, killer: int | None, *, deaths_max: int = 3) -> tuple[list[int], list[int], bool]:
    """Read offsets 0 to 9 as a lane does: those read, those set aside, and whether the process lived."""
    suspects = Suspects(folder, deaths_max)
    read, aside = list[int](), list[int]()
    suspects.reading(PLACE, 0, 9)
    for offset in range(10):
        if suspects.is_suspect(PLACE, offset):
            suspects.reading(PLACE, offset, offset)
        if suspects.is_guilty(PLACE, offset):
            aside.append(offset)
        elif offset == killer:
            return read, aside, False
        else:
            read.append(offset)
    suspects.close()
    return read, aside, True


def lives(folder: Path, killer: int, **settings: int) -> Iterator[tuple[list[int], list[int], bool]]:
    while True:
        lived = life(folder, killer, **settings)
        yield lived
        if lived[2]:
            return


def test_a_record_that_kills_is_set_aside_after_so_many_deaths_and_no_other(tmp_path: Path) -> None:
    *dead, last = lives(tmp_path, 7, deaths_max=3)
    assert last == ([0, 1, 2, 3, 4, 5, 6, 8, 9], [7], True)
    assert len(dead) <= 5


def test_with_more_patience_it_kills_more_often(tmp_path: Path) -> None:
    patient, impatient = (len(list(lives(tmp_path / str(most), 7, deaths_max=most))) for most in (6, 2))
    assert patient > impatient


def test_who_reads_all_leaves_no_mark(tmp_path: Path) -> None:
    life(tmp_path, None)
    assert (tmp_path / NAME).read_bytes() == b""
    assert not Suspects(tmp_path, 3).is_suspect(PLACE, 0)


def test_all_of_a_batch_are_suspect_and_none_is_guilty_yet(tmp_path: Path) -> None:
    life(tmp_path, 4)
    suspects = Suspects(tmp_path, 1)
    assert [suspects.is_suspect(PLACE, offset) for offset in (-1, 0, 9, 10)] == [False, True, True, False]
    assert not suspects.is_suspect(("web.events", 1), 4)
    assert not any(suspects.is_guilty(PLACE, offset) for offset in range(10))


def test_a_process_killed_by_somebody_else_makes_nobody_guilty(tmp_path: Path) -> None:
    for killer in (3, 5, 2, 8):
        life(tmp_path, killer)
    assert life(tmp_path, None) == (list(range(10)), [], True)


def test_a_mark_cut_short_by_the_death_itself_tells_nothing(tmp_path: Path) -> None:
    life(tmp_path, 4)
    mark = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(mark[:20])
    assert not Suspects(tmp_path, 3).is_suspect(PLACE, 4)


def test_a_shorter_mark_overwrites_a_longer_one_whole(tmp_path: Path) -> None:
    suspects = Suspects(tmp_path, 3)
    suspects.reading(("a" * 200, 10), 10**12, 10**12 + 5)
    suspects.reading(PLACE, 1, 2)
    assert Suspects(tmp_path, 3).is_suspect(PLACE, 2)


def test_the_longest_name_of_a_topic_fits_a_mark(tmp_path: Path) -> None:
    place = ("t" * 249, 10_000)
    Suspects(tmp_path, 3).reading(place, 1 << 62, 1 << 62)
    assert Suspects(tmp_path, 3).is_suspect(place, 1 << 62)
