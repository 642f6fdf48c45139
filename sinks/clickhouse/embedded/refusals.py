"""Refusals: errors in ClickHouse's own numbers and words, and the HTTP status that a server sends with each."""

import re
from typing import Final

SYNTAX_ERROR: Final = (62, "SYNTAX_ERROR")
NOT_IMPLEMENTED: Final = (48, "NOT_IMPLEMENTED")
UNKNOWN_FORMAT: Final = (73, "UNKNOWN_FORMAT")
READONLY: Final = (164, "READONLY")
TOO_MANY_QUERIES: Final = (202, "TOO_MANY_SIMULTANEOUS_QUERIES")
QUERY_TOO_LARGE: Final = (307, "TOO_MANY_BYTES")
SESSION_NOT_FOUND: Final = (372, "SESSION_NOT_FOUND")
SESSION_IS_LOCKED: Final = (373, "SESSION_IS_LOCKED")
CANNOT_DECOMPRESS: Final = (271, "CANNOT_DECOMPRESS")
AUTHENTICATION_FAILED: Final = (516, "AUTHENTICATION_FAILED")
ABORTED: Final = (236, "ABORTED")

_STATUS: Final = {
    **dict.fromkeys((6, 26, 27, 32, 36, 38, 41, 43, 44, 53, 62, 69, 70, 72, 117, 271, 372, 373, 457), 400),
    **dict.fromkeys((193, 194, 516), 401),
    **dict.fromkeys((46, 47, 50, 56, 60, 73, 81, 115), 404),
    159: 408,
    307: 413,
    48: 501,
}
_NUMBERED: Final = re.compile(r"Code: (\d+)\. (DB::Exception: .*)", re.DOTALL)
_UNKNOWN_EXCEPTION: Final = 1002


class Refusal(Exception):
    """A request that is not done; `code` is ClickHouse's number, `said` the text without number and version."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code
        self.said = said

    def status(self) -> int:
        """The HTTP status: what clients repeat (429, 503, 504) is never among them."""
        return _STATUS.get(self.code, 500)

    def text(self, version: str) -> str:
        """The body that a server would send."""
        text = f"Code: {self.code}. {self.said}"
        return f"{text}\n" if "(version " in text else f"{text} (version {version})\n"


def refuse(kind: tuple[int, str], message: str) -> Refusal:
    """Refuse for a reason of our own, worded as ClickHouse words its own."""
    return Refusal(kind[0], f"DB::Exception: {message}. ({kind[1]})")


def refusal_of(error: Exception) -> Refusal:
    """Read what the engine raised; text without a number keeps its words under the number for unknown errors."""
    found = _NUMBERED.search(str(error))
    if found is None:
        return Refusal(_UNKNOWN_EXCEPTION, f"DB::Exception: {error}. (UNKNOWN_EXCEPTION)")
    return Refusal(int(found[1]), found[2].strip())
