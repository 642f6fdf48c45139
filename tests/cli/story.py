"""A small warehouse to read: one customer over three channels, a friction hit, a shared address, a dead letter."""

import msgspec

from schemas.identifiers import Ident, Kind, person_of
from schemas.rows import (
    AliasRow,
    FrictionRow,
    IdentityLogRow,
    JourneyRow,
    PersonRow,
    Row,
    RowKey,
    Table,
    TouchpointRow,
    Upsert,
)
from schemas.touchpoint import Channel, Error, ErrorClass, Outcome, Touchpoint
from streams.bootstrap import intake_rules
from streams.intake.dead_letters import Seal
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rejected import Reason, Rejected
from streams.settings import load_settings

NINE = 1_793_610_000_000
"""2026-11-02 09:00 UTC."""
MINUTE = 60_000


class Said(msgspec.Struct):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, object]:
        """Read stdout as the one document it must be."""
        return msgspec.json.decode(self.out, type=dict[str, object])


def named(kind: Kind, value: str) -> Ident:
    settings = load_settings()
    found = Pseudonyms(intake_rules(settings)).of(kind.value, settings.tenant, value, "")
    assert isinstance(found, bytes)
    return found


def touchpoint(
    number: int, channel: Channel, name: str, at: int, strong: tuple[Ident, ...], **told: object
) -> Touchpoint:
    made = Touchpoint(
        key=bytes([number]) * 16, source=f"/{channel}", event_id=f"e{number}", event_time=at, received_at=at,
        content_hash=bytes(16), occurred_at=at, channel=channel, name=name, strong=strong,
    )  # fmt: skip
    return msgspec.structs.replace(made, **told)


def story() -> list[tuple[Table, RowKey, Row]]:
    ann, mail, twin = named(Kind.ACCOUNT, "a-17"), named(Kind.EMAIL, "ann@x.org"), named(Kind.ACCOUNT, "a-18")
    me, other = person_of(ann), person_of(twin)
    failed = touchpoint(1, Channel.WEB, "payment.failed", NINE, (ann,), task="checkout", outcome=Outcome.FAILED)
    failed = msgspec.structs.replace(failed, error=Error("PSP-17", ErrorClass.THIRD_PARTY), tz_offset_min=60)
    called = touchpoint(2, Channel.SUPPORT, "contact.started", NINE + 20 * MINUTE, (mail,), sub_channel="phone")
    kiosk = touchpoint(3, Channel.KIOSK, "order.placed", NINE + 90 * MINUTE, (ann,), outcome=Outcome.COMPLETED)
    rows: list[tuple[Table, RowKey, Row]] = [
        (Table.TOUCHPOINTS, (each.received_at // 86_400_000, each.key.hex()), TouchpointRow(me, each, "b" * 32))
        for each in (failed, called, kiosk)
    ]
    rows += [
        (Table.PEOPLE, (me,), PersonRow(me, "strong", ann.hex(), (ann.hex(), mail.hex()), ("account_id", "email"))),
        (Table.PEOPLE, (other,), PersonRow(other, "strong", twin.hex(), (twin.hex(),), ("account_id",))),
        (Table.PERSON_ALIASES, (person_of(ann), 0), AliasRow(person_of(ann), 0, ann.hex(), "account_id", me)),
        (Table.PERSON_ALIASES, (person_of(mail), 0), AliasRow(person_of(mail), 0, mail.hex(), "email", me)),
        (Table.PERSON_ALIASES, (person_of(twin), 0), AliasRow(person_of(twin), 0, twin.hex(), "account_id", other)),
    ]
    for left, right, verdict, reason in (
        (ann, mail, "joined", "seen together"),
        (twin, mail, "shared", "two accounts are two people"),
    ):
        row = IdentityLogRow("link", left.hex(), "account_id", right.hex(), "email", verdict, reason, NINE, me)
        rows.append((Table.IDENTITY_LOG, ("link", left.hex(), right.hex()), row))
    hit = FrictionRow(
        me, "f" * 32, "X01", 1, "high", 0.9, 36.0, "i" * 32, "k" * 32, "main", "checkout", "web", "support", "", NINE,
        NINE + 20 * MINUTE, NINE + 20 * MINUTE, 1250, "GBP", (failed.key.hex(), called.key.hex()),
        "web:payment.failed → support:contact.started", {"window": "24h"}, "b" * 32,
    )  # fmt: skip
    journey = JourneyRow(
        me, "b" * 32, "checkout", "main", NINE, NINE + 90 * MINUTE, "completed", closed=False, touchpoints=3, touches=3,
        channels=("kiosk", "support", "web"), switches=2, errors=1, contacts=1, entry_channel="web",
        exit_channel="kiosk", value_minor=1250, currency="GBP", continues="", completed_at=NINE + 90 * MINUTE,
        effort=44.5, friction_score=36.0, hits=1, top_pattern="X01",
    )  # fmt: skip
    return [*rows, (Table.FRICTION, (me, hit.hit_id), hit), (Table.JOURNEYS, (me, journey.journey_id), journey)]


def letter() -> Upsert:
    rules = intake_rules(load_settings())
    seal = Seal(rules.dead_letter_secret, rules.dead_letter_key_id, rules.limits.dead_letter_bytes)
    return seal.letter(
        ("events.jsonl", "7"), NINE, Rejected(Reason.NO_EVENT_ID, "event_id is missing"), b'{"a": "ann@x.org"}'
    )
