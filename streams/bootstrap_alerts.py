"""Wire alerts up: settings become the rules of their lifecycle, and the destinations they go to."""

from collections.abc import Iterable

from sinks.alerts.addresses import AddressRefused, endpoint_of
from sinks.alerts.destination import Destination
from sinks.alerts.file import AlertFile
from sinks.alerts.signing import SecretError, parse_secret
from streams.alerting.rules import AlertRules
from streams.patterns.pattern import Pattern
from streams.processors.alerting import pattern_words
from streams.settings import Settings, SettingsError
from streams.settings_alerts import WebhookSettings


def alert_rules(settings: Settings, patterns: Iterable[Pattern], *, hold_ms: int = 0) -> AlertRules:
    """Say how alerts live by these settings. Who hears of whole commits need hold nothing."""
    alerts = settings.alerts
    return AlertRules(
        patterns=pattern_words(patterns),
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


def _webhook(settings: WebhookSettings) -> Destination:
    from sinks.alerts.webhook import Webhook  # noqa: PLC0415 - an HTTP client takes its time, and most verbs need none

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
