"""Friction at the very instant that decides: chance seldom draws two pauses that are both just what a pattern asks for.

They are told like the stories of `known`.
"""

from tests.properties.known import ADA, told
from tests.properties.tangles import DAY, HOUR, MINUTE, START, Tangle, Written

CALL: Written = {"channel": "support", "sub_channel": "phone", "name": "contact.started"}
FAILED: Written = {"outcome": "failed", "task": "checkout", "name": "checkout.failed"}
DONE: Written = {"outcome": "completed", "task": "checkout", "name": "order.placed"}
DECLINED: Written = {"name": "payment.failed", "error": {"class": "third_party"}}
OFFER: Written = {"offer": {"offer_id": "o1", "expires_at": START + DAY}}
OFFERED: Written = {"channel": "email", "direction": "outbound", "name": "promo.shown"} | OFFER

A_CALL_A_DAY_AND_A_MOMENT_LATER = Tangle(
    (told(0, 0, ADA) | FAILED, told(1, MINUTE, ADA) | DONE, told(2, DAY + 1, ADA) | CALL)
)
"""Too late for the failure (X01)."""

A_CALL_JUST_A_DAY_LATER = Tangle((told(0, 0, ADA) | FAILED, told(1, MINUTE, ADA) | DONE, told(2, DAY, ADA) | CALL))
"""In time for it (X01)."""

A_CALL_JUST_FOUR_HOURS_AFTER_A_REFILL = Tangle(
    (told(0, 0, ADA, rx_id="r") | FAILED | {"task": "refill"}, told(1, 4 * HOUR, ADA) | CALL)
)
"""In time for the pharmacy (X18)."""

REFUSED_AS_THE_OFFER_EXPIRES = Tangle(
    (told(0, 0, ADA) | OFFERED, told(1, DAY, ADA) | {"name": "promo.rejected", "outcome": "failed"} | OFFER)
)
"""It expires after this instant (X13)."""

PAID_JUST_HALF_AN_HOUR_LATER = Tangle(
    (
        told(0, 0, ADA, cart_id="k") | DECLINED,
        told(1, MINUTE, ADA, cart_id="k") | DECLINED,
        told(2, 31 * MINUTE, ADA, cart_id="k") | {"name": "payment.succeeded"},
    )
)
"""In time to be no loss (U13)."""

ASKED_ALL_DAY = Tangle(tuple(told(number, number * MINUTE, ADA, order_id="o") | CALL for number in range(24)))
"""A hit names the first ten of its evidence and the last ten."""

INSTANTS = (
    A_CALL_A_DAY_AND_A_MOMENT_LATER,
    A_CALL_JUST_A_DAY_LATER,
    A_CALL_JUST_FOUR_HOURS_AFTER_A_REFILL,
    REFUSED_AS_THE_OFFER_EXPIRES,
    PAID_JUST_HALF_AN_HOUR_LATER,
    ASKED_ALL_DAY,
)
