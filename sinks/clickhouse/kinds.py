"""Kinds of column: how a value is typed on the wire to ClickHouse and which values can be stored at all.

A check looks at a whole column at once, because looking at each value on its own would cost more than encoding it; only
when a column fails does anybody ask row by row. Checks never raise: they answer what is wrong, or None.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import msgspec

TEXT_LENGTH_MAX = 65_536
LIST_LENGTH_MAX = 10_000
TIME_MIN_MS = -2_208_988_800_000
"""1900-01-01, the first day that ClickHouse's DateTime64 holds."""
TIME_MAX_MS = 10_413_791_999_999
"""The last millisecond of 2299."""
DAY_MAX = 65_535
"""2149-06-06, the last day that ClickHouse's Date holds."""

Check = Callable[[Sequence[object]], str | None]
"""Tells why these values cannot be stored, or None if all of them can."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of column: its type on the wire, what stands for "not told", and the check of its values.

    Where every value of a column equals `empty` the column need not be sent: the table's default says the same.
    """

    type_name: str
    empty: object
    check: Check

    def is_empty(self, values: Sequence[object]) -> bool:
        """Tell whether every value is the table's default."""
        return values.count(None) == len(values) if self.empty is None else not any(values)


def check_text(values: Sequence[object]) -> str | None:
    """Accept strings that UTF-8 can hold (no lone surrogates) of at most `TEXT_LENGTH_MAX` characters."""
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(values):
        return _wrong_type(values, "a string", (str,))
    joined = "".join(texts)
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
    if set(map(type, values)) - {bytes}:
        return _wrong_type(values, "bytes", (bytes,))
    longest = max((len(value) for value in values if isinstance(value, bytes)), default=0)
    return f"is longer than {TEXT_LENGTH_MAX} bytes" if longest > TEXT_LENGTH_MAX else None


def between(least: int, greatest: int) -> Check:
    """Make the check that accepts integers from `least` to `greatest`, both included."""

    def check(values: Sequence[object]) -> str | None:
        numbers = [value for value in values if isinstance(value, int)]
        if len(numbers) != len(values):
            return _wrong_type(values, "an integer", (int,))
        if numbers and (min(numbers) < least or max(numbers) > greatest):
            return f"is not between {least} and {greatest}"
        return None

    return check


def check_number(values: Sequence[object]) -> str | None:
    """Accept finite numbers; NaN would be stored, and then poison every average it meets."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) != len(values):
        return _wrong_type(values, "a number", (int, float))
    try:
        finite = all(map(math.isfinite, numbers))
    except OverflowError:
        finite = False
    return None if finite else "is not a finite number"


def check_flag(values: Sequence[object]) -> str | None:
    """Accept true and false only."""
    return _wrong_type(values, "true or false", (bool,)) if set(map(type, values)) - {bool} else None


def optional(kind: Kind) -> Kind:
    """Make the kind that also takes None, for "not told"."""

    def check(values: Sequence[object]) -> str | None:
        return kind.check([value for value in values if value is not None])

    return Kind(f"Nullable({kind.type_name})", None, check)


def listed(kind: Kind) -> Kind:
    """Make the kind of lists, each of at most `LIST_LENGTH_MAX` such values."""

    def check(values: Sequence[object]) -> str | None:
        lists = [value for value in values if isinstance(value, tuple | list)]
        if len(lists) != len(values):
            return _wrong_type(values, "a list", (tuple, list))
        if lists and max(map(len, lists)) > LIST_LENGTH_MAX:
            return f"holds more than {LIST_LENGTH_MAX} values"
        return kind.check(list(chain.from_iterable(lists)))

    return Kind(f"Array({kind.type_name})", (), check)


def check_pairs(values: Sequence[object]) -> str | None:
    """Accept maps of text to text, each of at most `LIST_LENGTH_MAX` pairs."""
    maps = [value for value in values if isinstance(value, dict)]
    if len(maps) != len(values):
        return _wrong_type(values, "a map", (dict,))
    if maps and max(map(len, maps)) > LIST_LENGTH_MAX:
        return f"holds more than {LIST_LENGTH_MAX} pairs"
    return check_text(list(chain.from_iterable(maps))) or check_text(_map_values(maps))


def _map_values(maps: Iterable[dict[object, object]]) -> list[object]:
    return [value for pairs in maps for value in pairs.values()]


def _wrong_type(values: Sequence[object], wanted: str, types: tuple[type, ...]) -> str:
    found = next((type(value).__name__ for value in values if not isinstance(value, types)), "unknown")
    return f"is not {wanted} but of type {found}"


TEXT = Kind("String", "", check_text)
BYTES = Kind("String", b"", check_bytes)
INTEGER = Kind("Int64", 0, between(-(2**63), 2**63 - 1))
COUNTER = Kind("UInt64", 0, between(0, 2**64 - 1))
NUMBER = Kind("Float64", 0.0, check_number)
FLAG = Kind("Bool", False, check_flag)
TIME = Kind("DateTime64(3, 'UTC')", 0, between(TIME_MIN_MS, TIME_MAX_MS))
DAY = Kind("Date", 0, between(0, DAY_MAX))
PAIRS = Kind("Map(String, String)", {}, check_pairs)
TEXTS = listed(TEXT)
INTEGERS = listed(INTEGER)
OPTIONAL_INTEGER = optional(INTEGER)
OPTIONAL_NUMBER = optional(NUMBER)
OPTIONAL_FLAG = optional(FLAG)
OPTIONAL_TIME = optional(TIME)
