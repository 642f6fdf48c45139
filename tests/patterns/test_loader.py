"""A pattern that can not be used is refused with its file, line and column, the field there, and what is wrong."""

import pytest

from streams.patterns.loader import PatternError, load_pattern, load_patterns, text_of

GOOD = """
id = "X99"
name = "a_test"
version = 1
owner = "tests"
meaning = "A test."
[parameters]
window = "2h"
[items]
match = { name = ["a.b"] }
[key]
threads = ["order_id"]
[[clauses]]
kind = "count"
name = "any"
[[clauses]]
kind = "sequence"
name = "contact"
match = { contact = true }
within = "$window"
[[verdicts]]
severity = "low"
confidence = 0.5
""" + "".join(
    f"""
[[examples]]
says = "{number}"
as_of = "1h"
severity = "{severity}"
events = []
"""
    for number, severity in enumerate(("low", "low", "", "", ""))
)
ABSENCE = 'kind = "absence"\nname = "b"\nwithin = "1h"\nmatch = {}\n[[clauses]]\nkind = "sequence"'


def refusal(text: str) -> str:
    with pytest.raises(PatternError) as caught:
        load_pattern(text, "X99.toml")
    return str(caught.value)


def test_a_good_pattern_loads():
    assert load_pattern(GOOD, "X99.toml").longest_ms == 2 * 3_600_000


@pytest.mark.parametrize(
    ("text", "refused"),
    [("id = \n", "X99.toml:1:6: Invalid value"), ('id = "X99', "X99.toml:1:10: Unterminated string")],
)
def test_text_that_is_no_toml_names_line_and_column(text: str, refused: str):
    assert refusal(text) == refused


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('owner = "tests"', 'owner = "tests"\nownr = "x"', "6:1: ownr: Object contains unknown field `ownr`"),
        ('owner = "tests"', 'owner = "tests"\nremedy = "Call\\nthem"', "6:1: remedy: remedy must be one line"),
        ('owner = "tests"', f'owner = "tests"\nremedy = "{"x" * 201}"', "6:1: remedy: remedy must be one line"),
        ("version = 1", 'version = "one"', "4:1: version: Expected `int`, got `str`"),
        ("{ contact = true }", "{ contcat = true }", "19:11: clauses[1].match.contcat: Object contains unknown field"),
        ('kind = "sequence"', 'kind = "sequel"', "17:1: clauses[1].kind: Invalid value 'sequel'"),
        ('["order_id"]', '["rx_id", "order"]', "12:21: key.threads[1]: Invalid enum value 'order'"),
        ('["order_id"]', '["email"]', "11:1: key: email is no thread"),
        ('["order_id"]', "[]", "11:1: key: a key needs threads or lines"),
        ('["order_id"]', '["order_id"]\nlines = [{ by = ["task"] }]', "11:1: key: lines need within"),
        ('["order_id"]', '["order_id"]\nlines = [{ by = ["size"] }]', "13:18: key.lines[0].by[0]: Invalid enum value"),
        ('within = "$window"', 'within = "$span"', "16:1: clauses[1]: $span is not among the parameters"),
        ('within = "$window"', 'within = "2 hours"', "16:1: clauses[1]: '2 hours' is no duration"),
        ('window = "2h"', 'window = "15d"', "13:1: clauses: no clause may look further than 14d"),
        ('window = "2h"', 'window = "soon"', "8:1: parameters.window: 'soon' is no duration"),
        ("confidence = 0.5", "confidence = 1.5", "21:1: verdicts[0]: confidence must be above 0"),
        ("confidence = 0.5", 'confidence = 0.5\nmet = ["all"]', "21:1: verdicts: the last of the verdicts must hold"),
        (
            "[[verdicts]]",
            '[[verdicts]]\nmet = ["all"]\nseverity = "low"\nconfidence = 1\n[[verdicts]]',
            "21:1: verdicts[0]",
        ),
        ('id = "X99"', 'id = "Y1"', "2:1: id: id must be X or U and two digits"),
        ('name = "contact"', 'name = "any"', "18:1: clauses[1].name: each clause needs a name of its own"),
        ("version = 1", 'version = 1\nhit = [["eny"]]', "5:8: hit[0]: no clause that decides the hit has the name eny"),
        ("version = 1", 'version = 1\nhit = [["any"]]', "5:1: hit: contact is in no way to be a hit"),
        (
            'kind = "sequence"',
            ABSENCE,
            "13:1: clauses: a way is decided by one thing that follows or is missing at most",
        ),
        ('severity = "low"\nevents', "events", "25:1: examples: there must be 2 examples that fire"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, place: str):
    assert old in GOOD
    assert refusal(GOOD.replace(old, new)).startswith(f"X99.toml:{place}")


def test_what_is_missing_from_the_file_is_told_at_its_beginning():
    assert refusal(GOOD.replace('id = "X99"', "")) == "X99.toml:1:1: Object missing required field `id`"


def test_parameters_of_a_slice_must_be_known():
    text = GOOD.replace("[key]", '[[overrides]]\ntask = ["refill"]\nparameters = { windw = "4h" }\n[key]')
    assert refusal(text) == "X99.toml:13:16: overrides[0].parameters.windw: windw is not among the parameters"


def test_an_id_belongs_to_one_pattern():
    with pytest.raises(PatternError, match=r"b.toml:2:1: id: X99 is the id of another pattern too"):
        load_patterns([("b.toml", GOOD), ("a.toml", GOOD)])


def test_a_pattern_that_is_switched_off_is_checked_but_not_used():
    off = GOOD.replace("version = 1", "version = 1\nenabled = false")
    assert load_patterns([("a.toml", off)]) == ()
    with pytest.raises(PatternError):
        load_patterns([("a.toml", off.replace("0.5", "7"))])


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("\nid = " + "[" * 3000 + "]" * 3000, "X99.toml:2:1: nested more than 32 deep"),
        ("id = " + "{a=" * 40 + "1" + "}" * 40, "X99.toml:1:1: nested more than 32 deep"),
        ("\nversion = " + "9" * 5000, "X99.toml:2:11: a number of too many digits"),
        ("#" * 65_537, "X99.toml:1:1: a pattern has at most 65536 bytes"),
        ('"a`\\n\\u001bb" = 1', "X99.toml:1:1: a: Object contains unknown field `a`  b`"),
    ],
)
def test_text_that_would_be_too_much_for_its_readers_is_refused_in_one_line(text: str, refused: str):
    assert refusal(text) == refused


@pytest.mark.parametrize("name", ["A Test", "", "a\\nb", "n" * 65])
def test_a_name_is_words_that_can_head_a_page(name: str):
    text = GOOD.replace('"a_test"', f'"{name}"')
    assert refusal(text) == "X99.toml:3:1: name: name must be lower-case words joined by _, of at most 64 characters"


def test_a_version_has_an_end():
    refused = "X99.toml:4:1: version: version must be at least 1 and at most 1000000000"
    assert refusal(GOOD.replace("version = 1", f"version = {2**63}")) == refused


def test_bytes_that_are_no_text_are_told_by_line_and_column():
    with pytest.raises(PatternError) as caught:
        text_of(b'id = "X99"\nname = "\xff"', "X99.toml")
    assert str(caught.value) == "X99.toml:2:9: not text in UTF-8"
