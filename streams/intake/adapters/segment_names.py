"""What the events of the Segment specification are called here, and on which channel they happen.

Names are Title Case there (older pages say them the other way round: "Added Product"). What is not listed becomes
`track.<snake_case>`, so nothing is lost and everything stays countable.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from schemas.wire import NAME_CHARS_MAX


class Meaning(NamedTuple):
    """What an event means here; an empty channel is told by the library or the message instead."""

    name: str
    channel: str = ""
    sub_channel: str = ""
    direction: str = "inbound"
    task: str = ""
    outcome: str = ""


_ECOMMERCE: Final = {
    "products searched": Meaning("search.performed", task="search"),
    "product list viewed": Meaning("page.viewed"),
    "product list filtered": Meaning("search.refined", task="search"),
    "viewed product category": Meaning("page.viewed"),
    "promotion viewed": Meaning("promo.shown"),
    "promotion clicked": Meaning("ui.clicked"),
    "product clicked": Meaning("ui.clicked"),
    "product viewed": Meaning("item.viewed"),
    "viewed product": Meaning("item.viewed"),
    "product added": Meaning("item.added"),
    "added product": Meaning("item.added"),
    "wishlist product added to cart": Meaning("item.added"),
    "product removed": Meaning("item.removed"),
    "removed product": Meaning("item.removed"),
    "cart viewed": Meaning("cart.viewed"),
    "cart shared": Meaning("cart.shared"),
    "checkout started": Meaning("checkout.started", task="checkout", outcome="started"),
    "checkout step viewed": Meaning("task.step_viewed", task="checkout", outcome="progressed"),
    "checkout step completed": Meaning("checkout.step_completed", task="checkout", outcome="progressed"),
    "payment info entered": Meaning("payment.submitted", task="checkout", outcome="progressed"),
    "order completed": Meaning("order.placed", task="checkout", outcome="completed"),
    "completed order": Meaning("order.placed", task="checkout", outcome="completed"),
    "order updated": Meaning("order.updated"),
    "order refunded": Meaning("order.refunded", direction="internal"),
    "order cancelled": Meaning("order.cancelled"),
    "item purchased": Meaning("order.placed", task="checkout", outcome="completed"),
    "coupon entered": Meaning("promo.submitted"),
    "coupon applied": Meaning("promo.applied"),
    "coupon denied": Meaning("promo.rejected"),
    "coupon removed": Meaning("promo.removed"),
    "product reviewed": Meaning("review.posted"),
}
_MESSAGES: Final = {
    "email delivered": Meaning("message.delivered", "email", "marketing", "outbound"),
    "email opened": Meaning("message.opened", "email", "marketing"),
    "email link clicked": Meaning("message.clicked", "email", "marketing"),
    "email bounced": Meaning("message.bounced", "email", "marketing", "internal"),
    "email marked as spam": Meaning("message.spam_reported", "email", "marketing"),
    "unsubscribed": Meaning("message.unsubscribed", "email", "marketing"),
    "push notification received": Meaning("push.received", "push", direction="outbound"),
    "push notification tapped": Meaning("push.opened", "push"),
    "push notification bounced": Meaning("message.bounced", "push", direction="internal"),
}
_CHAT: Final = {
    "live chat conversation started": Meaning("contact.started", "support", "chat", task="get_help", outcome="started"),
    "live chat message sent": Meaning("message.replied", "support", "chat", task="get_help"),
    "live chat message received": Meaning("message.sent", "support", "chat", "outbound", "get_help"),
    "live chat conversation ended": Meaning("contact.ended", "support", "chat", "internal", "get_help"),
    "conversation started": Meaning("contact.started", "support", "bot", task="get_help", outcome="started"),
    "message sent": Meaning("message.replied", "support", "bot", task="get_help"),
    "message received": Meaning("message.sent", "support", "bot", "outbound", "get_help"),
    "conversation ended": Meaning("contact.ended", "support", "bot", "internal", "get_help"),
    "feedback submitted": Meaning("feedback.given", task="give_feedback"),
}
_MOBILE: Final = {
    "application installed": Meaning("app.installed", "app"),
    "application opened": Meaning("app.opened", "app"),
    "application foregrounded": Meaning("app.opened", "app"),
    "application backgrounded": Meaning("app.backgrounded", "app"),
    "application updated": Meaning("app.updated", "app"),
    "application uninstalled": Meaning("app.uninstalled", "app"),
    "application crashed": Meaning("app.crashed", "app"),
    "install attributed": Meaning("app.attributed", "app", direction="internal"),
    "deep link opened": Meaning("link.opened", "app"),
    "deep link clicked": Meaning("link.clicked"),
}
_ACCOUNT: Final = {
    "signed in": Meaning("auth.succeeded", task="login", outcome="completed"),
    "signed out": Meaning("identity.reset"),
    "signed up": Meaning("account.registered", task="onboarding", outcome="started"),
    "user registered": Meaning("account.registered", task="onboarding", outcome="started"),
    "account created": Meaning("account.created"),
    "account deleted": Meaning("account.deleted"),
}
MEANINGS: Final[dict[str, Meaning]] = {**_ECOMMERCE, **_MESSAGES, **_CHAT, **_MOBILE, **_ACCOUNT}
"""Meanings by the event's name, casefolded."""

CALLS: Final[dict[str, Meaning]] = {
    "identify": Meaning("identity.linked"),
    "alias": Meaning("identity.linked"),
    "group": Meaning("group.joined"),
    "page": Meaning("page.viewed", "web"),
    "screen": Meaning("screen.viewed", "app"),
}
"""Meanings of the calls that carry no event name."""

_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


def meaning_of(event: str) -> Meaning:
    """Find what a track event means here; one that is not listed keeps its own words, without accents."""
    told = " ".join(unicodedata.normalize("NFKC", event).casefold().split())
    known = MEANINGS.get(told)
    if known is not None:
        return known
    plain = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode()
    words = _NO_WORD.sub("_", plain).strip("_")
    if words[:1].isdigit():
        words = f"n_{words}"
    return Meaning(f"track.{words}"[:NAME_CHARS_MAX].rstrip("_"))
