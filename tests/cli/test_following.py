"""`seamline friction tail`: what is new is said once, what is taken back too."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from schemas.rows import Upsert
from sinks.clickhouse.client import connect
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.writer import Warehouse
from sinks.console.friction import FrictionNews
from streams.commands.following import NEWS_MAX, Shown
from tests.cli.story import Said, story


def news(hit: str, revision: int, *, at: int, is_deleted: int = 0) -> FrictionNews:
    return FrictionNews(
        "p", hit, "X01", "high", 0.9, 36.0, at, revision=revision, is_deleted=is_deleted, ingested_at=at
    )


def test_tail_begins_with_the_last_hits_and_says_each_once(seamline: Callable[..., Said], tmp_path: Path) -> None:
    with connect(f"chdb://{tmp_path}/warehouse") as client:
        migrate(client)
        Warehouse(client).insert([Upsert(table, key, 1, row) for table, key, row in story()])
    asked = ("friction", "tail", "--looks", "2", "--every", "0.1", "--dsn", f"chdb://{tmp_path}/warehouse")
    said = seamline(*asked)
    assert said.code == 0, said.err
    assert said.out.count("X01") == 1
    (line,) = seamline(*asked, "--json").out.splitlines()
    assert msgspec.json.decode(line)["pattern"] == "X01"
    assert not seamline(*asked, "--pattern", "U13").out
    assert not seamline(*asked, "--last", "0").out


def test_a_hit_is_news_again_when_it_grows_and_when_it_is_taken_back() -> None:
    shown = Shown()
    first, grown, gone = news("a", 1, at=1), news("a", 2, at=2), news("a", 3, at=3, is_deleted=1)
    assert shown.sift([first]) == [first]
    assert shown.sift([grown, first]) == [grown]
    assert shown.sift([gone, grown]) == [gone]
    assert shown.sift([gone]) == []
    assert shown.newest == 3


def test_of_one_insertion_what_was_detected_first_comes_first() -> None:
    at_once = [news("a", 1, at=9), news("b", 1, at=5), news("c", 1, at=7)]
    inserted = [msgspec.structs.replace(each, ingested_at=9) for each in at_once]
    assert [entry.hit_id for entry in Shown().sift(inserted)] == ["b", "c", "a"]


def test_taking_back_what_was_never_shown_is_no_news() -> None:
    assert Shown().sift([news("a", 3, at=3, is_deleted=1)]) == []


def test_what_is_remembered_is_bounded() -> None:
    shown = Shown()
    shown.sift([news(str(number), 1, at=number) for number in range(NEWS_MAX + 1)])
    assert shown.sift([news("1", 1, at=1)]) == []
    assert [entry.hit_id for entry in shown.sift([news("0", 1, at=0)])] == ["0"]
