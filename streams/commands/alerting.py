"""Alerts of the driver without a broker: the lifecycle beside a run, its outbox in the state folder, and a postman.

What is said of an incident is written to the outbox after the rows it tells of are in the warehouse and before the
state is. A run that dies in between hears the same words again, and older words than known change nothing.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from schemas.alerts import Alert, Changes, Transition, decode_alert, encode_alert
from schemas.rows import Upsert
from sinks.alerts.messages import message_of
from sinks.alerts.outbox import Outbox
from sinks.alerts.postman import Postman
from streams.bootstrap_alerts import alert_destinations, alert_rules, retry_ms
from streams.commands.answers import warn
from streams.commands.failures import CommandError
from streams.commands.options import PROGRAM
from streams.journeys.book import Book
from streams.processors.alerting import Alerting
from streams.settings import Settings

HOME_SECONDS: Final = 10.0
"""How long the end of a run waits for alerts that can be delivered; the rest is for the next run."""
FAILED_SECONDS: Final = 1.0
"""How long a run that failed waits for them."""


class AlertRun:
    """The alerts of one run."""

    def __init__(self, alerting: Alerting, outbox: Outbox, destinations: Sequence[str]) -> None:
        self._alerting = alerting
        self._outbox = outbox
        self._destinations = tuple(destinations)

    def take(self, upserts: Sequence[Upsert]) -> None:
        """Hear of rows, in order."""
        for upsert in upserts:
            self._alerting.take(upsert)

    def settle(self, as_of: int) -> None:
        """Write down what is to be said, for good."""
        changes = self._alerting.settle(as_of)
        if changes.alerts or changes.forgotten:
            with outbox_failures():
                append(self._outbox, changes, self._destinations)


@contextmanager
def alerting_beside(settings: Settings, book: Book) -> Iterator[AlertRun | None]:
    """Follow alerts beside a run, and deliver them; None where they go nowhere.

    A destination that is away is warned of and fails nothing: what waits is delivered by a later run.
    """
    destinations = alert_destinations(settings)
    if not destinations:
        yield None
        return
    folder, seconds = settings.local.state_folder, FAILED_SECONDS
    with outbox_failures():
        outbox = Outbox(folder)
        alerting = Alerting(alert_rules(settings, book.catalogue.patterns), _known(outbox))
    postman = Postman(folder, destinations, retry_ms(settings))
    postman.start()
    try:
        yield AlertRun(alerting, outbox, [each.name for each in destinations])
        seconds = HOME_SECONDS
    finally:
        postman.come_home(seconds)
        _complain(outbox, postman.error)
        outbox.close()


def append(outbox: Outbox, changes: Changes, destinations: Sequence[str]) -> None:
    """Put the newest words on incidents, and the messages that tell of them, into the outbox."""
    records: dict[str, bytes | None] = dict.fromkeys(changes.forgotten)
    records |= {alert.incident_key: encode_alert(alert) for alert in changes.alerts}
    records |= dict.fromkeys(changes.forgotten)
    told = [message_of(alert) for alert in changes.alerts if alert.transition is not Transition.KEPT]
    outbox.append(records, told, destinations, now_ms())


def now_ms() -> int:
    """Tell this machine's time, in ms."""
    return time.time_ns() // 1_000_000


def _known(outbox: Outbox) -> list[Alert]:
    return [decode_alert(record) for record in outbox.records()]


@contextmanager
def outbox_failures() -> Iterator[None]:
    """End the command where the outbox can not be used, with the next step."""
    try:
        yield
    except (sqlite3.Error, msgspec.DecodeError) as error:
        hint = "free some space, or move local.state_folder"
        raise CommandError("the outbox of alerts can not be used", str(error), hint) from error


def _complain(outbox: Outbox, error: Exception | None) -> None:
    if error is not None:
        warn(f"alerts were not delivered: {type(error).__name__}: {error}; they are kept")
    elif waiting := outbox.count("waiting"):
        warn(f"{waiting} alerts wait for their destination and are kept: {PROGRAM} alerts ls")
