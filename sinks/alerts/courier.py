"""A courier: brings messages to one destination, and comes again where it did not get in.

While a destination is away one message at a time knocks, ever more seldom, so that neither side is flooded when it is
back. A message that alone is refused steps aside for others. Messages of one subject never overtake each other. What
could not be delivered for too long is given up, and said to be undeliverable.
"""

import asyncio
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

import msgspec

from schemas.alerts import Delivered
from sinks.alerts.destination import DeliveryFailed, Destination, Message, Outage

TICKETS_MAX: Final = 1_000
"""Messages a courier holds at once; more wait where they are kept."""
AT_ONCE: Final = 8
BACKOFF_MS: Final = 2_000
BACKOFF_MS_MAX: Final = 600_000
"""The first pause, doubled with every failure in a row up to the second; jitter takes up to half of it."""


class Ticket(msgspec.Struct):
    """A message on its way. `since_ms` is when it was first to be delivered."""

    message: Message
    since_ms: int
    attempts: int = 0
    next_at: int = 0
    error: str = ""


class Courier:
    """Delivers to one destination. `now` tells milliseconds, `random` spreads the pauses; `failed` counts attempts."""

    def __init__(self, destination: Destination, *, retry_ms: int, now: Callable[[], int], random: Random) -> None:
        self.destination = destination
        self.error = ""
        self.failed = 0
        self._retry_ms = retry_ms
        self._now = now
        self._random = random
        self._tickets: dict[str, Ticket] = {}
        self._failures = 0
        self._next_at = 0

    @property
    def waiting(self) -> int:
        """How many messages it holds."""
        return len(self._tickets)

    @property
    def is_full(self) -> bool:
        """Tell whether it takes no more for now."""
        return len(self._tickets) >= TICKETS_MAX

    @property
    def is_turned_away(self) -> bool:
        """Tell whether the destination is away, as far as it knows."""
        return self._failures > 0

    def troubles(self) -> list[Delivered]:
        """Tell of the messages it holds that failed at their last attempt."""
        held = self._tickets.values()
        return [Delivered(t.message.id, self.destination.name, t.attempts, t.error) for t in held if t.error]

    def add(self, message: Message, since_ms: int, attempts: int = 0) -> None:
        """Take a message; the same id twice is one."""
        self._tickets.setdefault(message.id, Ticket(message, since_ms, attempts))

    def forget(self) -> None:
        """Let go of every message; what is under way ends unheard."""
        self._tickets = {}

    def pause_ms(self) -> int | None:
        """Tell in how many milliseconds there is something to do; None: nothing waits."""
        if not self._tickets:
            return None
        soonest = min(ticket.next_at for ticket in self._heads())
        return max(0, self._next_at - self._now(), soonest - self._now())

    async def work(self) -> list[Delivered]:
        """Try what is due, once; gives what arrived and what is undeliverable. Those it holds no more."""
        due = self._due()
        if not due:
            return []
        failures = await asyncio.gather(*(self._try(ticket) for ticket in due))
        outages = [failure for failure in failures if isinstance(failure, Outage)]
        arrived = [ticket for ticket, failure in zip(due, failures, strict=True) if failure is None]
        done = [self._finish(ticket) for ticket in arrived if ticket.message.id in self._tickets]
        if outages:
            self._failures += 1
            self.error = str(outages[0])
            self._next_at = self._now() + self._backoff_ms(self._failures)
        else:
            self._failures, self._next_at, self.error = 0, 0, ""
        return done + [self._finish(ticket) for ticket in self._given_up()]

    def _due(self) -> list[Ticket]:
        now = self._now()
        if now < self._next_at:
            return []
        due = [ticket for ticket in self._heads() if ticket.next_at <= now]
        if self._failures:
            return sorted(due, key=lambda ticket: ticket.attempts)[:1]
        return due[:AT_ONCE]

    def _heads(self) -> Iterator[Ticket]:
        """The first message of each subject."""
        heads: dict[str, Ticket] = {}
        for ticket in self._tickets.values():
            heads.setdefault(ticket.message.subject, ticket)
        return iter(heads.values())

    async def _try(self, ticket: Ticket) -> DeliveryFailed | None:
        ticket.attempts += 1
        try:
            await self.destination.deliver(ticket.message)
        except DeliveryFailed as failure:
            ticket.error = str(failure)
            self.failed += 1
            if not isinstance(failure, Outage):
                ticket.next_at = self._now() + self._backoff_ms(ticket.attempts)
            return failure
        ticket.error = ""
        return None

    def _given_up(self) -> list[Ticket]:
        """What has waited too long and failed itself, or could not be tried because the destination is away."""
        before = self._now() - self._retry_ms
        old = [ticket for ticket in self._tickets.values() if ticket.since_ms <= before]
        for ticket in old:
            ticket.error = ticket.error or self.error
        return [ticket for ticket in old if ticket.error]

    def _finish(self, ticket: Ticket) -> Delivered:
        del self._tickets[ticket.message.id]
        return Delivered(ticket.message.id, self.destination.name, ticket.attempts, ticket.error)

    def _backoff_ms(self, failures: int) -> int:
        longest = min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** min(failures - 1, 20))
        return int(longest * self._random.uniform(0.5, 1.0))
