"""Formats inside: how messages, rows and pieces of state are written where only Seamline reads them.

One byte of format version, then msgpack. Structs are arrays there, so that a field is only ever added at the end, with
a default; anything else is a new version, and a rebuild from evidence.

    CodecError
    |- Undecodable       bytes that do not fit their schema or type
    |- UnknownFormat     a record of a version this release does not read
    |- FramingError      (codecs) not framed, or framed by another convention
    |- UnknownSchema     (codecs) a schema id nobody registered
    |- TooLarge          (codecs) more than 64 KiB
    `- Unencodable       (codecs) a value that its schema has no place for
"""

from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec

from schemas.evidence import Evidence, Handoff
from schemas.rows import Upsert
from schemas.touchpoint import Touchpoint

FORMAT_VERSION: Final = 1

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"
T = TypeVar("T")

_VERSION: Final = bytes((FORMAT_VERSION,))


class CodecError(ValueError):
    """Bytes or values that could not be turned into each other."""


class Undecodable(CodecError):
    """Bytes that do not fit their schema or type."""


class UnknownFormat(CodecError):
    """An internal record written by another release."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"format version {version}, this release reads {FORMAT_VERSION}: rebuild from evidence")


class Packed(Generic[T]):
    """Writes and reads records of one type: `Packed(SomeStruct)`, made once and kept as a constant."""

    def __init__(self, shape: type[T]) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(shape).decode

    def encode(self, value: T) -> bytes:
        """Write a record; equal values give equal bytes."""
        return _VERSION + self._encode(value)

    def decode(self, record: bytes) -> T:
        """Read a record; raises `UnknownFormat` or `Undecodable`."""
        if record[:1] != _VERSION:
            raise UnknownFormat(record[0]) if record else Undecodable("empty record")
        try:
            return self._decode(memoryview(record)[1:])
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise Undecodable(str(error)) from error


EVIDENCE: Final[Packed[Evidence]] = Packed(Evidence)  # type: ignore[arg-type]  # a union of structs is a type to msgspec
HANDOFFS: Final[Packed[Handoff]] = Packed(Handoff)  # type: ignore[arg-type]
UPSERTS: Final = Packed(Upsert)
TOUCHPOINTS: Final = Packed(Touchpoint)


def plain(value: object) -> Plain:
    """Show any value as JSON would: structs by the names of their fields, bytes as hex."""
    if isinstance(value, msgspec.Struct):
        return {field: plain(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"nothing that flows holds a {type(value).__name__}")
