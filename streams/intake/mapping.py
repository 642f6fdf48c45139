"""Mappings: how a foreign export is read, declared as TOML instead of code (`docs/mappings.md` says how to write one).

A mapping names the format of a line, its columns, where the time stands, and for each field of the native event a
template (`"{number}"`), a constant, or a column with a table of values. `[[when]]` blocks override fields for some
lines.
"""

import tomllib
from importlib.resources import files
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

LineFormat: TypeAlias = Literal["csv", "tsv", "jsonl", "common", "combined"]
FixedZone: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^(UTC|[+-]\d{2}:\d{2})$")]
FieldName: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]+(\.[A-Za-z0-9_]+)?$")]

LINE_HASH: Final = "line_hash"
"""A column every line has: the hash of its bytes, 32 hex digits."""
COMMON_COLUMNS: Final = (
    "client",
    "identity",
    "user",
    "time",
    "request",
    "method",
    "url",
    "protocol",
    "status",
    "bytes",
)
COMBINED_COLUMNS: Final = (*COMMON_COLUMNS, "referrer", "agent")
"""Columns of access logs; a mapping for `common` or `combined` does not name its own."""


class MappingError(Exception):
    """A mapping can not be used; the message says which one, where, and what was expected."""


class TimeColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the time stands and how it is written.

    `format` is `epoch_seconds`, `epoch_ms`, `rfc3339`, `access_log`, or a strptime pattern; `zone` is the fixed offset
    of a pattern without one (no daylight saving: `UTC` or `+02:00`).
    """

    column: str
    format: str
    zone: FixedZone = "UTC"


class FromColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field read from a column through a table; a value not in the table gives `default`, or nothing."""

    column: str
    values: dict[str, str]
    default: str | None = None


FieldRule: TypeAlias = str | FromColumn


class IdentifierRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identifier each line names, where the columns in its template are told."""

    kind: str
    value: str
    assurance: str = "asserted"
    scope: str | None = None


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holds for a line whose column equals one of these, begins so, or contains one of these (casefolded)."""

    column: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()

    def holds(self, row: dict[str, str]) -> bool:
        """Tell whether it holds; a column that is not told never does."""
        told = row.get(self.column)
        if told is None:
            return False
        if told in self.equals or (self.starts_with and told.startswith(self.starts_with)):
            return True
        folded = told.casefold() if self.contains else ""
        return any(part in folded for part in self.contains)


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields that are different on lines for which the condition holds; later blocks win over earlier ones."""

    condition: Condition = msgspec.field(name="if")
    fields: dict[FieldName, FieldRule]


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping. Lines for which a `skip` condition holds are dead letters, counted and visible.

    `unknown` lists values that mean "not told". `header` says that line 0 of an input names the columns.
    """

    format: LineFormat
    time: TimeColumn
    fields: dict[FieldName, FieldRule]
    description: str = ""
    columns: tuple[str, ...] = ()
    header: bool = False
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    unknown: tuple[str, ...] = ("",)
    identifiers: tuple[IdentifierRule, ...] = ()
    when: tuple[When, ...] = ()
    skip: tuple[Condition, ...] = ()

    @property
    def all_columns(self) -> tuple[str, ...]:
        """The columns a line has, its own or those of its format; empty for `jsonl`, whose lines name them."""
        if self.format == "common":
            return COMMON_COLUMNS
        return COMBINED_COLUMNS if self.format == "combined" else self.columns


def parse_mapping(name: str, text: str) -> Mapping:
    """Read a mapping from TOML; MappingError names what is wrong in it."""
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MappingError(f"mapping {name}: {error}") from None
    if mapping.format in ("csv", "tsv") and not mapping.columns:
        raise MappingError(f"mapping {name}: `columns` must name the columns of a {mapping.format} line")
    known = {*mapping.all_columns, LINE_HASH}
    missing = sorted(_columns_used(mapping) - known)
    if mapping.format != "jsonl" and missing:
        raise MappingError(f"mapping {name}: no such column: {', '.join(missing)}")
    return mapping


def shipped_mappings() -> dict[str, Mapping]:
    """Read the mappings that come with Seamline, by name."""
    folder = files("streams.intake.mappings")
    shipped = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    names = ((entry.name.removesuffix(".toml"), entry) for entry in shipped)
    return {name: parse_mapping(name, entry.read_text(encoding="utf-8")) for name, entry in names}


def template_parts(template: str) -> tuple[tuple[str, str], ...]:
    """Split `"a{b}c"` into (text before, column) pairs; the last has no column. Braces can not be escaped."""
    parts: list[tuple[str, str]] = []
    while "{" in template:
        before, _, rest = template.partition("{")
        column, closed, template = rest.partition("}")
        if not closed:
            return (*parts, (before + "{" + column, ""))
        parts.append((before, column))
    return (*parts, (template, ""))


def _columns_used(mapping: Mapping) -> set[str]:
    rules = [*mapping.fields.values(), *(rule for when in mapping.when for rule in when.fields.values())]
    templates = [rule for rule in rules if isinstance(rule, str)] + [each.value for each in mapping.identifiers]
    used = {column for template in templates for _, column in template_parts(template) if column}
    used |= {rule.column for rule in rules if isinstance(rule, FromColumn)}
    used |= {when.condition.column for when in mapping.when} | {condition.column for condition in mapping.skip}
    return used | {mapping.time.column}
