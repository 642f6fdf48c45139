"""The book of rules for journeys: gaps, timeouts, goals and patterns, frozen, built once."""

from dataclasses import dataclass, field
from typing import Final

from schemas.touchpoint import Channel, Touchpoint
from streams.patterns.durations import DAY, HOUR, MINUTE, SECOND
from streams.patterns.index import Catalogue, index
from streams.patterns.loader import load_catalogue
from streams.patterns.pattern import Pattern
from streams.patterns.reading import SUPPORT

BROWSE: Final = "browse"
EXPLICIT_ENDS: Final = frozenset(("session.ended", "session.timed_out", "contact.ended"))
TERMINAL_FAILURES: Final = frozenset(("order.cancelled", "return.refused"))

_TASKS: Final[dict[str, tuple[str, int]]] = {
    "browse": ("item.added", 24 * HOUR),
    "search": ("item.viewed", 30 * MINUTE),
    "onboarding": ("task.completed", 7 * DAY),
    "login": ("auth.succeeded", 15 * MINUTE),
    "checkout": ("order.placed", 24 * HOUR),
    "kiosk_order": ("order.placed", 10 * MINUTE),
    "pickup": ("order.picked_up", 2 * HOUR),
    "delivery": ("order.delivered", 48 * HOUR),
    "track_order": ("order.delivered", 14 * DAY),
    "return": ("order.refunded", 14 * DAY),
    "refill": ("refill.picked_up", 72 * HOUR),
    "telehealth_visit": ("prescription.issued", 4 * HOUR),
    "medication_info": ("help.voted", 24 * HOUR),
    "loyalty_redeem": ("reward.redeemed", 24 * HOUR),
    "account_change": ("task.completed", 24 * HOUR),
    "complaint": ("case.resolved", 7 * DAY),
    "get_help": ("case.resolved", 7 * DAY),
    "subscribe": ("task.completed", 24 * HOUR),
    "cancel": ("task.completed", 24 * HOUR),
    "give_feedback": ("survey.responded", 7 * DAY),
}
_INFERRED: Final[dict[str, str]] = {
    "checkout": "checkout",
    "refill": "refill",
    "return": "return",
    "search": "search",
    "auth": "login",
    "reward": "loyalty_redeem",
    "appointment": "telehealth_visit",
    "survey": "give_feedback",
    "status": "track_order",
    **dict.fromkeys(("contact", "ticket", "case", "callback"), "get_help"),
}
_STAGES: Final[dict[str, str]] = {
    **dict.fromkeys(("browse", "search"), "consideration"),
    **dict.fromkeys(("checkout", "kiosk_order", "subscribe"), "purchase"),
    **dict.fromkeys(("pickup", "delivery", "track_order", "refill", "telehealth_visit"), "fulfilment"),
    **dict.fromkeys(
        ("return", "complaint", "get_help", "medication_info", "account_change", "cancel", "login"), "post_purchase"
    ),
    "onboarding": "onboarding",
    "loyalty_redeem": "loyalty",
    "give_feedback": "advocacy",
}
_GAPS: Final[dict[Channel, int]] = {
    Channel.WEB: 30 * MINUTE,
    Channel.APP: 5 * MINUTE,
    Channel.KIOSK: 90 * SECOND,
    Channel.EMAIL: 7 * DAY,
    Channel.SMS: 7 * DAY,
    Channel.PUSH: 7 * DAY,
    Channel.SURVEY: 24 * HOUR,
    Channel.SOCIAL: 24 * HOUR,
    Channel.DELIVERY: 24 * HOUR,
}
_SUPPORT_GAPS: Final = {
    **dict.fromkeys(("phone", "ivr", "callback", "video"), 10 * MINUTE),
    **dict.fromkeys(("chat", "bot"), 15 * MINUTE),
}


@dataclass(frozen=True, slots=True)
class Book:
    """Every length and name that journeys are made by (docs/rules.md §6-8); lengths in milliseconds."""

    catalogue: Catalogue
    horizon_ms: int = 72 * HOUR
    slack_ms: int = 6 * HOUR
    journey_max_ms: int = 14 * DAY
    grace_ms: int = 24 * HOUR
    superseded_within_ms: int = 7 * DAY
    place_gap_ms: int = 30 * MINUTE
    other_timeout_ms: int = 24 * HOUR
    other_gap_ms: int = 30 * MINUTE
    support_gap_ms: int = 72 * HOUR
    gap_max_ms: int = 7 * DAY
    timeouts: dict[str, int] = field(default_factory=lambda: {task: timeout for task, (_, timeout) in _TASKS.items()})
    goals: dict[str, str] = field(default_factory=lambda: {task: goal for task, (goal, _) in _TASKS.items()})
    inferred: dict[str, str] = field(default_factory=lambda: dict(_INFERRED))
    stages: dict[str, str] = field(default_factory=lambda: dict(_STAGES))
    gaps: dict[Channel, int] = field(default_factory=lambda: dict(_GAPS))
    support_gaps: dict[str, int] = field(default_factory=lambda: dict(_SUPPORT_GAPS))

    def task(self, touchpoint: Touchpoint) -> str:
        """Name its task: as told, else inferred from the first part of its name."""
        return touchpoint.task or self.inferred.get(touchpoint.name.partition(".")[0], BROWSE)

    def stage(self, task: str) -> str:
        """Name the stage of the relationship that a task belongs to; empty for tasks not in the book."""
        return self.stages.get(task, "")

    def timeout(self, task: str) -> int:
        """How long a journey of this task stays open without activity."""
        return self.timeouts.get(task, self.other_timeout_ms)

    def gap(self, touchpoint: Touchpoint) -> int:
        """How long a pause before this touchpoint may be within one session."""
        channel = touchpoint.channel
        if channel is SUPPORT:
            return self.support_gaps.get(touchpoint.sub_channel, self.support_gap_ms)
        return self.gaps.get(channel, self.other_gap_ms)

    @property
    def keep_ms(self) -> int:
        """How long touchpoints are remembered: the longest pattern window, at least 14 days, and the horizon."""
        return max(self.catalogue.longest_ms, self.journey_max_ms) + self.horizon_ms


def load_book(
    *, horizon_ms: int = 72 * HOUR, slack_ms: int = 6 * HOUR, patterns: tuple[Pattern, ...] | None = None
) -> Book:
    """Build the book with the shipped catalogue, or these patterns; PatternError if a pattern can not be used."""
    catalogue = index(load_catalogue() if patterns is None else patterns)
    return Book(catalogue=catalogue, horizon_ms=horizon_ms, slack_ms=slack_ms)
