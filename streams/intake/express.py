"""The quick way in: a plain native JSON event becomes a touchpoint in one decoding and one call.

Nearly all traffic is plain: required fields told, times in milliseconds, nothing null, no bot, no test, analytics
agreed to. `Told` decodes such an event straight to what a touchpoint holds. Whatever is not plain, and so whatever is
wrong, gives None and goes the long way (`adapters/native.py`, `adapt.py`), which decides alone what is rejected and
why; a test holds both ways to the same touchpoint.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from schemas.identifiers import touchpoint_key
from schemas.touchpoint import Channel, Consent, Direction, Outcome, Sensitivity, Touchpoint
from schemas.wire import (
    Time,
    WireAgent,
    WireConsent,
    WireContact,
    WireCorrelation,
    WireError,
    WireEta,
    WireExperiment,
    WireForm,
    WireIdentifier,
    WireItem,
    WireLocation,
    WireOffer,
    WirePromise,
    WireRx,
    WireSentiment,
    WireStep,
    WireSurvey,
    WireValue,
)
from streams.intake import blocks
from streams.intake.adapt import CONSENTS_CACHED, TEST_ENVIRONMENT, Adaptation, place_context, stamp
from streams.intake.adapters.json_text import is_deeper
from streams.intake.check import is_name, too_long, unreadable_time
from streams.intake.identify import Named, Where
from streams.intake.numbers import out_of_bounds
from streams.intake.rules import IntakeRules, SourceDefaults
from streams.intake.times import Times, times_of

UNTOLD: Final = msgspec.Raw(b"")
NO_IDENTIFIERS: Final = msgspec.Raw(b"[]")


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A plain event. What needs checking, or is told by bots only, must not be told: its type is None.

    What many events tell alike is left as it is written, and looked up by that.
    """

    event_id: str
    source: str
    channel: Channel
    name: str
    occurred_at: Time
    sent_at: Time | None = None
    received_at: Time | None = None
    identifiers: msgspec.Raw = NO_IDENTIFIERS
    correlation: msgspec.Raw = UNTOLD
    consent: msgspec.Raw = UNTOLD
    sub_channel: str = ""
    direction: Direction = Direction.INBOUND
    outcome: Outcome = Outcome.NONE
    outcome_reason: str = ""
    task: str = ""
    intent: str = ""
    brand: str = ""
    region: str = ""
    locale: str = ""
    environment: str = ""
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    location: WireLocation | None = None
    step: WireStep | None = None
    error: WireError | None = None
    value: WireValue | None = None
    duration_ms: int | None = None
    wait_ms: int | None = None
    handle_ms: int | None = None
    tz_offset_min: int | None = None
    session_id: str = ""
    visit_id: str = ""
    schema_version: str = ""
    items: tuple[WireItem, ...] = ()
    sentiment: WireSentiment | None = None
    survey: WireSurvey | None = None
    experiment: tuple[WireExperiment, ...] = ()
    agent: WireAgent | None = None
    facts: dict[str, str] | None = None
    promise: WirePromise | None = None
    form: WireForm | None = None
    offer: WireOffer | None = None
    eta: WireEta | None = None
    rx: WireRx | None = None
    context_carried: bool | None = None
    contact: WireContact | None = None
    attributes: dict[str, str] | None = None
    trace: str = ""
    is_bot: None = None
    a11y: None = None
    engagement: None = None


Share: TypeAlias = Callable[[str, str], str]
"""Gives the one text that stands for all equal ones."""

WORDS_MAX: Final = 16_384
"""Texts that many events have in common are kept once: less memory, and their hashes are known wherever they go."""

_decode: Final = msgspec.json.Decoder(Told).decode
_identifiers_in: Final = msgspec.json.Decoder(tuple[WireIdentifier, ...]).decode
_correlation_in: Final = msgspec.json.Decoder(WireCorrelation | None).decode
_consent_in: Final = msgspec.json.Decoder(WireConsent).decode
_ORDINARY: Final = SourceDefaults()


class Express:
    """Makes touchpoints of plain events. Pure but for its caches, which only save work, and what naming counts."""

    def __init__(self, rules: IntakeRules, adaptation: Adaptation) -> None:
        self._rules = rules
        self._limits = rules.limits
        self._identification = adaptation.identification
        self._consent_default = adaptation.consent_default
        self._words: dict[str, str] = {}
        self._consent_of = lru_cache(maxsize=CONSENTS_CACHED)(self._read_consent)
        self._identified = lru_cache(maxsize=rules.limits.cached_customers)(self._identify)
        self._named = lru_cache(maxsize=rules.limits.cached_customers)(self._name)
        self._origin_of = lru_cache(maxsize=rules.limits.sources)(self._make_origin)

    def touchpoint_of(self, value: bytes, timestamp: int | None) -> Touchpoint | None:
        """Make a touchpoint of one JSON object; None where it is not plain. `timestamp` is the log record's own."""
        limits = self._limits
        if len(value) > limits.event_bytes or is_deeper(value, limits.json_depth):
            return None
        try:
            return self._read(_decode(value), timestamp)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        except OverflowError:  # an integer of more than 64 bits
            return None

    def _read(self, told: Told, timestamp: int | None) -> Touchpoint | None:
        limits = self._limits
        if not told.event_id or len(told.event_id) > limits.text_chars or len(told.name) > limits.name_chars:
            return None
        if not is_name(told.name) or told.environment == TEST_ENVIRONMENT or too_long(told, limits):
            return None
        if unreadable_time(told) or out_of_bounds(told):
            return None
        origin = self._origin_of(told.source, told.brand)
        consent = self._consent_default
        if told.consent is not UNTOLD:
            consent = self._consent_of(bytes(told.consent))
        if origin is None or not consent.analytics:
            return None
        times = times_of(told, timestamp)
        if not isinstance(times, tuple) or times[2] >= self._rules.received_before:
            return None
        return self._made(told, origin, consent, times)

    def _made(self, told: Told, origin: Where, consent: Consent, times: Times) -> Touchpoint:
        named, campaign_id = self._named(bytes(told.identifiers), bytes(told.correlation), told.session_id, origin)
        if named.flags or named.unknown:
            self._identification.count(named)
        if len(self._words) > WORDS_MAX:
            self._words.clear()
        touchpoint = _touchpoint(told, named, origin, consent, times[0], campaign_id, self._words.setdefault)
        if named.context is not None:
            place_context(touchpoint, named.context)
        stamp(touchpoint, times)
        return touchpoint

    def _make_origin(self, source: str, brand: str) -> Where | None:
        """Look a source up; None where its defaults are its own, since `Told` knows the shipped ones only."""
        defaults = self._rules.defaults_of(source)
        usual = (defaults.direction, defaults.outcome, defaults.sensitivity)
        if usual != (_ORDINARY.direction, _ORDINARY.outcome, _ORDINARY.sensitivity):
            return None
        if not source or len(source) > self._limits.text_chars:
            return None
        return Where(source, brand or defaults.brand or self._rules.tenant, defaults.region)

    def _read_consent(self, written: bytes) -> Consent:
        return blocks.consent_of(_consent_in(written), self._rules.consent_default)

    def _name(self, identifiers: bytes, correlation: bytes, session_id: str, where: Where) -> tuple[Named, str]:
        """Name who an event is about, and its campaign: neighbours of one visit are mostly about the same."""
        named = self._identified(identifiers, where)
        told = _correlation_in(correlation) if correlation else None
        named = self._identification.with_threads(named, told, session_id, where)
        return named, "" if told is None else told.campaign_id or ""

    def _identify(self, written: bytes, where: Where) -> Named:
        identifiers = _identifiers_in(written)
        if len(identifiers) > self._limits.identifiers:
            raise msgspec.ValidationError
        return self._identification.identified(identifiers, where)


def _touchpoint(
    told: Told, named: Named, origin: Where, consent: Consent, occurred_at: int, campaign_id: str, share: Share
) -> Touchpoint:
    """Take everything over in one call, in the order of the fields: naming them costs ten times as much."""
    return Touchpoint(
        touchpoint_key(origin.source, told.event_id, named.routing),
        origin.source,
        told.event_id,
        0,
        0,
        b"",
        named.strong,
        named.observed,
        named.devices,
        named.threads,
        told.channel,
        share(told.sub_channel, told.sub_channel),
        told.direction,
        share(told.name, told.name),
        told.outcome,
        share(told.outcome_reason, told.outcome_reason) if told.outcome_reason else "",
        share(told.task, told.task) if told.task else "",
        share(told.intent, told.intent) if told.intent else "",
        origin.brand,
        share(told.region, told.region),
        share(told.locale, told.locale) if told.locale else "",
        share(told.environment, told.environment) if told.environment else "",
        told.sensitivity,
        None if told.location is None else blocks.location_of(told.location),
        None if told.step is None else blocks.step_of(told.step),
        None if told.error is None else blocks.error_of(told.error),
        None if told.value is None else blocks.value_of(told.value),
        told.duration_ms,
        told.wait_ms,
        told.handle_ms,
        occurred_at,
        None,
        told.tz_offset_min,
        told.session_id,
        told.visit_id,
        campaign_id,
        share(told.schema_version, told.schema_version),
        blocks.items_of(told.items) if told.items else (),
        None if told.sentiment is None else blocks.sentiment_of(told.sentiment),
        None if told.survey is None else blocks.survey_of(told.survey),
        blocks.experiments_of(told.experiment) if told.experiment else (),
        None if told.agent is None else blocks.agent_of(told.agent),
        None,
        None,
        told.facts,
        None if told.promise is None else blocks.promise_of(told.promise),
        consent,
        None if told.form is None else blocks.form_of(told.form),
        None if told.offer is None else blocks.offer_of(told.offer),
        None if told.eta is None else blocks.eta_of(told.eta),
        None if told.rx is None else blocks.rx_of(told.rx),
        told.context_carried,
        None if told.contact is None else blocks.contact_of(told.contact),
        told.attributes,
        told.trace,
        "",
        False,
        "",
        False,
        named.flags,
    )
