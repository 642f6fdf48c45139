"""Adapter for CloudEvents 1.0 in structured JSON, one event or a batch.

`id`, `source`, `type` and `time` are the envelope's and win; `data` is a native event without them, or anything else,
which is then opaque: the event counts, and says no more than its envelope.
"""

import re
from typing import Final

import msgspec

from schemas.wire import NAME_PATTERN, WireEvent
from streams.intake.adapters.json_text import Object, load_object, split_array
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import IntakeRules
from streams.processor import InputRecord

VERSION: Final = "1.0"
NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9_.]+")

_is_name = re.compile(NAME_PATTERN.replace("$", r"\Z")).match


class CloudEventShape:
    """Reads CloudEvents. An event whose data names no channel takes its source's, else `unknown`."""

    def __init__(self, rules: IntakeRules) -> None:
        self._rules = rules

    def pieces(self, record: InputRecord) -> list[bytes] | Rejected:
        """Cut a batch; anything else is one event."""
        return split_array(record.value, self._rules.limits)

    def event_of(self, piece: bytes, record: InputRecord) -> WireEvent | Rejected:
        """Read one CloudEvent."""
        told = load_object(piece, self._rules.limits)
        if isinstance(told, Rejected):
            return told
        source = told.get("source") or record.source
        if not isinstance(source, str) or not source:
            return Rejected(Reason.NO_SOURCE, "source is missing")
        if told.get("specversion") != VERSION:
            return Rejected(Reason.WRONG_TYPE, f"specversion is not {VERSION}", source)
        data = told.get("data")
        fields: Object = dict(data) if isinstance(data, dict) else {}
        fields.update(event_id=told.get("id"), source=source, name=_name_of(fields.get("name"), told.get("type")))
        fields["occurred_at"] = _first_told(told.get("time"), fields.get("occurred_at"), record.timestamp)
        if fields.get("channel") is None and self._rules.defaults_of(source).channel is None:
            fields["channel"] = "unknown"
        if told.get("traceparent") is not None:
            fields["trace"] = told["traceparent"]
        try:
            return msgspec.convert(fields, WireEvent)
        except msgspec.ValidationError as error:
            return Rejected(Reason.WRONG_TYPE, str(error), source)


def _name_of(native: object, event_type: object) -> object:
    """Prefer the native name; else make one of the type, `com.Shop.Order-Placed` -> `com.shop.order_placed`."""
    if native is not None or not isinstance(event_type, str) or _is_name(event_type):
        return event_type if native is None else native
    return NOT_IN_A_NAME.sub("_", event_type.casefold())


def _first_told(*told: object) -> object:
    return next((each for each in told if each is not None), None)
