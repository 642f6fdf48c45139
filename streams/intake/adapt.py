"""One native event in, one touchpoint out: validated, named by pseudonyms, on corrected time, with consent enforced."""

from collections.abc import Callable
from copy import copy
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import astuple

from schemas.identifiers import Kind, touchpoint_key
from schemas.touchpoint import Agent, Channel, Consent, Direction, Location, Outcome, Sensitivity, Touchpoint
from schemas.wire import WireEvent
from streams.intake import blocks
from streams.intake.check import wrong_with
from streams.intake.identify import Identification, Named, Where
from streams.intake.ledger import Ledger
from streams.intake.pseudonymise import HASH_BYTES, Pseudonyms
from streams.intake.rejected import Reason, Rejected
from streams.intake.rules import IntakeRules, SourceDefaults
from streams.intake.times import Times, times_of

TEST_ENVIRONMENT: Final = "test"
Conversion: TypeAlias = Callable[..., object]
Plan: TypeAlias = tuple[tuple[str, Conversion | None] | None, ...]
"""For each field of the wire, in order: its name inside and how it is converted; None for what is treated apart."""

CONSENT_BY_DEFAULT: Final = "default"
"""Basis of a consent that was not told but configured."""

CONSENTS_CACHED: Final = 1024
"""Few ways of consenting are many people's, who then share one value."""

APART: Final = frozenset(
    {"source", "occurred_at", "sent_at", "received_at", "identifiers", "correlation", "a11y", "consent", "is_bot"}
)
"""Fields that are not simply taken over."""
BLOCKS: Final[dict[str, Conversion]] = {
    "location": blocks.location_of,
    "step": blocks.step_of,
    "error": blocks.error_of,
    "value": blocks.value_of,
    "items": blocks.items_of,
    "sentiment": blocks.sentiment_of,
    "survey": blocks.survey_of,
    "experiment": blocks.experiments_of,
    "agent": blocks.agent_of,
    "engagement": blocks.engagement_of,
    "promise": blocks.promise_of,
    "form": blocks.form_of,
    "offer": blocks.offer_of,
    "eta": blocks.eta_of,
    "rx": blocks.rx_of,
    "contact": blocks.contact_of,
}
NAMING: Final = frozenset(
    {
        "event_id",
        "intent",
        "locale",
        "tz_offset_min",
        "session_id",
        "visit_id",
        "facts",
        "context_carried",
        "attributes",
    }
    | {"trace", *BLOCKS} - {"step", "error", "value"}
)
"""What could say who it was, and is not kept without consent. Of the location only the place of the brand is."""
RENAMED: Final = {"experiment": "experiments"}

_encode = msgspec.msgpack.Encoder().encode
_set = msgspec.structs.force_setattr
"""Fills a touchpoint that is still ours alone. Naming sixty fields in one call costs ten times as much as copying an
empty touchpoint and filling in what was told, and this is the hottest place of all."""


class _Source(msgspec.Struct, frozen=True, gc=False):
    """What is the same for all events of a source; `blank` is a touchpoint with its defaults."""

    defaults: SourceDefaults
    blank: Touchpoint
    has_channel: bool


class Adaptation:
    """Turns native events into touchpoints. Pure but for the cache of pseudonyms and what it counts in the ledger."""

    def __init__(self, rules: IntakeRules, ledger: Ledger) -> None:
        self._rules = rules
        self._ledger = ledger
        self._pseudonyms = Pseudonyms(rules)
        self.identification = Identification(rules, self._pseudonyms, ledger)
        self._source_of = lru_cache(maxsize=rules.limits.sources)(self._make_source)
        self._consent_of = lru_cache(maxsize=CONSENTS_CACHED)(blocks.consent_of)
        self._plan = _plan_of(ledger)
        self._counted_plan = tuple(
            None if field in NAMING else entry
            for field, entry in zip(WireEvent.__struct_fields__, self._plan, strict=True)
        )
        self.consent_default = Consent(basis=CONSENT_BY_DEFAULT, analytics=rules.consent_default)

    def touchpoint_of(self, event: WireEvent, timestamp: int | None) -> Touchpoint | Rejected:
        """Adapt one event; `timestamp` is the log record's own in milliseconds, None where there is none.

        Never raises for what an event may hold. Calling it twice gives the same touchpoint.
        """
        told = event.source
        if not told:
            return Rejected(Reason.NO_SOURCE, "source is missing")
        source = self._source_of(told)
        wrong = wrong_with(event, self._rules.limits, source.has_channel)
        if wrong is not None:
            return Rejected(wrong.reason, wrong.detail, told)
        times = times_of(event, timestamp)
        if not isinstance(times, tuple):
            return Rejected(times.reason, times.detail, told)
        if times[2] >= self._rules.received_before:
            return Rejected(Reason.FUTURE_TIME, "received ahead of the clock", told)
        try:
            return self._fill(event, source, times)
        except OverflowError:
            return Rejected(Reason.NUMBER_OUT_OF_BOUNDS, "an integer of more than 64 bits", told)

    def _fill(self, event: WireEvent, source: _Source, times: Times) -> Touchpoint:
        consent = self.consent_default
        if event.consent is not None:
            consent = self._consent_of(event.consent, self._rules.consent_default)
        touchpoint = copy(source.blank)
        if consent is not self.consent_default:
            _set(touchpoint, "consent", consent)
        _set(touchpoint, "occurred_at", times[0])
        is_bot = event.is_bot is not None and event.is_bot.flag
        is_test = event.environment == TEST_ENVIRONMENT
        if is_bot:
            _set(touchpoint, "is_bot", True)
            _set(touchpoint, "bot_reason", (event.is_bot and event.is_bot.reason) or "")
        if is_test:
            _set(touchpoint, "is_test", True)
        if consent.analytics:
            self._take_all(touchpoint, event, source, is_customer=not (is_bot or is_test))
            if consent.a11y and event.a11y is not None:
                _set(touchpoint, "a11y", blocks.a11y_of(event.a11y))
        else:
            self._take_counted(touchpoint, event)
        stamp(touchpoint, times)
        return touchpoint

    def _take_all(self, touchpoint: Touchpoint, event: WireEvent, source: _Source, *, is_customer: bool) -> None:
        _fill_by(self._plan, touchpoint, event)
        correlation = event.correlation
        if correlation is not None and correlation.campaign_id:
            _set(touchpoint, "campaign_id", correlation.campaign_id)
        routing = b""
        if is_customer and (event.identifiers or correlation is not None or event.session_id):
            where = Where(touchpoint.source, touchpoint.brand, source.defaults.region)
            named = self.identification.named(event.identifiers, correlation, event.session_id, where)
            routing = named.routing
            _name(touchpoint, named)
        _set(touchpoint, "key", touchpoint_key(touchpoint.source, touchpoint.event_id, routing))

    def _take_counted(self, touchpoint: Touchpoint, event: WireEvent) -> None:
        """Keep what aggregates need and nothing that names anyone; even the event id gives way to its keyed hash."""
        _fill_by(self._counted_plan, touchpoint, event)
        if event.location is not None:
            _set(touchpoint, "location", blocks.place_of(event.location))
        key = self._pseudonyms.keyed_hash(Kind.TOUCHPOINT.value, touchpoint.source, event.event_id or "")
        _set(touchpoint, "key", key)
        _set(touchpoint, "event_id", key.hex())

    def _make_source(self, source: str) -> _Source:
        defaults = self._rules.defaults_of(source)
        blank = Touchpoint(
            key=b"",
            source=source,
            event_id="",
            event_time=0,
            received_at=0,
            content_hash=b"",
            channel=defaults.channel or Channel.UNKNOWN,
            direction=defaults.direction,
            outcome=defaults.outcome,
            sensitivity=defaults.sensitivity,
            brand=defaults.brand or self._rules.tenant,
            consent=self.consent_default,
        )
        return _Source(defaults, blank, defaults.channel is not None)


class _Words(dict[str, object]):
    """Words of an enumeration; one that is not in it is counted and becomes `unknown`."""

    def __init__(self, field: str, words: type[Channel | Direction | Outcome | Sensitivity], ledger: Ledger) -> None:
        super().__init__((word.value, word) for word in words)
        self._field = field
        self._ledger = ledger

    def __missing__(self, _told: str) -> object:
        self._ledger.unknown_values[self._field] += 1
        return self["unknown"]


def _plan_of(ledger: Ledger) -> Plan:
    words: dict[str, Conversion] = {
        "channel": _Words("channel", Channel, ledger).__getitem__,
        "direction": _Words("direction", Direction, ledger).__getitem__,
        "outcome": _Words("outcome", Outcome, ledger).__getitem__,
        "sensitivity": _Words("sensitivity", Sensitivity, ledger).__getitem__,
    }
    converted = {**BLOCKS, **words}
    return tuple(
        None if field in APART else (RENAMED.get(field, field), converted.get(field))
        for field in WireEvent.__struct_fields__
    )


def _fill_by(plan: Plan, touchpoint: Touchpoint, event: WireEvent) -> None:
    for told, entry in zip(astuple(event), plan, strict=True):
        if told is not None and entry is not None:
            field, converted = entry
            _set(touchpoint, field, told if converted is None else converted(told))


def _name(touchpoint: Touchpoint, named: Named) -> None:
    if named.strong:
        _set(touchpoint, "strong", named.strong)
    if named.observed:
        _set(touchpoint, "observed", named.observed)
    if named.devices:
        _set(touchpoint, "devices", named.devices)
    if named.threads:
        _set(touchpoint, "threads", named.threads)
    if named.flags:
        _set(touchpoint, "flags", named.flags)
    if named.context:
        place_context(touchpoint, named.context)


def place_context(touchpoint: Touchpoint, context: dict[str, str]) -> None:
    """Keep what was told among the identifiers and is none; where the event has a block of its own, the block wins."""
    place = touchpoint.location or Location()
    if "terminal_id" in context and not place.terminal_id:
        _set(touchpoint, "location", msgspec.structs.replace(place, terminal_id=context["terminal_id"]))
    agent = touchpoint.agent or Agent()
    if "agent_ref" in context and not agent.agent_ref:
        _set(touchpoint, "agent", msgspec.structs.replace(agent, agent_ref=context["agent_ref"]))
    if "ip" in context:
        _set(touchpoint, "ip", context["ip"])
    if "payment_token" in context:
        _set(touchpoint, "attributes", {**(touchpoint.attributes or {}), "payment_token": context["payment_token"]})


def stamp(touchpoint: Touchpoint, times: Times) -> None:
    """Hash the content, which leaves out what differs between deliveries of one event, then set the times."""
    content_hash = blake2b(_encode(touchpoint), digest_size=HASH_BYTES).digest()
    _, sent_at, received_at, event_time = times
    _set(touchpoint, "content_hash", content_hash)
    _set(touchpoint, "event_time", event_time)
    _set(touchpoint, "received_at", received_at)
    _set(touchpoint, "sent_at", sent_at)
