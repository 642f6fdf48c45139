"""Where a field of a TOML text stands, by line and column."""

import pytest

from streams.patterns.places import place_of

TEXT = '''# a comment with [brackets] = "and more"
title = "x # no comment"   # but this is one
dotted.key = 1
"quoted key" = [
    1,  # one
    [2, 3],
    { deep = [{ er = "]" }, { er = 2 }] },
]
long = """
[not.a.table]
fake = 1
"""

[table]
inner = { a = 1, b.c = '}' }

[[list]]
name = "first"

[[list.sub]]
name = "sub"

[[list]]
name = "second"
[list.one]
deep = true
'''


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ("title", 2, 1),
        ("dotted.key", 3, 1),
        ("quoted key[0]", 5, 5),
        ("quoted key[1][1]", 6, 9),
        ("quoted key[2].deep[1].er", 7, 31),
        ("long", 9, 1),
        ("table", 14, 1),
        ("table.inner.b.c", 15, 18),
        ("list[0].name", 18, 1),
        ("list[0].sub[0].name", 21, 1),
        ("list[1].name", 24, 1),
        ("list[1].one.deep", 26, 1),
    ],
)
def test_a_field_stands_where_its_key_is_written(path: str, line: int, column: int):
    assert place_of(TEXT, path) == (line, column)


@pytest.mark.parametrize(("path", "line"), [("table.absent", 14), ("list[1].absent.deeper", 23), ("list", 17)])
def test_what_is_not_written_is_told_at_what_is_around_it(path: str, line: int):
    assert place_of(TEXT, path) == (line, 1)


def test_what_nothing_is_written_of_has_no_place():
    assert place_of(TEXT, "absent") is None
    assert place_of("", "title") is None
