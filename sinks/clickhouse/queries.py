"""Questions: named ones kept in `queries/*.sql`, or any statement a person writes; all of them can only read.

A named question begins with comment lines: the question, its grain (what one row is), its caveats, and its parameters,
which stand in the statement as `{name:Type}` and are bound by the database, never pasted in. The twins of the patterns
(`twins/*.sql`, named by pattern) are such questions too: they find a pattern's hits again, from what the views show.
"""

import re
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from sinks.clickhouse.client import Cell, Client, QueryTable
from sinks.clickhouse.failures import QueryRefused

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PARAMETER = re.compile(r"\{([A-Za-z_]\w*)\s*:\s*([^{}]+)\}")
_DEFAULT = re.compile(r"^--\s*Default (\w+): (.*)$", re.MULTILINE)
_CHART = re.compile(r"^-- Chart: (\w+) by (.+)$", re.MULTILINE)
TWIN_COLUMNS = ("person_id", "hit_key", "severity", "detected_at", "evidence")
"""What a twin says of each hit; the person is the one the touchpoints were published under."""


class NamedQuery(msgspec.Struct, frozen=True):
    """A question of the catalogue: its name, the text with its header, its parameters' types and their defaults."""

    name: str
    text: str
    parameters: dict[str, str]
    defaults: dict[str, str]

    def question(self) -> str:
        """Say the question: the first sentence of the header."""
        return self.text.splitlines()[0].lstrip("- ").strip()

    def chart(self) -> tuple[str, tuple[str, ...]] | None:
        """Name the column worth drawing and those that label it: the header's line `Chart`; None if it has none."""
        found = _CHART.search(self.text)
        return (found[1], tuple(found[2].split(", "))) if found else None


def named_queries() -> dict[str, NamedQuery]:
    """List the questions that this program knows, by name."""
    return _read("queries")


def twins() -> dict[str, NamedQuery]:
    """List the patterns' twins, by the pattern's id."""
    return _read("twins")


def run_twin(client: Client, twin: NamedQuery, as_of_ms: int) -> QueryTable:
    """Find a pattern's hits as of an instant, with the windows of the rules: the columns of `TWIN_COLUMNS`."""
    given = {"as_of": as_of_ms} if "as_of" in twin.parameters else {}
    with client.read_only() as reader:
        answer = reader.query(twin.text.rstrip().rstrip(";"), _bound(twin, given))
    return QueryTable(TWIN_COLUMNS, answer.rows)


def run_query(client: Client, name_or_sql: str, parameters: Mapping[str, Cell] | None = None) -> QueryTable:
    """Ask a question by name, a pattern's twin by its id, or any statement, on a read-only connection beside `client`.

    Raises QueryRefused for an unknown name, a missing parameter, a wrong statement, one that would do more than read,
    and one that answers more than `client.RESULT_ROWS_MAX` rows.
    """
    statement, bound = name_or_sql, dict(parameters or {})
    if _NAME.fullmatch(name_or_sql.strip()):
        query = _named(name_or_sql.strip())
        statement, bound = query.text, _bound(query, bound)
    statement = statement.rstrip().rstrip(";")
    with client.read_only() as reader:
        answer = reader.query(statement, bound)
        return answer if answer.columns else QueryTable(_columns(reader, statement, bound), answer.rows)


def _columns(reader: Client, statement: str, bound: Mapping[str, Cell]) -> tuple[str, ...]:
    """Name the columns of an answer without rows, which arrives without them; none for what is no SELECT."""
    try:
        return reader.query(f"SELECT * FROM (\n{statement}\n) LIMIT 0", bound).columns  # noqa: S608 - it was asked as it stands
    except QueryRefused:
        return ()


def _named(name: str) -> NamedQuery:
    known = named_queries()
    found = known.get(name) or twins().get(name)
    if found is None:
        message = f"there is no question named {name}; there are {', '.join(known)}"
        raise QueryRefused(message)
    return found


def _bound(query: NamedQuery, given: Mapping[str, Cell]) -> dict[str, Cell]:
    unknown = sorted(given.keys() - query.parameters.keys())
    bound: dict[str, Cell] = {**query.defaults, **given}
    missing = sorted(query.parameters.keys() - bound.keys())
    if unknown or missing:
        wrong = f"has no parameter {unknown[0]}" if unknown else f"needs {missing[0]} ({query.parameters[missing[0]]})"
        message = f"the question {query.name} {wrong}"
        raise QueryRefused(message)
    return bound


def _read(folder: str) -> dict[str, NamedQuery]:
    entries: list[Traversable] = sorted(
        resources.files("sinks.clickhouse").joinpath(folder).iterdir(), key=lambda entry: entry.name
    )
    texts = {entry.name[: -len(".sql")]: entry.read_text("utf-8") for entry in entries if entry.name.endswith(".sql")}
    return {
        name: NamedQuery(name, text, dict(_PARAMETER.findall(text)), dict(_DEFAULT.findall(text)))
        for name, text in texts.items()
    }
