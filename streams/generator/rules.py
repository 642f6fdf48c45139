"""The rules of a generated world: who lives in it, for how long, and how badly its events travel.

Shares are between 0 and 1. The shipped ones are those of everyday trouble; `demo_world`, `oracle_world`, `load_world`
and `tiny_world` set them for their purpose.
"""

from typing import Final

import msgspec

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

MONDAY_MS: Final = 1_772_409_600_000
"""2026-03-02T00:00:00Z."""
HORIZON_MS: Final = 72 * HOUR_MS

RESTAURANT: Final = "restaurant"
PHARMACY: Final = "pharmacy"
SHOP: Final = "shop"


class WorldRules(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a world depends on; equal rules tell equal worlds, byte for byte."""

    seed: int = 1
    people: int = 500
    first_person: int = 0
    """The number of the first customer; worlds whose numbers and seeds differ share no customer identifier."""
    start_ms: int = MONDAY_MS
    days: float = 3.0
    """Stories begin within these days; what they lead to may reach a few days further."""
    industries: tuple[str, ...] = (RESTAURANT, PHARMACY, SHOP)
    stories_per_day: float = 0.7
    """Per person, on average; a story is some seven events."""
    events_max: int = 0
    """Stop after so many written events (copies included); 0: no limit."""
    heroes: bool = False
    """Add the three named customers whose days cross every channel."""

    delayed: float = 0.03
    """Share of events that arrive a minute to 70 hours after they happened: within the horizon."""
    late: float = 0.002
    """Share that arrives 3.1 to 10 days after: beyond the horizon."""
    duplicated: float = 0.02
    """Share delivered twice, as the same bytes."""
    reidentified: float = 0.01
    """Share sent again under other, more or fewer identifiers, with stamps of its own."""
    resent: float = 0.003
    """Share sent again unchanged but for new stamps, as a producer's retry does."""
    out_of_order: float = 0.05
    """Share delivered up to `shuffle_ms` after it was received, behind younger events."""
    shuffle_ms: int = 5 * MINUTE_MS
    redelivery_ms: int = HOUR_MS
    """How long after the first a second delivery may come."""
    rfc3339: float = 0.1
    """Share of events whose times are written as RFC 3339 strings instead of epoch milliseconds."""

    shared_devices: float = 0.05
    """Share of devices used by several customers: family tablets."""
    bad_clocks: float = 0.03
    """Share of kiosks and of customers' devices whose clock is minutes to days off."""
    no_consent: float = 0.02
    """Share of people who refused analytics."""
    bots: float = 0.01
    """Share of stories that a crawler's visit accompanies; a fifth as many tests run in production."""
    observed: float = 0.3
    """Share of clicks made by somebody the mail was forwarded to, of mails to people who are hard to tell apart."""
    sign_outs: float = 0.15
    """Share of signed-in visits that end with a sign-out; on shared devices twice as many."""
    households: float = 0.4
    """Share of households whose members share an e-mail address, and of those that share a telephone."""
    caregivers: float = 0.3
    """Share of households where one member refills for the others."""
    joins: float = 0.15
    """Share of people known by e-mail only until they open an account on some day."""
    guests: float = 0.15
    """Share of people who never open one."""
    reissued_cards: float = 0.04
    """Share of card holders who get a new card on some day."""
    splits: float = 0.01
    """Share of people about whom an operator decides (split, some allowed again)."""
    junk: float = 0.002
    """Share of identifiers a till or form filled in with rubbish, or with the store's own address."""
    untidy: float = 0.1
    """Share of e-mail addresses and telephone numbers written in another way than last time."""
    friction: float = 0.1
    """Share of stories that are friction, of those people who can be told apart."""
    rough: bool = False
    """Whether friction is planted among those who cannot be told apart too; such plants are ambiguous."""


EVENTS_PER_STORY: Final = 6.4
"""Measured over many seeds; sizes the worlds that are asked for by events."""
_TANGLED_EVENTS_PER_STORY: Final = 6.2
"""The same in tiny worlds, where more is copied and tablets go round."""


def demo_world(seed: int = 1) -> WorldRules:
    """About 20,000 events of 600 people in three days, and the heroes among them."""
    return WorldRules(seed=seed, people=600, days=3.0, stories_per_day=1.85, heroes=True)


def oracle_world(events: int, seed: int = 1) -> WorldRules:
    """Forty days that hold this many written events, with the trouble at the rates the oracle is held to."""
    per_person = 0.7 * 40 * EVENTS_PER_STORY
    people = max(4, int(events / per_person * 1.08))
    return WorldRules(
        seed=seed,
        people=people,
        days=40.0,
        stories_per_day=0.7,
        events_max=events,
        heroes=True,
        splits=0.02,
        friction=0.25,
    )


def load_world(people: int, seed: int = 1, days: float = 1.0) -> WorldRules:
    """Busy days of many people, for throughput; about seven events per person and day.

    Beyond 450,000 people telephone numbers repeat, as there are no more of the reserved ones.
    """
    return WorldRules(seed=seed, people=people, days=days, stories_per_day=1.1)


def tiny_world(seed: int) -> WorldRules:
    """Three to eight people in each other's way: mostly 30 to 150 events, within hours, days or forty days.

    Every trouble is frequent, so that a property that fails anywhere fails here and on few events.
    """
    people = 3 + seed % 6
    days = (0.4, 2.0, 6.0, 40.0)[seed // 6 % 4]
    events = 45 + seed * 37 % 106
    return WorldRules(
        seed=seed,
        people=people,
        days=days,
        stories_per_day=events / (people * days * _TANGLED_EVENTS_PER_STORY),
        events_max=events,
        delayed=0.15,
        late=0.04,
        duplicated=0.1,
        reidentified=0.12,
        resent=0.05,
        out_of_order=0.3,
        shared_devices=0.16,
        bad_clocks=0.25,
        no_consent=0.05,
        bots=0.05,
        observed=0.5,
        sign_outs=0.3,
        households=0.6,
        caregivers=0.5,
        joins=0.3,
        guests=0.2,
        reissued_cards=0.4,
        splits=0.4,
        junk=0.02,
        friction=0.35,
        rough=True,
    )
