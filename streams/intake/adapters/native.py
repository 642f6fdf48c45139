"""Adapter for native events: a JSON object, a JSON array of them, or Avro with Confluent framing."""

import msgspec

from schemas.codecs import AvroSchemas, UnknownSchema, is_framed
from schemas.formats import CodecError
from schemas.wire import WireEvent
from streams.intake.adapters.json_text import load_tolerantly, measure, source_in, split_array
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import Limits
from streams.processor import InputRecord

_decode = msgspec.json.Decoder(WireEvent).decode


class NativeShape:
    """Reads native events. The configured source of a record is used only where the event names none."""

    def __init__(self, limits: Limits, avro: AvroSchemas) -> None:
        self._limits = limits
        self._avro = avro

    def pieces(self, record: InputRecord) -> list[bytes] | Rejected:
        """Cut a JSON array; anything else is one event."""
        value = record.value
        return [value] if value[:1] == b"{" or is_framed(value) else split_array(value, self._limits)

    def event_of(self, piece: bytes, record: InputRecord) -> WireEvent | Rejected:
        """Decode one event, straight into its type where it is well-formed JSON."""
        if is_framed(piece):
            event = self._framed_event(piece)
        else:
            wrong = measure(piece, self._limits)
            event = _decoded(piece) if wrong is None else wrong
        if record.source and not isinstance(event, Rejected) and event.source is None:
            return msgspec.structs.replace(event, source=record.source)
        return event

    def _framed_event(self, piece: bytes) -> WireEvent | Rejected:
        if len(piece) > self._limits.event_bytes:
            return Rejected(Reason.TOO_LARGE, f"more than {self._limits.event_bytes} bytes")
        try:
            return self._avro.decode(piece)
        except UnknownSchema as error:
            return Rejected(Reason.UNKNOWN_SCHEMA, f"schema id {error.schema_id} is not registered")
        except CodecError as error:
            return Rejected(Reason.NOT_DECODABLE, f"not the Avro it says it is: {type(error).__name__}")


def _decoded(piece: bytes) -> WireEvent | Rejected:
    try:
        return _decode(piece)
    except msgspec.ValidationError as error:
        return _wrong_type(error, source_in(piece))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_tolerantly(piece)
    except RecursionError:
        return Rejected(Reason.TOO_DEEP, "nested deeper than any decoder goes")


def _decode_tolerantly(piece: bytes) -> WireEvent | Rejected:
    told = load_tolerantly(piece)
    if isinstance(told, Rejected):
        return told
    try:
        return msgspec.convert(told, WireEvent)
    except msgspec.ValidationError as error:
        source = told.get("source")
        return _wrong_type(error, source if isinstance(source, str) else "")


def _wrong_type(error: msgspec.ValidationError, source: str) -> Rejected:
    """Tell a value that is no object from an object with a wrong field; the message names types and paths only."""
    message = str(error)
    if message.startswith("Expected `object`") and "$" not in message:
        return Rejected(Reason.NOT_AN_OBJECT, message)
    return Rejected(Reason.WRONG_TYPE, message, source)
