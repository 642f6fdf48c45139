"""Load patterns: TOML text to a compiled `Pattern`, with errors that name the file, the line and the column."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

import msgspec

from streams.patterns.checks import check_compiled, check_written
from streams.patterns.compiling import compile_pattern
from streams.patterns.language import PatternFile
from streams.patterns.misplaced import Misplaced
from streams.patterns.pattern import Pattern
from streams.patterns.places import place_of

PATTERN_BYTES_MAX: Final = 65_536
"""Those that are shipped have some three thousand."""
NESTING_MAX: Final = 32
"""Tables and lists in one another; every step of a test inside a test is a call for every touchpoint."""
_TOML_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")
_MANY_DIGITS: Final = re.compile(r"[0-9_]{1000,}")


class PatternError(Exception):
    """A pattern file can not be used: `file`, `line` and `column` (from 1), `field` and `reason`."""

    def __init__(self, file: str, line: int, column: int, field: str, reason: str) -> None:
        """Keep the parts, and join them to one line that editors can follow and that commands no terminal."""
        field, reason = _printable(field), _printable(reason)
        super().__init__(": ".join(part for part in (f"{file}:{line}:{column}", field, reason) if part))
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.reason = reason


def text_of(raw: bytes, file: str) -> str:
    """Read the bytes of a pattern file; PatternError where they are too many, or no UTF-8."""
    if len(raw) > PATTERN_BYTES_MAX:
        raise PatternError(file, 1, 1, "", f"a pattern has at most {PATTERN_BYTES_MAX} bytes")
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line_start = raw.rfind(b"\n", 0, error.start) + 1
        column = len(raw[line_start : error.start].decode("utf-8")) + 1
        raise PatternError(file, raw.count(b"\n", 0, error.start) + 1, column, "", "not text in UTF-8") from None


def catalogue_files() -> tuple[tuple[str, str], ...]:
    """Read the pattern files shipped with Seamline: names and texts, in the order of their names."""
    folder = files("streams.patterns") / "catalogue"
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted((entry.name, entry.read_text("utf-8")) for entry in entries))


def load_catalogue() -> tuple[Pattern, ...]:
    """Load the enabled patterns shipped with Seamline, in the order of their ids."""
    return load_patterns(catalogue_files())


def load_patterns(texts: Iterable[tuple[str, str]]) -> tuple[Pattern, ...]:
    """Compile the enabled ones of these (file name, text); PatternError for what is wrong first, or an id met twice."""
    patterns: dict[str, Pattern] = {}
    for file, text in sorted(texts):
        pattern = load_pattern(text, file)
        if pattern.id in patterns:
            raise error_at(file, text, "id", f"{pattern.id} is the id of another pattern too")
        patterns[pattern.id] = pattern
    return tuple(patterns[name] for name in sorted(patterns) if patterns[name].written.enabled)


def load_pattern(text: str, file: str) -> Pattern:
    """Compile one pattern, enabled or not; PatternError says where it is wrong."""
    written = _read(text, file)
    try:
        check_written(written)
        pattern = compile_pattern(written)
        check_compiled(pattern)
    except Misplaced as error:
        raise error_at(file, text, error.place, str(error)) from None
    return pattern


def _read(text: str, file: str) -> PatternFile:
    told = _parsed(text, file)
    try:
        return msgspec.convert(told, PatternFile)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`").lstrip(".")
        unknown = _UNKNOWN.search(reason)
        if unknown is not None:
            path = f"{path}.{unknown[1]}" if path else unknown[1]
        raise error_at(file, text, path, reason) from None


def _parsed(text: str, file: str) -> dict[str, object]:
    """Parse TOML that is neither too long nor too deep for those who read it after."""
    if len(text) > PATTERN_BYTES_MAX:
        raise PatternError(file, 1, 1, "", f"a pattern has at most {PATTERN_BYTES_MAX} bytes")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        reason = _TOML_PLACE.sub("", str(error))
        if match is not None and match[1] is not None:
            raise PatternError(file, int(match[1]), int(match[2]), "", reason) from None
        last = text.splitlines()[-1] if text.strip() else ""
        raise PatternError(file, max(text.count("\n"), 1), len(last) + 1, "", reason) from None
    except RecursionError:
        raise PatternError(file, *_deepest(text), "", f"nested more than {NESTING_MAX} deep") from None
    except ValueError:  # an integer that Python does not read
        digits = _MANY_DIGITS.search(text)
        line, column = _line_and_column(text, digits.start() if digits is not None else 0)
        raise PatternError(file, line, column, "", "a number of too many digits") from None
    if _is_deeper(told, NESTING_MAX):
        raise PatternError(file, *_deepest(text), "", f"nested more than {NESTING_MAX} deep")
    return told


def _is_deeper(told: object, levels: int) -> bool:
    """Tell whether tables and lists are in one another deeper than this, without going deeper oneself."""
    layer = [told]
    for _ in range(levels):
        layer = [each for one in layer for each in _within(one)]
        if not layer:
            return False
    return True


def _within(told: object) -> Iterable[object]:
    if isinstance(told, dict):
        return told.values()
    return told if isinstance(told, list) else ()


def _deepest(text: str) -> tuple[int, int]:
    """Guess where it is deepest: at the longest line, whether its brackets or its dots are too many."""
    lines = text.split("\n")
    return max(range(len(lines)), key=lambda number: len(lines[number])) + 1, 1


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def error_at(file: str, text: str, field: str, reason: str) -> PatternError:
    """Say what is wrong with a field of a file, with its line and column."""
    place = place_of(text, field)
    return PatternError(file, *(place if place is not None else (1, 1)), field, reason)
