"""Write the Avro contract from the typed one, so that the two cannot drift.

Events come from the pydantic models of `contract.py`, emitted records from the structs of `rows.py`. Enumerations that
know `unknown` carry it as default, so that an old reader survives a new symbol. What is written is committed under
`schemas/avro/`; a test compares.
"""

import types
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel

from schemas.contract import Event
from schemas.contract_blocks import Instant, Words
from schemas.rows import (
    AliasRow,
    ChannelCell,
    DeadLetterRow,
    FreshnessRow,
    FrictionCell,
    FrictionRow,
    FunnelCell,
    IdentityLogRow,
    JourneyRow,
    LateEventRow,
    LocationCell,
    PersonRow,
    SessionRow,
    Table,
    TouchpointRow,
    TransitionCell,
)

NAMESPACE = "seamline"
AvroType: TypeAlias = str | list["AvroType"] | dict[str, object]
Struct: TypeAlias = type[msgspec.Struct]

ROWS: dict[Table, Struct] = {
    Table.TOUCHPOINTS: TouchpointRow,
    Table.PEOPLE: PersonRow,
    Table.PERSON_ALIASES: AliasRow,
    Table.IDENTITY_LOG: IdentityLogRow,
    Table.SESSIONS: SessionRow,
    Table.JOURNEYS: JourneyRow,
    Table.FRICTION: FrictionRow,
    Table.AGG_CHANNEL_1M: ChannelCell,
    Table.AGG_TASK_FUNNEL_5M: FunnelCell,
    Table.AGG_CHANNEL_TRANSITION_15M: TransitionCell,
    Table.AGG_FRICTION_5M: FrictionCell,
    Table.AGG_LOCATION_15M: LocationCell,
    Table.DEAD_LETTERS: DeadLetterRow,
    Table.LATE_EVENTS: LateEventRow,
    Table.FRESHNESS: FreshnessRow,
}
"""The struct of each table."""

_PRIMITIVES: dict[object, AvroType] = {str: "string", int: "long", float: "double", bool: "boolean", bytes: "bytes"}


class _Field(NamedTuple):
    name: str
    hint: object
    is_required: bool
    default: object
    meaning: str


def event_schema() -> AvroType:
    """Write the Avro schema of the event envelope."""
    return _record(Event, set())


def row_schema(table: Table) -> AvroType:
    """Write the Avro schema of what is emitted for one table: key, revision, and the row or null for a retraction."""
    row = ROWS[table]
    return {
        "type": "record",
        "name": f"{row.__name__}Upsert",
        "namespace": NAMESPACE,
        "doc": f"The newest word on one key of {table}; of one key the greatest revision holds.",
        "fields": [
            {
                "name": "key",
                "type": {"type": "array", "items": ["string", "long"]},
                "doc": "in the order of the sorting key",
            },
            {"name": "revision", "type": "long", "doc": "generation, epoch and counter; ever growing for one key"},
            {"name": "row", "type": ["null", _record(row, set())], "default": None, "doc": "null: retracted"},
        ],
    }


def contract_files() -> dict[Path, str]:
    """Write every file of `schemas/avro`, path (relative to `schemas`) to text."""
    files = {Path("avro/event.avsc"): _text(event_schema())}
    for table in Table:
        files[Path(f"avro/rows/{table}.avsc")] = _text(row_schema(table))
    return files


def _text(schema: AvroType) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _record(model: type[BaseModel] | Struct, written: set[str]) -> AvroType:
    name = model.__name__
    if name in written:
        return f"{NAMESPACE}.{name}"
    written.add(name)
    fields = [_field(field, written) for field in _fields(model)]
    doc = (model.__doc__ or "").partition("\n")[0]
    return {"type": "record", "name": name, "namespace": NAMESPACE, "doc": doc, "fields": fields}


def _field(field: _Field, written: set[str]) -> dict[str, object]:
    avro = _avro(field.hint, written)
    told: dict[str, object] = {"name": field.name, "type": avro}
    if not field.is_required:
        told["default"] = field.default
    if field.meaning:
        told["doc"] = field.meaning
    return told


def _fields(model: type[BaseModel] | Struct) -> Iterator[_Field]:
    hints = get_type_hints(model, include_extras=True)
    if issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            wire_name = field.alias or name
            yield _Field(wire_name, hints[name], field.is_required(), None, field.description or "")
        return
    for spec in msgspec.structs.fields(model):
        yield _Field(spec.encode_name, hints[spec.name], is_required=True, default=None, meaning="")


def _avro(hint: Any, written: set[str]) -> AvroType:  # noqa: ANN401 - a type hint may be anything
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    if isinstance(hint, NewType):
        return _avro(hint.__supertype__, written)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(arguments, written)
    if origin in {Union, types.UnionType}:
        return _union(arguments, written)
    if origin in {list, tuple}:
        return {"type": "array", "items": _avro(arguments[0], written)}
    if origin is dict:
        return {"type": "map", "values": _avro(arguments[1], written)}
    return _enum(hint, written) if issubclass(hint, StrEnum) else _record(hint, written)


def _annotated(arguments: tuple[Any, ...], written: set[str]) -> AvroType:
    base, *marks = arguments
    for mark in marks:
        if isinstance(mark, Words):
            return _enum(mark.words, written)
        if isinstance(mark, Instant):
            return {"type": "long", "logicalType": "timestamp-millis"}
    return _avro(base, written)


def _union(arguments: tuple[Any, ...], written: set[str]) -> AvroType:
    branches: list[AvroType] = ["null"] if types.NoneType in arguments else []
    for argument in arguments:
        if argument is not types.NoneType:
            avro = _avro(argument, written)
            branches.extend(avro if isinstance(avro, list) else [avro])
    return branches


def _enum(words: type[StrEnum], written: set[str]) -> AvroType:
    if words.__name__ in written:
        return f"{NAMESPACE}.{words.__name__}"
    written.add(words.__name__)
    symbols = [str(word) for word in words]
    enum: dict[str, object] = {"type": "enum", "name": words.__name__, "namespace": NAMESPACE, "symbols": symbols}
    if "unknown" in symbols:
        enum["default"] = "unknown"
    return enum
