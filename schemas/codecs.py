"""Formats outside: Avro in Confluent framing, and JSON. The only module that imports fastavro.

One message is one datum: a zero byte, four bytes of schema id, the body. Schemas come from a registry, never with the
data, and pass the linter before anything is decoded with them. The errors are drawn at the head of `formats.py`.
"""

import io
import struct
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Final, TypeAlias, cast

import fastavro
import msgspec

from schemas.formats import CodecError, Undecodable
from schemas.linter import check
from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome, Sensitivity
from schemas.wire import EVENT_BYTES_MAX, WireEvent

MAGIC: Final = 0
EVENT_SCHEMA_ID: Final = 1
"""The id under which this release's own event schema is known where no registry gives another."""

_HEADER: Final = struct.Struct(">bI")
_ENUMS: Final = {
    "channel": frozenset(Channel),
    "direction": frozenset(Direction),
    "outcome": frozenset(Outcome),
    "sensitivity": frozenset(Sensitivity),
}
_TIMES: Final = frozenset({"occurred_at", "sent_at", "received_at", "due_at", "previous_due_at", "expires_at"})
_FREE_TEXT: Final = frozenset({"facts", "attributes"})

_JSON: Final = msgspec.json.Decoder(WireEvent)

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Fields: TypeAlias = dict[str, object]


class FramingError(CodecError):
    """Not a message in Confluent framing."""


class UnknownSchema(CodecError):
    """A schema id that was never registered; register the schema, then replay the dead letter."""

    def __init__(self, schema_id: int) -> None:
        self.schema_id = schema_id
        super().__init__(f"schema id {schema_id} is not registered")


class TooLarge(CodecError):
    """A message over the limit."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"{size} bytes, at most {EVENT_BYTES_MAX}")


class Unencodable(CodecError):
    """A value that its schema has no place for."""


class AvroSchemas:
    """The schemas that events may be written with, by registry id, each parsed once and resolved to our own."""

    def __init__(self, schemas: Mapping[int, bytes | str] | None = None, *, reader: bytes | str = "") -> None:
        """Lint and parse each schema; raises `RefusedSchema` for one that could be turned against us.

        Without `schemas` this release's own is known; an empty mapping knows none. `reader` is read by instead of it.
        """
        own = reader or packaged_schema("event")
        self._reader = _parse(own)
        self._writers: dict[int, tuple[Fields, Fields | None]] = {}
        for number, text in ({EVENT_SCHEMA_ID: own} if schemas is None else schemas).items():
            self.register(number, text)

    def register(self, schema_id: int, schema: bytes | str) -> None:
        """Learn what an id stands for; raises `RefusedSchema`, or `Unencodable` for what is no Avro schema."""
        writer = _parse(schema)
        # What was written with our own schema needs no resolution, which would cost as much again.
        self._writers[schema_id] = (writer, None if writer == self._reader else self._reader)

    def knows(self, schema_id: int) -> bool:
        """Tell whether events with this id can be read."""
        return schema_id in self._writers

    def decode(self, message: bytes) -> WireEvent:
        """Read one framed event; raises a `CodecError` and nothing else, whatever the bytes."""
        if len(message) > EVENT_BYTES_MAX:
            raise TooLarge(len(message))
        schema_id, body = unframe(message)
        known = self._writers.get(schema_id)
        if known is None:
            raise UnknownSchema(schema_id)
        return _wire_event(_read_datum(body, *known))

    def encode(self, event: WireEvent, schema_id: int = EVENT_SCHEMA_ID) -> bytes:
        """Write one framed event; words that the schema does not list become `unknown`."""
        known = self._writers.get(schema_id)
        if known is None:
            raise UnknownSchema(schema_id)
        return frame(schema_id, _write_datum(avro_fields(event), known[0]))


def _wire_event(fields: object) -> WireEvent:
    try:
        return msgspec.convert(fields, WireEvent)
    except msgspec.ValidationError as error:
        raise Undecodable(str(error)) from error


def decode_json(message: bytes) -> WireEvent:
    """Read one event as JSON; raises a `CodecError` and nothing else, whatever the bytes."""
    if len(message) > EVENT_BYTES_MAX:
        raise TooLarge(len(message))
    try:
        return _JSON.decode(message)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Undecodable(str(error)) from error


def packaged_schema(name: str) -> str:
    """Read one of the schemas that ship with Seamline: `event`, or `rows/<table>`."""
    return (resources.files("schemas") / "avro" / f"{name}.avsc").read_text(encoding="utf-8")


def frame(schema_id: int, body: bytes) -> bytes:
    """Put Confluent framing in front of a datum."""
    return _HEADER.pack(MAGIC, schema_id) + body


def unframe(message: bytes) -> tuple[int, bytes]:
    """Split a framed message into schema id and datum; raises `FramingError`."""
    if len(message) < _HEADER.size:
        raise FramingError(f"{len(message)} bytes; framing alone takes {_HEADER.size}")
    magic, schema_id = _HEADER.unpack_from(message)
    if magic != MAGIC:
        raise FramingError(f"begins with byte {message[0]}, Confluent framing with {MAGIC}")
    return schema_id, message[_HEADER.size :]


def schema_id_of(message: bytes) -> int | None:
    """Tell which schema a message names; None for one that is not framed."""
    return int(_HEADER.unpack_from(message)[1]) if is_framed(message) and len(message) >= _HEADER.size else None


def is_framed(message: bytes) -> bool:
    """Tell Avro from JSON by the first byte: no JSON text begins with a zero."""
    return message[:1] == b"\0"


def avro_fields(event: WireEvent) -> Fields:
    """Give an event the shape its Avro schema writes: times in milliseconds, words from the lists."""
    fields = cast("Fields", _for_avro("", msgspec.to_builtins(event)))
    error = fields.get("error")
    if isinstance(error, dict) and error.get("class") not in (None, *ErrorClass):
        error["class"] = str(ErrorClass.UNKNOWN)
    return fields


def _for_avro(name: str, value: object) -> object:
    if isinstance(value, dict):
        return value if name in _FREE_TEXT else {key: _for_avro(key, entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_for_avro("", entry) for entry in value]
    if name in _TIMES and isinstance(value, str):
        return _milliseconds(value)
    if name in _ENUMS and value not in _ENUMS[name]:
        return "unknown"
    return value


def _milliseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unencodable(f"{text[:40]!r} is no RFC 3339 date-time") from error
    if moment.tzinfo is None:
        raise Unencodable(f"{text[:40]!r} names no offset from UTC")
    return round(moment.timestamp() * 1000)


def _parse(schema: bytes | str) -> Fields:
    check(schema)
    plain = _without_logical_types(msgspec.json.decode(schema))
    try:
        return cast("Fields", fastavro.parse_schema(cast("Fields", plain)))
    except Exception as error:
        raise Unencodable(f"not an Avro schema: {error}") from error


def _without_logical_types(node: Json) -> Json:
    """Leave milliseconds as integers and UUIDs as text; the linter has refused every other logical type."""
    if isinstance(node, list):
        return [_without_logical_types(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    return {key: _without_logical_types(entry) for key, entry in node.items() if key != "logicalType"}


def _read_datum(body: bytes, writer: Fields, reader: Fields | None) -> object:
    stream = io.BytesIO(body)
    try:
        datum = fastavro.schemaless_reader(stream, writer, reader)
    except Exception as error:  # the reader raises whatever the bytes provoke: EOF, index, unicode, memory, recursion
        raise Undecodable(f"{type(error).__name__}: {error}"[:200]) from error
    if stream.tell() != len(body):
        raise Undecodable(f"{len(body) - stream.tell()} bytes left over after the datum")
    return datum


def _write_datum(fields: Fields, writer: Fields) -> bytes:
    stream = io.BytesIO()
    try:
        fastavro.schemaless_writer(stream, writer, fields)
    except Exception as error:
        raise Unencodable(f"{type(error).__name__}: {error}"[:200]) from error
    return stream.getvalue()
