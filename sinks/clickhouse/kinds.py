"""Kinds of column: how a value is typed on the wire to ClickHouse and which values can be stored at all.

A check looks at a whole column at once, because looking at each value on its own would cost more than encoding it; only
when a column fails does anybody ask row by row. Checks never raise: they answer what is wrong, or None.
"""

import math
from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeAlias, cast

import msgspec

TEXT_LENGTH_MAX = 65_536
LIST_LENGTH_MAX = 10_000
TIME_MIN_MS = -2_208_988_800_000
"""1900-01-01, the first day that ClickHouse's DateTime64 holds."""
TIME_MAX_MS = 10_413_791_999_999
"""The last millisecond of 2299."""
DAY_MAX = 65_535
"""2149-06-06, the last day that ClickHouse's Date holds."""

Check: TypeAlias = Callable[[Sequence[object]], str | None]
"""Tells why these values cannot be stored, or None if all of them can."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of column: its type on the wire, what stands for "not told", and the check of its values.

    Where every value of a column equals `empty` the column need not be sent: the table's default says the same.
    """

    type_name: str
    empty: object
    check: Check

    def is_empty(self, values: Sequence[object]) -> bool:
        """Tell whether every value is the table's default, and hence storable."""
        return not any(values) and values.count(self.empty) == len(values)


def check_text(values: Sequence[object]) -> str | None:
    """Accept strings that UTF-8 can hold (no lone surrogates) of at most `TEXT_LENGTH_MAX` characters."""
    texts = cast(Sequence[str], values)
    try:
        joined = "".join(texts)
    except TypeError:
        return _wrong_type(values, "a string", str)
    if not joined.isascii():
        try:
            joined.encode()
        except UnicodeEncodeError:
            return "holds a lone surrogate, which UTF-8 cannot store"
    if len(joined) > TEXT_LENGTH_MAX and max(map(len, texts)) > TEXT_LENGTH_MAX:
        return f"is longer than {TEXT_LENGTH_MAX} characters"
    return None


def check_bytes(values: Sequence[object]) -> str | None:
    """Accept byte strings of at most `TEXT_LENGTH_MAX` bytes."""
    if not _all_are(values, bytes):
        return _wrong_type(values, "bytes", bytes)
    longest = max(map(len, cast(Sequence[bytes], values)), default=0)
    return f"is longer than {TEXT_LENGTH_MAX} bytes" if longest > TEXT_LENGTH_MAX else None


def between(least: int, greatest: int) -> Check:
    """Make the check that accepts integers from `least` to `greatest`, both included."""

    def check(values: Sequence[object]) -> str | None:
        if not _all_are(values, int):
            return _wrong_type(values, "an integer", int)
        numbers = cast(Sequence[int], values)
        if numbers and (min(numbers) < least or max(numbers) > greatest):
            return f"is not between {least} and {greatest}"
        return None

    return check


def check_integer(values: Sequence[object]) -> str | None:
    """Accept integers of 64 bits."""
    try:
        array("q", cast(Sequence[int], values))
    except (TypeError, OverflowError):
        return _check_integer_range(values)
    return None


def check_number(values: Sequence[object]) -> str | None:
    """Accept finite numbers; NaN would be stored, and then poison every average it meets."""
    if not _all_are(values, (int, float)):
        return _wrong_type(values, "a number", (int, float))
    try:
        finite = all(map(math.isfinite, cast(Sequence[float], values)))
    except OverflowError:
        finite = False
    return None if finite else "is not a finite number"


def check_flag(values: Sequence[object]) -> str | None:
    """Accept true and false only."""
    return None if _all_are(values, bool) else _wrong_type(values, "true or false", bool)


def optional(kind: Kind) -> Kind:
    """Make the kind that also takes None, for "not told"."""

    def check(values: Sequence[object]) -> str | None:
        return kind.check([value for value in values if value is not None])

    return Kind(f"Nullable({kind.type_name})", None, check)


def check_list(values: Sequence[object]) -> str | None:
    """Accept lists of at most `LIST_LENGTH_MAX` values, whatever these are."""
    if not _all_are(values, (tuple, list)):
        return _wrong_type(values, "a list", (tuple, list))
    lists = cast(Sequence[Sequence[object]], values)
    return f"holds more than {LIST_LENGTH_MAX} values" if max(map(len, lists), default=0) > LIST_LENGTH_MAX else None


def listed(kind: Kind) -> Kind:
    """Make the kind of lists, each of at most `LIST_LENGTH_MAX` such values."""

    def check(values: Sequence[object]) -> str | None:
        lists = cast(Sequence[Sequence[object]], values)
        return check_list(values) or kind.check(list(chain.from_iterable(lists)))

    return Kind(f"Array({kind.type_name})", (), check)


def check_pairs(values: Sequence[object]) -> str | None:
    """Accept maps of text to text, each of at most `LIST_LENGTH_MAX` pairs."""
    if not _all_are(values, dict):
        return _wrong_type(values, "a map", dict)
    maps = cast(Sequence[dict[object, object]], values)
    if maps and max(map(len, maps)) > LIST_LENGTH_MAX:
        return f"holds more than {LIST_LENGTH_MAX} pairs"
    told = [pairs for pairs in maps if pairs]
    return check_text(list(chain.from_iterable(told))) or check_text(
        [text for pairs in told for text in pairs.values()]
    )


def _all_are(values: Sequence[object], wanted: type | tuple[type, ...]) -> bool:
    """Tell whether all values are of the wanted types; a column has very few types, so asking each of them is cheap."""
    return all(issubclass(found, wanted) for found in set(map(type, values)))


def _wrong_type(values: Sequence[object], words: str, wanted: type | tuple[type, ...]) -> str:
    found = next((type(value).__name__ for value in values if not isinstance(value, wanted)), "unknown")
    return f"is not {words} but of type {found}"


TEXT = Kind("String", "", check_text)
BYTES = Kind("String", b"", check_bytes)
_check_integer_range = between(-(2**63), 2**63 - 1)
INTEGER = Kind("Int64", 0, check_integer)
COUNTER = Kind("UInt64", 0, between(0, 2**64 - 1))
NUMBER = Kind("Float64", 0.0, check_number)
FLAG = Kind("Bool", False, check_flag)
TIME = Kind("DateTime64(3, 'UTC')", 0, between(TIME_MIN_MS, TIME_MAX_MS))
DAY = Kind("Date", 0, between(0, DAY_MAX))
PAIRS = Kind("Map(String, String)", {}, check_pairs)
TEXTS = listed(TEXT)
HEXES = Kind("Array(String)", (), check_list)
"""Lists of what we wrote as hex ourselves."""
INTEGERS = listed(INTEGER)
OPTIONAL_INTEGER = optional(INTEGER)
OPTIONAL_NUMBER = optional(NUMBER)
OPTIONAL_FLAG = optional(FLAG)
OPTIONAL_TIME = optional(TIME)
