"""`seamline explain`: each clause of a pattern, met when, or why not, from what the warehouse has of a customer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.story import MINUTE, NINE, Said

Seamline = Callable[..., Said]


@pytest.fixture
def ask(seamline: Seamline, warehouse_folder: Path) -> Seamline:
    return lambda *arguments: seamline(*arguments, "--dsn", f"chdb://{warehouse_folder}")


def test_a_hit_is_told_clause_by_clause(ask: Seamline) -> None:
    said = ask("explain", "x01", "email:ann@x.org")
    assert said.code == 0, said.err
    for words in ("X01 digital_failure_to_contact", "medium, 50% sure", "✓ contact", "by support:contact.started"):
        assert words in said.out


def test_a_pattern_that_saw_nothing_says_what_was_nearest(ask: Seamline) -> None:
    document = ask("explain", "payment_retry_loop", "account_id:a-17", "--json").json()
    assert document["keys"] == []
    assert document["touchpoints"] == 3
    assert document["left_out"] == ["1 tell no key, the newest web:payment.failed at 2026-11-02 09:00:00"]


def test_it_is_told_as_of_the_instant_the_warehouse_has_come_to_or_another(ask: Seamline) -> None:
    assert ask("explain", "X01", "account_id:a-17", "--json").json()["as_of"] == NINE + 90 * MINUTE
    at = ask("explain", "X01", "account_id:a-17", "--as-of", "2026-11-02T12:00:00Z", "--json").json()
    assert at["as_of"] == NINE + 180 * MINUTE
    assert ask("explain", "X01", "account_id:a-17", "--as-of", "drained").code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("X99", "email:ann@x.org"), "no pattern X99"),
        (("X01", "email:ann@x.org", "--as-of", "soon"), "soon: not a time"),
    ],
)
def test_what_can_not_be_meant_is_misuse(ask: Seamline, arguments: tuple[str, ...], problem: str) -> None:
    said = ask("explain", *arguments)
    assert said.code == 2
    assert problem in said.err
