"""JSON as it really comes: split, measured for depth, and read tolerantly where the strict decoder gives up.

The fast path is msgspec's decoder straight from bytes. Lone surrogates and a byte order mark are faults of writing that
must not cost the event, so they are read again, slowly, with every mangled character replaced by U+FFFD, which no
identifier may contain. NaN and infinities stay errors. Of keys told twice the last one counts.
"""

import json
import re
from typing import Final, NoReturn, TypeAlias

import msgspec

from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import Limits

Object: TypeAlias = dict[str, object]

BRACKETS: Final = b"[]{}"
NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in BRACKETS)
STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
SURROGATES: Final = re.compile("[\ud800-\udfff]")
WHITE: Final = b" \t\r\n"

_pieces = msgspec.json.Decoder(list[msgspec.Raw]).decode
_object = msgspec.json.Decoder(Object).decode


class _Source(msgspec.Struct):
    source: object = None


_source = msgspec.json.Decoder(_Source).decode


def split_array(value: bytes, limits: Limits) -> list[bytes] | Rejected:
    """Cut an array of events into its elements, each still bytes; anything else is one piece."""
    if not value.strip(WHITE):
        return Rejected(Reason.EMPTY, "the record is empty")
    if not value.lstrip(WHITE).startswith(b"["):
        return [value]
    if len(value) > limits.record_bytes:
        return Rejected(Reason.TOO_LARGE, f"more than {limits.record_bytes} bytes")
    if is_deeper(value, limits.json_depth + 1):
        return Rejected(Reason.TOO_DEEP, f"nested deeper than {limits.json_depth}")
    try:
        pieces = _pieces(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Rejected(Reason.NOT_DECODABLE, "the array is not JSON")
    if not pieces:
        return Rejected(Reason.EMPTY, "the array is empty")
    if len(pieces) > limits.events_per_record:
        return Rejected(Reason.LIST_TOO_LONG, f"more than {limits.events_per_record} events in one record")
    return [bytes(piece) for piece in pieces]


def measure(value: bytes, limits: Limits) -> Rejected | None:
    """Check the size and the nesting of one event before anything decodes it."""
    if len(value) > limits.event_bytes:
        return Rejected(Reason.TOO_LARGE, f"more than {limits.event_bytes} bytes")
    if is_deeper(value, limits.json_depth):
        return Rejected(Reason.TOO_DEEP, f"nested deeper than {limits.json_depth}")
    return None


def is_deeper(value: bytes, depth: int) -> bool:
    """Tell whether brackets nest deeper than this. Few brackets can not, which settles nearly every event."""
    if value.count(b"{") + value.count(b"[") <= depth:
        return False
    rest = value.translate(None, NOT_BRACKETS)
    for _ in range(depth):
        rest = rest.replace(b"{}", b"").replace(b"[]", b"")
    if not rest:
        return False
    return _exact_depth(value) > depth


def load_object(value: bytes, limits: Limits) -> Object | Rejected:
    """Read one JSON object of any fields."""
    wrong = measure(value, limits)
    if wrong is not None:
        return wrong
    try:
        return _object(value)
    except msgspec.ValidationError:
        return Rejected(Reason.NOT_AN_OBJECT, "not a JSON object")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return load_tolerantly(value)
    except RecursionError:
        return Rejected(Reason.TOO_DEEP, f"nested deeper than {limits.json_depth}")


def load_tolerantly(value: bytes) -> Object | Rejected:
    """Read an object the strict decoder refused, replacing what is no character by U+FFFD."""
    try:
        text = value.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "surrogatepass")
        told = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Rejected(Reason.NOT_DECODABLE, "not JSON")
    if not isinstance(told, dict):
        return Rejected(Reason.NOT_AN_OBJECT, "not a JSON object")
    return {_mend_text(str(name)): _mended(inside) for name, inside in told.items()}


def source_in(value: bytes) -> str:
    """Find the source a rejected event names, so that its dead letter can be counted there; empty where it can not."""
    try:
        source = _source(value).source
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return source[:256] if isinstance(source, str) else ""


def _exact_depth(value: bytes) -> int:
    depth = deepest = 0
    for token in STRING_OR_BRACKET.findall(value):
        if token in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"}", b"]"):
            depth -= 1
    return deepest


def _mended(told: object) -> object:
    if isinstance(told, str):
        return _mend_text(told)
    if isinstance(told, dict):
        return {_mend_text(name): _mended(inside) for name, inside in told.items()}
    return [_mended(each) for each in told] if isinstance(told, list) else told


def _mend_text(text: str) -> str:
    return SURROGATES.sub("\ufffd", text)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
