"""Builders: an event with what a test is about, and an intake that is ready to take it."""

from typing import Any

import msgspec

from schemas.codecs import AvroSchemas
from schemas.evidence import Anonymous, Claim, Edge, Link, Message, Observe
from schemas.identifiers import Ident, Kind, ident
from schemas.rows import DeadLetterRow, LateEventRow
from schemas.touchpoint import Touchpoint
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rules import IntakeRules
from streams.processor import Emit, InputRecord
from streams.processors.intake import Intake

NOON = 1_767_182_400_000
"""2025-12-31T12:00:00Z."""
MINUTE = 60_000
HOUR = 60 * MINUTE
AVRO = AvroSchemas()
RULES = IntakeRules(tenant="acme", hmac_key=b"k" * 32, dead_letter_secret=b"d" * 32)


def event(**fields: Any) -> dict[str, Any]:
    """A native event that lacks nothing, with these fields instead."""
    plain = {"event_id": "e1", "source": "/web/shop", "channel": "web", "name": "page.viewed", "occurred_at": NOON}
    return {name: value for name, value in {**plain, **fields}.items() if value is not None}


def who(kind: str, value: str, assurance: str | None = "authenticated", **more: str) -> dict[str, str]:
    told = {"kind": kind, "value": value, **more}
    return told if assurance is None else {**told, "assurance": assurance}


def raw(told: Any) -> bytes:
    return told if isinstance(told, bytes) else msgspec.json.encode(told)


def record(told: Any, position: int = 0, **more: Any) -> InputRecord:
    return InputRecord("topic-0", position, raw(told), **more)


class Taken:
    """What an intake made of some records."""

    def __init__(self, intake: Intake, emit: Emit) -> None:
        self.ledger = intake.ledger
        self.intake = intake
        self.emit = emit

    @property
    def messages(self) -> list[Message]:
        return [addressed.message for addressed in self.emit.evidence]

    def of(self, kind: type) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def touchpoints(self) -> list[Touchpoint]:
        return [m.touchpoint for m in self.messages if isinstance(m, Observe | Anonymous)]

    @property
    def touchpoint(self) -> Touchpoint:
        (only,) = self.touchpoints
        return only

    @property
    def dead(self) -> list[DeadLetterRow]:
        return [upsert.row for upsert in self.emit.upserts if isinstance(upsert.row, DeadLetterRow)]

    @property
    def reasons(self) -> list[str]:
        return [row.reason for row in self.dead]

    @property
    def late(self) -> list[LateEventRow]:
        return [upsert.row for upsert in self.emit.upserts if isinstance(upsert.row, LateEventRow)]

    @property
    def said(self) -> list[str]:
        """The evidence in short: what to whom, by kinds."""
        return sorted(_short(addressed.to, addressed.message) for addressed in self.emit.evidence)


def take(*told: Any, rules: IntakeRules = RULES, **more: Any) -> Taken:
    """Take records holding these and settle once."""
    intake = Intake(rules, avro=AVRO)
    for position, each in enumerate(told):
        intake.take(each if isinstance(each, InputRecord) else record(each, position, **more))
    return Taken(intake, intake.settle(0))


def named(kind: Kind, value: str, scope: str = "acme") -> Ident:
    """The identifier for an already normal value, by the text of the rules."""
    return ident(kind, Pseudonyms(RULES).keyed_hash(kind.value, scope, value))


def _kind(identifier: Ident) -> str:
    from schemas.identifiers import kind_name

    return kind_name(identifier)


def _short(to: Ident, message: Message) -> str:
    match message:
        case Observe():
            return f"observe {_kind(to)}"
        case Anonymous():
            return f"anonymous {_kind(to)}"
        case Edge():
            return f"edge {_kind(to)} {'+'.join(map(_kind, message.ids))}"
        case Link():
            dated = " dated" if message.received_at else ""
            return f"link {_kind(message.larger)} to {_kind(message.smaller)}{dated}"
        case Claim():
            firm = "" if message.firm else " not firm"
            return f"claim {_kind(to)} by {'+'.join(map(_kind, message.ids)) or 'nobody'}{firm}"
        case _:
            return type(message).__name__
