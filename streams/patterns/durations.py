"""Durations as people write them in patterns and settings: `90s`, `30m`, `2h`, `1d`."""

import re
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_UNITS: Final = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_FORM: Final = re.compile(r"([0-9]{1,15})(ms|s|m|h|d)")


def milliseconds(text: str) -> int:
    """Read a duration; ValueError says how one is written."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration: write a whole number and ms, s, m, h or d, like 30m")
    return int(match[1]) * _UNITS[match[2]]


def spelled(length_ms: int) -> str:
    """Spell a length of time in its two greatest units: `2h 5m`."""
    parts, rest = [], length_ms
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
