"""A reader of PromQL, as much of it as our rules and dashboards use; anything else is refused."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e\d+)?(?![\w.]))|(?P<range>\[(?:\d+[smhdw])+\])|(?P<name>[a-zA-Z_][\w:]*)"
    r"|(?P<text>\"[^\"]*\")|(?P<sign>==|!=|>=|<=|=~|!~|[-+*/<>=(){},]))"
)
AGGREGATIONS = {"sum", "max", "min", "avg", "count"}
FUNCTIONS = {"rate": 1, "increase": 1, "absent": 1, "histogram_quantile": 2, "clamp_min": 2, "label_values": 2}
BINARY = ({"or"}, {"and", "unless"}, {"==", "!=", ">=", "<=", "<", ">"}, {"+", "-"}, {"*", "/"})


class Named(NamedTuple):
    """A metric that an expression names, and the labels it is filtered by."""

    metric: str
    labels: frozenset[str]


class Expression:
    """One expression, read: `named` are its metrics, `grouped` the labels it is grouped or matched by."""

    def __init__(self, text: str) -> None:
        self.named: list[Named] = []
        self.grouped: set[str] = set()
        self._tokens = list(_tokens(text))
        self._at = 0
        self._binary(0)
        assert self._at == len(self._tokens), f"{text}: what follows {self._tokens[: self._at]} is not understood"

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *wanted: str) -> str:
        kind, token = self._next()
        assert not wanted or token in wanted or kind in wanted, f"{token!r} where {wanted} is expected"
        self._at += 1
        return token

    def _binary(self, level: int) -> None:
        if level == len(BINARY):
            self._one()
            return
        self._binary(level + 1)
        while self._next()[1] in BINARY[level]:
            self._take()
            if self._next()[1] in ("on", "ignoring"):
                self._take()
                self._labels()
            self._binary(level + 1)

    def _one(self) -> None:
        kind, token = self._next()
        if kind == "number":
            self._take()
        elif token == "(":
            self._take()
            self._binary(0)
            self._take(")")
        elif token in AGGREGATIONS:
            self._take()
            if self._next()[1] in ("by", "without"):
                self._take()
                self._labels()
            self._arguments(1)
        elif token in FUNCTIONS:
            self._arguments(FUNCTIONS[self._take()])
        else:
            self._selector()

    def _arguments(self, count: int) -> None:
        self._take("(")
        for number in range(count):
            if number:
                self._take(",")
            self._binary(0)
        self._take(")")

    def _labels(self) -> None:
        self._take("(")
        while self._next()[1] != ")":
            self.grouped.add(self._take("name"))
            if self._next()[1] == ",":
                self._take()
        self._take(")")

    def _selector(self) -> None:
        metric, labels = self._take("name"), set()
        if self._next()[1] == "{":
            self._take()
            while self._next()[1] != "}":
                labels.add(self._take("name"))
                self._take("=", "=~", "!=", "!~")
                self._take("text")
                if self._next()[1] == ",":
                    self._take()
            self._take("}")
        if self._next()[0] == "range":
            self._take()
        self.named.append(Named(metric, frozenset(labels)))


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        assert match, f"{text[at:]!r} is not understood"
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found
