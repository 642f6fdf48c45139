"""Say where two sets of tables differ, row by row and field by field, so that a person can read it."""

from collections.abc import Iterable
from math import isclose

import msgspec

from tests.oracle.shape import FIELDS, RowKey, Tables


class Difference(msgspec.Struct, frozen=True):
    """One field of one row, or a row that only one side has (field `row`)."""

    table: str
    key: RowKey
    field: str
    ours: object
    oracle: object

    def __str__(self) -> str:
        key = " ".join(str(part) for part in self.key)
        return f"{self.table} [{key}] {self.field}: ours {readable(self.ours)}, oracle {readable(self.oracle)}"


ABSENT = "no such row"
ROUNDING = 2e-6
"""Scores are rounded to six digits; two ways to work one out may round the last one differently."""


def compare(ours: Tables, oracle: Tables) -> list[Difference]:
    """Every difference, in order of table and key; empty where they agree."""
    found: list[Difference] = []
    for table in sorted(oracle):
        left, right = ours.get(table, {}), oracle[table]
        for key in sorted(left.keys() | right.keys(), key=str):
            found.extend(_row(table, key, left.get(key), right.get(key)))
    return found


def _row(
    table: str, key: RowKey, ours: tuple[object, ...] | None, oracle: tuple[object, ...] | None
) -> Iterable[Difference]:
    if ours == oracle:
        return
    if ours is None or oracle is None:
        yield Difference(table, key, "row", ABSENT if ours is None else ours, ABSENT if oracle is None else oracle)
        return
    for field, left, right in zip(FIELDS[table], ours, oracle, strict=True):
        if not equal(left, right):
            yield Difference(table, key, field, left, right)


def equal(left: object, right: object) -> bool:
    """Tell whether two values are the same, numbers with a fraction up to rounding."""
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=0, abs_tol=ROUNDING)
    return left == right


def readable(value: object) -> str:
    """Shorten hashes to their first bytes, so that a line fits a screen."""
    if isinstance(value, bytes):
        return value.hex()[:14]
    if isinstance(value, tuple):
        return "(" + ", ".join(readable(one) for one in value) + ")"
    return str(value)
