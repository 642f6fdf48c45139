"""Answers as bars: `seamline query ... --chart`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from sinks.console.chart import BARS_MAX, chart_page, measure_of
from tests.cli.story import Said

Seamline = Callable[..., Said]

ROWS: list[dict[str, object]] = [
    {"task": "checkout", "on": "web", "hits": 8, "is_new": True, "share": 0.5},
    {"task": "refill", "on": "app", "hits": 4, "is_new": False, "share": 0.25},
    {"task": "return", "on": "app", "hits": 0, "is_new": False, "share": None},
]


def drawn(rows: list[dict[str, object]], measure: str, *labels: str) -> list[str]:
    console = Console(width=30, highlight=False)
    with console.capture() as captured:
        console.print(chart_page(rows, measure, labels), crop=False)
    return captured.get().splitlines()


def test_bars_are_as_long_as_their_figures_and_the_longest_is_full() -> None:
    lengths = [line.count("█") for line in drawn(ROWS, "hits", "task", "on")[1:]]
    assert lengths == [50, 25, 0]


def test_labels_are_never_cut_and_figures_stand_beside_the_bars() -> None:
    head, first, *_ = drawn(ROWS, "hits", "task", "on")
    assert head.split() == ["task", "on", "hits"]
    assert first.split()[:3] == ["checkout", "web", "8"]


def test_what_is_no_number_or_below_zero_has_no_bar() -> None:
    rows: list[dict[str, object]] = [{"a": "x", "n": -1}, {"a": "y", "n": None}, {"a": "z", "n": 0}]
    assert not any("█" in line for line in drawn(rows, "n", "a"))


def test_more_rows_than_a_screen_shows_are_counted() -> None:
    lines = drawn([{"a": str(number), "n": number} for number in range(BARS_MAX + 7)], "n", "a")
    assert lines[-1] == "and 7 more rows"
    assert len(lines) == BARS_MAX + 2


def test_no_rows_are_no_chart() -> None:
    assert drawn([], "n", "a") == ["no rows"]


def test_where_nobody_says_the_first_column_of_numbers_is_drawn() -> None:
    assert measure_of(ROWS) == ("hits", ("task", "on"))
    assert measure_of([{"a": "x"}]) is None
    assert measure_of([]) is None


@pytest.fixture
def ask(seamline: Seamline, warehouse_folder: Path) -> Seamline:
    return lambda *arguments: seamline(*arguments, "--dsn", f"chdb://{warehouse_folder}")


def test_a_question_is_drawn_as_it_says(ask: Seamline) -> None:
    said = ask("query", "journeys_by_outcome", "--chart")
    assert said.code == 0
    assert said.out.splitlines()[0].split() == ["task", "end_state", "currency", "journeys"]
    assert "█" in said.out


def test_any_sql_is_drawn(ask: Seamline) -> None:
    said = ask("query", "select channel, count() as n from touchpoints_v group by channel", "--chart")
    assert said.out.splitlines()[0].split() == ["channel", "n"]


def test_an_answer_without_numbers_is_not_drawn(ask: Seamline) -> None:
    said = ask("query", "select channel from touchpoints_v", "--chart")
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_the_document_for_machines_is_the_same_with_a_chart(ask: Seamline) -> None:
    asked = ("query", "journeys_by_outcome", "--json")
    assert ask(*asked, "--chart").out == ask(*asked).out


def test_the_catalogue_tells_what_columns_mean(seamline: Seamline) -> None:
    said = seamline("catalogue")
    assert said.code == 0
    assert "### friction_v" in said.out
    assert any(entry["name"] == "journeys_v" for entry in seamline("catalogue", "--json").json()["catalogue"])  # type: ignore[attr-defined]


def test_the_catalogue_is_written_only_into_a_working_copy(seamline: Seamline, tmp_path: Path) -> None:
    assert seamline("catalogue", "--write").code == 1
    document = tmp_path / "docs" / "catalogue.md"
    document.parent.mkdir()
    document.write_text("old")
    assert seamline("catalogue", "--write", "--json").json() == {"written": ["docs/catalogue.md"]}
    assert "### friction_v" in document.read_text()
    assert seamline("catalogue", "--write", "--json").json() == {"written": []}
