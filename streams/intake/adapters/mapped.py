"""Adapter for lines of foreign exports: reads a line's columns as its mapping says and fills a native event."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeAlias

import msgspec

from schemas.identifiers import derived_id
from schemas.wire import WireEvent
from streams.intake.mapping import (
    LINE_HASH,
    FieldRule,
    FromColumn,
    IdentifierRule,
    Mapping,
    TimeColumn,
    template_parts,
)
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import Limits
from streams.intake.times import EPOCH, MILLISECOND, parse_time
from streams.processor import InputRecord

Row: TypeAlias = dict[str, str]
Filled: TypeAlias = dict[str, object]
Fillings: TypeAlias = tuple[tuple[str, str, Callable[[Row], str | None]], ...]
ReadTime: TypeAlias = Callable[[str], int | None]

ACCESS_LINE: Final = re.compile(
    r'(\S+) (\S+) (\S+) \[([^\]]{1,40})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)'
    r'(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?\Z'
)
ACCESS_TIME: Final = re.compile(r"(\d{2})/(\w{3})/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})\Z")
MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS: Final = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
CACHED_TIMES: Final = 16_384
EPOCH_DIGITS_MAX: Final = 13


class MappedShape:
    """Reads the lines of one mapping. Pure but for a cache of times, of which exports repeat many."""

    def __init__(self, mapping: Mapping, limits: Limits) -> None:
        self._mapping = mapping
        self._limits = limits
        self._columns = mapping.all_columns
        self._unknown = frozenset(mapping.unknown)
        self._read_time: ReadTime = lru_cache(maxsize=CACHED_TIMES)(_time_reader(mapping.time))
        self._fields = _fillings(mapping.fields)
        self._when = tuple((when.condition, _fillings(when.fields)) for when in mapping.when)
        self._identifiers = tuple((each, _compiled(each.value)) for each in mapping.identifiers)

    def pieces(self, record: InputRecord) -> list[bytes] | Rejected:
        """Take a line as one event; a line that names the columns, first in its input, is none."""
        line = record.value.rstrip(b"\r\n")
        if not line.strip():
            return Rejected(Reason.EMPTY, "the line is empty", record.source)
        if len(line) > self._limits.event_bytes:
            return Rejected(Reason.TOO_LARGE, f"more than {self._limits.event_bytes} bytes", record.source)
        return [] if record.position == 0 and self._is_header(line) else [line]

    def event_of(self, piece: bytes, record: InputRecord) -> WireEvent | Rejected:
        """Read one line; the configured source of its record beats the mapping's."""
        try:
            text = piece.decode(self._mapping.encoding)
        except UnicodeDecodeError:
            return Rejected(Reason.NOT_DECODABLE, f"the line is not {self._mapping.encoding}", record.source)
        row = self._row(text)
        if isinstance(row, Rejected):
            return row
        row[LINE_HASH] = blake2b(piece, digest_size=16).hexdigest()
        if any(condition.holds(row) for condition in self._mapping.skip):
            return Rejected(Reason.SKIPPED_BY_MAPPING, "a skip rule of the mapping holds", record.source)
        return self._event(row, piece, record.source)

    def _is_header(self, line: bytes) -> bool:
        if not self._mapping.header:
            return False
        cells = self._cells(line.decode(self._mapping.encoding, errors="replace").removeprefix("\ufeff"))
        return cells is not None and tuple(cells) == self._columns

    def _event(self, row: Row, line: bytes, source: str) -> WireEvent | Rejected:
        told: Filled = {}
        _fill(told, self._fields, row)
        for condition, fields in self._when:
            if condition.holds(row):
                _fill(told, fields, row)
        told["identifiers"] = [_identifier(rule, value) for rule, read in self._identifiers if (value := read(row))]
        told["source"] = source or told.get("source")
        clock = row.get(self._mapping.time.column)
        time = None if clock is None else self._read_time(clock)
        if time is None:
            reason = Reason.NO_TIME if clock is None else Reason.UNREADABLE_TIME
            return Rejected(reason, f"column {self._mapping.time.column}", str(told["source"] or ""))
        told["occurred_at"] = time
        if not told.get("event_id"):
            told["event_id"] = derived_id(str(told["source"]).encode(), line)
        try:
            return msgspec.convert(told, WireEvent, strict=False)
        except msgspec.ValidationError as error:
            return Rejected(Reason.WRONG_TYPE, str(error), str(told["source"] or ""))

    def _row(self, text: str) -> Row | Rejected:
        if self._mapping.format == "jsonl":
            return self._row_of_json(text)
        cells = self._cells(text)
        if cells is None or len(cells) != len(self._columns):
            return Rejected(Reason.WRONG_COLUMNS, f"not a {self._mapping.format} line of {len(self._columns)} columns")
        unknown = self._unknown
        return {column: cell for column, cell in zip(self._columns, cells, strict=True) if cell not in unknown}

    def _row_of_json(self, text: str) -> Row | Rejected:
        try:
            told = msgspec.json.decode(text, type=dict[str, object])
        except (msgspec.DecodeError, RecursionError):
            return Rejected(Reason.NOT_DECODABLE, "the line is not a JSON object")
        return {column: cell for column, cell in _flat(told) if cell not in self._unknown}

    def _cells(self, text: str) -> list[str] | None:
        if self._mapping.format == "tsv":
            return text.split("\t")
        if self._mapping.format == "csv":
            try:
                return next(csv.reader((text,), strict=True), None)
            except csv.Error:
                return None
        return _access_cells(text, with_agent=self._mapping.format == "combined")


def _access_cells(text: str, *, with_agent: bool) -> list[str] | None:
    found = ACCESS_LINE.match(text)
    if found is None or (found[9] is not None) != with_agent:
        return None
    words = found[5].split(" ")
    method, url, protocol = words if len(words) == 3 else ("", "", "")  # noqa: PLR2004 - method, url, protocol
    cells = [*found.groups()[:5], method, url, protocol, found[6], found[7]]
    return [*cells, found[8], found[9]] if with_agent else cells


def _flat(told: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Name nested values by dotted paths; lists are left out."""
    cells: list[tuple[str, str]] = []
    for name, value in told.items():
        if isinstance(value, dict):
            cells += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            cells.append((prefix + name, "true" if value else "false"))
        elif isinstance(value, str | int | float):
            cells.append((prefix + name, str(value)))
    return cells


def _compiled(rule: FieldRule) -> Callable[[Row], str | None]:
    """Make a rule into a function; it gives None where a column it needs is not told."""
    if isinstance(rule, FromColumn):
        return lambda row: rule.values.get(row.get(rule.column, ""), rule.default)
    parts = template_parts(rule)
    if len(parts) == 1:
        return lambda _row: rule
    if len(parts) == 2 and parts[0][0] == parts[1][0] == "":  # noqa: PLR2004 - one column and nothing around it
        column = parts[0][1]
        return lambda row: row.get(column)
    return lambda row: _filled_template(parts, row)


def _filled_template(parts: tuple[tuple[str, str], ...], row: Row) -> str | None:
    filled = []
    for before, column in parts:
        cell = row.get(column) if column else ""
        if cell is None:
            return None
        filled.append(before + cell)
    return "".join(filled)


def _fillings(fields: dict[str, FieldRule]) -> Fillings:
    """Prepare the fields of a mapping: the group a dotted one is in, its name there, and how its value is read."""
    split = ((field.rpartition("."), rule) for field, rule in fields.items())
    return tuple((group, name, _compiled(rule)) for (group, _, name), rule in split)


def _fill(told: Filled, fields: Fillings, row: Row) -> None:
    """Set the fields whose values are told; the others stay as they are."""
    for group, name, value_of in fields:
        value = value_of(row)
        if value is None:
            continue
        inside = told.setdefault(group, {}) if group else told
        if isinstance(inside, dict):
            inside[name] = value


def _identifier(rule: IdentifierRule, value: str) -> dict[str, str | None]:
    return {"kind": rule.kind, "value": value, "assurance": rule.assurance, "scope": rule.scope}


def _time_reader(time: TimeColumn) -> ReadTime:
    match time.format:
        case "epoch_seconds":
            return lambda text: _number_of_ms(text, 1000)
        case "epoch_ms":
            return lambda text: _number_of_ms(text, 1)
        case "rfc3339":
            return parse_time
        case "access_log":
            return _access_time
        case pattern:
            return lambda text: _pattern_time(text, pattern, time.zone)


def _number_of_ms(text: str, factor: int) -> int | None:
    readable = text.isascii() and text.isdigit() and len(text) <= EPOCH_DIGITS_MAX
    return parse_time(int(text) * factor) if readable else None


def _access_time(text: str) -> int | None:
    found = ACCESS_TIME.match(text)
    if found is None or found[2] not in MONTHS:
        return None
    offset = f"{found[7]}{found[8]}:{found[9]}"
    return parse_time(f"{found[3]}-{MONTHS[found[2]]:02}-{found[1]}T{found[4]}:{found[5]}:{found[6]}{offset}")


def _pattern_time(text: str, pattern: str, zone: str) -> int | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set below where the pattern has none
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(zone))
    return parse_time((moment - EPOCH) // MILLISECOND)


def _zone(told: str) -> timezone:
    if told == "UTC":
        return timezone.utc  # noqa: UP017 - beside the fixed offsets below
    minutes = int(told[1:3]) * 60 + int(told[4:6])
    return timezone(timedelta(minutes=-minutes if told[0] == "-" else minutes))
