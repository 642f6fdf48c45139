"""A short run of `make laws`: every law over a few small stories."""

import pytest

from tests.properties.all_laws import LAWS, Law, hold


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name.replace(" ", "_"))
def test_law_holds(law: Law) -> None:
    assert hold(law, 4 * law.weight, number=1) >= 4
