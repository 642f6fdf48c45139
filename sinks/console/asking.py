"""Read the questions that pages ask: SQL from its files, answers into the entries that pages lay out."""

from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias, TypeVar

import msgspec

from sinks.clickhouse.client import QueryTable

Answer: TypeAlias = list[dict[str, object]]
Entry = TypeVar("Entry", bound=msgspec.Struct)


@lru_cache(maxsize=64)
def question(name: str) -> str:
    """Read a question by the name of its file; FileNotFoundError is our own bug."""
    text = files("sinks.console.questions").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return text.strip().removesuffix(";")


def rows_of(table: QueryTable) -> Answer:
    """Name the columns of each row."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def entries_of(kind: type[Entry], table: QueryTable) -> list[Entry]:
    """Read rows as the entries of a page; a missing or ill-typed column is a mismatch of program and database."""
    return msgspec.convert(rows_of(table), list[kind], strict=False)  # type: ignore[valid-type]
