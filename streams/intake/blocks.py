"""Groups of optional fields, from how they are written to how they are kept. Their times are known to be readable."""

from typing import Final

from schemas.touchpoint import (
    Accessibility,
    Agent,
    Consent,
    Contact,
    Engagement,
    Error,
    ErrorClass,
    Eta,
    Experiment,
    Form,
    Item,
    Location,
    Offer,
    Promise,
    Rx,
    Sentiment,
    Step,
    Survey,
    Value,
)
from schemas.wire import (
    WireAccessibility,
    WireAgent,
    WireConsent,
    WireContact,
    WireEngagement,
    WireError,
    WireEta,
    WireExperiment,
    WireForm,
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
from streams.intake.times import parse_time

ERROR_CLASSES: Final = {each.value: each for each in ErrorClass}


def location_of(told: WireLocation) -> Location:
    """Take over where it happened."""
    return Location(told.location_id or "", told.type or "", told.terminal_id or "", told.geohash5 or "")


def place_of(told: WireLocation) -> Location:
    """Take over the place of the brand only, not the terminal or the area."""
    return Location(told.location_id or "", told.type or "")


def step_of(told: WireStep) -> Step:
    """Take over a step of the task's flow."""
    return Step(told.name or "", told.index, told.total)


def value_of(told: WireValue) -> Value:
    """Take over money; revenue where no kind is told."""
    return Value(told.amount_minor, told.currency, told.kind or "revenue")


def error_of(told: WireError) -> Error:
    """Take over what went wrong; an unknown class is `unknown`."""
    error_class = ERROR_CLASSES.get(told.error_class or "", ErrorClass.UNKNOWN)
    return Error(told.code or "", error_class, told.http_status, told.message_hash or "")


def items_of(told: tuple[WireItem, ...]) -> tuple[Item, ...]:
    """Take over the lines of a basket; one piece where no quantity is told."""
    return tuple(
        Item(item.sku, 1 if item.qty is None else item.qty, item.price_minor or 0, item.category or "") for item in told
    )


def sentiment_of(told: WireSentiment) -> Sentiment:
    """Take over a sentiment score."""
    return Sentiment(told.score, told.label or "", told.confidence, told.model or "", told.source or "")


def survey_of(told: WireSurvey) -> Survey:
    """Take over a survey answer on its own scale."""
    ref, invited_by = told.verbatim_ref or "", told.invited_by_event or ""
    return Survey(told.instrument, told.score, told.scale_min, told.scale_max, ref, invited_by)


def experiments_of(told: tuple[WireExperiment, ...]) -> tuple[Experiment, ...]:
    """Take over the experiments this event is part of."""
    return tuple(Experiment(each.experiment_id, each.variant, each.unit or "") for each in told)


def agent_of(told: WireAgent) -> Agent:
    """Take over who served."""
    return Agent(told.agent_ref or "", told.team or "", told.queue or "", told.from_queue or "")


def engagement_of(told: WireEngagement) -> Engagement:
    """Take over how closely something was looked at."""
    return Engagement(told.scroll_pct, told.focus_ms, told.depth)


def a11y_of(told: WireAccessibility) -> Accessibility:
    """Take over assistive technology; its consent is checked by the caller."""
    tech = told.assistive_tech
    named = ("true" if tech else "") if isinstance(tech, bool) else tech
    return Accessibility(named or "", told.zoom, told.contrast or "", told.input or "")


def form_of(told: WireForm) -> Form:
    """Take over what was asked for."""
    return Form(told.field_group or "", told.field or "")


def rx_of(told: WireRx) -> Rx:
    """Take over how long a supply lasts."""
    return Rx(told.days_supply_left)


def promise_of(told: WirePromise) -> Promise:
    """Take over a promise."""
    return Promise(told.kind, parse_time(told.due_at) or 0, told.ref or "")


def offer_of(told: WireOffer) -> Offer:
    """Take over an offer."""
    expires_at = None if told.expires_at is None else parse_time(told.expires_at)
    return Offer(told.offer_id, expires_at, told.terms_ref or "")


def eta_of(told: WireEta) -> Eta:
    """Take over when it is promised to arrive."""
    previous = None if told.previous_due_at is None else parse_time(told.previous_due_at)
    return Eta(parse_time(told.due_at) or 0, previous)


def contact_of(told: WireContact) -> Contact:
    """Take over what kind of contact it was."""
    return Contact(told.dropped or False, told.requested_by_agent or False)


def consent_of(told: WireConsent, analytics_default: bool) -> Consent:
    """Take over what was agreed to; only `analytics` has a configured default, everything else must be given."""
    return Consent(
        told.basis or "",
        analytics_default if told.analytics is None else told.analytics,
        told.personalization or False,
        told.alerts or False,
        told.health or False,
        told.a11y or False,
        told.version or "",
    )
