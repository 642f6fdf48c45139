"""Settings of alerts: which friction alerts, and where alerts go."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from streams.settings_base import Section


class WebhookSettings(Section):
    """The signed webhook (Standard Webhooks). Nothing is sent where `url` is empty."""

    url: SecretStr = SecretStr("")
    """Where alerts are posted, `https://...`; empty: nowhere. A secret, since paths of such addresses often are."""
    secret: SecretStr = SecretStr("")
    """Secret of the signatures: `whsec_` and 24 to 64 bytes in base64."""
    secret_file: Path | None = None
    """File that holds the secret; beats `secret`. Blanks around it are ignored."""
    second_secret: SecretStr = SecretStr("")
    """A second active secret, while receivers change from one to the other; empty: none."""
    second_secret_file: Path | None = None
    """File that holds the second secret; beats `second_secret`."""
    allow_private: bool = False
    """Permit plain HTTP, loopback and private networks: for development only."""
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 5.0
    """Seconds one attempt may take, from looking up the name to the end of the answer."""


class AlertSettings(Section):
    """Which friction alerts, and where alerts go."""

    severity_min: Literal["info", "low", "medium", "high", "critical"] = "high"
    """Least severity of a hit that opens an alert."""
    hold_seconds: Annotated[int, Field(ge=0, le=3600)] = 10
    """Seconds an incident must be without hits before its alert is resolved (driver kafka): a hit may only move."""
    remember_days: Annotated[int, Field(gt=0, le=28)] = 14
    """Days without news after which an alert is resolved and its incident forgotten."""
    retry_hours: Annotated[float, Field(gt=0, le=168)] = 24
    """Hours a message is tried again; after that it is undeliverable."""
    health_tasks: tuple[str, ...] = ("refill", "telehealth_visit", "medication_info")
    """Tasks that tell of health: alerts about them name the pattern and ids, and nothing else."""
    file: Path | None = None
    """File that alerts are appended to, one JSON line each; empty: none."""
    webhook: WebhookSettings = WebhookSettings()

    @property
    def are_wanted(self) -> bool:
        """Tell whether alerts go anywhere."""
        return self.file is not None or bool(self.webhook.url.get_secret_value())
