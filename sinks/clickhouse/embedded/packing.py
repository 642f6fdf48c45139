"""Packing of bodies as HTTP names it: gzip, zstd, lz4, deflate; unpacking is bounded before memory is."""

import mmap
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import cramjam

from sinks.clickhouse.embedded.refusals import CANNOT_DECOMPRESS, NOT_IMPLEMENTED, refuse

Pack: TypeAlias = Callable[[bytes], bytes]
_GZIP_LEVEL: Final = 1
"""Bodies travel within one machine: time counts, size hardly does."""
_PACKERS: Final[Mapping[str, Pack]] = MappingProxyType(
    {
        "lz4": lambda body: bytes(cramjam.lz4.compress(body)),
        "zstd": lambda body: bytes(cramjam.zstd.compress(body, level=1)),
        "gzip": lambda body: bytes(cramjam.gzip.compress(body, level=_GZIP_LEVEL)),
        "deflate": lambda body: bytes(cramjam.zlib.compress(body, level=_GZIP_LEVEL)),
    }
)
_UNPACKERS: Final = MappingProxyType(
    {
        "lz4": cramjam.lz4.decompress_into,
        "zstd": cramjam.zstd.decompress_into,
        "gzip": cramjam.gzip.decompress_into,
        "deflate": cramjam.zlib.decompress_into,
    }
)


def choose(accepted: str) -> str:
    """Choose the first packing of an Accept-Encoding header that is known; empty: none."""
    asked = (part.partition(";")[0].strip().lower() for part in accepted.split(","))
    return next((name for name in asked if name in _PACKERS), "")


def pack(body: bytes, encoding: str) -> bytes:
    """Pack a body in one of the known ways; with an empty name give it back."""
    return _PACKERS[encoding](body) if encoding else body


def unpack(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """Unpack a body of at most so many bytes; Refusal for an unknown packing, damage, or more than that."""
    if encoding in ("", "identity") or not body:
        return body
    unpacker = _UNPACKERS.get(encoding)
    if unpacker is None:
        raise refuse(NOT_IMPLEMENTED, f"Unknown HTTP content encoding {encoding}")
    # Pages of the map become memory when they are written, so the bound costs nothing.
    with mmap.mmap(-1, bytes_max) as room:
        try:
            length = unpacker(body, room)
        except cramjam.DecompressionError as error:
            message = f"Cannot decompress the {encoding} body to at most {bytes_max} bytes: {error}"
            raise refuse(CANNOT_DECOMPRESS, message) from None
        return room[:length]
