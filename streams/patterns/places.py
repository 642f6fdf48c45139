"""Where in a TOML text a field stands, for messages: its path, like `clauses[1].match.name`, to line and column.

The text must be valid TOML (`tomllib` has read it before); what is told is the place of the key, or of an array's item.
"""

import re
from typing import Final, NamedTuple

_KEY: Final = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.|=|\]\]?)""")
_BLANK: Final = re.compile(r"(?:\s|#[^\n]*)*")
_STRING: Final = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_PLAIN: Final = re.compile(r"[^,\]}\n#]+")


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


def place_of(text: str, path: str) -> Place | None:
    """Find a field; where it is not written itself, the nearest table around it. None: nothing of it is written."""
    found = _Scan(text).found
    while path:
        at = found.get(path)
        if at is not None:
            line_start = text.rfind("\n", 0, at) + 1
            return Place(text.count("\n", 0, at) + 1, at - line_start + 1)
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


class _Scan:
    """Walk over the text once, noting where each path begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        at, table = self._skip(0), ""
        while at < len(text):
            if text[at] == "[":
                at, table = self._header(at)
            else:
                at = self._pair(at, table)
            at = self._skip(at)

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match is not None else at

    def _keys(self, at: int) -> tuple[list[str], int]:
        """Read a key, dotted or not; gives its parts and where what ends it ends."""
        parts = []
        while match := _KEY.match(self.text, at):
            parts.append(next(part for part in match.groups()[:3] if part is not None))
            at = match.end()
            if match[4] != ".":
                return parts, at
        return parts, len(self.text)

    def _header(self, at: int) -> tuple[int, str]:
        many = self.text.startswith("[[", at)
        parts, end = self._keys(at + (2 if many else 1))
        table = ""
        for number, part in enumerate(parts):
            table = f"{table}.{part}" if table else part
            if many and number == len(parts) - 1:
                self.found.setdefault(table, at)
                self._counts[table] = self._counts.get(table, -1) + 1
            if table in self._counts:
                table = f"{table}[{self._counts[table]}]"
        self.found.setdefault(table, at)
        return end, table

    def _pair(self, at: int, table: str) -> int:
        parts, end = self._keys(at)
        path = table
        for part in parts:
            path = f"{path}.{part}" if path else part
            self.found.setdefault(path, at)
        return self._value(self._skip(end), path)

    def _value(self, at: int, path: str) -> int:
        opening = self.text[at : at + 1]
        if opening == "[":
            return self._inside(at, "]", path)
        if opening == "{":
            return self._inside(at, "}", path)
        match = _STRING.match(self.text, at) or _PLAIN.match(self.text, at)
        return match.end() if match is not None else at + 1

    def _inside(self, at: int, closing: str, path: str) -> int:
        """Read an array or an inline table, up to behind its end."""
        at, index = self._skip(at + 1), 0
        while at < len(self.text) and self.text[at] != closing:
            if closing == "]":
                self.found.setdefault(f"{path}[{index}]", at)
                at, index = self._value(at, f"{path}[{index}]"), index + 1
            else:
                at = self._pair(at, path)
            at = self._skip(at)
            if self.text[at : at + 1] == ",":
                at = self._skip(at + 1)
        return at + 1
