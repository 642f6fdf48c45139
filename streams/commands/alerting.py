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
from sinks.alerts.addresses import AddressRefused, endpoint_of
from sinks.alerts.destination import Destination
from sinks.alerts.file import AlertFile
from sinks.alerts.messages import message_of
from sinks.alerts.outbox import Outbox
from sinks.alerts.postman import Postman
from sinks.alerts.signing import SecretError, parse_secret
from sinks.alerts.webhook import Webhook
from streams.alerting.rules import AlertRules
from streams.commands.answers import warn
from streams.commands.failures import CommandError
from streams.commands.options import PROGRAM
from streams.journeys.book import Book
from streams.processors.alerting import Alerting, pattern_words
from streams.settings import Settings, SettingsError
from streams.settings_alerts import WebhookSettings

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
        alerting = Alerting(alert_rules(settings, book), _known(outbox))
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


def alert_rules(settings: Settings, book: Book, *, hold_ms: int = 0) -> AlertRules:
    """Say how alerts live by these settings. A run hears of whole commits, so nothing need be held."""
    alerts = settings.alerts
    return AlertRules(
        patterns=pattern_words(book.catalogue.patterns),
        severity_min=alerts.severity_min,
        hold_ms=hold_ms,
        remember_ms=alerts.remember_days * 86_400_000,
        health_tasks=frozenset(alerts.health_tasks),
    )


def alert_destinations(settings: Settings) -> list[Destination]:
    """Make the destinations that these settings name; SettingsError for one that can not be used."""
    alerts = settings.alerts
    found: list[Destination] = [AlertFile(alerts.file.absolute())] if alerts.file else []
    if alerts.webhook.url.get_secret_value():
        found.append(_webhook(alerts.webhook))
    return found


def retry_ms(settings: Settings) -> int:
    """Tell how long a message is tried again, in ms."""
    return int(settings.alerts.retry_hours * 3_600_000)


def now_ms() -> int:
    """Tell this machine's time, in ms."""
    return time.time_ns() // 1_000_000


def _webhook(settings: WebhookSettings) -> Webhook:
    try:
        endpoint = endpoint_of(settings.url.get_secret_value(), allow_private=settings.allow_private)
        second = [_secret(settings, "second_secret")] if _has_second(settings) else []
        secrets = [_secret(settings, "secret"), *second]
        return Webhook(
            endpoint, secrets, allow_private=settings.allow_private, timeout_seconds=settings.timeout_seconds
        )
    except AddressRefused as error:
        raise SettingsError((f"alerts.webhook.url: {error}",)) from None


def _has_second(settings: WebhookSettings) -> bool:
    return settings.second_secret_file is not None or bool(settings.second_secret.get_secret_value())


def _secret(settings: WebhookSettings, name: str) -> bytes:
    file = settings.second_secret_file if name == "second_secret" else settings.secret_file
    value = settings.second_secret if name == "second_secret" else settings.secret
    try:
        return parse_secret(file.read_text(encoding="utf-8") if file else value.get_secret_value())
    except SecretError as error:
        raise SettingsError((f"alerts.webhook.{name}: {error}",)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise SettingsError((f"alerts.webhook.{name}_file: {file}: {reason}",)) from None


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
