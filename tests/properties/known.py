"""Stories drawn by hand where chance comes too seldom: each was once told wrong, or needs a rule that few stories need.

They are told in every way by the law `stories once told wrong`.
"""

from tests.properties.tangles import DAY, HOUR, MINUTE, START, Ruled, Tangle, Written

ADA, BOB = "account_id:ada", "account_id:bob"
ONE, TWO = "loyalty_id:one", "loyalty_id:two"
MAIL, PHONE = "email:x@example.org", "phone:+41791234567"
TABLET = "device_id:tablet"
FORGETTING = 17 * DAY + 7 * HOUR
"""From this instant on the first hour of a story is forgotten, and the second is not."""


def told(number: int, at: int, *who: str, observed: bool = False, **things: str) -> Written:
    """One page viewed at an instant after the start, by whom, and about which things."""
    return {
        "event_id": f"e{number}",
        "source": "/web",
        "channel": "web",
        "name": "page.viewed",
        "brand": "main",
        "occurred_at": START + at,
        "received_at": START + at,
        "identifiers": [
            {"kind": kind, "value": value, "assurance": "observed" if observed else "authenticated"}
            for kind, value in (one.split(":", 1) for one in who)
        ],
        "correlation": dict(things),
    }


TOOK_BACK_BEFORE_IT_MOVED = Tangle(
    (
        told(0, 0, ONE, observed=True, order_id="o"),
        told(1, 0, ADA, order_id="o"),
        *(told(number, 0) for number in range(2, 6)),
        told(7, 0, BOB, ONE),
    )
)
"""A card owns a touchpoint, loses it, and only then turns out to be Bob's: his word on it must be above its own."""

THREADS_THAT_MEET_TWICE = Tangle((told(0, 0, order_id="oo", cart_id="k"), told(1, 0, order_id="o", cart_id="k")))
"""The second order brings what was said of it to the root, which knows the link already."""

A_SHARED_CARD_STRONGER_THAN_THE_PERSON = Tangle((told(0, 0, ONE, TWO), told(1, DAY, ONE, ADA), told(2, DAY, TWO, ADA)))
"""A person may list a contact that is stronger than its own canonical identifier."""

SPLIT_FROM_WHAT_JOINED_LATER = Tangle(
    (
        told(0, 0, ADA, MAIL),
        told(1, HOUR, BOB, MAIL),
        told(2, 2 * HOUR, BOB, PHONE),
        told(3, 3 * HOUR, MAIL),
        told(4, 3 * HOUR, MAIL, order_id="o"),
    ),
    (Ruled("d0", START, "split", MAIL, PHONE),),
)
"""Bob is no candidate for the address: a split stands between it and his telephone, which he got later."""

A_BRIDGE_THAT_IS_FORGOTTEN = Tangle(
    (
        told(0, 0, ADA, TABLET),
        told(1, 30 * MINUTE, TABLET),
        told(2, HOUR, TABLET),
        told(3, 70 * MINUTE, BOB, TABLET),
        told(4, FORGETTING),
        told(5, FORGETTING + MINUTE, TABLET),
        told(6, FORGETTING + 2 * MINUTE, TABLET),
    )
)
"""Ada and Bob are in one sitting because of a touchpoint that is forgotten before another of it."""

A_COPY_THAT_OUTLIVES_THE_SHOWN_ONE = Tangle(
    (
        told(0, 59 * MINUTE, MAIL, PHONE),
        told(0, HOUR, MAIL),
        told(1, FORGETTING),
        told(2, FORGETTING + MINUTE, MAIL),
        told(3, FORGETTING + 2 * MINUTE, ADA, MAIL),
        told(4, FORGETTING + 3 * MINUTE, ADA),
    )
)
"""The copy that was shown is forgotten; the other must stay hidden when its person moves to an account."""

A_CLAIM_RECEIVED_TOO_LATE_TO_COUNT = Tangle(
    (
        told(0, 0, TABLET),
        told(1, 0, TABLET, order_id="o"),
        told(2, 10 * MINUTE, TABLET),
        told(3, DAY, TABLET),
        told(4, 0, ADA, TABLET, order_id="o") | {"received_at": START + 17 * DAY + 5 * MINUTE},
        told(5, 10 * MINUTE, BOB, TABLET) | {"received_at": START + 18 * DAY},
    )
)
"""What is received more than 17 days after a touchpoint plays no part in whose it is."""

TWO_AT_ONE_TIME = Tangle(
    (
        told(0, 0, ADA, TABLET),
        told(1, 0, BOB, TABLET),
        told(2, 0, TABLET),
        told(3, MINUTE, TABLET),
        told(4, HOUR, PHONE, TABLET),
        told(5, HOUR, PHONE, MAIL, TABLET),
        told(6, HOUR, TABLET),
    )
)
"""Of two claims at one time the strongest is the newest, and a touchpoint of that instant follows it."""

TWO_ACCOUNTS_WITH_ONE_ADDRESS = Tangle(
    (
        told(0, 0, ADA, MAIL, TABLET),
        told(1, MINUTE, TABLET),
        told(2, 2 * MINUTE, BOB, MAIL, TABLET),
        told(3, 3 * MINUTE, TABLET),
    )
)
"""Claims that hang together by an address they share are still of two owners."""

OWNERS_WHO_ARE_ONE_PERSON = Tangle(
    (
        told(0, 0, MAIL, TABLET),
        told(1, 10 * MINUTE, TABLET),
        told(2, 11 * MINUTE, TABLET),
        told(3, 12 * MINUTE, TABLET, order_id="o"),
        told(4, 2 * MINUTE, PHONE, TABLET),
        told(5, 4 * MINUTE, ONE, TABLET),
        told(6, 6 * MINUTE, MAIL, TABLET),
        told(7, 8 * MINUTE, PHONE, TABLET),
        told(8, 3 * HOUR, ADA, MAIL),
        told(9, 3 * HOUR, ADA, PHONE),
        told(10, 3 * HOUR, ADA, ONE),
    )
)
"""Touchpoints go from owner to owner, and all owners are one person: what is told of them arrives by many ways."""

KNOWN = (
    TOOK_BACK_BEFORE_IT_MOVED,
    THREADS_THAT_MEET_TWICE,
    A_SHARED_CARD_STRONGER_THAN_THE_PERSON,
    SPLIT_FROM_WHAT_JOINED_LATER,
    A_BRIDGE_THAT_IS_FORGOTTEN,
    A_COPY_THAT_OUTLIVES_THE_SHOWN_ONE,
    A_CLAIM_RECEIVED_TOO_LATE_TO_COUNT,
    TWO_AT_ONE_TIME,
    TWO_ACCOUNTS_WITH_ONE_ADDRESS,
    OWNERS_WHO_ARE_ONE_PERSON,
)

KNOT = Tangle(
    (
        *(told(number, 2 * HOUR, cart_id="k") for number in range(6)),
        told(10, 2 * HOUR, cart_id="k", call_id="c"),
        told(11, 2 * HOUR, call_id="c", ticket_id="t"),
        told(12, 2 * HOUR, ticket_id="t", order_id="o"),
        told(13, 2 * HOUR, cart_id="k", ticket_id="t"),
        told(14, 2 * HOUR, cart_id="k", order_id="o"),
        told(15, 2 * HOUR, call_id="c", order_id="o"),
        told(16, 2 * HOUR, order_id="oo", cart_id="k"),
        told(17, 2 * HOUR, order_id="oo", call_id="c"),
        told(20, HOUR, ADA, cart_id="k"),
        told(21, 30 * MINUTE, BOB, call_id="c"),
        told(22, 20 * MINUTE, MAIL, ticket_id="t"),
        told(23, 10 * MINUTE, PHONE, order_id="o"),
        told(24, 5 * MINUTE, ONE, order_id="oo"),
    )
)
"""Threads that meet all ways: repeats overtake decisions, so that two deciders tell of one touchpoint."""
