"""What a touchpoint says, in the words of the rules: its channel class, whether it is a fault, a contact, an error."""

from collections.abc import Callable
from typing import Final

from schemas.identifiers import FIRST_WEAK_THREAD_RANK, Ident
from schemas.touchpoint import Channel, Direction, ErrorClass, Outcome, Touchpoint

DIGITAL_SELF: Final = "digital_self"
PHYSICAL: Final = "physical"
ASSISTED_HUMAN: Final = "assisted_human"
FEEDBACK: Final = "feedback"
OUTBOUND: Final = "outbound"
NO_CLASS: Final = ""

# An enum's members and their values cost a Python call on each look in 3.11: what every touchpoint asks is bound once.
CHANNEL_NAMES: Final[dict[Channel, str]] = {channel: channel.value for channel in Channel}
OUTCOME_NAMES: Final[dict[Outcome, str]] = {outcome: outcome.value for outcome in Outcome}
INBOUND: Final = Direction.INBOUND
FAILED: Final = Outcome.FAILED
COMPLETED: Final = Outcome.COMPLETED
SUPPORT: Final = Channel.SUPPORT

CONTACT_NAMES: Final = frozenset(("contact.started", "ticket.created", "message.replied"))

_CLASS_OF: Final[dict[Channel, str]] = {
    Channel.WEB: DIGITAL_SELF,
    Channel.APP: DIGITAL_SELF,
    Channel.KIOSK: PHYSICAL,
    Channel.POS: PHYSICAL,
    Channel.STORE: PHYSICAL,
    Channel.DELIVERY: PHYSICAL,
    Channel.TELEHEALTH: ASSISTED_HUMAN,
    Channel.SURVEY: FEEDBACK,
    Channel.SOCIAL: FEEDBACK,
}
_MESSAGES: Final = frozenset((Channel.EMAIL, Channel.SMS, Channel.PUSH))
_SELF_SERVICE_SUPPORT: Final = frozenset(("bot", "ivr"))
_BRAND_FAULTS: Final = frozenset((ErrorClass.SYSTEM, ErrorClass.NETWORK, ErrorClass.THIRD_PARTY))


def channel_class(touchpoint: Touchpoint) -> str:
    """Name the class of its channel (docs/rules.md §7.1); empty for those that have none."""
    channel = touchpoint.channel
    known = _CLASS_OF.get(channel)
    if known is not None:
        return known
    if channel is SUPPORT:
        return DIGITAL_SELF if touchpoint.sub_channel in _SELF_SERVICE_SUPPORT else ASSISTED_HUMAN
    if channel in _MESSAGES:
        return OUTBOUND if touchpoint.direction is Direction.OUTBOUND else DIGITAL_SELF
    return NO_CLASS


def is_fault(touchpoint: Touchpoint) -> bool:
    """`fail(t)`: the task failed, or there was an error that is not the customer's."""
    if touchpoint.outcome is FAILED:
        return True
    return touchpoint.error is not None and touchpoint.error.error_class in _BRAND_FAULTS


def has_error(touchpoint: Touchpoint) -> bool:
    """Tell whether it counts as an error: any error, whoever's, or a failed outcome."""
    return touchpoint.error is not None or touchpoint.outcome is FAILED


def is_contact(touchpoint: Touchpoint) -> bool:
    """Tell whether the customer asked a person for help; a reply to a message is a contact only in support."""
    if touchpoint.name not in CONTACT_NAMES or touchpoint.direction is not INBOUND:
        return False
    return touchpoint.name != "message.replied" or touchpoint.channel is SUPPORT


def was_dropped(touchpoint: Touchpoint) -> bool:
    """Tell whether the contact broke off."""
    return touchpoint.contact is not None and touchpoint.contact.dropped


def was_requested(touchpoint: Touchpoint) -> bool:
    """Tell whether an agent asked the customer to come back."""
    return touchpoint.contact is not None and touchpoint.contact.requested_by_agent


def eta_slip(touchpoint: Touchpoint) -> int | None:
    """By how much a known promised time moved; None where none did."""
    eta = touchpoint.eta
    return None if eta is None or eta.previous_due_at is None else eta.due_at - eta.previous_due_at


def eta_ahead(touchpoint: Touchpoint) -> int | None:
    """How far ahead the promise was before it moved; None where none did."""
    eta = touchpoint.eta
    return None if eta is None or eta.previous_due_at is None else eta.previous_due_at - touchpoint.event_time


def promise_ahead(touchpoint: Touchpoint) -> int | None:
    """How far ahead a promise is due; None where none was made."""
    return None if touchpoint.promise is None else touchpoint.promise.due_at - touchpoint.event_time


def offer_id(touchpoint: Touchpoint) -> str:
    """Name the offer; empty where none was told."""
    return touchpoint.offer.offer_id if touchpoint.offer is not None else ""


def field_group(touchpoint: Touchpoint) -> str:
    """Name the group of details that was asked for; empty where none was told."""
    return touchpoint.form.field_group if touchpoint.form is not None else ""


def business_threads(touchpoint: Touchpoint) -> tuple[Ident, ...]:
    """List its keys for journeys: order .. cart, strongest first."""
    threads = touchpoint.threads
    if not threads or threads[-1][0] < FIRST_WEAK_THREAD_RANK:
        return threads
    return tuple(thread for thread in threads if thread[0] < FIRST_WEAK_THREAD_RANK)


def location_id(touchpoint: Touchpoint) -> str:
    """Name its place; empty where none was told."""
    return touchpoint.location.location_id if touchpoint.location is not None else ""


TEXTS: Final[dict[str, Callable[[Touchpoint], str]]] = {
    "brand": lambda touchpoint: touchpoint.brand,
    "task": lambda touchpoint: touchpoint.task,
    "intent": lambda touchpoint: touchpoint.intent,
    "source": lambda touchpoint: touchpoint.source,
    "offer": offer_id,
    "field_group": field_group,
}
"""What things can have in common, by the name it has in patterns; empty where it was not told."""
