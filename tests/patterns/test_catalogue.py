"""Every pattern of the catalogue fires on its own examples that must, and on none that must not."""

from pathlib import Path

import pytest

from streams.commands.patterns import rehearsed
from streams.patterns.examples import Example
from streams.patterns.loader import catalogue_files, load_catalogue, load_pattern
from streams.patterns.page import patterns_page
from streams.patterns.pattern import Pattern

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue()
CASES = [(pattern, example) for pattern in CATALOGUE for example in pattern.written.examples]


def test_the_catalogue_holds_thirteen_patterns():
    ids = "U13 U14 X01 X03 X04 X06 X13 X15 X18 X22 X23 X25 X29"
    assert [pattern.id for pattern in CATALOGUE] == ids.split()


@pytest.mark.parametrize(("pattern", "example"), CASES, ids=[f"{p.id}: {e.says}" for p, e in CASES])
def test_an_example_fires_as_it_says(pattern: Pattern, example: Example):
    assert rehearsed(pattern, example) == ([example.severity] if example.severity else [])


def test_every_pattern_says_what_to_do_about_it():
    assert [pattern.id for pattern in CATALOGUE if not pattern.written.remedy.endswith(".")] == []


def test_what_tells_of_health_is_marked():
    assert [pattern.id for pattern in CATALOGUE if pattern.written.health] == ["X18"]


def test_the_page_is_the_catalogue():
    patterns = [load_pattern(text, file) for file, text in catalogue_files()]
    assert (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8") == patterns_page(patterns), (
        "run: seamline patterns docs --write"
    )


def test_the_pattern_in_the_documentation_loads():
    text = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
    shown = text.partition("```toml\n")[2].partition("```")[0]
    example = shown[shown.index("[[examples]]") :]
    quiet = example.replace('severity = "high"\n', "").replace('at = "2h"', 'at = "2d"').replace("3h", "3d")
    pattern = load_pattern(shown + example + 3 * quiet, "X98.toml")
    assert pattern.id == "X98"
    told = [rehearsed(pattern, one) for one in pattern.written.examples]
    assert told == [["high"], ["high"], [], [], []]
