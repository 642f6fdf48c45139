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

_TOML_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")


class PatternError(Exception):
    """A pattern file can not be used: `file`, `line` and `column` (from 1), `field` and `reason`."""

    def __init__(self, file: str, line: int, column: int, field: str, reason: str) -> None:
        """Keep the parts, and join them to one line that editors can follow."""
        super().__init__(": ".join(part for part in (f"{file}:{line}:{column}", field, reason) if part))
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.reason = reason


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
    try:
        return msgspec.convert(tomllib.loads(text), PatternFile)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        reason = _TOML_PLACE.sub("", str(error))
        if match is not None and match[1] is not None:
            raise PatternError(file, int(match[1]), int(match[2]), "", reason) from None
        last = text.splitlines()[-1] if text.strip() else ""
        raise PatternError(file, max(text.count("\n"), 1), len(last) + 1, "", reason) from None
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`").lstrip(".")
        unknown = _UNKNOWN.search(reason)
        if unknown is not None:
            path = f"{path}.{unknown[1]}" if path else unknown[1]
        raise error_at(file, text, path, reason) from None


def error_at(file: str, text: str, field: str, reason: str) -> PatternError:
    """Say what is wrong with a field of a file, with its line and column."""
    place = place_of(text, field)
    return PatternError(file, *(place if place is not None else (1, 1)), field, reason)
