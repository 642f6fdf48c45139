"""Statements as the HTTP interface takes them: text, and behind an INSERT its data in the same bytes.

Only as much is read as is needed to tell the two apart, to find the FORMAT clause, and to refuse two statements at
once; the engine's own parser decides everything else.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from sinks.clickhouse.embedded.refusals import SYNTAX_ERROR, refuse

READS: Final = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "FROM", "("})
"""How statements begin that change nothing, so that they may be broken off when nobody waits for the answer."""
_TOKEN: Final = re.compile(
    rb"(?P<blank>\s++|--[^\n]*+|\#[^\n]*+|/\*.*?\*/)"
    rb"|(?P<quoted>'(?:[^'\\]|\\.|'')*+'|\"(?:[^\"\\]|\\.|\"\")*+\"|`(?:[^`\\]|\\.|``)*+`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    rb"|(?P<word>\w++)"
    rb"|(?P<sign>.)",
    re.DOTALL,
)
_OPENING, _CLOSING, _QUOTES = frozenset("([{"), frozenset(")]}"), frozenset((b"'", b'"', b"`"))


class Statement(msgspec.Struct, frozen=True):
    """One statement. `format` is what its FORMAT clause names, else empty.

    `data` is what stands behind an INSERT with a FORMAT clause, None for all others. Of such an INSERT `text` ends
    before its SETTINGS and FORMAT clauses, and `settings` is the former. `bare` is the text without its FORMAT clause.
    """

    verb: str
    text: bytes
    bare: bytes
    format: str
    data: bytes | None = None
    settings: bytes = b""

    def reads(self) -> bool:
        """Tell whether it can change nothing."""
        return self.verb in READS


class _Token(msgspec.Struct, frozen=True, gc=False):
    word: str
    begin: int
    end: int


def read_statement(raw: bytes) -> Statement:
    """Take apart what a request holds; raises Refusal for nothing at all and for two statements at once."""
    tokens = _outer_tokens(raw)
    first = next(tokens, None)
    if first is None or first.word == ";":
        raise refuse(SYNTAX_ERROR, "Empty query")
    if first.word == "INSERT":
        found = _insert_with_data(raw, tokens)
        if found is not None:
            return found
        if any(token.word == "VALUES" for token in _outer_tokens(raw)):
            return Statement(first.word, raw, raw, "")
    return _alone(raw, [first, *tokens])


def _insert_with_data(raw: bytes, tokens: Iterator[_Token]) -> Statement | None:
    """Look for FORMAT NAME before anything that brings the rows in another way."""
    settings, before = -1, ""
    for token in tokens:
        if token.word in ("SELECT", "WITH", "VALUES", "WATCH"):
            return None
        if token.word == "SETTINGS" and before not in ("INTO", "TABLE", "."):
            settings = token.begin
        before = token.word
        if token.word == "FORMAT":
            name = next(tokens, None)
            if name is None or name.word == "VALUES":
                return None
            end = token.begin if settings < 0 else settings
            spelled = raw[name.begin : name.end].decode("ascii", "replace")
            bare = raw[: token.begin]
            return Statement("INSERT", raw[:end], bare, spelled, _after_blank(raw, name.end), raw[end : token.begin])
    return None


def _after_blank(raw: bytes, end: int) -> bytes:
    """Give the data: blanks of the format's own line belong to the statement, and one line end."""
    while raw[end : end + 1] in (b" ", b"\t"):
        end += 1
    if raw[end : end + 2] == b"\r\n":
        return raw[end + 2 :]
    return raw[end + 1 :] if raw[end : end + 1] == b"\n" else raw[end:]


def _alone(raw: bytes, tokens: list[_Token]) -> Statement:
    semicolons = [number for number, token in enumerate(tokens) if token.word == ";"]
    if semicolons:
        if any(token.word != ";" for token in tokens[semicolons[0] :]):
            raise refuse(SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
        raw, tokens = raw[: tokens[semicolons[0]].begin], tokens[: semicolons[0]]
    for number, token in enumerate(tokens[:-1]):
        last = number + 2 == len(tokens)
        if token.word == "FORMAT" and number and (last or tokens[number + 2].word == "SETTINGS"):
            name = tokens[number + 1]
            bare = raw[: token.begin] + raw[name.end :]
            return Statement(tokens[0].word, raw, bare, raw[name.begin : name.end].decode("ascii", "replace"))
    return Statement(tokens[0].word, raw, raw, "")


def _outer_tokens(raw: bytes) -> Iterator[_Token]:
    """Walk the words and signs outside of brackets, strings and comments; words in capitals, quoted ones blank."""
    depth = position = 0
    while position < len(raw):
        match = _TOKEN.match(raw, position)
        if match is None:
            return
        position = match.end()
        if match.lastgroup == "blank":
            continue
        if match[0] in _QUOTES:
            return  # a text that does not end is the engine's to complain of
        quoted = match["quoted"] is not None
        word = "" if quoted else match[0].decode("ascii", "replace").upper()
        if word in _OPENING:
            if depth == 0:
                yield _Token(word, match.start(), match.end())
            depth += 1
        elif word in _CLOSING:
            depth -= 1
        elif depth <= 0:
            yield _Token(word, match.start(), match.end())
