"""What operators decide about pairs of identifiers: these are two people, or they may be one after all.

Decisions are drawn from the people themselves, before any event: a shared address that joined two guests is split, an
account is split from its address by mistake and allowed again. They name plain identifiers, as an operator would.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from streams.generator.cast import Person, is_decided
from streams.generator.dice import Dice
from streams.generator.rules import DAY_MS, WorldRules

SPLIT: Final = "split"
ALLOW: Final = "allow"


class PlainIdentifier(msgspec.Struct, frozen=True):
    """An identifier in clear; an empty scope is the tenant's."""

    kind: str
    value: str
    scope: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """An operator's word on a pair; `decided_at` in milliseconds, `verdict` is split or allow."""

    decision_id: str
    decided_at: int
    verdict: str
    pair: tuple[PlainIdentifier, PlainIdentifier]
    reason: str
    author: str


def verdicts(rules: WorldRules, people: list[Person]) -> Iterator[Verdict]:
    """List every decision of a world; of a pair there may be several, and the newest holds."""
    dice = Dice()
    previous: Person | None = None
    for person in people:
        decided = is_decided(rules, dice, person.number)
        housemate = previous if previous is not None and previous.circle == person.circle else None
        if decided:
            yield from _about(rules, dice, person, housemate)
        previous = person


def _about(rules: WorldRules, dice: Dice, person: Person, housemate: Person | None) -> Iterator[Verdict]:
    pair, reason = _pair(dice, person, housemate)
    decided_at = rules.start_ms + int(rules.days * DAY_MS * dice.roll())
    verdict = SPLIT
    for _ in range(dice.between(1, 3) if dice.chance(0.3) else 1):
        yield Verdict(dice.token("d-"), decided_at, verdict, pair, reason, f"operator-{dice.between(1, 5)}")
        verdict = ALLOW if verdict == SPLIT else SPLIT
        decided_at += dice.between(1, DAY_MS)


def _pair(dice: Dice, person: Person, housemate: Person | None) -> tuple[tuple[PlainIdentifier, PlainIdentifier], str]:
    email, phone = PlainIdentifier("email", person.email), PlainIdentifier("phone", person.phone)
    if housemate is not None and person.shares_email:
        other = (
            PlainIdentifier("account_id", housemate.account)
            if housemate.account
            else PlainIdentifier("phone", housemate.phone)
        )
        own = PlainIdentifier("account_id", person.account) if person.account and dice.chance(0.3) else phone
        if other != own:
            return (other, email if dice.chance(0.5) else own), "two customers share an address"
    if person.account and dice.chance(0.5):
        return (PlainIdentifier("account_id", person.account), email), "wrong address on the account"
    if person.card and dice.chance(0.5):
        return (PlainIdentifier("loyalty_id", person.card), phone), "card found and handed in"
    return (email, phone), "number belongs to somebody else now"
