"""Dispatch for a reader of a log of alerts: a courier for each destination, and which messages are through with all."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from schemas.alerts import Alert, Delivered
from sinks.alerts.courier import TICKETS_MAX, Courier
from sinks.alerts.destination import Destination
from sinks.alerts.messages import message_of

IDLE_SECONDS: Final = 0.1
"""How often a courier without anything due looks again."""


class Dispatch:
    """Takes alerts and delivers them while `run` runs. Without destinations everything is through at once.

    `delivered` and `failed` count messages and attempts by destination.
    """

    def __init__(
        self, destinations: Sequence[Destination], *, retry_ms: int, now: Callable[[], int], random: Random
    ) -> None:
        self.delivered: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._couriers = [Courier(each, retry_ms=retry_ms, now=now, random=random) for each in destinations]
        self._open: dict[str, set[str]] = {}
        self._through: list[str] = []
        self._undeliverable: list[Delivered] = []

    @property
    def is_full(self) -> bool:
        """Tell whether no more should be taken for now."""
        return len(self._open) >= TICKETS_MAX

    @property
    def waiting(self) -> dict[str, int]:
        """How many messages wait, by destination."""
        return {courier.destination.name: courier.waiting for courier in self._couriers}

    def take(self, alert: Alert, since_ms: int) -> None:
        """Take an alert that was written at this time."""
        message = message_of(alert)
        self._open[message.id] = {courier.destination.name for courier in self._couriers}
        for courier in self._couriers:
            courier.add(message, since_ms)
        self._close_if_through(message.id)

    def finished(self) -> tuple[list[str], list[Delivered]]:
        """Give the messages that are through with every destination since last asked, and what was undeliverable."""
        told = (self._through, self._undeliverable)
        self._through, self._undeliverable = [], []
        return told

    def forget(self) -> None:
        """Let go of everything: somebody else delivers it now."""
        for courier in self._couriers:
            courier.forget()
        self._open, self._through, self._undeliverable = {}, [], []

    async def run(self) -> None:
        """Deliver until cancelled; no destination waits for another."""
        await asyncio.gather(*(self._rounds(courier) for courier in self._couriers))

    async def _rounds(self, courier: Courier) -> None:
        while True:
            for each in await courier.work():
                self._finish(each)
            self.failed[courier.destination.name] = courier.failed
            pause_ms = courier.pause_ms()
            if pause_ms != 0:
                await asyncio.sleep(IDLE_SECONDS if pause_ms is None else min(IDLE_SECONDS, pause_ms / 1000))

    def _finish(self, each: Delivered) -> None:
        if each.error:
            self._undeliverable.append(each)
        else:
            self.delivered[each.destination] += 1
        self._open.get(each.message_id, set()).discard(each.destination)
        self._close_if_through(each.message_id)

    def _close_if_through(self, message_id: str) -> None:
        if self._open.get(message_id) == set():
            del self._open[message_id]
            self._through.append(message_id)
