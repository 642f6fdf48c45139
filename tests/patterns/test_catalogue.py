"""Every pattern of the catalogue fires on its own examples that must, and on none that must not."""

import pytest

from streams.patterns.examples import Example
from streams.patterns.loader import load_catalogue
from streams.patterns.pattern import Pattern
from tests.patterns.examples import hits_of_example

CATALOGUE = load_catalogue()
CASES = [(pattern, example) for pattern in CATALOGUE for example in pattern.written.examples]


def test_the_catalogue_holds_thirteen_patterns():
    ids = "U13 U14 X01 X03 X04 X06 X13 X15 X18 X22 X23 X25 X29"
    assert [pattern.id for pattern in CATALOGUE] == ids.split()


@pytest.mark.parametrize(("pattern", "example"), CASES, ids=[f"{p.id}: {e.says}" for p, e in CASES])
def test_an_example_fires_as_it_says(pattern: Pattern, example: Example):
    severities = [hit.severity for hit in hits_of_example(pattern, example)]
    assert severities == ([example.severity] if example.severity else [])
