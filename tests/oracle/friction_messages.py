"""X13 reward_redemption_failed and X15 email_link_broken: what was sent and did not hold (rules.md 8)."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.identifiers import RANKS, Ident, Kind
from tests.oracle.hits import DAY, MINUTE, SECOND, Hit, Life, gather, in_order, thread, threadless
from tests.oracle.wire import Event

FORTNIGHT = 14 * DAY
OFFERED = ("reward.offered", "promo.shown")
REFUSED = ("reward.rejected", "promo.rejected", "loyalty.scan_failed")
SCANNED = 2 * SECOND
GONE = (404, 410)
SERVER_ERRORS = 500


def reward_redemption_failed(life: Life) -> Iterator[Hit]:
    """X13."""
    refusals = [one for one in life.held if _refuses(one)]
    keyed = gather(
        (one for one in life.held if one.name in OFFERED and one.channel in ("app", "email") and one.told.offer_id),
        threadless,
        share=lambda one: (one.brand, one.told.offer_id),
        width=lambda _: FORTNIGHT,
    )
    for key, offered in keyed.items():
        reached = [one for one in refusals if any(_breaks(one, offering) for offering in offered)]
        if not reached:
            continue
        head, first = offered[0], reached[0]
        deserved = all(one.told.outcome_reason == "not_eligible" for one in reached)
        yield Hit(
            pattern="X13",
            key=key,
            severity="medium" if deserved else "high",
            confidence=0.9,
            head=head,
            evidence=in_order(offered, reached),
            detected_at=first.event_time,
            channel_to=first.channel,
            brand=head.brand,
            task=head.task,
        )


def _refuses(one: Event) -> bool:
    inbound = one.direction == "inbound" and one.channel in ("kiosk", "pos", "web")
    return inbound and one.name in REFUSED and one.told.offer_id != ""


def _breaks(refusal: Event, offering: Event) -> bool:
    same = (refusal.brand, refusal.told.offer_id) == (offering.brand, offering.told.offer_id)
    expires_at = offering.told.offer_expires_at
    in_time = expires_at is None or refusal.event_time <= expires_at
    return same and in_time and 0 < refusal.event_time - offering.event_time <= FORTNIGHT


def email_link_broken(life: Life) -> Iterator[Hit]:
    """X15."""
    pages = [one for one in life.held if _is_broken(one)]
    for key, clicks in _clicks(life).items():
        reached = [page for page in pages if any(0 < page.event_time - click.event_time <= MINUTE for click in clicks)]
        if not reached:
            continue
        head, first = clicks[0], reached[0]
        yield Hit(
            pattern="X15",
            key=key,
            severity="low",
            confidence=0.7,
            head=head,
            evidence=in_order(clicks, reached),
            detected_at=first.event_time,
            channel_to=first.channel,
            brand=head.brand,
            task=head.task,
        )


def _clicks(life: Life) -> dict[Ident, list[Event]]:
    """Gather clicks by message, without those of scanners."""
    clicks: dict[Ident, list[Event]] = defaultdict(list)
    delivered_at: dict[Ident, int] = {}
    for one in life.held:
        message = thread(one, Kind.MESSAGE)
        if one.name == "message.delivered":
            delivered_at |= {each: one.event_time for each in one.threads if each[0] == RANKS[Kind.MESSAGE]}
        if one.name != "message.clicked" or message is None:
            continue
        if message not in delivered_at or one.event_time - delivered_at[message] > SCANNED:
            clicks[message].append(one)
    return clicks


def _is_broken(one: Event) -> bool:
    if one.direction != "inbound" or one.name != "page.failed" or one.channel not in ("web", "app"):
        return False
    status = one.told.http_status or 0
    return status in GONE or status >= SERVER_ERRORS or one.told.error_code == "token_expired"
