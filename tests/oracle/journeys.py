"""Journeys: one person, one goal, any channels (rules.md 7)."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import msgspec

from schemas.identifiers import RANKS, Ident, Kind, derived_id
from tests.oracle.wire import Event

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LONGEST = 14 * DAY
GRACE = 24 * HOUR
CLOSING = 78 * HOUR
"""Horizon and slack."""

TASKS = {
    "browse": (24 * HOUR, "item.added"),
    "search": (30 * MINUTE, "item.viewed"),
    "onboarding": (7 * DAY, "task.completed"),
    "login": (15 * MINUTE, "auth.succeeded"),
    "checkout": (24 * HOUR, "order.placed"),
    "kiosk_order": (10 * MINUTE, "order.placed"),
    "pickup": (2 * HOUR, "order.picked_up"),
    "delivery": (48 * HOUR, "order.delivered"),
    "track_order": (14 * DAY, "order.delivered"),
    "return": (14 * DAY, "order.refunded"),
    "refill": (72 * HOUR, "refill.picked_up"),
    "telehealth_visit": (4 * HOUR, "prescription.issued"),
    "medication_info": (24 * HOUR, "help.voted"),
    "loyalty_redeem": (24 * HOUR, "reward.redeemed"),
    "account_change": (24 * HOUR, "task.completed"),
    "complaint": (7 * DAY, "case.resolved"),
    "get_help": (7 * DAY, "case.resolved"),
    "subscribe": (24 * HOUR, "task.completed"),
    "cancel": (24 * HOUR, "task.completed"),
    "give_feedback": (7 * DAY, "survey.responded"),
}
TERMINAL = ("order.cancelled", "return.refused")
RESOLVED = ("case.resolved", "ticket.resolved")
CASES = (RANKS[Kind.CASE], RANKS[Kind.TICKET])
INFERRED = {
    "checkout": "checkout",
    "refill": "refill",
    "return": "return",
    "search": "search",
    "auth": "login",
    "reward": "loyalty_redeem",
    "appointment": "telehealth_visit",
    "survey": "give_feedback",
    "status": "track_order",
    "contact": "get_help",
    "ticket": "get_help",
    "case": "get_help",
    "callback": "get_help",
}
CLASSES = {
    "web": "digital_self",
    "app": "digital_self",
    "kiosk": "physical",
    "pos": "physical",
    "store": "physical",
    "delivery": "physical",
    "survey": "feedback",
    "social": "feedback",
    "telehealth": "assisted_human",
}


def channel_class(touchpoint: Event) -> str:
    """Class a touchpoint's channel; empty for those without (7.1)."""
    if touchpoint.channel == "support":
        return "digital_self" if touchpoint.sub_channel in ("bot", "ivr") else "assisted_human"
    if touchpoint.channel in ("email", "sms", "push"):
        return "outbound" if touchpoint.direction == "outbound" else "digital_self"
    return CLASSES.get(touchpoint.channel, "")


def is_contact(touchpoint: Event) -> bool:
    """Tell whether a customer turned to somebody (7.5)."""
    if touchpoint.direction != "inbound":
        return False
    replied = touchpoint.name == "message.replied" and touchpoint.channel == "support"
    return replied or touchpoint.name in ("contact.started", "ticket.created")


def inferred_task(touchpoint: Event) -> str:
    """Say what somebody was after who does not tell (7.3)."""
    return INFERRED.get(touchpoint.name.partition(".")[0], "browse")


class Journey(msgspec.Struct, eq=False):
    """A journey while its person's touchpoints are assigned in order."""

    journey_id: str
    task: str
    brand: str
    continues: str
    touchpoints: list[Event]
    keys: set[Ident]
    completed_at: int | None = None
    cancelled: bool = False

    @property
    def start(self) -> int:
        """Its first touchpoint's time."""
        return self.touchpoints[0].event_time

    @property
    def last(self) -> int:
        """Its newest touchpoint's time."""
        return self.touchpoints[-1].event_time

    @property
    def timeout(self) -> int:
        """The longest silence before it is given up, ms."""
        return TASKS.get(self.task, (24 * HOUR, ""))[0]

    @property
    def cases(self) -> list[Ident]:
        """Its case and ticket threads, sorted."""
        return sorted(key for key in self.keys if key[0] in CASES)

    @property
    def inbound(self) -> list[Event]:
        """What the customer did in it, in order."""
        return [one for one in self.touchpoints if one.direction == "inbound"]

    @property
    def switches(self) -> list[tuple[Event, Event]]:
        """Pairs of adjacent inbound touchpoints of two channel classes; those without a class are passed over (7.5)."""
        classed = [one for one in self.inbound if channel_class(one)]
        return [(one, after) for one, after in pairwise(classed) if channel_class(one) != channel_class(after)]

    @property
    def recency(self) -> tuple[int, int, str]:
        """Greatest last, then later start, then greater id (7.3)."""
        return (self.last, self.start, self.journey_id)

    def open_at(self, time: int, longest: int = LONGEST) -> bool:
        """Tell whether a touchpoint at this time may join (7.2)."""
        if time - self.start > longest:
            return False
        if self.completed_at is not None:
            return time - self.completed_at <= GRACE
        return time - self.last <= self.timeout

    def contradicts(self, keys: Iterable[Ident]) -> bool:
        """Tell whether for some kind of these keys it holds only other values."""
        told = set(keys)
        for kind in {key[0] for key in told}:
            held = {key for key in self.keys if key[0] == kind}
            if held and not held & told:
                return True
        return False

    def add(self, touchpoint: Event) -> None:
        """Let a touchpoint join, with its keys."""
        self.touchpoints.append(touchpoint)
        self.keys.update(touchpoint.keys)
        own_task = touchpoint.task in ("", self.task)
        goal = touchpoint.name == TASKS.get(self.task, (0, ""))[1] or (touchpoint.outcome == "completed" and own_task)
        if goal and self.completed_at is None:
            self.completed_at = touchpoint.event_time
        self.cancelled = self.cancelled or touchpoint.name in TERMINAL

    def newest_at(self, touchpoint: Event) -> int | None:
        """Find the time of its newest touchpoint of the same visit: channel class and place."""
        visit = (channel_class(touchpoint), touchpoint.location_id)
        for one in reversed(self.touchpoints):
            if (channel_class(one), one.location_id) == visit:
                return one.event_time
        return None


class Refused(msgspec.Struct):
    """By its keys a touchpoint finds a journey that another, stronger key of it contradicts: a new one begins."""


def assign(touchpoints: Iterable[Event]) -> list[Journey]:
    """Put one person's touchpoints, in order, into journeys (7.3)."""
    journeys: list[Journey] = []
    for one in touchpoints:
        found = _find(journeys, one, LONGEST)
        if isinstance(found, Journey):
            found.add(one)
        elif isinstance(found, Refused) or one.direction not in ("outbound", "internal"):
            task = one.task or inferred_task(one)
            earlier = _find(journeys, one, 1 << 62)
            continues = earlier.journey_id if isinstance(earlier, Journey) else ""
            begun = Journey(derived_id(one.key, task.encode()), task, one.brand, continues, [], set())
            begun.add(one)
            journeys.append(begun)
    return journeys


def _find(journeys: list[Journey], one: Event, longest: int) -> Journey | Refused | None:
    open_ones = [journey for journey in journeys if journey.open_at(one.event_time, longest)]
    for index, key in enumerate(one.keys):
        holding = [journey for journey in open_ones if key in journey.keys]
        if holding:
            found = max(holding, key=lambda journey: journey.recency)
            stronger = [other for other in one.keys[:index] if other[0] < key[0]]
            return Refused() if found.contradicts(stronger) else found
    if one.direction in ("outbound", "internal"):
        return None
    fitting = [journey for journey in open_ones if not journey.contradicts(one.keys)]
    if one.task:
        return _latest(fitting, lambda journey: (journey.brand, journey.task) == (one.brand, one.task))
    same_visit = [
        (newest, journey.start, journey.journey_id, journey)
        for journey in fitting
        if (newest := journey.newest_at(one)) is not None and one.event_time - newest <= 30 * MINUTE
    ]
    if same_visit:
        return max(same_visit, key=lambda found: found[:3])[3]
    return _latest(fitting, lambda journey: (journey.brand, journey.task) == (one.brand, inferred_task(one)))


def _latest(journeys: list[Journey], fits: Callable[[Journey], bool]) -> Journey | None:
    return max(filter(fits, journeys), key=lambda journey: journey.recency, default=None)


def end_state(journey: Journey, others: Iterable[Journey], as_of: int) -> str:
    """Say how a journey stands at `as_of` (7.4)."""
    if journey.completed_at is not None:
        return "completed"
    if journey.cancelled:
        return "failed_final"
    if as_of - journey.last <= journey.timeout:
        return "open"
    for other in others:
        same = (other.brand, other.task) == (journey.brand, journey.task) and other.start > journey.start
        if same and other.completed_at is not None and other.completed_at - journey.last <= 7 * DAY:
            return "superseded"
    resolved = any(one.name in RESOLVED for one in journey.touchpoints)
    return "escalated_open" if journey.cases and not resolved else "abandoned"
