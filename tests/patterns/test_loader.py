"""A pattern that can not be used is refused with its file, the place in it and what is wrong."""

from pathlib import Path

import pytest

from streams.patterns.loader import PatternError, load_pattern, load_patterns

GOOD = """
id = "X99"
name = "a_test"
version = 1
owner = "tests"
meaning = "A test."
[parameters]
window = "2h"
[key]
threads = ["order_id"]
[[clauses]]
kind = "repeat"
match = { name = ["a.b"] }
[[clauses]]
kind = "sequence"
match = { contact = true }
within = "$window"
[[verdicts]]
severity = "low"
confidence = 0.5
[[examples]]
says = "it fires"
as_of = "1h"
severity = "low"
events = []
[[examples]]
says = "it does not"
as_of = "1h"
events = []
"""


def refusal(text: str) -> str:
    with pytest.raises(PatternError) as caught:
        load_pattern(text, "X99.toml")
    return str(caught.value)


def test_a_good_pattern_loads():
    assert load_pattern(GOOD, "X99.toml").longest_ms == 2 * 3_600_000


def test_text_that_is_no_toml_names_line_and_column():
    assert refusal("id = \n") == "X99.toml: line 1, column 6: Invalid value"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('owner = "tests"', 'owner = "tests"\nownr = "x"', "X99.toml: Object contains unknown field `ownr`"),
        ("version = 1", 'version = "one"', "X99.toml: version: Expected `int`, got `str`"),
        ("{ contact = true }", "{ contcat = true }", "X99.toml: clauses[1].match: Object contains unknown field"),
        ('kind = "sequence"', 'kind = "sequel"', "X99.toml: clauses[1].kind: Invalid value 'sequel'"),
        ('["order_id"]', '["order"]', "X99.toml: key.threads[0]: Invalid enum value 'order'"),
        ('["order_id"]', '["email"]', "X99.toml: key: email is no thread"),
        ('within = "$window"', 'within = "$span"', "X99.toml: clauses[1]: $span is not among the parameters"),
        ('within = "$window"', 'within = "2 hours"', "X99.toml: clauses[1]: '2 hours' is no duration"),
        ('window = "2h"', 'window = "15d"', "X99.toml: clauses: no clause may look further than 14d"),
        ('window = "2h"', 'window = "soon"', "X99.toml: parameters.window: 'soon' is no duration"),
        ("confidence = 0.5", "confidence = 1.5", "X99.toml: verdicts[0]: confidence must be above 0"),
        (
            "confidence = 0.5",
            'confidence = 0.5\nwhen = "absent"',
            "X99.toml: the last of the verdicts must hold always",
        ),
        ('id = "X99"', 'id = "Y1"', "X99.toml: id must be X or U and two digits"),
        ('severity = "low"\nevents', "events", "X99.toml: there must be examples that fire"),
        ('kind = "repeat"', 'kind = "absence"\nwithin = "1h"', "X99.toml: clauses must begin with one of kind repeat"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, place: str):
    assert old in GOOD
    assert refusal(GOOD.replace(old, new)).startswith(place)


def test_parameters_of_a_slice_must_be_known():
    text = GOOD.replace("[key]", '[[overrides]]\ntask = ["refill"]\nparameters = { windw = "4h" }\n[key]')
    assert refusal(text) == "X99.toml: overrides[0].parameters: windw is not among the parameters"


def test_an_id_belongs_to_one_pattern():
    with pytest.raises(PatternError, match=r"b.toml: id: X99 is the id of another pattern too"):
        load_patterns([("b.toml", GOOD), ("a.toml", GOOD)])


def test_a_pattern_that_is_switched_off_is_checked_but_not_used():
    off = GOOD.replace("version = 1", "version = 1\nenabled = false")
    assert load_patterns([("a.toml", off)]) == ()
    with pytest.raises(PatternError):
        load_patterns([("a.toml", off.replace("0.5", "7"))])


def test_the_pattern_in_the_documentation_loads():
    text = (Path(__file__).parents[2] / "docs" / "patterns.md").read_text(encoding="utf-8")
    pattern = text.partition("```toml\n")[2].partition("```")[0]
    examples = GOOD[GOOD.index("[[examples]]") :]
    assert load_pattern(pattern + examples, "X23.toml").id == "X23"
