"""`seamline patterns test`: engine and twins agree, and where they do not it says so."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from streams.commands.failures import CommandError
from streams.commands.patterns_test import Comparison, tell
from tests.cli.story import Said

Seamline = Callable[..., Said]

AGREED = Comparison("X01", 7, 7, 0, 0, 0)
DIFFERS = Comparison("X23", 3, 3, 1, 1, 1, ("only engine: anna order high at noon",))


def test_a_small_world_is_compared_and_leaves_nothing_behind(seamline: Seamline, tmp_path: Path) -> None:
    said = seamline("patterns", "test", "--events", "1500", "--seed", "3")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    name, _, figures = lines[-1].partition(" ")
    told = msgspec.json.decode(figures, type=dict[str, int])
    assert (name, told["patterns"], told["differences"]) == ("RESULT", 13, 0)
    assert told["events"] >= 1_500
    assert told["hits"] > 0
    assert lines[0].split() == ["pattern", "engine", "twin", "only_engine", "only_twin", "differing"]
    assert list(tmp_path.iterdir()) == []


def test_differences_are_shown_and_end_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="3 hits differ") as failure:
        tell(100, [AGREED, DIFFERS], as_json=False)
    assert (failure.value.exit_code, failure.value.cause) == (1, "X23")
    said = capsys.readouterr().out
    assert "X23: only engine: anna order high at noon" in said
    assert said.splitlines()[-1] == 'RESULT {"events":100,"patterns":2,"hits":10,"differences":3}'


def test_nothing_to_compare_is_no_success() -> None:
    with pytest.raises(CommandError, match="no friction was found"):
        tell(100, [], as_json=True)


def test_one_document_tells_machines_each_pattern(capsys: pytest.CaptureFixture[str]) -> None:
    tell(100, [AGREED], as_json=True)
    told = msgspec.json.decode(capsys.readouterr().out, type=dict[str, object])
    assert told["by_pattern"] == [{**msgspec.structs.asdict(AGREED), "examples": []}]
