"""`seamline patterns`: mistakes by line and column, examples tried, the page written."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from streams.cli import main
from streams.patterns.loader import catalogue_files

ROOT = Path(__file__).parents[2]
TEXTS = {name[:3]: text for name, text in catalogue_files()}
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def seamline(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str]:
        capfd.readouterr()
        code = main(arguments)
        return code, capfd.readouterr().out

    return run


def test_what_is_shipped_is_sound(seamline: Run):
    assert seamline("patterns", "lint") == (0, f"{len(TEXTS)} sound\n")


def test_every_file_with_a_mistake_is_told_by_its_place(seamline: Run, tmp_path: Path):
    (tmp_path / "a.toml").write_text(TEXTS["X04"].replace('kind = "run"', 'kind = "runs"'))
    (tmp_path / "b.toml").write_text(TEXTS["U14"])
    (tmp_path / "c.toml").write_text(TEXTS["U13"].replace('gap = "15m"', 'gap = "soon"'))
    code, said = seamline("patterns", "lint", "a.toml", "b.toml", "c.toml", "--json")
    found = msgspec.json.decode(said)
    assert code == 1
    assert found["checked"] == 3
    assert [(one["file"], one["line"], one["column"], one["field"]) for one in found["problems"]] == [
        ("a.toml", 25, 1, "clauses[0].kind"),
        ("c.toml", 11, 1, "parameters.gap"),
    ]


def test_an_example_that_does_not_come_true_is_a_mistake(seamline: Run, tmp_path: Path):
    says = '"the till does not know the reward the app had promised"\nas_of = "5d"\nseverity = '
    assert says in TEXTS["X13"]
    (tmp_path / "a.toml").write_text(TEXTS["X13"].replace(f'{says}"high"', f'{says}"low"'))
    code, said = seamline("patterns", "lint", "a.toml")
    assert code == 1
    assert said.startswith("a.toml:38:1: examples[0]: fires high, and it must fire low")


def test_a_thread_of_an_example_that_is_none_is_a_mistake(seamline: Run, tmp_path: Path):
    (tmp_path / "a.toml").write_text(TEXTS["X15"].replace("message_id:M1", "mesage:M1"))
    code, said = seamline("patterns", "lint", "a.toml")
    assert code == 1
    assert "examples[0]: 'mesage:M1' is no thread" in said


def test_an_id_met_twice_is_a_mistake_of_the_second_file(seamline: Run, tmp_path: Path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(TEXTS["U14"])
    code, said = seamline("patterns", "lint", "a.toml", "b.toml")
    assert (code, said) == (1, "b.toml:1:1: id: U14 is the id of another pattern too\n")


def test_the_catalogue_is_listed_with_its_owners(seamline: Run):
    code, said = seamline("patterns", "ls", "--json")
    listed = msgspec.json.decode(said)["patterns"]
    assert code == 0
    assert {one["id"]: one["owner"] for one in listed}["X18"] == "pharmacy"


def test_the_page_is_printed_or_written_in_a_working_copy_only(seamline: Run, tmp_path: Path):
    _, page = seamline("patterns", "docs")
    assert page == (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
    assert seamline("patterns", "docs", "--write")[0] == 1
    (tmp_path / "streams" / "patterns" / "catalogue").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    assert seamline("patterns", "docs", "--write") == (0, "docs/patterns.md\n")
    assert (tmp_path / "docs" / "patterns.md").read_text(encoding="utf-8") == page
    assert seamline("patterns", "docs", "--write") == (0, "nothing to do\n")
