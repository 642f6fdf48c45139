"""Read written events: native wire dicts into `Event`s, identifiers hashed and times corrected (rules.md, head and 1).

An event that the rules call dead is a value too (`Dead`), so that a story can count it.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from schemas.identifiers import RANKS, Ident, Kind, touchpoint_key
from tests.oracle.details import Details, details_of
from tests.oracle.normal import normalise

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
YEAR_2200 = 7_258_118_400_000
HORIZON = 72 * 3_600_000
CLOCK_SKEW = 2_000
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
SAME_KIND = {"rx_account": "patient_ref", "cookie_id": "anonymous_id"}
CORRELATION = tuple(str(kind) for kind, rank in RANKS.items() if RANKS[Kind.ORDER] <= rank <= RANKS[Kind.MESSAGE])
CHANNELS = frozenset((
    "web", "app", "kiosk", "support", "email", "store", "pos", "sms", "push", "social", "survey", "delivery",
    "telehealth", "partner", "iot",
))  # fmt: skip
DIRECTIONS = frozenset(("inbound", "outbound", "internal"))
OUTCOMES = frozenset(("none", "started", "progressed", "completed", "failed", "abandoned"))
KIND_NAMES = frozenset(str(kind) for kind in Kind if kind is not Kind.TOUCHPOINT)
FIRM = ("authenticated", "asserted")


class Event(msgspec.Struct, frozen=True, gc=False):
    """An accepted event as the rules see it; `content` orders copies of it."""

    key: bytes
    source: str
    event_id: str
    event_time: int
    received_at: int
    content: bytes
    firm: tuple[Ident, ...]
    observed: tuple[Ident, ...]
    devices: tuple[Ident, ...]
    threads: tuple[Ident, ...]
    channel: str
    sub_channel: str
    direction: str
    name: str
    outcome: str
    task: str
    intent: str
    brand: str
    location_id: str
    visit_id: str
    has_error: bool
    error_class: str
    amount_minor: int
    currency: str
    value_kind: str
    due_at: int
    previous_due_at: int
    counted_only: bool
    told: Details

    @property
    def late(self) -> bool:
        """Tell whether it came beyond the horizon (1.3)."""
        return self.received_at - self.event_time > HORIZON

    @property
    def routing(self) -> tuple[Ident, ...]:
        """Its own routing identifiers, as they stand in its key (1.4)."""
        return self.firm + self.devices + self.threads

    @property
    def keys(self) -> tuple[Ident, ...]:
        """Its business threads, order to cart (7.1)."""
        return tuple(thread for thread in self.threads if thread[0] < RANKS[Kind.MESSAGE])

    @property
    def order(self) -> tuple[int, str, str, bytes]:
        """The order of touchpoints (2.6)."""
        return (self.event_time, self.source, self.event_id, self.key)


class Dead(msgspec.Struct, frozen=True):
    """An event that becomes a dead letter, and why."""

    reason: str


class Reader:
    """Reads the events of one tenant. Holds caches of normalised and hashed identifiers, nothing else."""

    def __init__(self, tenant: str = "acme", key: bytes = b"k" * 32, region: str = "CH") -> None:
        self.tenant = tenant
        self.key = key
        self.region = region
        self._hashed: dict[tuple[str, str, str], Ident | None] = {}

    def identifier(self, kind: str, value: str, scope: str = "") -> Ident | None:
        """Hash one identifier; None where its value is refused or its kind unknown or without a part in identity."""
        asked = (kind, value, scope)
        if asked not in self._hashed:
            self._hashed[asked] = self._hash(kind, value, scope or self.tenant)
        return self._hashed[asked]

    def _hash(self, kind: str, value: str, scope: str) -> Ident | None:
        plain = SAME_KIND.get(kind, kind)
        if plain.endswith("_hash") and plain[:-5] in ("email", "phone", "social_handle"):
            return self._given_hash(Kind(plain[:-5]), value)
        if plain not in KIND_NAMES:
            return None
        normal = normalise(plain, value, self.region)
        if normal is None:
            return None
        return Ident(bytes((RANKS[Kind(plain)],)) + self._keyed(scope, plain, normal))

    def _keyed(self, scope: str, kind: str, value: str) -> bytes:
        """Hash a value under the tenant's key (head)."""
        return hmac.digest(self.key, f"{self.tenant}\x1f{scope}\x1f{kind}\x1f{value}".encode(), "sha256")[:16]

    def _given_hash(self, kind: Kind, value: str) -> Ident | None:
        text = value.strip().lower()
        return Ident(bytes((RANKS[kind],)) + bytes.fromhex(text)) if re.fullmatch("[0-9a-f]{32}", text) else None

    def read(self, wire: object, logged_at: int | None = None) -> Event | Dead:
        """Read one written event; `logged_at` is the log record's own timestamp, None for files."""
        if isinstance(wire, bytes | str):
            try:
                wire = json.loads(wire)
            except (ValueError, RecursionError):
                return Dead("not decodable")
        if not isinstance(wire, dict):
            return Dead("not an object")
        missing = [name for name in ("event_id", "source", "channel", "name", "occurred_at") if not wire.get(name)]
        if missing and not (missing == ["occurred_at"] and wire.get("occurred_at") == 0):
            return Dead("missing " + missing[0])
        if not isinstance(wire["name"], str) or len(wire["name"]) > 64 or not NAME.fullmatch(wire["name"]):
            return Dead("name")
        if len(wire.get("items") or ()) > 50:
            return Dead("items")
        try:
            return self._event(wire, logged_at)
        except (ValueError, TypeError, OverflowError) as error:
            return Dead(str(error))

    def _event(self, wire: Mapping[str, Any], logged_at: int | None) -> Event:
        event_time, received_at = self._times(wire, logged_at)
        bot, counted = wire.get("is_bot"), False
        counted = bool(bot.get("flag")) if isinstance(bot, dict) else bool(bot)
        counted = counted or wire.get("environment") == "test"
        agreed = (wire.get("consent") or {}).get("analytics") is not False
        firm, observed, devices, threads = self._identifiers(wire) if agreed and not counted else ((), (), (), ())
        error, value, eta = wire.get("error") or {}, wire.get("value") or {}, wire.get("eta") or {}
        source, event_id = wire["source"], wire["event_id"]
        key = touchpoint_key(source, event_id, b"".join(firm + devices + threads))
        if not agreed:
            key = self._keyed(source, "touchpoint", event_id)
            event_id = key.hex()
        return Event(
            key=key,
            source=source,
            event_id=event_id,
            event_time=event_time,
            received_at=received_at,
            content=content_of(wire),
            firm=firm,
            observed=observed,
            devices=devices,
            threads=threads,
            channel=known(wire["channel"], CHANNELS),
            sub_channel=wire.get("sub_channel") or "",
            direction=known(wire.get("direction") or "inbound", DIRECTIONS),
            name=wire["name"],
            outcome=known(wire.get("outcome") or "none", OUTCOMES),
            task=wire.get("task") or "",
            intent=(wire.get("intent") or "") if agreed else "",
            brand=wire.get("brand") or self.tenant,
            location_id=(wire.get("location") or {}).get("location_id") or "",
            visit_id=(wire.get("visit_id") or "") if agreed else "",
            has_error=bool(error),
            error_class=(error.get("class") or "unknown") if error else "",
            amount_minor=value.get("amount_minor", 0),
            currency=value.get("currency", ""),
            value_kind=value.get("kind", "revenue") if value else "",
            due_at=self.instant(eta["due_at"]) if eta else 0,
            previous_due_at=self.instant(eta["previous_due_at"]) if eta.get("previous_due_at") is not None else 0,
            counted_only=counted,
            told=details_of(wire, self.instant),
        )

    def _times(self, wire: Mapping[str, Any], logged_at: int | None) -> tuple[int, int]:
        """Event time and received time (1.2)."""
        occurred = self.instant(wire["occurred_at"])
        sent = None if wire.get("sent_at") is None else self.instant(wire["sent_at"])
        if wire.get("received_at") is not None:
            received = self.instant(wire["received_at"])
            if sent is not None and abs(sent - received) > CLOCK_SKEW:
                return min(received - (sent - occurred), received), received
            return min(occurred, received), received
        told = (logged_at, sent, occurred)
        received = next(time for time in told if time is not None)
        return min(occurred, received), received

    def instant(self, told: object) -> int:
        """Read epoch milliseconds or RFC 3339 as integer milliseconds; ValueError for anything else."""
        if isinstance(told, int) and not isinstance(told, bool):
            if not 0 <= told < YEAR_2200:
                raise ValueError("time out of range")
            return told
        if not isinstance(told, str):
            raise TypeError("time")
        moment = datetime.fromisoformat(told)
        if moment.tzinfo is None:
            raise ValueError("time without a zone")
        return self.instant((moment - EPOCH) // MILLISECOND)

    def _identifiers(self, wire: Mapping[str, Any]) -> tuple[tuple[Ident, ...], ...]:
        """The identifiers of 1.1: firm, observed, devices, threads."""
        firm: set[Ident] = set()
        observed: set[Ident] = set()
        devices: set[Ident] = set()
        told_threads: list[Ident | None] = []
        brand = wire.get("brand") or self.tenant
        scopes = dict.fromkeys(CORRELATION, brand) | {"session_id": wire["source"]}
        for told in wire.get("identifiers") or ():
            found = self.identifier(told["kind"], told["value"], told.get("scope") or scopes.get(told["kind"], ""))
            if found is None:
                continue
            if found[0] >= RANKS[Kind.ORDER]:
                told_threads.append(found)
            elif found[0] >= RANKS[Kind.DEVICE]:
                devices.add(found)
            else:
                (firm if told.get("assurance") in FIRM else observed).add(found)
        for kind, value in (wire.get("correlation") or {}).items():
            if kind in CORRELATION and value:
                told_threads.append(self.identifier(kind, value, brand))
        if wire.get("session_id"):
            told_threads.append(self.identifier("session_id", wire["session_id"], wire["source"]))
        threads = {thread for thread in told_threads if thread}
        if devices:
            threads = {thread for thread in threads if thread[0] < RANKS[Kind.MESSAGE]}
        return tuple(sorted(firm)), tuple(sorted(observed)), tuple(sorted(devices)), tuple(sorted(threads))


def known(word: str, words: frozenset[str]) -> str:
    """Read a value of an enum; what it does not know is `unknown`."""
    return word if word in words else "unknown"


def content_of(wire: Mapping[str, Any]) -> bytes:
    """Sixteen bytes over what was written, the two stamps of transport left out."""
    told = {name: value for name, value in wire.items() if name not in ("received_at", "sent_at")}
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).digest()


def winners(events: Iterable[Event]) -> dict[bytes, Event]:
    """One event for each touchpoint key: the copy with the least (received_at, content) (1.4)."""
    best: dict[bytes, Event] = {}
    for event in events:
        held = best.get(event.key)
        if held is None or (event.received_at, event.content) < (held.received_at, held.content):
            best[event.key] = event
    return best
